// What stands in for a browser's own subscriptions to pushes: Chromium's push service is out in the world.

import { createECDH, randomBytes } from "node:crypto";

/** A subscription of a browser: what it tells of it, and what it keeps to itself. */
export function subscription(endpoint) {
  const ecdh = createECDH("prime256v1");
  const auth = randomBytes(16);
  return { told: { endpoint, keys: { p256dh: ecdh.generateKeys("base64url"), auth: auth.toString("base64url") } }, ecdh, auth };
}

/** One at a push service that the gateway knows, and which nothing reaches. */
export const somewhere = () => subscription(`https://updates.push.services.mozilla.com/wpush/v2/${randomBytes(24).toString("base64url")}`).told;

/** Has the pages of a context subscribe to these, each time to the next, as each time is another one for a real browser. They last as the real ones do. */
export const subscribesTo = (context, all) => context.addInitScript(standIn, all);

/** Runs in pages. */
function standIn(all) {
  if (!globalThis.PushManager) return;
  const PLACE = "test:subscription";
  const kept = () => JSON.parse(localStorage.getItem(PLACE) ?? "{}");
  const keep = (change) => localStorage.setItem(PLACE, JSON.stringify({ ...kept(), ...change }));
  const subscribed = ({ count, key }) => {
    const { endpoint, keys } = all[count - 1];
    return {
      endpoint,
      options: { userVisibleOnly: true, applicationServerKey: Uint8Array.from(key).buffer },
      toJSON: () => ({ endpoint, expirationTime: null, keys }),
      unsubscribe: async () => {
        keep({ key: undefined });
        return true;
      },
    };
  };
  PushManager.prototype.getSubscription = async () => (kept().key ? subscribed(kept()) : null);
  PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
    if (!userVisibleOnly || Notification.permission !== "granted") throw new DOMException("no", "NotAllowedError");
    keep({ count: (kept().count ?? 0) + 1, key: [...new Uint8Array(applicationServerKey)] });
    return subscribed(kept());
  };
  /** The browser puts another one in the place of the one that there is, as it may at any time. */
  globalThis.replaceSubscription = () => keep({ count: kept().count + 1 });
}
