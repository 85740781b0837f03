// Where there is no passkey to be had: each reason has a sentence of its own, and another way stays open.

import assert from "node:assert/strict";
import http from "node:http";
import { after, before, test } from "node:test";

import { launch, newPerson } from "./support/browser.mjs";
import { freePort, startDemo } from "./support/demo.mjs";
import { giveDevice, offerNothing } from "./support/device.mjs";
import { Roster, byPasskey, signIn, signOut, until } from "./support/elements.mjs";
import { Security } from "./support/security.mjs";

let demo;
let browser;
/** A page of somebody else's that has the elements, and one that has that page inside of it. */
let site;

before(async () => {
  const [port, elsewhere] = [await freePort(), await freePort()];
  const origin = `http://localhost:${elsewhere}`;
  [demo, browser] = await Promise.all([
    startDemo({ port, env: { SPARKWEB_CORS__ORIGINS: JSON.stringify([origin]) } }),
    launch({ args: ["--host-resolver-rules=MAP insecure.test 127.0.0.1"] }),
  ]);
  const page = `<!doctype html><title>Elsewhere</title>
    <script type="module" src="${demo.url}/sparkweb/elements/sparkweb-elements.js"></script><spark-signin></spark-signin>`;
  const outer = `<!doctype html><title>Outside</title><iframe src="${origin}/" width="600" height="700"></iframe>`;
  const security = page.replace("</script>", "</script><spark-security></spark-security>");
  const trusting = `<!doctype html><title>Outside</title>
    <iframe src="${origin}/security" width="600" height="1500" allow="publickey-credentials-create *"></iframe>`;
  const pages = { "/outer": outer, "/trusting": trusting, "/security": security };
  const server = http.createServer(({ url }, response) => {
    response.setHeader("content-type", "text/html").end(pages[url] ?? page);
  });
  await new Promise((resolve) => server.listen(elsewhere, "localhost", resolve));
  const outside = `http://127.0.0.1:${elsewhere}`;
  site = { url: origin, outer: `${outside}/outer`, trusting: `${outside}/trusting`, stop: () => new Promise((resolve) => server.close(resolve)) };
});

after(async () => {
  await browser?.close();
  await site?.stop();
  await demo?.stop();
});

/** Asks for a passkey, and is told why there is none. */
async function isTold(page, sentence) {
  await byPasskey(page).click();
  await page.getByText(sentence).waitFor();
}

test("what the browser says is told in words, and the password stays a way in", async () => {
  const person = await newPerson(browser);
  const page = await person.newPage(`${demo.url}/together.html`);
  await giveDevice(page);
  await until("the offer", () => byPasskey(page).isVisible());
  // There is no passkey on this device, and nobody is asked.
  await isTold(page, "No passkey was used. Try again, or go another way");
  for (const [name, sentence] of [
    ["NotAllowedError", "No passkey was used."],
    ["SecurityError", "can't be used on this site"],
    ["NotSupportedError", "This browser can't use passkeys."],
  ]) {
    await page.evaluate((word) => {
      navigator.credentials.get = () => Promise.reject(new DOMException("", word));
    }, name);
    await isTold(page, sentence);
  }
  await page.evaluate(() => {
    navigator.credentials.get = ({ publicKey }) =>
      new Promise((_, reject) => setTimeout(() => reject(new DOMException("", "NotAllowedError")), publicKey.timeout));
  });
  await page.route("**/sparkweb/api/v1/sign-ins", async (route) => {
    const answer = await route.fetch();
    const json = await answer.json();
    json.passkey.public_key.timeout = 50;
    await route.fulfill({ response: answer, json });
  });
  await page.getByLabel("Name", { exact: true }).first().fill("juliet");
  await isTold(page, "That took too long.");
  await page.unroute("**/sparkweb/api/v1/sign-ins");
  await page.evaluate(() => Object.defineProperty(globalThis, "PublicKeyCredential", { value: undefined }));
  await isTold(page, "This browser can't use passkeys.");
  await signIn(page, "juliet");
  await new Roster(page).row("Romeo").waitFor();
  assert.deepEqual(person.faults, []);
  await person.context.close();
});

test("a page without TLS, one at another address, and one inside of another say what is wrong with them", async () => {
  for (const [url, sentence] of [
    [`http://insecure.test:${demo.port}/security.html`, "Passkeys need a secure connection"],
    [`http://127.0.0.1:${demo.port}/security.html`, "can't be used on this site"],
    [site.outer, "inside of another"],
  ]) {
    const person = await newPerson(browser);
    const page = await person.newPage(url);
    await isTold(url === site.outer ? page.frameLocator("iframe") : page, sentence);
    assert.deepEqual(person.faults, []);
    await person.context.close();
  }
});

test("in a page inside of another that lets it, nobody is asked for a key that the gateway would not take", async () => {
  const person = await newPerson(browser);
  const page = await person.newPage(site.trusting);
  const device = await giveDevice(page);
  const inner = page.frameLocator("iframe");
  await signIn(inner, "juliet");
  await inner.getByRole("button", { name: "Add a passkey" }).click();
  await inner.getByRole("button", { name: "Add a passkey" }).click();
  await inner.getByText("A passkey can't be made in a page that is inside of another.").waitFor();
  assert.deepEqual(await device.credentials(), []);
  assert.deepEqual(person.faults, []);
  await person.context.close();
});

test("a page of another origin, whose browser shows the passkey, is refused by the gateway", async () => {
  const person = await newPerson(browser);
  await offerNothing(person.context);
  const page = await person.newPage(`${demo.url}/security.html`);
  await giveDevice(page);
  const security = new Security(page);
  await signIn(page, "romeo");
  await security.addPasskey("Laptop");
  await signOut(page);
  // Another port of the same host: to browsers that is the same host, and so the same passkeys.
  await page.goto(site.url);
  await isTold(page, "That passkey isn't taken here");
  await page.goto(`${demo.url}/security.html`);
  await byPasskey(page).click();
  await security.passkey("Laptop").waitFor();
  assert.deepEqual(person.faults, []);
  await person.context.close();
});

test("a gateway that has no passkeys offers none", async () => {
  const plain = await startDemo();
  try {
    const person = await newPerson(browser);
    const page = await person.newPage(`${plain.url}/security.html`);
    await until("no offer", async () => (await page.locator("spark-signin .other").isHidden()) && (await byPasskey(page).count()) === 0);
    await signIn(page, "juliet");
    await new Security(page).passkeys.getByText("This gateway can't have passkeys").waitFor();
    assert.deepEqual(person.faults, []);
    await person.context.close();
  } finally {
    await plain.stop();
  }
});
