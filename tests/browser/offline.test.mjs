// The last view: there before the network answers, and without one; made true by what came meanwhile; nobody else's.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";

import { launch, newPerson } from "./support/browser.mjs";
import { freePort, startDemo } from "./support/demo.mjs";
import { Chat, Roster, signIn, until } from "./support/elements.mjs";

let demo;
let browser;
const people = [];

before(async () => {
  const port = await freePort();
  [demo, browser] = await Promise.all([startDemo({ port }), launch()]);
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

const API = "**/sparkweb/api/v1/**";
const AWAY = /^No connection\. You see what was/;

/** A person at a browser; what their pages ask the gateway for is counted, by its path. */
async function somebody() {
  const person = await newPerson(browser);
  people.push(person);
  const asked = [];
  const answered = [];
  const path = (url) => new URL(url).pathname.split("/api/v1")[1];
  person.context.on("request", (request) => path(request.url()) && asked.push(path(request.url())));
  person.context.on("response", (response) => path(response.url()) && answered.push(path(response.url())));
  return { ...person, asked, answered, times: (what) => asked.filter((path) => path === what).length };
}

const together = (person) => person.newPage(`${demo.url}/together.html`);
const at = (page) => ({ page, roster: new Roster(page), chat: new Chat(page) });

/** Somebody signed in, with the roster and a chat with `other` before them. */
async function arrive(name, other, person) {
  person ??= await somebody();
  const page = await together(person);
  await signIn(page, name);
  const { roster, chat } = at(page);
  await roster.open(other);
  await chat.composer.waitFor();
  await isLive(page);
  return { person, page, roster, chat };
}

/** Resolves once the gateway has made what a page shows true. */
const isLive = (page) =>
  until("the page being live", () =>
    page.evaluate(async () => {
      const { connect } = await import("/sparkweb/elements/sparkweb-widgets.js");
      return (await connect()).status.state === "live";
    }),
  );

let count = 0;
const line = (what) => `${what} ${(count += 1)} ${process.pid}`;
const bodies = async (chat) => (await chat.messages()).map((message) => message.body);
const times = async (chat, body) => (await bodies(chat)).filter((text) => text === body).length;

/** Resolves once the person's server has what they sent. */
const isSent = (chat, body) =>
  until(`“${body}” being sent`, async () =>
    (await chat.messages()).some((m) => m.body === body && !["waiting", "pending"].includes(m.delivery)),
  );

/** All that the SDK keeps in databases of a page's origin; what the site's worker does is another test's affair. */
const kept = (page) =>
  page.evaluate(async () => {
    const result = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
    const all = [];
    for (const { name } of await indexedDB.databases()) {
      if (name === "sparkweb:worker") continue;
      const database = await result(indexedDB.open(name));
      all.push(...(await result(database.transaction("items").objectStore("items").getAll())));
      database.close();
    }
    return all;
  });

/** Resolves once what is kept has this text. */
const keeps = (page, text) => until(`“${text}” being kept`, async () => (await kept(page)).some((value) => value.includes(text)));

/** Holds every request to the gateway until it is told to let them go. */
async function hold(context) {
  const held = [];
  await context.route(API, (route) => void held.push(route));
  return async () => {
    await context.unroute(API);
    await Promise.all(held.map((route) => route.continue().catch(() => {})));
  };
}

test("the last view is there before the gateway has answered anything", async () => {
  const { person, page, chat } = await arrive("juliet", "Romeo");
  const word = line("Sweet, good night");
  await chat.send(word);
  await isSent(chat, word);
  await keeps(page, word);
  const letGo = await hold(person.context);
  await page.goto("about:blank");
  person.answered.length = 0;
  await page.goto(`${demo.url}/chat.html?jid=romeo@spark.localhost`);
  await chat.shows(word);
  const tab = at(await person.newPage(`${demo.url}/roster.html`));
  await tab.roster.row("Romeo").waitFor();
  await tab.roster.element.getByText("Connecting").waitFor();
  assert.deepEqual(person.answered, []);
  await letGo();
  await Promise.all([isLive(page), isLive(tab.page)]);
  assert.equal(await times(chat, word), 1);
});

test("without a network the last view is there, what is written waits, and then all of it comes once", async () => {
  const { person, page, roster, chat } = await arrive("juliet", "Romeo");
  const romeo = await arrive("romeo", "Juliet");
  const before = line("Good pilgrim");
  await romeo.chat.send(before);
  await chat.shows(before);
  await keeps(page, before);
  await person.context.route(API, (route) => route.abort());
  await page.reload();
  await roster.row("Nurse").waitFor();
  await roster.open("Romeo");
  await chat.shows(before);
  await page.locator("spark-roster").getByText(AWAY).waitFor();
  await page.locator("spark-chat").getByText(AWAY).waitFor();
  assert.equal(await chat.element.locator(".skeleton").count(), 0);

  const waiting = line("Saints do not move");
  await chat.send(waiting);
  await until("it waits", async () => (await chat.messages()).some((m) => m.body === waiting && m.delivery === "waiting"));
  const missed = [line("Then move not"), line("while my prayer's effect I take")];
  for (const body of missed) await romeo.chat.send(body);
  for (const body of missed) await isSent(romeo.chat, body);
  // Once more without: what was written is there too.
  await page.reload();
  await roster.open("Romeo");
  await chat.shows(waiting);
  await chat.shows(before);

  await person.context.unroute(API);
  await page.evaluate(() => dispatchEvent(new Event("online")));
  for (const body of missed) await chat.shows(body);
  await romeo.chat.shows(waiting);
  await isLive(page);
  for (const body of [before, waiting, ...missed]) {
    assert.equal(await times(chat, body), 1, `at Juliet's: ${body}`);
    assert.equal(await times(romeo.chat, body), 1, `at Romeo's: ${body}`);
  }
});

test("a network that is taken away is told before the stream has been silent for long", async () => {
  const { person, page } = await arrive("juliet", "Romeo");
  // What is under way stays open, as it does where a cable is pulled; what is asked for anew can't be.
  await person.context.route(API, (route) => route.abort("internetdisconnected"));
  await page.evaluate(() => dispatchEvent(new Event("offline")));
  await page.locator("spark-roster").getByText(AWAY).waitFor();
  await person.context.unroute(API);
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await isLive(page);
  await page.locator("spark-roster").getByText(AWAY).waitFor({ state: "detached" });
});

test("the next page goes on where the one before was, without asking for all of it", async () => {
  const { person, page, chat } = await arrive("juliet", "Romeo");
  const romeo = await arrive("romeo", "Juliet");
  await keeps(page, "romeo@spark.localhost");
  assert.equal(person.times("/snapshot"), 1);
  await page.reload();
  await isLive(page);
  assert.equal(person.times("/snapshot"), 1);

  await page.goto("about:blank");
  const missed = line("It is the east");
  await romeo.chat.send(missed);
  await isSent(romeo.chat, missed);
  await person.context.addInitScript(() => {
    window.told = [];
    document.addEventListener("spark-message", ({ detail }) => window.told.push(detail.body));
  });
  await page.goto(`${demo.url}/together.html`);
  const unread = at(page).roster;
  await until("the unread count", async () => (await unread.unread("Romeo")) > 0);
  await unread.open("Romeo");
  await chat.shows(missed);
  assert.equal(await times(chat, missed), 1);
  const live = line("and Juliet is the sun");
  await romeo.chat.send(live);
  await chat.shows(live);
  assert.deepEqual(await page.evaluate(() => window.told), [live], "what a page finds when it comes is not told as news");
  assert.equal(person.times("/snapshot"), 1);

  // A tab beside it is not the one that reads the stream: it asks for what is.
  const tab = at(await together(person));
  await tab.roster.row("Romeo").waitFor();
  await isLive(tab.page);
  assert.equal(person.times("/snapshot"), 2);
  await tab.roster.open("Romeo");
  const both = line("Arise, fair sun");
  await romeo.chat.send(both);
  await Promise.all([chat.shows(both), tab.chat.shows(both)]);
  // And goes on alone.
  await page.close();
  const alone = line("and kill the envious moon");
  await romeo.chat.send(alone);
  await tab.chat.shows(alone);
  await keeps(tab.page, alone);
  await tab.page.reload();
  await tab.roster.open("Romeo");
  await tab.chat.shows(alone);
  assert.equal(await times(tab.chat, alone), 1);
});

test("a gateway that can't go on from there is asked for all of it", async () => {
  const { person, page, roster } = await arrive("juliet", "Romeo");
  await keeps(page, "romeo@spark.localhost");
  await page.goto("about:blank");
  await demo.restart();
  assert.equal(person.times("/snapshot"), 1);
  await page.goto(`${demo.url}/together.html`);
  await roster.row("Romeo").waitFor();
  await isLive(page);
  assert.equal(person.times("/snapshot"), 2);
});

test("signing out leaves nothing, in whichever tab, and whoever comes next sees nothing of it", async () => {
  const { person, page, chat } = await arrive("juliet", "Romeo");
  const word = line("Wherefore art thou");
  await chat.send(word);
  await isSent(chat, word);
  await keeps(page, word);
  const tab = at(await together(person));
  await tab.roster.row("Romeo").waitFor();
  await isLive(tab.page);
  const left = await page.evaluate(async () => {
    const result = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
    const { name } = (await indexedDB.databases()).find(({ name }) => name.endsWith(":view"));
    const database = await result(indexedDB.open(name));
    const items = database.transaction("items").objectStore("items");
    const [keys, values] = await Promise.all([result(items.getAllKeys()), result(items.getAll())]);
    database.close();
    return { name, items: keys.map((key, at) => [key, values[at]]) };
  });
  assert.ok(left.items.length > 1);
  assert.deepEqual(left.items.filter(([, value]) => /token/i.test(value)), []);

  await tab.page.getByRole("button", { name: /Change how you are seen/ }).click();
  await tab.page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Password", { exact: true }).first().waitFor();
  await until("nothing being kept", async () => (await kept(page)).length === 0);

  // As if something had been left all the same: a browser that ended before it had done it.
  await tab.page.close();
  await page.evaluate(async ({ name, items }) => {
    const result = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
    const database = await result(indexedDB.open(name));
    const table = database.transaction("items", "readwrite").objectStore("items");
    for (const [key, value] of items) await result(table.put(value, key));
    database.close();
  }, left);
  await page.reload();
  await page.context().route("**/sparkweb/api/v1/snapshot", () => {});
  await signIn(page, "nurse");
  await until("nothing of hers being kept", async () => (await kept(page)).length === 0);
  assert.equal(await page.locator("spark-roster [data-jid]").count(), 0);
  await page.context().unroute("**/sparkweb/api/v1/snapshot");
  await page.reload();
  await new Roster(page).row("Juliet").waitFor();
  await until("hers being kept", async () => (await kept(page)).length > 0);
  assert.ok((await kept(page)).every((value) => !value.includes(word)));
});

test("a browser that keeps nothing shows everything all the same", async () => {
  const person = await somebody();
  await person.context.addInitScript(() => Object.defineProperty(window, "indexedDB", { value: undefined }));
  const { page, roster, chat } = await arrive("juliet", "Romeo", person);
  const word = line("I take thee at thy word");
  await chat.send(word);
  await isSent(chat, word);
  await page.reload();
  await roster.open("Romeo");
  await chat.shows(word);
  await isLive(page);
  assert.equal(person.times("/snapshot"), 2);
});

test("what is kept has bounds, and what is of another kind is nothing", async () => {
  const person = await somebody();
  const script = person.context.waitForEvent("response", (response) => response.url().endsWith("/browser.js"));
  const page = await together(person);
  const url = (await script).url();
  const run = (body) => page.evaluate(`(async () => { const { View } = await import(${JSON.stringify(url)}); ${body} })()`);
  const read = () => run(`return new View("sparkweb:x:view").read()`);
  assert.deepEqual(await read(), []);
  // The first that is too much says so, and the next snapshot begins anew.
  const full = await run(`
    const view = new View("sparkweb:x:view");
    const before = new View("sparkweb:y:view").add("of nothing");
    view.begin("snapshot");
    const some = view.add("x".repeat(190_000));
    const more = view.add("y".repeat(20_000));
    return [before, some, more];
  `);
  assert.deepEqual(full, [false, false, true]);
  await until("all being kept", async () => (await read()).length === 3);
  assert.deepEqual((await read()).map((text) => text.slice(0, 8)), ["snapshot", "xxxxxxxx", "yyyyyyyy"]);
  await run(`new View("sparkweb:x:view").begin("another")`);
  await until("it being kept", async () => (await read())[0] === "another");
  assert.deepEqual(await read(), ["another"]);
  // Of conversations the last few, one page each, before what came after the snapshot.
  const pages = await run(`
    const view = new View("sparkweb:x:view");
    await view.read();
    for (let number = 0; number < 25; number += 1) await view.page("of\\n" + number, "{}");
    await view.page("of\\n20", '{"newest":1}');
    await view.page("of\\nlarge", "z".repeat(300_000));
    view.add("event");
    await null;
    return view.read();
  `);
  assert.equal(pages[0], "another");
  assert.equal(pages.at(-1), "event");
  const whose = pages.slice(1, -1).map((page) => page.split("\n").slice(1).join(" "));
  assert.equal(whose.length, 20);
  assert.ok(whose.includes("24 {}") && !whose.includes("0 {}"), String(whose));
  assert.deepEqual(whose.filter((page) => page.startsWith("20 ")), ['20 {"newest":1}']);
  // Written by a version that meant something else by it.
  await page.evaluate(async () => {
    const request = indexedDB.open("sparkweb:x:view");
    await new Promise((resolve) => (request.onsuccess = resolve));
    const items = request.result.transaction("items", "readwrite").objectStore("items");
    const [key] = await new Promise((resolve) => (items.getAllKeys().onsuccess = (event) => resolve(event.target.result)));
    await new Promise((resolve) => (items.put("0another", key).onsuccess = resolve));
    request.result.close();
  });
  assert.deepEqual(await read(), []);
});
