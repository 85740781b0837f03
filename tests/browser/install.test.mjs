// The demo's pages as an app: what browsers want to see before they offer to install, and what a window of it does.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, newPerson } from "./support/browser.mjs";
import { startDemo } from "./support/demo.mjs";
import { Chat, Roster, signIn, until } from "./support/elements.mjs";
import { startProxy } from "./support/proxy.mjs";

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const get = (path) => fetch(new URL(path, demo.url));

/** How large a picture is, by its own header (PNG, section 11.2.2), and whether it can be seen through. */
async function pictureAt(path) {
  const response = await get(path);
  assert.equal(response.headers.get("content-type"), "image/png", path);
  const bytes = Buffer.from(await response.arrayBuffer());
  assert.equal(bytes.subarray(1, 4).toString(), "PNG", path);
  return { size: `${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, hasAlpha: bytes[25] === 6 };
}

test("browsers find nothing to say against installing it", async () => {
  const { newPage, context, faults } = await newPerson(browser, { serviceWorkers: "allow" });
  const page = await newPage(`${demo.url}/together.html`);
  await page.evaluate(() => navigator.serviceWorker.ready.then(({ active }) => active.scriptURL));
  const devtools = await context.newCDPSession(page);
  const { errors, data, url } = await devtools.send("Page.getAppManifest");
  assert.deepEqual([errors, new URL(url).pathname], [[], "/manifest.webmanifest"]);
  assert.equal(JSON.parse(data).display, "standalone");
  const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
  // A window without traces of what was there before is not asked to install anything.
  assert.deepEqual(installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito"), []);
  assert.deepEqual(faults, []);
  await context.close();
});

test("the manifest and the worker are served as they have to be, and pictures have the sizes that they claim", async () => {
  const manifest = await get("/manifest.webmanifest");
  assert.equal(manifest.headers.get("content-type"), "application/manifest+json");
  const { icons, shortcuts, start_url } = await manifest.json();
  for (const { src, sizes } of [...icons, ...shortcuts.flatMap(({ icons }) => icons)]) {
    assert.equal((await pictureAt(src)).size, sizes, src);
  }
  assert.ok(icons.some(({ purpose }) => purpose === "maskable"));
  for (const { url } of [{ url: start_url }, ...shortcuts]) assert.equal((await get(url)).status, 200, url);
  const worker = await get("/worker.js");
  assert.equal(worker.headers.get("cache-control"), "no-cache");
  assert.match(worker.headers.get("content-type"), /^text\/javascript/);
  const html = await (await get("/")).text();
  const [, touch] = /rel="apple-touch-icon" href="([^"]+)"/.exec(html);
  assert.equal((await pictureAt(touch)).size, "180x180");
  const [, badge] = /badge: "([^"]+)"/.exec(await worker.text());
  assert.deepEqual(await pictureAt(badge), { size: "96x96", hasAlpha: true });
});

test("it opens without a network", async (t) => {
  const proxy = await startProxy(demo.port);
  t.after(() => proxy.stop());
  const { newPage, context, faults } = await newPerson(browser);
  const page = await newPage(`${proxy.url}/together.html`);
  await signIn(page, "nurse");
  await new Roster(page).row("Juliet").waitFor();
  // The worker is there for the next page, and keeps what that is made of.
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  await page.reload();
  const files = ["/together.html", "/site/app.css", "/sparkweb-demo-site_bg.wasm", "/sparkweb/elements/core_bg.wasm"];
  await until("all that the page is made of being kept", () =>
    page.evaluate(async (paths) => (await Promise.all(paths.map((path) => caches.match(path, { ignoreVary: true })))).every(Boolean), files),
  );
  proxy.cut();
  await page.reload();
  await page.getByRole("navigation", { name: "Pages" }).waitFor();
  await page.waitForFunction(() => document.querySelector("spark-roster").shadowRoot?.childElementCount > 0);
  assert.deepEqual(faults, []);
  await context.close();
});

test("the number of unread messages is on the icon", async () => {
  const [juliet, romeo] = [await newPerson(browser), await newPerson(browser)];
  await juliet.context.addInitScript(() => {
    globalThis.badges = [];
    navigator.setAppBadge = async (count) => void badges.push(count);
  });
  const page = await juliet.newPage(`${demo.url}/roster.html`);
  await signIn(page, "juliet");
  await new Roster(page).row("Romeo").waitFor();
  const other = await romeo.newPage(`${demo.url}/together.html`);
  await signIn(other, "romeo");
  await new Roster(other).open("Juliet");
  await new Chat(other).send("Look at your icon");
  await until("a number", () => page.evaluate(() => badges.at(-1) > 0));
  assert.deepEqual([...juliet.faults, ...romeo.faults], []);
  await Promise.all([juliet.context.close(), romeo.context.close()]);
});

test("a button to install is there once the browser offers it, and not before", async () => {
  const { newPage, context, faults } = await newPerson(browser);
  const page = await newPage(`${demo.url}/index.html`);
  const install = page.getByRole("button", { name: "Install" });
  await page.getByRole("navigation", { name: "Pages" }).waitFor();
  assert.equal(await install.count(), 0);
  await page.evaluate(() => {
    const offer = Object.assign(new Event("beforeinstallprompt", { cancelable: true }), { prompt: async () => (globalThis.wasAsked = true) });
    dispatchEvent(offer);
    globalThis.isOurs = offer.defaultPrevented;
  });
  await install.click();
  assert.deepEqual(await page.evaluate(() => [isOurs, wasAsked]), [true, true]);
  await install.waitFor({ state: "hidden" });
  assert.deepEqual(faults, []);
  await context.close();
});
