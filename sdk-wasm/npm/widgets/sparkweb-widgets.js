// The package's face: the SDK and the elements, in one module that is loaded once, when it is first needed.
// Importing this does nothing by itself.
import load, { adoptStyles, connect as connectLoaded, register as registerLoaded, setDefaultGateway } from "./core.js";
import "./operations.js";
import { defineSecurity } from "./security.js";

export { SparkClient, SparkConversation } from "./core.js";

let loading;

export default function init(wasm) {
  loading ??= load(wasm === undefined ? undefined : { module_or_path: wasm }).catch((error) => {
    // What failed for want of a network may succeed the next time.
    loading = undefined;
    throw error;
  });
  return loading.then(() => undefined);
}

export async function connect(gateway = "") {
  await init();
  return connectLoaded(String(gateway));
}

export async function register({ gateway } = {}) {
  await init();
  if (gateway !== undefined) setDefaultGateway(String(gateway));
  registerLoaded();
  defineSecurity(connect, adoptStyles);
}
