// Whether somebody stays signed in: they say so by a box, and what that means holds.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, newPerson } from "./support/browser.mjs";
import { freePort, startDemo } from "./support/demo.mjs";
import { giveDevice, offerNothing } from "./support/device.mjs";
import { Chat, Roster, byPasskey, signIn, signOut, until } from "./support/elements.mjs";
import { Security } from "./support/security.mjs";

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

const box = (page) => page.getByLabel("Keep me signed in");
const isAsked = (page) => page.getByRole("button", { name: "Sign in", exact: true }).first().waitFor();

/** What a page's origin keeps beyond the tab. */
async function kept(page) {
  return page.evaluate(async () => {
    const result = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
    const databases = [];
    for (const { name } of await indexedDB.databases()) {
      const database = await result(indexedDB.open(name));
      databases.push(...(await result(database.transaction("items").objectStore("items").getAllKeys())).map((key) => [name, key]));
      database.close();
    }
    return { local: Object.entries(localStorage).map(String), databases };
  });
}

test("whoever does not want to stay signed in leaves nothing behind, here or at the gateway", async () => {
  const { context, newPage, faults } = await newPerson(browser);
  const page = await newPage(`${demo.url}/together.html`);
  assert.equal(await box(page).isChecked(), true, "as it was before there was a box");
  assert.match(await box(page).evaluate((input) => input.getRootNode().getElementById(input.getAttribute("aria-describedby")).textContent), /closing the tab then signs you out/);
  await box(page).uncheck();
  await page.reload();
  assert.equal(await box(page).isChecked(), false, "what was chosen is the choice the next time");
  await signIn(page, "juliet");
  await new Roster(page).open("Romeo");
  const chat = new Chat(page);
  await chat.composer.fill("A draft of hers");

  // From page to page of the tab it goes on, and with it what was written.
  await page.goto(`${demo.url}/chat.html?jid=romeo@spark.localhost`);
  await until("the draft", async () => (await new Chat(page).composer.inputValue()) === "A draft of hers");
  const { local, databases } = await kept(page);
  assert.deepEqual(local.filter((entry) => /token|juliet|draft/i.test(entry)), []);
  assert.deepEqual(databases, []);
  const other = await newPage(`${demo.url}/together.html`);
  await isAsked(other);

  // A copy of the tab, and one that the browser brings back after it was closed.
  const tab = await page.evaluate(() => Object.entries(sessionStorage));
  assert.ok(tab.some(([, value]) => value.includes("access_token")), "the tab has it");
  for (const agoMs of [undefined, 31_000]) {
    const again = await context.newPage();
    await again.goto(`${demo.url}/sparkweb/elements/later.js`);
    await again.evaluate(
      ([entries, seenMs]) => {
        for (const [key, value] of entries) sessionStorage.setItem(key, value);
        if (seenMs === undefined) sessionStorage.removeItem("sparkweb:seen");
        else sessionStorage.setItem("sparkweb:seen", seenMs);
      },
      [tab, agoMs && Date.now() - agoMs],
    );
    await again.goto(`${demo.url}/together.html`);
    await isAsked(again);
    assert.deepEqual(await again.evaluate(() => Object.values(sessionStorage).filter((value) => value.includes("token"))), []);
    await again.close();
  }

  await demo.restart();
  await isAsked(page);
  await page.close();
  assert.deepEqual(faults, []);
  await context.close();
});

test("whoever does stays signed in, in all tabs and after a restart", async () => {
  const { context, newPage, faults } = await newPerson(browser);
  const page = await newPage(`${demo.url}/together.html`);
  await signIn(page, "romeo");
  await new Roster(page).row("Juliet").waitFor();
  await page.close();
  await demo.restart();
  const other = await newPage(`${demo.url}/together.html`);
  await new Roster(other).row("Juliet").waitFor();
  // Whoever comes after and does not want to stay takes their place, for this tab.
  await other.getByRole("button", { name: /Change how you are seen/ }).click();
  await other.getByRole("button", { name: "Sign out" }).click();
  await box(other).uncheck();
  await signIn(other, "nurse");
  await new Roster(other).row("Juliet").waitFor();
  await other.close();
  await isAsked(await newPage(`${demo.url}/together.html`));
  assert.deepEqual(faults, []);
  await context.close();
});

for (const way of ["button", "offer where the name is typed"]) {
  test(`the box counts for a passkey by the ${way}`, async () => {
    const { context, newPage, faults } = await newPerson(browser);
    if (way === "button") await offerNothing(context);
    const page = await newPage(`${demo.url}/security.html`);
    const device = await giveDevice(page);
    const security = new Security(page);
    await signIn(page, "nurse");
    const name = await security.addPasskey();
    await device.touch(false);
    await signOut(page);
    await until("the offer", () => byPasskey(page).isVisible());
    await box(page).uncheck();
    await device.touch();
    if (way === "button") await byPasskey(page).click();
    else await page.reload();
    await security.passkey(name).waitFor();
    const { local } = await kept(page);
    assert.deepEqual(local.filter((entry) => entry.includes("token")), []);
    await isAsked(await newPage(`${demo.url}/security.html`));
    assert.deepEqual(faults, []);
    await context.close();
  });
}
