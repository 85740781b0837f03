// Being told with no page open, from the click that subscribes to the answer that another client reads.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { atApi } from "./support/api.mjs";
import { launch, newPerson } from "./support/browser.mjs";
import { freePort, startDemo } from "./support/demo.mjs";
import { Chat, Roster, signIn, until } from "./support/elements.mjs";
import { pushing, startPushService } from "./support/push_service.mjs";
import { startSite } from "./support/site.mjs";
import { atSlixmpp } from "./support/slixmpp.mjs";
import { wakerOf } from "./support/worker.mjs";

let browser, demo, romeo, service, site;

before(async () => {
  const [{ port, env }, at] = [await pushing(), await freePort()];
  const origins = JSON.stringify([`http://localhost:${at}`]);
  [demo, browser] = await Promise.all([startDemo({ env: { ...env, SPARKWEB_CORS__ORIGINS: origins } }), launch()]);
  service = await startPushService(port, demo.dataDir);
  site = await startSite(at, demo.url, {
    settings: `self.sparkweb = { open: "/chat.html?jid={jid}", icon: "/icon.png" };
      self.others = [];
      addEventListener("push", (event) => self.others.push(event.data.text()));`,
  });
  romeo = await atSlixmpp(demo, "romeo");
});

after(async () => {
  await romeo?.stop();
  await browser?.close();
  await site?.stop();
  await service?.stop();
  await demo?.stop();
});

/** Somebody who may be told, at a browser of their own that subscribes to the test's push service. */
async function newSubscriber(at) {
  const person = await newPerson(browser);
  await person.context.grantPermissions(["notifications", "background-sync"], { origin: at });
  const subscriber = await service.subscriberIn(person.context);
  return { ...person, subscriber, waker: await wakerOf(person.context, at) };
}

/** A page on which somebody is signed in, and subscribes. Gives it with the device that the gateway made. */
async function subscribed({ newPage }, url, name, options = {}) {
  const page = await newPage(url);
  await signIn(page, name);
  await new Roster(page).row(name === "juliet" ? "Romeo" : "Juliet").waitFor();
  const device = await page.evaluate(async ([gateway, given]) => {
    const { connect } = await import(`${gateway}/sparkweb/elements/sparkweb-widgets.js`);
    window.client ??= await connect(gateway);
    window.push ??= await client.push();
    return push.subscribe(given);
  }, [demo.url, options]);
  return { page, device };
}

/** Signs out where there is a roster. */
async function leave(page) {
  await page.getByRole("button", { name: /Change how you are seen/ }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
}

/** The next push that has this text, which then has come to the browser. */
async function toldOf({ subscriber, waker }, body) {
  for (;;) {
    const { text } = await subscriber.next();
    await waker.push(text);
    const push = JSON.parse(text);
    if (push.body === body) return push;
  }
}

const shownAs = (waker, tag) =>
  until("a notification", async () => (await waker.notifications()).find((notification) => notification.tag === tag));

test("the gateway serves the worker to everybody, and has it asked for anew", async () => {
  for (const folder of ["sdk", "elements"]) {
    const response = await fetch(`${demo.url}/sparkweb/${folder}/spark-worker.js`);
    const headers = ["content-type", "cache-control", "access-control-allow-origin", "access-control-expose-headers", "service-worker-allowed"];
    assert.deepEqual(headers.map((name) => response.headers.get(name)), ["text/javascript; charset=utf-8", "no-cache", "*", "sparkweb-build", null]);
    assert.equal(response.headers.get("cross-origin-resource-policy"), "cross-origin");
    assert.match(response.headers.get("sparkweb-build"), /^[0-9a-f]{16}$/);
    // A site's worker imports it as it is, which takes no module.
    const script = new Function("self", "navigator", await response.text());
    const names = [];
    script({ location: { href: "https://a.test/w.js", pathname: "/w.js" }, addEventListener: (name) => names.push(name) }, {});
    assert.ok(names.includes("push") && names.includes("fetch"), names.join());
  }
});

test("with no page open a message is shown, and answered from there", async () => {
  const juliet = await newSubscriber(demo.url);
  // The demo's pages as those of a site that has no worker of its own.
  await juliet.context.addInitScript(() => {
    if (!navigator.serviceWorker) return;
    const { register } = ServiceWorkerContainer.prototype;
    ServiceWorkerContainer.prototype.register = function (url, options) {
      return String(url).endsWith("/worker.js") ? new Promise(() => {}) : register.call(this, url, options);
    };
  });
  const { page, device } = await subscribed(juliet, `${demo.url}/together.html`, "juliet", { name: "Her telephone" });
  assert.deepEqual([device.name, device.host], ["Her telephone", "localhost"]);
  assert.deepEqual(await page.evaluate(async () => [await push.device(), ...(await push.devices())].map(({ id }) => id)), [device.id, device.id]);
  assert.match((await juliet.waker.worker()).url(), /\/sparkweb\/sdk\/spark-worker\.js$/, "the gateway's own, on its own pages");
  await page.close();

  await romeo.says("juliet@spark.localhost", "Wilt thou leave me so unsatisfied?", "m1");
  const push = await toldOf(juliet, "Wilt thou leave me so unsatisfied?");
  const shown = await shownAs(juliet.waker, push.tag);
  assert.deepEqual([shown.title, shown.body], ["Romeo", "Wilt thou leave me so unsatisfied?"]);
  assert.deepEqual(shown.actions, ["reply", "mark_read"], "as many as this browser shows");

  await juliet.waker.act(push.tag, "reply", "What satisfaction canst thou have to-night?");
  const heard = await romeo.hears("What satisfaction canst thou have to-night?");
  assert.deepEqual([heard.from.split("/")[0], heard.type], ["juliet@spark.localhost", "chat"]);
  assert.deepEqual(await juliet.waker.notifications(), [], "what was answered is shown no more");
  // What it was for is done: nothing is kept of it.
  assert.deepEqual((await juliet.waker.records()).filter(({ act }) => act), []);

  // The answer is a reading: what is shown elsewhere is taken away.
  const withdrawn = JSON.parse((await juliet.subscriber.next()).text);
  assert.deepEqual([withdrawn.kind, withdrawn.tag], ["withdrawn", push.tag]);
  assert.deepEqual(juliet.faults, []);
  await juliet.context.close();
});

test("what was read elsewhere is taken away, and of a burst there is one notification that counts", async () => {
  const nurse = await newSubscriber(demo.url);
  const { page } = await subscribed(nurse, `${demo.url}/together.html`, "nurse");
  await page.close();
  await romeo.says("nurse@spark.localhost", "one", "n1");
  const first = await toldOf(nurse, "one");
  await romeo.says("nurse@spark.localhost", "two", "n2");
  const second = await toldOf(nurse, "two");
  assert.equal(second.tag, first.tag);
  await until("one for both", async () => (await nurse.waker.notifications()).map(({ title }) => title).join() === "Romeo (2)");

  const elsewhere = await newPerson(browser);
  const reading = await elsewhere.newPage(`${demo.url}/together.html`);
  await signIn(reading, "nurse");
  await new Roster(reading).open("Romeo");
  await new Chat(reading).shows("two");
  for (let kind; kind !== "withdrawn"; ) {
    const { text } = await nurse.subscriber.next();
    await nurse.waker.push(text);
    ({ kind } = JSON.parse(text));
  }
  await until("nothing to be shown", async () => (await nurse.waker.notifications()).length === 0);
  await Promise.all([nurse.context.close(), elsewhere.context.close()]);
});

test("a site's own worker has ours in it, and a click opens the conversation", async () => {
  const juliet = await newSubscriber(site.url);
  const { page } = await subscribed(juliet, `${site.url}/`, "juliet");
  assert.match((await juliet.waker.worker()).url(), /\/worker\.js$/);
  await romeo.says("juliet@spark.localhost", "By whose direction found'st thou out this place?", "s1");
  // The page is there, and in front: what else is pushed meanwhile is none of ours.
  await juliet.waker.push("Sale!");
  await juliet.waker.push(JSON.stringify({ title: "Sale!", tag: "shop" }));
  assert.deepEqual(await juliet.waker.notifications(), []);
  assert.equal(await until("the site's own", () => juliet.waker.inWorker(() => self.others.length)), 2);

  // A tab that shows another conversation is the one to open this one in.
  await new Roster(page).open("Nurse");
  await new Chat(page).isWith("Nurse");
  const push = (conversation) => ({ kind: "message", tag: conversation, account: "juliet@spark.localhost", conversation, title: "Somebody", at_ms: Date.now() + 60_000 });
  await juliet.waker.push(JSON.stringify(push("romeo@spark.localhost")));
  await shownAs(juliet.waker, "romeo@spark.localhost");
  await juliet.waker.act("romeo@spark.localhost");
  await new Chat(page).isWith("Romeo");
  assert.deepEqual(await page.evaluate(() => opened), ["nurse@spark.localhost", "romeo@spark.localhost"]);
  assert.equal(juliet.context.pages().filter((one) => one.url().startsWith(site.url)).length, 1, "no other page was opened");

  // With none open there is a new one, where the site says.
  await page.close();
  await juliet.waker.push(JSON.stringify(push("nurse@spark.localhost")));
  await shownAs(juliet.waker, "nurse@spark.localhost");
  await juliet.waker.inWorker(() => {
    // Only a real click may open a window.
    self.asked = [];
    Clients.prototype.openWindow = async (url) => void self.asked.push(String(url));
  });
  await juliet.waker.act("nurse@spark.localhost");
  assert.deepEqual(await juliet.waker.inWorker(() => self.asked), ["/chat.html?jid=nurse%40spark.localhost"]);
  assert.deepEqual(juliet.faults, []);
  await juliet.context.close();
});

test("whoever signs out is told no more, and leaves nothing with the worker", async () => {
  const nurse = await newSubscriber(site.url);
  const { page, device } = await subscribed(nurse, `${site.url}/`, "nurse");
  const [record] = await until("a token to send with", async () => {
    const all = await nurse.waker.records();
    return all[0]?.token && all;
  });
  const claims = JSON.parse(Buffer.from(record.token.split(".")[1], "base64url").toString());
  assert.deepEqual([claims.scope, claims.bounds.origin], ["send", site.url], "it is for sending, from here");
  assert.ok(record.until_ms - Date.now() <= 12 * 60 * 60 * 1000);
  await nurse.waker.push(JSON.stringify({ kind: "message", tag: "t", account: "nurse@spark.localhost", title: "Romeo", at_ms: Date.now() + 60_000 }));
  await shownAs(nurse.waker, "t");
  await leave(page);
  await until("nothing to be kept", async () => (await nurse.waker.records()).length === 0 && (await nurse.waker.notifications()).length === 0);
  assert.equal(await page.evaluate(async () => (await (await navigator.serviceWorker.ready).pushManager.getSubscription()) === null), true);
  // The gateway has forgotten the device with the sign-in.
  await signIn(page, "nurse");
  await new Roster(page).row("Juliet").waitFor();
  const left = await page.evaluate(() => push.devices());
  assert.ok(!left.some(({ id }) => id === device.id), JSON.stringify(left));
  assert.equal(await page.evaluate(async () => (await push.device()) === undefined), true);
  await nurse.context.close();
});

test("a device that was removed elsewhere is told no more, and settings are not overwritten unseen", async () => {
  const juliet = await newSubscriber(site.url);
  const { page, device } = await subscribed(juliet, `${site.url}/`, "juliet");
  const [read, written] = await page.evaluate(async () => {
    const before = await push.settings();
    return [before, await push.setSettings({ ...before, muted: ["nurse@spark.localhost"] })];
  });
  assert.deepEqual([read, written], [{}, { muted: ["nurse@spark.localhost"] }]);
  const refusal = await page.evaluate(async (gateway) => {
    const other = await (await import(`${gateway}/sparkweb/elements/sparkweb-widgets.js`)).connect(gateway);
    const elsewhere = await other.push();
    await elsewhere.settings();
    await elsewhere.setSettings({ shows: "sender" });
    return push.setSettings({ shows: "nothing" }).then(() => "set", ({ code }) => code);
  }, demo.url);
  assert.equal(refusal, "precondition_failed");
  await page.evaluate((id) => push.remove(id), device.id);
  const left = await page.evaluate(async () => [...(await push.devices()), await push.device()].map((one) => one?.id));
  assert.ok(!left.includes(device.id) && left.at(-1) === undefined, left.join());
  await juliet.context.close();
});

/** The next page of somebody who is signed in at the site, once it has done its part for the worker. */
async function nextPage({ newPage }) {
  const page = await newPage(`${site.url}/`);
  await page.waitForFunction(() => window.push && client.status.state === "live");
  return page;
}

test("a subscription that the browser replaces is the same device's, at once or with the next page", async () => {
  const nurse = await newSubscriber(site.url);
  const { page, device } = await subscribed(nurse, `${site.url}/`, "nurse");
  const api = await atApi(demo, "nurse");
  const devices = (await api.devices()).map(({ id }) => id);
  assert.ok(devices.includes(device.id));
  const key = await page.evaluate(async () => {
    const { options } = await (await navigator.serviceWorker.ready).pushManager.getSubscription();
    return [...new Uint8Array(options.applicationServerKey)];
  });
  /** The browser makes another, which it lets the worker ask for. */
  const replace = async () => {
    await nurse.waker.inWorker(() => {
      self.asked = [];
      PushManager.prototype.subscribe = async (options) => void self.asked.push([options.userVisibleOnly, ...new Uint8Array(options.applicationServerKey)]);
    });
    await nurse.waker.takesBack(key);
    assert.deepEqual(await nurse.waker.inWorker(() => self.asked), [[true, ...key]], "it is of the same gateway's");
  };
  /** Resolves once a page has told the gateway of a subscription of the browser's: the second, the third. */
  const told = async (where, count) => {
    const isIt = (response) => response.request().method() === "PUT" && response.url().endsWith(`/push/devices/${device.id}`);
    const response = await where.waitForResponse(isIt);
    assert.deepEqual([response.status(), response.request().postDataJSON().endpoint], [200, nurse.subscriber.endpoints[count - 1]]);
  };

  await page.evaluate(() => replaceSubscription());
  await Promise.all([told(page, 2), replace()]);
  assert.deepEqual(await nurse.waker.notifications(), [], "nobody needs to be asked");
  await page.evaluate(() => replaceSubscription());
  await page.close();

  // With no page open it takes one.
  await replace();
  const [asks] = await nurse.waker.notifications();
  assert.match(asks.title, /^Open the chat to go on being told/);
  const next = await nurse.context.newPage();
  await Promise.all([told(next, 3), next.goto(`${site.url}/`)]);
  await until("nothing to be asked", async () => (await nurse.waker.notifications()).length === 0);
  assert.deepEqual((await api.devices()).map(({ id }) => id), devices);
  assert.deepEqual(nurse.faults, []);
  await nurse.context.close();
});

test("a device is renewed whose push service refuses it, and removed where that says that it is gone", async () => {
  const juliet = await newSubscriber(site.url);
  const { page, device } = await subscribed(juliet, `${site.url}/`, "juliet");
  const api = await atApi(demo, "juliet");
  const known = async () => (await api.devices()).find(({ id }) => id === device.id);
  await page.close();
  juliet.subscriber.answers(1, 403);
  await romeo.says("juliet@spark.localhost", "Wert thou as far as that vast shore", "r1");
  await until("the gateway to know it", async () => (await known())?.refused);
  const next = await nextPage(juliet);
  const renewed = await next.evaluate(() => push.device());
  assert.deepEqual([renewed.id, renewed.refused], [device.id, undefined]);
  await next.close();
  await romeo.says("juliet@spark.localhost", "I would adventure for such merchandise", "r2");
  assert.equal((await juliet.subscriber.next()).to, 2);

  juliet.subscriber.answers(2, 410);
  await romeo.says("juliet@spark.localhost", "Art thou gone?", "r3");
  await until("it to be removed", async () => (await known()) === undefined);
  const last = await nextPage(juliet);
  const left = await last.evaluate(async () => [await push.device(), await (await navigator.serviceWorker.ready).pushManager.getSubscription()]);
  assert.deepEqual(left, [undefined, null]);
  assert.deepEqual(juliet.faults, []);
  await juliet.context.close();
});

test("the app's icon has the number of what there is to see", async () => {
  const juliet = await newSubscriber(site.url);
  const { page } = await subscribed(juliet, `${site.url}/`, "juliet");
  await page.close();
  await juliet.waker.inWorker(() => {
    self.badges = [];
    navigator.setAppBadge = async (count) => void self.badges.push(count);
    navigator.clearAppBadge = async () => void self.badges.push(0);
  });
  const push = (kind, tag, more) => juliet.waker.push(JSON.stringify({ kind, tag, account: "juliet@spark.localhost", conversation: `${tag}@spark.localhost`, title: tag, at_ms: Date.now() + 60_000, ...more }));
  const shows = (...all) => until(`${all} on the icon`, async () => JSON.stringify(await juliet.waker.inWorker(() => self.badges)) === JSON.stringify(all));
  await push("message", "romeo");
  await shows(1);
  await push("message", "romeo", { count: 3 });
  await shows(1, 3);
  await push("invitation", "nurse");
  await shows(1, 3, 4);
  await push("withdrawn", "romeo");
  await shows(1, 3, 4, 1);
  await juliet.waker.dismiss("nurse");
  await shows(1, 3, 4, 1, 0);
  await juliet.context.close();
});

test("why a browser is not told is said in a word and a sentence", async () => {
  const person = await newPerson(browser);
  const page = await person.newPage(`${demo.url}/together.html`);
  await page.getByLabel("Keep me signed in").uncheck();
  await signIn(page, "juliet");
  await new Roster(page).row("Romeo").waitFor();
  const refusal = (options) =>
    page.evaluate(async ([gateway, given]) => {
      const { connect } = await import(`${gateway}/sparkweb/elements/sparkweb-widgets.js`);
      const told = await (await connect(gateway)).push();
      return told.subscribe(given).then(() => "told", ({ name, code, message }) => ({ name, code, message }));
    }, [demo.url, options]);
  const { name, code, message } = await refusal({});
  assert.deepEqual([name, code], ["SparkError", "push_not_remembered"]);
  assert.match(message, /Sign in to stay signed in/);
  await leave(page);
  await page.getByLabel("Keep me signed in").check();
  await signIn(page, "juliet");
  await new Roster(page).row("Romeo").waitFor();
  assert.equal((await refusal({})).code, "push_denied", "a headless browser asks nobody");
  await person.context.grantPermissions(["notifications"], { origin: demo.url });
  // Chromium's own push service is out in the world.
  assert.equal((await refusal({})).code, "push_unreachable");
  await page.addInitScript(() => delete globalThis.PushManager);
  await page.reload();
  await new Roster(page).row("Romeo").waitFor();
  assert.equal((await refusal({})).code, "push_unsupported");
  await person.context.close();
});
