// The page that describes the API, as somebody finds it who wants to call it: with keyboard, phone, or no script at all.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, newPerson } from "./support/browser.mjs";
import { startDemo } from "./support/demo.mjs";

let demo;
let browser;
let url;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
  url = `${demo.url}/sparkweb/api/v1/reference`;
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test("a line is copied for the gateway that serves the page", async () => {
  const reader = await newPerson(browser, { permissions: ["clipboard-read", "clipboard-write"] });
  const page = await reader.newPage(`${url}#set_contact`);
  const operation = page.getByRole("article", { name: "Add or edit a contact" });
  await operation.getByRole("button", { name: "Copy" }).click();
  await operation.getByRole("button", { name: "Copied" }).waitFor();
  const line = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(line, /^curl -s -X PUT \$gateway\/roster\/romeo@spark\.localhost /);
  assert.equal(await page.locator("#gateway").textContent(), demo.url);
  // What its policy forbids would be told here.
  assert.deepEqual(reader.faults, []);
  await reader.context.close();
});

test("the keyboard goes past the contents, and links lead to types", async () => {
  const reader = await newPerson(browser);
  const page = await reader.newPage(url);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the reference");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.id === "main");
  for (const landmark of ["banner", "navigation", "main"]) {
    assert.equal(await page.getByRole(landmark).count(), 1, landmark);
  }
  await page.locator("#send_message").getByRole("link", { name: "SendMessage" }).first().click();
  await page.getByRole("heading", { name: "SendMessage", exact: true }).waitFor();
  assert.match(page.url(), /#type-SendMessage$/);
  await reader.context.close();
});

test("on a phone the contents fold away once they have led somewhere, and nothing is wider than it", async () => {
  for (const colorScheme of ["light", "dark"]) {
    const reader = await newPerson(browser, { viewport: { width: 360, height: 740 }, colorScheme });
    const page = await reader.newPage(url);
    const link = page.getByRole("navigation").getByRole("link", { name: "Send a message" });
    assert.equal(await link.isVisible(), false);
    await page.getByText("Contents").click();
    await link.click();
    await page.getByRole("heading", { name: "Send a message" }).waitFor();
    assert.equal(await link.isVisible(), false);
    // Whatever is folded has to fit too.
    await page.evaluate(() => document.querySelectorAll("main details").forEach((one) => (one.open = true)));
    const [whole, seen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(whole <= seen, `${whole} pixels in ${seen}`);
    assert.deepEqual(reader.faults, []);
    await reader.context.close();
  }
});

test("all of it is there without a script", async () => {
  const reader = await newPerson(browser, { javaScriptEnabled: false });
  const page = await reader.newPage(url);
  await page.getByRole("navigation").getByRole("link", { name: "Send a message" }).click();
  const operation = page.getByRole("article", { name: "Send a message" });
  await operation.getByText("curl -s").waitFor();
  await operation.getByText("Problems").click();
  await operation.getByRole("link", { name: "message_id_reused" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Copy" }).count(), 0);
  await reader.context.close();
});
