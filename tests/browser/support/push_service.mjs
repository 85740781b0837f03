// A push service on the loopback interface, and a browser that subscribes to it in the place of the real one: Chromium's is
// out in the world. What the gateway pushes is decrypted here by RFC 8291, with nothing of the gateway's.

import assert from "node:assert/strict";
import { createDecipheriv, createECDH, hkdfSync, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:https";
import { join } from "node:path";

import { freePort } from "./demo.mjs";
import { until } from "./elements.mjs";
import { noteSecret } from "./secrets.mjs";

/** What a gateway has to be told so that it pushes here, at once. Its Prosody's authority signs for this service too. */
export async function pushing() {
  const port = await freePort();
  const env = {
    SPARKWEB_FETCH__NETWORKS: JSON.stringify(["127.0.0.0/8", "::1/128"]),
    SPARKWEB_FETCH__PORTS: JSON.stringify([port]),
    SPARKWEB_PUSH__HOSTS: JSON.stringify(["localhost"]),
    // Long enough for the gateway to hear that a page was closed: until then somebody looks.
    SPARKWEB_PUSH__UNSEEN_SECS: "2",
    SPARKWEB_PUSH__PAUSE_SECS: "0",
  };
  return { port, env };
}

const hkdf = (salt, key, info, length) => Buffer.from(hkdfSync("sha256", key, salt, info, length));

/** RFC 8291 section 3.4, of a message of one record (RFC 8188 section 2). */
function decrypt(body, ecdh, auth) {
  const salt = body.subarray(0, 16);
  const sender = body.subarray(21, 21 + body[20]);
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), ecdh.getPublicKey(), sender]);
  const key = hkdf(auth, ecdh.computeSecret(sender), info, 32);
  const cipher = createDecipheriv("aes-128-gcm", hkdf(salt, key, "Content-Encoding: aes128gcm\0", 16), hkdf(salt, key, "Content-Encoding: nonce\0", 12));
  const record = body.subarray(21 + body[20]);
  cipher.setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([cipher.update(record.subarray(0, -16)), cipher.final()]);
  const end = padded.lastIndexOf(2);
  assert.ok(padded.subarray(end + 1).every((byte) => byte === 0), "padding is zeros after the delimiter of the last record");
  return padded.subarray(0, end).toString();
}

/** Starts it, with the certificate of a demo's Prosody, which is for `localhost`. */
export async function startPushService(port, dataDir) {
  const [cert, key] = await Promise.all(["cert.pem", "key.pem"].map((name) => readFile(join(dataDir, name))));
  const browsers = new Map();
  const server = createServer({ cert, key }, async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const browser = browsers.get(request.url);
    response.writeHead(browser?.isSubscribed ? 201 : 410).end();
    if (!browser?.isSubscribed) return;
    const text = decrypt(body, browser.ecdh, browser.auth);
    for (const token of Object.values(JSON.parse(text).acts ?? {})) noteSecret("act token", token);
    browser.pushes.push({ text, headers: request.headers });
  });
  await new Promise((resolve) => server.listen(port, "localhost", resolve));

  return {
    /** A browser of this service's: what stands in for Chromium's own subscription, in all pages of a context. */
    async subscriberIn(context) {
      const path = `/push/${randomBytes(18).toString("base64url")}`;
      const ecdh = createECDH("prime256v1");
      ecdh.generateKeys();
      const auth = randomBytes(16);
      noteSecret("address of a device", path);
      noteSecret("secret of a device", auth.toString("base64url"));
      const browser = { ecdh, auth, isSubscribed: true, pushes: [] };
      browsers.set(path, browser);
      await context.addInitScript(standIn, {
        endpoint: `https://localhost:${port}${path}`,
        keys: { p256dh: ecdh.getPublicKey().toString("base64url"), auth: auth.toString("base64url") },
      });
      return {
        endpoint: `https://localhost:${port}${path}`,
        /** The next push that comes, decrypted. */
        next: () => until("a push", () => browser.pushes.shift()),
      };
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Runs in pages: subscriptions are of the test's push service, and last as the real ones do. */
function standIn({ endpoint, keys }) {
  if (!globalThis.PushManager) return;
  const PLACE = "test:subscription";
  const subscription = (key) => ({
    endpoint,
    options: { userVisibleOnly: true, applicationServerKey: Uint8Array.from(key).buffer },
    toJSON: () => ({ endpoint, expirationTime: null, keys }),
    unsubscribe: async () => {
      localStorage.removeItem(PLACE);
      return true;
    },
  });
  PushManager.prototype.getSubscription = async () => {
    const kept = localStorage.getItem(PLACE);
    return kept ? subscription(JSON.parse(kept)) : null;
  };
  PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
    if (!userVisibleOnly || Notification.permission !== "granted") throw new DOMException("no", "NotAllowedError");
    const key = [...new Uint8Array(applicationServerKey)];
    localStorage.setItem(PLACE, JSON.stringify(key));
    return subscription(key);
  };
}
