// The package's face: the SDK and the elements, in one module that is loaded once, when it is first needed.
// Importing this does nothing by itself.
import load, { adoptStyles, connect as connectLoaded, register as registerLoaded, setDefaultGateway } from "./core.js";
import { attach } from "./attach.js";
import { showLater, showWhenMet } from "./later.js";
import { defineOnDemand } from "./on-demand.js";
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

const form = () => import("./spark-signin.js");

/** Whether somebody is signed in, as far as that can be told before the module is there. */
function isKept() {
  try {
    return [localStorage, sessionStorage].some((storage) => Object.keys(storage).some((key) => /^sparkweb:.*:sign-in$/.test(key)));
  } catch {
    return false;
  }
}

export async function register({ gateway } = {}) {
  // Who comes for the first time is to have the form as soon as the module is there.
  if (!isKept()) form().catch(() => {});
  await init();
  if (gateway !== undefined) setDefaultGateway(String(gateway));
  registerLoaded((what, place, at, jid) => {
    const client = connectLoaded(at);
    if (what === "attach") return attach(place, client, jid);
    if (what === "media") {
      return showWhenMet(place, ".file, [data-body] a", async () => (await import("./spark-media.js")).mount(place, client));
    }
    return showLater(place, async () => (await form()).mount(place, client));
  });
  defineOnDemand(connect, adoptStyles);
  attend(connect);
}
