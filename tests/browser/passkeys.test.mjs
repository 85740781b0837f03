// Passkeys of Chromium's own, of devices that it plays itself: made, used with no password, refused where they should be.

import assert from "node:assert/strict";
import http from "node:http";
import { after, before, test } from "node:test";

import { launch, newPerson } from "./support/browser.mjs";
import { freePort, startDemo } from "./support/demo.mjs";
import { giveDevice } from "./support/device.mjs";

let demo;
let browser;

before(async () => {
  const port = await freePort();
  [demo, browser] = await Promise.all([startDemo({ port }), launch()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const V1 = () => `${demo.url}/sparkweb/api/v1`;

async function ask(method, path, { token, body } = {}) {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(V1() + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, body: text ? JSON.parse(text) : undefined };
}

/** A page of a browser that has a device with passkeys, plugged in or built in. */
async function withDevice(url, transport = "internal") {
  const { context, newPage } = await newPerson(browser);
  const page = await newPage(url);
  const device = await giveDevice(page, { transport });
  return {
    context,
    make: (options) =>
      page.evaluate(async (json) => {
        const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(json);
        return (await navigator.credentials.create({ publicKey })).toJSON();
      }, options),
    show: (options) =>
      page.evaluate(async (json) => {
        const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(json);
        return (await navigator.credentials.get({ publicKey })).toJSON();
      }, options),
    ...device,
  };
}

async function enrol(device, token, name) {
  const asked = await ask("POST", "/factors/passkeys/options", { token });
  assert.equal(asked.status, 201, JSON.stringify(asked.body));
  const credential = await device.make(asked.body.public_key);
  const made = await ask("POST", "/factors/passkeys", { token, body: { credential, name } });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return made.body;
}

async function signIn(device, who = {}) {
  const { status, body: pending } = await ask("POST", "/sign-ins", { body: who });
  assert.equal(status, 202, JSON.stringify(pending));
  const credential = await device.show(pending.passkey.public_key);
  const body = { pending_token: pending.pending_token, proof: { kind: "passkey", credential } };
  return ask("POST", `/sign-ins/${pending.id}/proofs`, { body });
}

test("a passkey lets its owner in with no password, and a removed one lets nobody in", async () => {
  const laptop = await withDevice(`${demo.url}/`);
  const key = await withDevice(`${demo.url}/`, "usb");
  const { body: first } = await ask("POST", "/sign-ins", { body: { username: "juliet", password: "spark-demo" } });
  const token = first.access_token;
  await enrol(laptop, token, "Laptop");
  const second = await enrol(key, token, "Key");
  assert.equal((await ask("DELETE", "/sign-ins/current", { token })).status, 204);

  const again = await signIn(laptop);
  assert.equal(again.status, 201, JSON.stringify(again.body));
  const snapshot = await ask("GET", "/snapshot", { token: again.body.access_token });
  assert.equal(snapshot.status, 200);
  assert.equal(snapshot.body.account.jid, again.body.jid);
  assert.equal((await signIn(key, { username: "juliet" })).status, 201);

  const removed = await ask("DELETE", `/factors/passkeys/${second.id}`, { token: again.body.access_token });
  assert.equal(removed.status, 204);
  const refused = await signIn(key);
  assert.deepEqual([refused.status, refused.body.code], [422, "passkey_refused"]);
  await laptop.context.close();
  await key.context.close();
});

test("a wrong signature and a page of another origin are refused", async () => {
  const device = await withDevice(`${demo.url}/`);
  const { body } = await ask("POST", "/sign-ins", { body: { username: "romeo", password: "spark-demo" } });
  await enrol(device, body.access_token, "Laptop");
  // Another port of the same host: the browser lets it use the passkey, and says whose page it was.
  const server = http.createServer((_, response) => response.setHeader("content-type", "text/html").end("<p>Other"));
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  try {
    const other = await withDevice(`http://localhost:${server.address().port}/`);
    for (const credential of await device.credentials()) await other.put(credential);
    const elsewhere = await signIn(other);
    assert.deepEqual([elsewhere.status, elsewhere.body.code], [422, "passkey_refused"]);
    await other.context.close();
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
  assert.equal((await signIn(device)).status, 201);
  await device.spoil();
  const spoiled = await signIn(device);
  assert.deepEqual([spoiled.status, spoiled.body.code], [422, "passkey_refused"]);
  await device.context.close();
});
