import type { SparkClient } from "./core.js";
import "./operations.js";

export type {
  Entry,
  PasskeyOptions,
  PasskeySignInOptions,
  PendingStep,
  Progress,
  PushOptions,
  SignInOptions,
  SignInStep,
  SparkClient,
  SparkConversation,
  SparkError,
  SparkErrorCode,
  SparkEvents,
  SparkPush,
  Status,
  UploadOptions,
} from "./core.js";
export type * from "./protocol.js";

/**
 * Loads the WebAssembly module. `connect` does it by itself; call this to load early, or to say where the module is
 * where `new URL("core_bg.wasm", import.meta.url)` won't find it.
 */
export default function init(
  wasm?: string | URL | Request | Response | BufferSource | WebAssembly.Module,
): Promise<void>;

/**
 * The client of the gateway at this address; without one, of the gateway at the page's own origin. All calls for one
 * gateway give the same client. A sign-in that was kept is taken up by itself.
 */
export function connect(gateway?: string | URL): Promise<SparkClient>;
