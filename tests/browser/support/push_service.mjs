// A push service on the loopback interface, and a browser that subscribes to it. What the gateway pushes is decrypted here by
// RFC 8291, with nothing of the gateway's.

import assert from "node:assert/strict";
import { createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:https";
import { join } from "node:path";

import { freePort } from "./demo.mjs";
import { until } from "./elements.mjs";
import { noteSecret } from "./secrets.mjs";
import { subscribesTo, subscription } from "./subscriptions.mjs";

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
  const places = new Map();
  const server = createServer({ cert, key }, async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const place = places.get(request.url);
    response.writeHead(place?.status ?? 410).end();
    if (place?.status !== 201) return;
    const text = decrypt(body, place.ecdh, place.auth);
    for (const token of Object.values(JSON.parse(text).acts ?? {})) noteSecret("act token", token);
    place.pushes.push({ text, to: place.count });
  });
  await new Promise((resolve) => server.listen(port, "localhost", resolve));

  /** So many subscriptions of one browser, and what is pushed to them. */
  function subscriptions(most) {
    const pushes = [];
    const all = Array.from({ length: most }, (_, before) => {
      const path = `/push/${randomBytes(18).toString("base64url")}`;
      const { told, ecdh, auth } = subscription(`https://localhost:${port}${path}`);
      noteSecret("address of a device", path);
      noteSecret("secret of a device", told.keys.auth);
      const place = { count: before + 1, pushes, ecdh, auth, status: 201 };
      places.set(path, place);
      return { told, place };
    });
    /** The next push that comes, decrypted, and to which of the browser's subscriptions: the first, the second. */
    const next = () => until("a push", () => pushes.shift());
    return { all, next };
  }

  return {
    /** A browser that no test opens, with its subscription as a page posts it. */
    subscriber() {
      const { all, next } = subscriptions(1);
      return { subscription: all[0].told, next };
    },
    /** A browser of this service's, in all pages of a context. It may subscribe three times. */
    async subscriberIn(context) {
      const { all, next } = subscriptions(3);
      await subscribesTo(context, all.map(({ told }) => told));
      return {
        endpoints: all.map(({ told }) => told.endpoint),
        next,
        /** What is pushed to one of them is answered with this from now on. */
        answers(count, status) {
          all[count - 1].place.status = status;
        },
      };
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
