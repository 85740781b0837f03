// The demo's pages as somebody finds them: each element alone on a page of its own, one session behind all of them, and
// nothing wider than the window.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, newPerson } from "./support/browser.mjs";
import { startDemo } from "./support/demo.mjs";
import { Chat, Roster, signIn, until } from "./support/elements.mjs";

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test("a roster on its own page leads to a chat on its own, in the same session", async () => {
  const juliet = await newPerson(browser);
  const page = await juliet.newPage(`${demo.url}/roster.html`);
  await signIn(page, "juliet");
  const roster = new Roster(page);
  await roster.open("Romeo");
  await page.waitForURL(/chat\.html\?jid=/);
  const chat = new Chat(page);
  await chat.send("Two pages, one session");
  await chat.shows("Two pages, one session");

  const other = await juliet.newPage(`${demo.url}/together.html`);
  await new Roster(other).row("Romeo").click();
  await new Chat(other).shows("Two pages, one session");
  // Prosody counts what the person has: one resource, whatever they have open.
  assert.equal(await demo.sessionsAtProsody("juliet"), 1);
  const elsewhere = await newPerson(browser);
  const third = await elsewhere.newPage(`${demo.url}/together.html`);
  await signIn(third, "juliet");
  await new Roster(third).row("Romeo").waitFor();
  assert.equal(await demo.sessionsAtProsody("juliet"), 1);
  assert.deepEqual([...juliet.faults, ...elsewhere.faults], []);
  await Promise.all([juliet.context.close(), elsewhere.context.close()]);
});

for (const width of [320, 768, 1280]) {
  test(`no page is wider than a window of ${width} pixels`, async () => {
    const person = await newPerson(browser, { viewport: { width, height: 740 } });
    const page = await person.newPage(`${demo.url}/together.html`);
    await signIn(page, "romeo");
    await new Roster(page).open("Juliet");
    const chat = new Chat(page);
    await chat.send(`A line that is rather long, and one word that is: ${"so".repeat(120)} ${width}`);
    await chat.shows(`sosososo ${width}`);
    for (const name of ["together", "roster", "chat", "security", "notifications", "classic", "sdk", "index"]) {
      if (name !== "together") await page.goto(`${demo.url}/${name}.html`);
      await page.getByRole("heading", { level: 1 }).first().waitFor({ state: "attached" });
      const widths = () => page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      await until(`${name} fitting into ${width}`, async () => {
        const [scroll, inner] = await widths();
        return scroll <= inner;
      });
    }
    assert.deepEqual(person.faults, []);
    await person.context.close();
  });
}
