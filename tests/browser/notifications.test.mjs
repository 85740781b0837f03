// What people are told of while no page is open, as they say it at <spark-notifications>.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { atApi } from "./support/api.mjs";
import { assertAccessible } from "./support/axe.mjs";
import { launch, newPerson } from "./support/browser.mjs";
import { startDemo } from "./support/demo.mjs";
import { signIn, until } from "./support/elements.mjs";
import { Notifications } from "./support/notifications.mjs";
import { startProxy } from "./support/proxy.mjs";
import { refuseOnce } from "./support/security.mjs";
import { somewhere, subscribesTo } from "./support/subscriptions.mjs";

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** Somebody at the page, in a browser in which notifications were allowed, or not asked for yet, and which can subscribe. */
async function at(name, { url = demo.url, permissions = ["notifications"], prepare = async () => {}, ...options } = {}) {
  const person = await newPerson(browser, { permissions, timezoneId: "Europe/Berlin", ...options });
  await subscribesTo(person.context, [somewhere(), somewhere()]);
  await prepare(person.context);
  const page = await person.newPage(`${url}/notifications.html`);
  await signIn(page, name);
  await page.getByRole("button", { name: "Sign out", exact: true }).waitFor();
  return { person, page, notifications: new Notifications(page), api: await atApi(demo, name) };
}

async function leave({ person }) {
  assert.deepEqual(person.faults, []);
  await person.context.close();
}

test("a device is told by a switch, and by another press no more", async () => {
  const came = await at("juliet");
  const { page, notifications, api } = came;
  await notifications.stands(notifications.device, false);
  await notifications.says("Turn this on to be told");
  assert.deepEqual(await api.devices(), []);
  await notifications.device.click();
  await notifications.stands(notifications.device, true);
  await notifications.says("You are told here");
  const [device, ...more] = await api.devices();
  assert.deepEqual([device.name, device.host, more.length], ["Chrome on Linux", "updates.push.services.mozilla.com", 0]);

  // It is the same the next time, and none of the others.
  await page.reload();
  await notifications.stands(notifications.device, true);
  await notifications.others.getByText("You are told on no other device").waitFor();

  await notifications.device.click();
  await notifications.stands(notifications.device, false);
  assert.deepEqual(await api.devices(), []);
  await leave(came);
});

test("everything is within reach of a keyboard, and arrives at the gateway as it is changed", async () => {
  const came = await at("romeo", { permissions: ["notifications"] });
  const { page, notifications, api } = came;
  await api.set({ muted: ["nurse@spark.localhost", "juliet@spark.localhost"] });
  await page.reload();
  await notifications.device.focus();
  await page.keyboard.press("Space");
  await notifications.stands(notifications.device, true);
  assert.equal(await notifications.device.evaluate((button) => button.matches(":focus")), true, "it stays where it was");

  await page.keyboard.press("Tab");
  await until("the radio group", () => notifications.radio("Name and message").evaluate((radio) => radio.matches(":focus")));
  await page.keyboard.press("ArrowDown");
  await until("what is shown", async () => (await api.settings()).shows === "sender");
  await notifications.element.locator("[aria-live=polite]", { hasText: "Saved" }).waitFor();

  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await notifications.stands(notifications.quiet, true);
  const night = { from_minute: 1320, to_minute: 420, zone: "Europe/Berlin" };
  await until("a night", async () => (await api.settings()).quiet?.zone);
  assert.deepEqual((await api.settings()).quiet, night);
  await page.keyboard.press("Tab");
  // Hours, minutes and the half of the day are typed one after the other.
  await page.keyboard.type("1130PM");
  await until("when it begins", async () => (await api.settings()).quiet.from_minute === 23 * 60 + 30);
  assert.equal(await notifications.element.getByLabel("From").evaluate((input) => input.matches(":focus")), true);

  const unmute = notifications.button("Unmute Juliet");
  await unmute.focus();
  await page.keyboard.press("Enter");
  await until("one that is muted", async () => (await api.settings()).muted.length === 1);
  const again = notifications.button("Mute Juliet again");
  assert.equal(await again.evaluate((button) => button.matches(":focus")), true, "to be taken back where it was done");
  await page.keyboard.press("Enter");
  await until("both", async () => (await api.settings()).muted.length === 2);
  await unmute.click();
  await until("one that is muted", async () => (await api.settings()).muted.length === 1);
  await page.reload();
  await notifications.button("Unmute Nurse").waitFor();
  assert.equal(await unmute.count(), 0);
  assert.equal(await notifications.radio("Name only").isChecked(), true);
  assert.equal(await notifications.element.getByLabel("From").inputValue(), "23:30");

  await notifications.quiet.focus();
  await page.keyboard.press("Space");
  await until("no quiet hours", async () => (await api.settings()).quiet === undefined);
  await leave(came);
});

test("hours that begin as they end are none, and those of another clock can be made this one's", async () => {
  const came = await at("benvolio");
  const { page, notifications, api } = came;
  await api.set({ quiet: { from_minute: 60, to_minute: 300, zone: "Asia/Tokyo" } });
  await page.reload();
  await notifications.element.getByText("By the clock of Tokyo (Japan Standard Time)").waitFor();
  const [from, to] = ["From", "Until"].map((label) => notifications.element.getByLabel(label));
  await to.fill("01:00");
  await to.blur();
  await notifications.element.getByText("Choose two different times.").waitFor();
  assert.equal(await to.getAttribute("aria-invalid"), "true");
  assert.equal((await api.settings()).quiet.to_minute, 300);
  await from.fill("00:30");
  await from.blur();
  await until("both", async () => (await api.settings()).quiet.from_minute === 30);
  assert.deepEqual((await api.settings()).quiet, { from_minute: 30, to_minute: 60, zone: "Asia/Tokyo" });
  await notifications.button("Use that of this device: Berlin (Central European Time)").click();
  await until("the clock", async () => (await api.settings()).quiet.zone === "Europe/Berlin");
  await leave(came);
});

test("what another device has set meanwhile stays", async () => {
  const came = await at("mercutio");
  const { notifications, api } = came;
  await notifications.stands(notifications.quiet, false);
  const quiet = { from_minute: 0, to_minute: 480, zone: "+02:00" };
  await api.set({ quiet, muted: ["romeo@spark.localhost"] });
  await notifications.radio("No name or message").check();
  await until("what is shown", async () => (await api.settings()).shows === "nothing");
  assert.deepEqual(await api.settings(), { shows: "nothing", quiet, muted: ["romeo@spark.localhost"] });
  await notifications.stands(notifications.quiet, true);
  await notifications.button("Unmute Romeo").waitFor();

  // What isn't taken is not shown as if it were.
  await refuseOnce(came.page, "/push/settings", { status: 503, code: "store_unavailable" });
  await notifications.radio("Name and message").click();
  await notifications.section("What they show").getByText("store_unavailable").waitFor();
  await until("as it was", () => notifications.radio("No name or message").isChecked());
  await leave(came);
});

test("another device is removed, and the focus goes on", async () => {
  const came = await at("nurse");
  const { page, notifications, api } = came;
  for (const name of ["Old telephone", "Kitchen"]) await api.add(name);
  await page.reload();
  await notifications.button("Remove Kitchen").focus();
  await page.keyboard.press("Enter");
  await until("one device", async () => (await api.devices()).length === 1);
  await until("the focus at what is left", () => notifications.button("Remove Old telephone").evaluate((button) => button.matches(":focus")));
  await page.keyboard.press("Enter");
  await notifications.others.getByText("You are told on no other device").waitFor();
  assert.deepEqual(await api.devices(), []);
  await leave(came);
});

test("where notifications are blocked the switch says how to allow them, and follows", async () => {
  const came = await at("juliet", { permissions: [], prepare: (context) => context.addInitScript(() => {
    // A question that the person answers, since no one sees that of a browser without a window.
    globalThis.answer = undefined;
    let permission = "default";
    Object.defineProperty(Notification, "permission", { get: () => permission });
    Notification.requestPermission = () => new Promise((resolve) => (globalThis.answer = (given) => resolve((permission = given))));
  }) });
  const { page, notifications } = came;
  await notifications.says("Your browser asks you first");
  assert.equal(await page.evaluate(() => globalThis.answer), undefined, "nothing is asked for by itself");
  await notifications.device.click();
  await notifications.says("Your browser asks whether");
  assert.equal(await notifications.device.getAttribute("aria-disabled"), "true");
  await page.evaluate(() => answer("default"));
  await notifications.stands(notifications.device, false);
  await notifications.says("Your browser asks you first");
  await notifications.device.click();
  await page.waitForFunction(() => globalThis.answer);
  await page.evaluate(() => answer("denied"));
  await notifications.says("You have blocked notifications of this site");
  assert.equal(await notifications.device.getAttribute("aria-disabled"), "true");
  await leave(came);
});

test("whoever isn't kept signed in is told why nothing can be, before the browser asks", async () => {
  const person = await newPerson(browser, { permissions: ["notifications"] });
  await subscribesTo(person.context, [somewhere(), somewhere()]);
  const page = await person.newPage(`${demo.url}/notifications.html`);
  await page.getByLabel("Keep me signed in").uncheck();
  await signIn(page, "romeo");
  const notifications = new Notifications(page);
  await notifications.says("You aren't kept signed in here");
  assert.equal(await notifications.device.getAttribute("aria-disabled"), "true");
  await leave({ person });
});

test("a telephone whose browser has none is told to put the page on its home screen", async () => {
  const came = await at("tybalt", {
    userAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
    prepare: (context) => context.addInitScript(() => delete globalThis.PushManager),
  });
  await came.notifications.says("Add this page to your Home Screen first");
  assert.equal(await came.notifications.radio("Name only").isVisible(), true, "what holds for every device can be set all the same");
  await leave(came);
});

test("while the gateway can't be reached nothing seems to be changed", async (t) => {
  const proxy = await startProxy(demo.port);
  t.after(() => proxy.stop());
  const came = await at("juliet", { url: proxy.url });
  const { notifications } = came;
  await notifications.stands(notifications.device, false);
  proxy.cut();
  const banner = notifications.element.getByText("What you see here may be out of date");
  await banner.waitFor();
  await notifications.radio("Name only").click({ force: true });
  await notifications.element.locator("[aria-live=polite]", { hasText: "once it is back" }).waitFor();
  assert.equal(await notifications.radio("Name only").isChecked(), false);
  proxy.restore();
  await banner.waitFor({ state: "detached" });
  await notifications.radio("Name only").click();
  await until("what is shown", async () => (await came.api.settings()).shows === "sender");
  await leave(came);
});

test("a gateway that tells nobody says so", async () => {
  const came = await at("juliet");
  const { page, notifications } = came;
  await notifications.stands(notifications.device, false);
  await page.route("**/sparkweb/api/v1/push/*", (route) =>
    route.fulfill({ status: 501, contentType: "application/problem+json", body: JSON.stringify({ type: "/", title: "", status: 501, detail: "", code: "unsupported" }) }),
  );
  await page.reload();
  await notifications.element.getByRole("heading", { name: "No notifications here" }).waitFor();
  await leave(came);
});

for (const [theme, width] of [
  ["light", 1280],
  ["dark", 1280],
  ["light", 280],
  ["dark", 320],
]) {
  test(`a screen reader finds everything named, and nothing is cut, ${theme} and ${width} wide`, async () => {
    const came = await at("tybalt", { colorScheme: theme, viewport: { width, height: 760 } });
    const { page, notifications, api } = came;
    await assertAccessible(page, "spark-notifications");
    const device = await api.add("A rather long name for a device that stands in the kitchen");
    await api.set({ quiet: { from_minute: 60, to_minute: 300, zone: "Asia/Tokyo" }, muted: ["nurse@spark.localhost"] });
    await page.reload();
    await notifications.button(/^Remove/).waitFor();
    await assertAccessible(page, "spark-notifications");
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(widths[0] <= widths[1], `${widths}`);
    await notifications.button(/^Remove/).click();
    await until("no device", async () => (await api.devices()).every(({ id }) => id !== device.id));
    await leave(came);
  });
}
