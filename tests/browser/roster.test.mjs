// The contact list under somebody's hand: people come and go, and what is pressed is still what was looked at.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, newPerson } from "./support/browser.mjs";
import { startDemo } from "./support/demo.mjs";
import { Chat, Roster, signIn, until } from "./support/elements.mjs";

let demo;
let browser;
let juliet;
let roster;
let page;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
  juliet = await newPerson(browser);
  await juliet.context.clock.install();
  page = await juliet.newPage(`${demo.url}/together.html`);
  await signIn(page, "juliet");
  roster = new Roster(page);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** The names of a group as they stand one above the other. */
const family = async () => {
  const names = await roster.element.locator("[role=treeitem]").evaluateAll((rows) => {
    const top = (row) => row.getBoundingClientRect().top;
    const ordered = rows.sort((a, b) => top(a) - top(b));
    return ordered.map((row) => [row.getAttribute("aria-level"), row.querySelector(".name, .one-line").textContent]);
  });
  const from = names.findIndex(([level, name]) => level === "1" && name === "Family") + 1;
  const to = names.findIndex(([level], index) => level === "1" && index >= from);
  return names.slice(from, to).map(([, name]) => name);
};

const isSeen = (name, as) => roster.row(name).getByText(as, { exact: true }).waitFor({ state: "attached" });

async function present(name, availability) {
  const api = `${demo.url}/sparkweb/api/v1`;
  const headers = { "content-type": "application/json" };
  const signedIn = await fetch(`${api}/sign-ins`, {
    method: "POST",
    headers,
    body: JSON.stringify({ username: name, password: "spark-demo" }),
  });
  const { access_token: token } = await signedIn.json();
  const shown = await fetch(`${api}/presence`, {
    method: "PUT",
    headers: { ...headers, authorization: `Bearer ${token}` },
    body: JSON.stringify({ availability }),
  });
  assert.equal(shown.ok, true, await shown.text());
}

test("rows keep still under the pointer, whoever comes meanwhile", async () => {
  await isSeen("Tybalt", "Busy");
  const before = ["Tybalt", "Lady Montague", "Lord Capulet", "Nurse"];
  assert.deepEqual(await family(), before);
  await roster.row("Tybalt").hover();

  await present("nurse", "available");
  await isSeen("Nurse", "Available");
  assert.deepEqual(await family(), before);
  await page.mouse.down();
  await present("nurse", "away");
  await isSeen("Nurse", "Away");
  await page.mouse.up();
  await new Chat(page).isWith("Tybalt");
  assert.deepEqual(await family(), before);

  // With nobody there any more, everybody goes where they belong.
  await page.mouse.move(1200, 20);
  const now = ["Nurse", "Tybalt", "Lady Montague", "Lord Capulet"];
  await until("the Nurse's going up", async () => (await family()).join() === now.join());
  assert.deepEqual(juliet.faults, []);
});

test("rows go where they belong under a pointer that rests", async () => {
  await roster.row("Tybalt").hover();
  await present("nurse", "offline");
  await isSeen("Nurse", "Offline");
  await page.clock.fastForward(3_000);
  const now = ["Tybalt", "Lady Montague", "Lord Capulet", "Nurse"];
  await until("the Nurse's going down", async () => (await family()).join() === now.join());
  assert.deepEqual(juliet.faults, []);
});

test("what the person asks for happens at once, whoever holds the list", async () => {
  const filter = roster.element.getByRole("searchbox");
  await roster.row("Tybalt").hover();
  await filter.fill("nurse");
  await until("one being left", async () => (await roster.element.locator("[data-jid]").count()) === 1);
  await filter.fill("");
  const heading = roster.element.getByRole("treeitem", { name: /Family/ });
  await heading.click();
  assert.equal(await heading.getAttribute("aria-expanded"), "false");
  await roster.row("Tybalt").waitFor({ state: "detached" });
  await heading.click();
  await roster.row("Tybalt").waitFor();
  assert.deepEqual(juliet.faults, []);
});

test("where there is little room, what the person can do about themselves scrolls, and nothing else does", async () => {
  const phone = await newPerson(browser, { viewport: { width: 360, height: 640 }, hasTouch: true });
  const together = await phone.newPage(`${demo.url}/together.html`);
  await signIn(together, "nurse");
  const list = new Roster(together);
  await together.getByRole("button", { name: /Change how you are seen/ }).click();
  const leave = together.getByRole("button", { name: "Sign out" });
  await leave.scrollIntoViewIfNeeded();
  const [box, room, head] = await Promise.all([leave, list.element, together.getByRole("button", { name: /Change how/ })].map((one) => one.boundingBox()));
  assert.ok(box.y + box.height <= room.y + room.height, "it is within the roster");
  assert.ok(head.y >= room.y, "the header stays where it is");
  await leave.tap();
  await together.getByLabel("Password", { exact: true }).first().waitFor();
  assert.deepEqual(phone.faults, []);
  await phone.context.close();
});
