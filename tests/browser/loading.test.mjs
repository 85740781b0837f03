// What comes while a page is still loading what was there before: it is there once, and in its place.

import assert from "node:assert/strict";
import { test } from "node:test";

import { atApi } from "./support/api.mjs";
import { Chat, Roster, signIn, until } from "./support/elements.mjs";
import { setStage } from "./support/stage.mjs";
import { comeIn, shared, text } from "./support/xmpp.mjs";

const JULIET = "juliet@spark.localhost";

let romeo;
const stage = setStage({ begins: async () => (romeo = await comeIn(stage.demo, "romeo")), ends: () => romeo?.leaves() });

/** Names that no other test has. */
let count = 0;
const called = (what) => `${what} ${(count += 1)}`;

/** Holds what a page asks for, or its answer, until it is let go. */
async function hold(page, pattern, { answered = false } = {}) {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  let note;
  const asked = new Promise((resolve) => (note = resolve));
  await page.route(pattern, async (route) => {
    const response = answered && (await route.fetch());
    note(response);
    await held;
    await (response ? route.fulfill({ response }) : route.continue());
  });
  return { asked, release };
}

/** A page on which somebody has signed in, and which shows what was said with Romeo as far as it is there. */
async function arrive(prepare) {
  const person = await stage.enters();
  const page = await person.context.newPage();
  const prepared = await prepare(page);
  await page.goto(`${stage.demo.url}/together.html`);
  await signIn(page, "juliet");
  const chat = new Chat(page);
  await page.locator("spark-chat").evaluate((element) => (element.jid = "romeo@spark.localhost"));
  return { page, chat, prepared };
}

/** A message without a text, which this server's archive does not keep. */
const unkept = (name) => shared(`https://files.example/${encodeURIComponent(name)}`, { name, "media-type": "application/pdf" });

/** What the last messages say, be it a text or a file. */
const last = async (chat, number) => {
  const rows = chat.log.locator("[data-message-id]").evaluateAll((nodes) =>
    nodes.map((node) => node.querySelector(".file")?.textContent ?? node.querySelector("[data-body]").textContent),
  );
  return (await rows).slice(-number);
};

for (const answered of [true, false]) {
  test(`what comes while a conversation is ${answered ? "on its way" : "asked for"} is shown in its place`, async () => {
    const { chat, prepared: history } = await arrive((page) => hold(page, "**/messages?limit=50", { answered }));
    await history.asked;
    const [first, file, third] = [called("first"), called("file"), called("third")];
    await romeo.sends(JULIET, text(first));
    await romeo.sends(JULIET, unkept(file));
    await romeo.sends(JULIET, text(third));
    await chat.shows(third);
    history.release();
    await chat.shows("Good morning");
    const rows = await last(chat, 3);
    assert.deepEqual([rows[0], rows[1].includes(file), rows[2]], [first, true, third]);

    // Whoever comes now finds them so.
    const { chat: other } = await arrive(async () => {});
    await other.shows(third);
    await other.shows("Good morning");
    const found = await last(other, 3);
    assert.deepEqual([found[0], found[1].includes(file), found[2]], [first, true, third]);
  });
}

test("a tab whose turn to read the stream comes while its snapshot is on its way goes on from that", async () => {
  const { page, prepared: snapshot } = await arrive(async (page) => {
    await page.addInitScript(() => {
      const request = navigator.locks.request.bind(navigator.locks);
      const turn = new Promise((resolve) => (globalThis.takeTurn = resolve));
      navigator.locks.request = async (name, ...more) => {
        if (name.includes(":stream:")) await turn;
        return request(name, ...more);
      };
    });
    return hold(page, "**/api/v1/snapshot", { answered: true });
  });
  const { position } = JSON.parse(await (await snapshot.asked).text());
  const missed = called("missed");
  await romeo.sends(JULIET, text(missed));
  const juliet = await atApi(stage.demo, "juliet");
  await until("the gateway to have it", async () => (await juliet.messages("romeo")).some(({ body }) => body === missed));

  const events = page.waitForRequest("**/api/v1/events");
  await page.evaluate(() => globalThis.takeTurn());
  snapshot.release();
  assert.equal((await events).headers()["last-event-id"], position);
  const row = new Roster(page).row("romeo@spark.localhost");
  await until("the list", async () => (await row.textContent()).includes(missed));
});

test("where clocks go back over midnight, a day comes again, and all that was said stays in sight", async () => {
  const DAY_MS = 24 * 60 * 60 * 1000;
  let said;
  const { chat } = await arrive((page) =>
    page.route("**/messages?limit=50", async (route) => {
      const response = await route.fetch();
      const json = await response.json();
      const tenDaysAgo = Date.now() - 10 * DAY_MS;
      json.messages.forEach((message, index) => (message.sent_at_ms = tenDaysAgo + (index === 1 ? DAY_MS : 0)));
      said = json.messages.map(({ id }) => id);
      await route.fulfill({ response, json });
    }),
  );
  await chat.shows("Good morning");
  const [one, two] = [called("one"), called("two")];
  for (const words of [one, two]) {
    await romeo.sends(JULIET, text(words));
    await chat.shows(words);
  }
  assert.ok(said.length >= 3);
  const shown = (await chat.messages()).slice(-said.length - 2);
  assert.deepEqual(shown.slice(0, -2).map(({ id }) => id), said);
  assert.deepEqual(shown.slice(-2).map(({ body }) => body), [one, two]);
  const headings = (await chat.log.getByRole("heading", { level: 3 }).allTextContents()).slice(-4);
  assert.deepEqual([headings[0] === headings[2], new Set(headings).size], [true, 3], headings.join(", "));
});
