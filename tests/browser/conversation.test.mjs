// Two people talk through the elements; every tab of a person shows the same; nothing is lost and nothing doubled.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";

import { launch, newPerson } from "./support/browser.mjs";
import { startDemo } from "./support/demo.mjs";
import { Chat, Roster, signIn, until } from "./support/elements.mjs";
import { startProxy } from "./support/proxy.mjs";

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

/** Somebody signed in, with the roster and a chat with `other` before them. */
async function arrive(name, other, gateway = demo.url) {
  const person = await newPerson(browser);
  people.push(person);
  const page = await person.newPage(`${gateway}/together.html`);
  await signIn(page, name);
  const roster = new Roster(page);
  await roster.open(other);
  const chat = new Chat(page);
  await chat.composer.waitFor();
  return { person, page, roster, chat };
}

/** A text that no earlier message has. */
let count = 0;
const line = (what) => `${what} ${(count += 1)} ${process.pid}`;

const bodies = async (chat) => (await chat.messages()).map((message) => message.body);
const times = async (chat, body) => (await bodies(chat)).filter((text) => text === body).length;

test("two people talk both ways, and a third tab sees it all", async () => {
  const juliet = await arrive("juliet", "Romeo");
  const romeo = await arrive("romeo", "Juliet");
  const tab = await juliet.person.newPage(`${demo.url}/together.html`);
  const third = { roster: new Roster(tab), chat: new Chat(tab) };
  await third.roster.open("Romeo");

  const hello = line("Art thou not Romeo?");
  await juliet.chat.send(hello);
  await Promise.all([romeo.chat.shows(hello), third.chat.shows(hello)]);

  await romeo.chat.composer.pressSequentially("Nei");
  await Promise.all(
    [juliet.chat, third.chat].map((chat) => chat.element.getByText(/typing/i).first().waitFor()),
  );
  const answer = line("Neither, fair saint");
  await romeo.chat.send(answer);
  await Promise.all([juliet.chat.shows(answer), third.chat.shows(answer)]);

  for (const chat of [juliet.chat, romeo.chat, third.chat]) {
    const shown = (await bodies(chat)).filter((body) => body === hello || body === answer);
    assert.deepEqual(shown, [hello, answer]);
  }
  const [sent] = (await juliet.chat.messages()).filter((message) => message.body === hello);
  assert.equal(sent.direction, "outgoing");
  const [same] = (await third.chat.messages()).filter((message) => message.body === hello);
  assert.equal(same.id, sent.id);
});

test("what is unread is the same in every tab, and read in one is read in all", async () => {
  const juliet = await arrive("juliet", "Nurse");
  const tab = await juliet.person.newPage(`${demo.url}/together.html`);
  const other = new Roster(tab);
  await other.row("Romeo").waitFor();
  const before = await other.unread("Romeo");

  const romeo = await arrive("romeo", "Juliet");
  const word = line("She speaks");
  await romeo.chat.send(word);
  for (const roster of [juliet.roster, other]) {
    await until("the unread count", async () => (await roster.unread("Romeo")) === before + 1);
  }

  await juliet.page.bringToFront();
  await juliet.roster.open("Romeo");
  await juliet.chat.shows(word);
  for (const roster of [juliet.roster, other]) {
    await until("everything being read", async () => (await roster.unread("Romeo")) === 0);
  }
  await until("the read mark at the other side", async () => {
    const [message] = (await romeo.chat.messages()).filter(({ body }) => body === word);
    return message?.delivery === "displayed";
  });
});

test("a reload shows what was there before, once", async () => {
  const juliet = await arrive("juliet", "Romeo");
  const word = line("By and by I come");
  await juliet.chat.send(word);
  await juliet.chat.shows(word);
  await juliet.page.reload();
  await juliet.roster.open("Romeo");
  await juliet.chat.shows(word);
  assert.equal(await times(juliet.chat, word), 1);
});

for (const [how, breakIt] of [
  ["a cut network", (proxy) => proxy.cut()],
  ["a network that goes silent", (proxy) => proxy.stall()],
]) {
  test(`${how} loses nothing and doubles nothing`, async () => {
    const proxy = await startProxy(demo.port);
    try {
      const juliet = await arrive("juliet", "Romeo", proxy.url);
      const romeo = await arrive("romeo", "Juliet");

      breakIt(proxy);
      const missed = [line("Good night"), line("Parting is"), line("such sweet sorrow")];
      for (const body of missed) await romeo.chat.send(body);
      await until("the server having them", async () =>
        (await romeo.chat.messages()).filter(
          ({ body, delivery }) => missed.includes(body) && delivery !== "waiting" && delivery !== "pending",
        ).length === missed.length,
      );
      const waiting = line("that I shall say good night");
      await juliet.chat.send(waiting);
      await juliet.chat.shows(waiting);

      proxy.restore();
      for (const body of missed) await juliet.chat.shows(body);
      await romeo.chat.shows(waiting);
      for (const body of [...missed, waiting]) {
        assert.equal(await times(juliet.chat, body), 1, `at Juliet's: ${body}`);
        assert.equal(await times(romeo.chat, body), 1, `at Romeo's: ${body}`);
      }
      assert.deepEqual((await bodies(juliet.chat)).filter((body) => missed.includes(body)), missed);
    } finally {
      await proxy.stop();
    }
  });
}

test("what was written without a network is sent after a reload", async () => {
  const proxy = await startProxy(demo.port);
  try {
    const juliet = await arrive("juliet", "Romeo", proxy.url);
    const romeo = await arrive("romeo", "Juliet");
    proxy.cut();
    const word = line("written in the dark");
    await juliet.chat.send(word);
    await until("the message waiting", async () =>
      (await juliet.chat.messages()).some(({ body, delivery }) => body === word && delivery === "waiting"),
    );
    proxy.restore();
    await juliet.page.reload();
    await romeo.chat.shows(word);
    assert.equal(await times(romeo.chat, word), 1);
  } finally {
    await proxy.stop();
  }
});

test("what is begun in another browser shows in a composer that is empty, when it comes", async () => {
  const here = await arrive("juliet", "Romeo");
  const there = await arrive("juliet", "Romeo");
  const begun = line("I gave thee mine before");
  await there.chat.composer.fill(begun);
  await until("it to show", async () => (await here.chat.composer.inputValue()) === begun);
  await there.chat.composer.fill("");
  await until("it to go", async () => (await here.chat.composer.inputValue()) === "");
});
