// A room as people see it: who says what, who is named, and what is said in private.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";

import { launch, newPerson } from "./support/browser.mjs";
import { startDemo } from "./support/demo.mjs";
import { Chat, Roster, signIn, until } from "./support/elements.mjs";
import { goInto } from "./support/xmpp.mjs";

const SQUARE = "square@rooms.spark.localhost";

let demo;
let browser;
const people = [];

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

afterEach(async () => {
  const faults = people.flatMap((person) => person.faults);
  await Promise.all(people.splice(0).map((person) => person.context.close()));
  assert.deepEqual(faults, [], "a page reported faults");
});

/** Somebody signed in, with the room before them. */
async function arrive(name) {
  const person = await newPerson(browser);
  people.push(person);
  const page = await person.newPage(`${demo.url}/together.html`);
  await signIn(page, name);
  const roster = new Roster(page);
  await roster.open(SQUARE);
  const chat = new Chat(page);
  await chat.composer.waitFor();
  return { page, roster, chat };
}

/** What the SDK of the page's elements answers, called with the room's address. */
const withClient = (page, call) =>
  page.evaluate(
    async ([room, source]) => {
      const { connect } = await import("/sparkweb/elements/sparkweb-widgets.js");
      const client = await connect();
      return new Function("client", "room", `return (${source})(client, room)`)(client, room);
    },
    [SQUARE, String(call)],
  );

test("two people talk in a room, each under their name", async () => {
  const [juliet, romeo] = [await arrive("juliet"), await arrive("romeo")];
  await juliet.chat.shows("The figs are at the gate");
  await juliet.chat.send("Is the market open?");
  await romeo.chat.shows("Is the market open?");
  await romeo.chat.send("Since seven");
  await juliet.chat.shows("Since seven");
  const said = juliet.chat.message("Since seven");
  assert.equal(await said.getAttribute("data-direction"), "incoming");
  await said.getByText("Romeo", { exact: true }).first().waitFor();
  const own = juliet.chat.message("Is the market open?");
  assert.equal(await own.getAttribute("data-direction"), "outgoing");
});

test("who is named is told so in the list", async () => {
  const [juliet, romeo] = [await arrive("juliet"), await arrive("romeo")];
  const row = romeo.roster.row(SQUARE);
  await row.getByText("Verona Square", { exact: true }).waitFor();
  await romeo.roster.open("Nurse");
  await romeo.chat.element.getByRole("heading", { name: "Nurse" }).first().waitFor();
  await until("all read", async () => (await romeo.roster.unread(SQUARE)) === 0);
  await juliet.chat.send("Somebody left a glove here");
  await until("one unread", async () => (await romeo.roster.unread(SQUARE)) === 1);
  const badge = () => row.locator("[data-unread]").textContent();
  assert.equal(await badge(), "11 unread message");
  await juliet.chat.send("Romeo, is it yours?");
  await until("two unread", async () => (await romeo.roster.unread(SQUARE)) === 2);
  assert.equal(await badge(), "@ 22 unread messages, you are named");
  await row.getByText("Juliet: Romeo, is it yours?").waitFor();
});

test("what is said in private is in a conversation of its own", async () => {
  const [juliet, romeo] = [await arrive("juliet"), await arrive("romeo")];
  await juliet.chat.element.evaluate((chat, jid) => chat.setAttribute("jid", jid), `${SQUARE}/Romeo`);
  await juliet.chat.element.getByRole("heading", { name: "Romeo" }).first().waitFor();
  await juliet.chat.send("Nobody else hears this");
  await romeo.roster.row(`${SQUARE}/Juliet`).getByText("Juliet · Verona Square").waitFor();
  await romeo.roster.open(`${SQUARE}/Juliet`);
  await romeo.chat.element.getByText("In private, in Verona Square").waitFor();
  await romeo.chat.shows("Nobody else hears this");
  await romeo.chat.send("Nor this");
  await juliet.chat.shows("Nor this");
  await romeo.roster.open(SQUARE);
  await romeo.chat.shows("The figs are at the gate");
  assert.equal(await romeo.chat.message("Nobody else hears this").count(), 0);
});

test("who is typing in a room is said where nothing moves for it", async (t) => {
  const { chat } = await arrive("juliet");
  await chat.shows("The figs are at the gate");
  const [romeo, nurse, peter] = await Promise.all(
    ["Romeo", "Nurse", "Peter"].map(async (nick) => {
      const person = await goInto(demo, SQUARE, { username: nick.toLowerCase(), nick });
      t.after(() => person.leaves());
      return person;
    }),
  );
  const header = chat.element.locator("header");
  const before = await header.boundingBox();
  const says = (words) => header.getByText(words, { exact: true }).waitFor();
  await romeo.does("composing");
  await says("Romeo is typing");
  await nurse.does("composing");
  await says("Romeo and Nurse are typing");
  await peter.does("composing");
  await says("Several people are typing");
  assert.deepEqual(await header.boundingBox(), before);
  await romeo.does("paused");
  await says("Nurse and Peter are typing");
  await nurse.says("There you are");
  await says("Peter is typing");
  await peter.leaves();
  await says(SQUARE);
});

test("who leaves is no longer there", async () => {
  const juliet = await arrive("juliet");
  const there = await withClient(juliet.page, (client, room) => client.room(room).occupants());
  assert.ok(there.occupants.some((occupant) => occupant.nick === "Mercutio"));
  await withClient(juliet.page, (client, room) => client.leaveRoom(room));
  const rooms = await withClient(juliet.page, (client) => client.rooms());
  assert.deepEqual(rooms, []);
  const refused = () =>
    withClient(juliet.page, (client, room) => {
      const mercutio = client.room(room).conversationWith("Mercutio");
      if (mercutio.messages.length === 0) mercutio.send("Are you still there?");
      return mercutio.messages.find(({ progress }) => progress?.state === "refused")?.progress.code;
    });
  assert.equal(await until("an answer", refused), "not_in_room");
});
