// Whatever a message holds, the page shows it as text, and as it was sent.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, newPerson } from "./support/browser.mjs";
import { startDemo } from "./support/demo.mjs";
import { Chat, Roster, signIn, until } from "./support/elements.mjs";

const BODIES = {
  "quotes and backslashes": String.raw`"it's" \n \\ \u0041 {"a":"b"}`,
  "lines": "one\ntwo\n\n  three, indented\n\ttabbed",
  "a script": `<script>window.__xss = 1</script><img src=x onerror="window.__xss = 1">`,
  "markup that XML knows": "]]> <![CDATA[ &amp; &lt; &#65; <!-- -->",
  "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 e\u0301 \u{1F469}\u{1F3FD}\u200D\u{1F680}",
  "right to left": "שלום עולם \u202Eevil\u202C مرحبا بالعالم",
  "a line of an event stream": "data: {\"type\":\"signed_out\"}\n\nevent: ready\nid: 1-1",
  "a script's address": "javascript:alert(1) data:text/html,<script>1</script>",
  "60 KB": "spark ".repeat(10_240),
};

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test("every body arrives unchanged and runs nowhere", async (t) => {
  const [juliet, romeo] = await Promise.all(
    [
      ["juliet", "Romeo"],
      ["romeo", "Juliet"],
    ].map(async ([name, other]) => {
      const person = await newPerson(browser);
      const page = await person.newPage(`${demo.url}/together.html`);
      await signIn(page, name);
      await new Roster(page).open(other);
      const chat = new Chat(page);
      await chat.composer.waitFor();
      return { person, page, chat };
    }),
  );
  for (const [what, body] of Object.entries(BODIES)) {
    await t.test(what, async () => {
      const known = (await juliet.chat.messages()).map(({ id }) => id);
      await juliet.chat.send(body);
      // By its id, which is the same on both sides: what arrives may be anything.
      const sent = await until("the message being on its way", async () =>
        (await juliet.chat.messages()).find(
          ({ id, direction, body: shown }) => direction === "outgoing" && shown === body && !known.includes(id),
        ),
      );
      const text = await romeo.page.waitForFunction((id) => {
        const log = document.querySelector("spark-chat").shadowRoot.querySelector("[role=log]");
        return log.querySelector(`[data-message-id="${id}"] [data-body]`)?.textContent;
      }, sent.id);
      assert.equal(await text.jsonValue(), body);
    });
  }
  for (const { page, person } of [juliet, romeo]) {
    assert.equal(await page.evaluate(() => window.__xss), undefined);
    assert.deepEqual(await page.locator("spark-chat [data-body] :is(script, img)").count(), 0);
    for (const link of await page.locator("spark-chat [data-body] a").all()) {
      assert.match(await link.getAttribute("href"), /^https?:/);
    }
    assert.deepEqual(person.faults, []);
  }
});
