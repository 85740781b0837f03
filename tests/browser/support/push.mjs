// A browser that subscribes to pushes without a push service, and what the gateway then knows.

import { createECDH, randomBytes } from "node:crypto";

/** A subscription as a browser's `toJSON` gives it, at a push service that the gateway knows. */
export function subscription() {
  const keys = createECDH("prime256v1");
  return {
    endpoint: `https://updates.push.services.mozilla.com/wpush/v2/${randomBytes(24).toString("base64url")}`,
    keys: { p256dh: keys.generateKeys("base64url"), auth: randomBytes(16).toString("base64url") },
  };
}

/**
 * Has the pages of a context subscribe so, since no push service can be reached. What is subscribed to stays over reloads.
 */
export function givePushService(context) {
  return context.addInitScript((made) => {
    const KEPT = "test-subscription";
    const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0)).buffer;
    const subscribed = ({ endpoint, keys, key }) => ({
      endpoint,
      expirationTime: null,
      options: { userVisibleOnly: true, applicationServerKey: bytes(key) },
      getKey: (name) => bytes(keys[name]),
      toJSON: () => ({ endpoint, expirationTime: null, keys }),
      unsubscribe: async () => {
        localStorage.removeItem(KEPT);
        return true;
      },
    });
    PushManager.prototype.getSubscription = async () => {
      const kept = localStorage.getItem(KEPT);
      return kept === null ? null : subscribed(JSON.parse(kept));
    };
    PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
      let key = applicationServerKey;
      if (typeof key !== "string") {
        key = btoa(String.fromCharCode(...new Uint8Array(key.buffer ?? key))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
      }
      localStorage.setItem(KEPT, JSON.stringify({ ...made, key }));
      return subscribed({ ...made, key });
    };
  }, subscription());
}

/** Somebody at the API, past every page. */
export async function atApi(demo, username, password = "spark-demo") {
  const root = `${demo.url}/sparkweb/api/v1`;
  const headers = { "content-type": "application/json" };
  const signIn = await fetch(`${root}/sign-ins`, { method: "POST", headers, body: JSON.stringify({ username, password }) });
  headers.authorization = `Bearer ${(await signIn.json()).access_token}`;
  const ask = async (method, path, body) => {
    const response = await fetch(`${root}${path}`, { method, headers, body: body && JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  return {
    settings: () => ask("GET", "/push/settings"),
    set: (settings) => ask("PUT", "/push/settings", settings),
    devices: async () => (await ask("GET", "/push/devices")).devices,
    /** Another device of theirs. */
    add: (name) => ask("POST", "/push/devices", { ...subscription(), name }),
  };
}
