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
 * Loads the WebAssembly module. `connect` and `register` do it by themselves; call this to load early, or to say where
 * the module is where `new URL("core_bg.wasm", import.meta.url)` won't find it.
 */
export default function init(
  wasm?: string | URL | Request | Response | BufferSource | WebAssembly.Module,
): Promise<void>;

/**
 * The client of the gateway at this address; without one, of that which elements mean that name none: the same client
 * that they use.
 */
export function connect(gateway?: string | URL): Promise<SparkClient>;

/**
 * Defines `<spark-roster>`, `<spark-chat>`, `<spark-signin>`, `<spark-security>` and `<spark-notifications>`. `gateway` is
 * meant by elements without an attribute of that name; without it, they mean the one of the page's
 * `<meta name="sparkweb-gateway">`, else the one at the origin that this module came from. A second call defines nothing anew.
 */
export function register(options?: { gateway?: string | URL }): Promise<void>;
