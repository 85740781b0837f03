// The package's face: loads the module once, when it is first needed. Importing this does nothing by itself.
import load, { connect as connectLoaded } from "./core.js";
import { attend } from "./operations.js";

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
  const client = connectLoaded(String(gateway));
  attend(() => client, client.gateway);
  return client;
}
