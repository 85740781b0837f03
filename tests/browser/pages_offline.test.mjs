// Without a network: what was typed arrives when there is one, and pages open as they were.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, newPerson } from "./support/browser.mjs";
import { freePort, startDemo } from "./support/demo.mjs";
import { Chat, Roster, signIn, until } from "./support/elements.mjs";
import { startProxy } from "./support/proxy.mjs";
import { pushing, startPushService } from "./support/push_service.mjs";
import { startSite } from "./support/site.mjs";
import { atSlixmpp } from "./support/slixmpp.mjs";
import { wakerOf } from "./support/worker.mjs";

let browser, demo, network, romeo, service, site;

before(async () => {
  const [{ port, env }, at] = [await pushing(), await freePort()];
  const origins = JSON.stringify([`http://localhost:${at}`]);
  [demo, browser] = await Promise.all([startDemo({ env: { ...env, SPARKWEB_CORS__ORIGINS: origins } }), launch()]);
  service = await startPushService(port, demo.dataDir);
  network = await startProxy(demo.port);
  site = await startSite(at, network.url, { settings: `self.sparkweb = { open: "/chat.html?jid={jid}" };` });
  romeo = await atSlixmpp(demo, "romeo");
});

after(async () => {
  await romeo?.stop();
  await browser?.close();
  await site?.stop();
  await network?.stop();
  await service?.stop();
  await demo?.stop();
});

/** Cuts the way to the site and to the gateway, or mends it. */
function away(is = true) {
  site.away(is);
  if (is) network.cut();
  else network.restore();
}

/** Somebody signed in at a page of the site. */
async function guest(name, path) {
  const person = await newPerson(browser);
  await person.context.grantPermissions(["notifications", "background-sync"], { origin: site.url });
  const subscriber = await service.subscriberIn(person.context);
  const waker = await wakerOf(person.context, site.url);
  const page = await person.newPage(site.url + path);
  await signIn(page, name);
  await new Roster(page).row("Romeo").waitFor();
  return { ...person, subscriber, waker, page };
}

/** Somebody signed in at the site, with their worker at work. */
async function visitor(name) {
  const person = await guest(name, "/");
  const { page, waker } = person;
  await until("a token to send with", async () => (await waker.records())[0]?.token);
  return person;
}

/** The addresses of all that is kept for a site's pages. */
const kept = (page) =>
  page.evaluate(async () => {
    const all = [];
    for (const name of await caches.keys()) {
      for (const { url } of await (await caches.open(name)).keys()) all.push(url);
    }
    return all;
  });

/** Whether that is all which a page needs. */
async function isWhole(page, path = "/") {
  const urls = await kept(page);
  const needed = [site.url + path, `${site.url}/site.css`, "core_bg.wasm", "core.js", "later.js", "operations.js", "on-demand.js", "attach.js", "browser.js", "element.js", "push.js"];
  return [...needed, "sparkweb-widgets.js"].every((end) => urls.some((url) => url.endsWith(end)));
}

test("an answer that is typed without a network is kept, and arrives", async () => {
  const { context, page, subscriber, waker } = await visitor("juliet");
  await page.evaluate(() => push.subscribe());
  await page.close();
  await romeo.says("juliet@spark.localhost", "Art thou not Romeo?", "o1");
  const { text } = await subscriber.next();
  await waker.push(text);
  const { tag } = JSON.parse(text);
  await until("a notification", async () => (await waker.notifications()).some((one) => one.tag === tag));
  away();
  await waker.act(tag, "reply", "Neither, fair saint");
  const [waits] = await waker.notifications();
  assert.match(waits.body, /as soon as there is a network/);
  const kept = (await waker.records()).filter(({ act }) => act);
  assert.deepEqual(kept.map(({ act, text: said }) => [act, said]), [["reply", "Neither, fair saint"]]);
  away(false);
  await waker.sync();
  await romeo.hears("Neither, fair saint");
  await until("nothing to be left", async () => (await waker.records()).every(({ act }) => !act) && (await waker.notifications()).length === 0);
  assert.equal(romeo.count("Neither, fair saint"), 1);
  await context.close();
});

test("an answer that can't be sent from a notification is in the conversation, to be sent from there", async () => {
  const { context, page, waker } = await visitor("juliet");
  const push = { kind: "message", tag: "t", account: "juliet@spark.localhost", conversation: "romeo@spark.localhost", title: "Romeo", at_ms: Date.now() + 60_000 };
  await waker.push(JSON.stringify({ ...push, acts: { reply: "none-of-the-gateways" } }));
  await until("a notification", async () => (await waker.notifications()).length === 1);
  await page.close();
  await waker.act("t", "reply", "My ears have not yet drunk");
  const [told] = await waker.notifications();
  assert.deepEqual([told.title, /may not have been sent/.test(told.body)], ["Romeo", true]);
  const again = await context.newPage();
  await again.goto(`${site.url}/chat.html?jid=romeo@spark.localhost`);
  await until("what was typed", async () => (await new Chat(again).composer.inputValue()) === "My ears have not yet drunk");
  await until("nothing to be left", async () => (await waker.records()).every(({ act }) => !act) && (await waker.notifications()).length === 0);
  await context.close();
});

test("what waited when its page was closed is sent when there is a network, in order and once", async () => {
  const { context, page, waker } = await visitor("nurse");
  await new Roster(page).open("Romeo");
  const chat = new Chat(page);
  await chat.isWith("Romeo");
  away();
  for (const line of ["first", "second", "third"]) await chat.send(`the ${line} that waited`);
  const tags = () => page.evaluate(async () => (await navigator.serviceWorker.ready).sync.getTags());
  await until("the browser to see to it", async () => (await tags()).includes("sparkweb"));
  await until("them to wait", async () => (await chat.messages()).filter(({ delivery }) => delivery === "waiting").length === 3);
  await page.close();
  away(false);
  await waker.sync();
  await romeo.hears("the third that waited");
  assert.deepEqual(["first", "second", "third"].map((line) => romeo.count(`the ${line} that waited`)), [1, 1, 1]);
  // The page that comes next has nothing left to send.
  const next = await context.newPage();
  await next.goto(`${site.url}/chat.html?jid=romeo@spark.localhost`);
  await new Chat(next).shows("the third that waited");
  await until("them to be sent", async () =>
    (await new Chat(next).messages()).filter(({ body }) => body?.endsWith("that waited")).every(({ delivery }) => ["sent", "delivered", "displayed"].includes(delivery)),
  );
  assert.equal(romeo.count("the first that waited"), 1);
  await context.close();
});

test("pages open without a network, and of the gateway's API nothing is kept", async () => {
  const { context, page, waker } = await visitor("juliet");
  await new Roster(page).open("Romeo");
  await new Chat(page).isWith("Romeo");
  // The page was there before its worker, and is kept all the same.
  await until("the page's files", () => isWhole(page));
  // What is of somebody, or has a token in its address, is not.
  await page.evaluate(() => Promise.all(["/account", "/?token=secret", "/site.css?token=secret"].map((url) => fetch(url))));
  await page.goto(`${site.url}/account`);
  await page.goto(`${site.url}/?access_token=secret`);
  await page.goto(`${site.url}/chat.html?jid=romeo@spark.localhost`);
  await new Chat(page).isWith("Romeo");
  await until("that page", async () => (await kept(page)).includes(`${site.url}/chat.html`));
  const urls = await kept(page);
  assert.deepEqual(urls.filter((url) => /\/sparkweb\/(?!sdk\/|elements\/)|token|account|\?/.test(url)), []);
  const contents = await page.evaluate(async () => {
    const texts = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        if (request.headers.has("authorization")) texts.push("authorization");
        texts.push(await (await cache.match(request)).text());
      }
    }
    return texts.filter((text) => /access_token":|refresh_token":|authorization$/.test(text)).length;
  });
  assert.equal(contents, 0, "no answer has a token in it");

  away();
  await page.goto(`${site.url}/chat.html?jid=nurse@spark.localhost`);
  await page.locator("spark-chat").getByRole("status").or(new Chat(page).composer).first().waitFor();
  assert.equal(await page.evaluate(() => Boolean(customElements.get("spark-chat")) && getComputedStyle(document.querySelector("spark-chat")).height), "480px");
  // A page that is not kept is not made up.
  const other = await context.newPage();
  await assert.rejects(other.goto(`${site.url}/account`));
  await other.close();
  away(false);
  await page.goto(`${site.url}/`);
  await new Roster(page).row("Romeo").waitFor();
  await waker.worker();
  await context.close();
});

test("a page has its part in a worker that is registered after it came, and opens without a network from then on", async () => {
  const { context, faults, page, waker } = await guest("juliet", "/later.html");
  await page.evaluate(() => navigator.serviceWorker.register("/worker.js"));
  await until("a token to send with", async () => (await waker.records())[0]?.token);
  await until("the page's files", () => isWhole(page, "/later.html"));
  away();
  await page.reload();
  await page.waitForFunction(() => customElements.get("spark-roster"));
  away(false);
  assert.deepEqual(faults, []);
  await context.close();
});

test("so has a page that the worker is not for", async () => {
  const { context, faults, page, waker } = await guest("juliet", "/later.html");
  await page.evaluate(() => navigator.serviceWorker.register("/worker.js", { scope: "/elsewhere/" }));
  await until("a token to send with", async () => (await waker.records())[0]?.token);
  assert.deepEqual(await kept(page), [], "pages are for the worker that has them in its scope");
  assert.deepEqual(faults, []);
  await context.close();
});

test("files of two builds are not mixed", async () => {
  const { context, page, waker } = await visitor("juliet");
  const build = () => page.evaluate(async () => (await caches.keys()).filter((name) => name.includes("/elements/")));
  await until("a build that is whole", () => isWhole(page));
  const [first] = await build();
  // The gateway has another by now; of that, the network gives a half.
  const core = "**/sparkweb/elements/**";
  await context.route(core, async (route) => {
    if (route.request().url().endsWith(".wasm")) return route.abort();
    const response = await route.fetch();
    const body = `${await response.text()};globalThis.isAnother = true;`;
    return route.fulfill({ response, body, headers: { ...response.headers(), "sparkweb-build": "another" } });
  });
  await page.goto(`${site.url}/`);
  await until("a half of another", async () => (await build()).length === 2);
  assert.equal(await page.evaluate(() => globalThis.isAnother), true);
  await context.unroute(core);
  away();
  await page.goto(`${site.url}/`);
  await page.waitForFunction(() => customElements.get("spark-roster"));
  assert.equal(await page.evaluate(() => globalThis.isAnother), undefined, "all that the page got is of one build");
  const used = await waker.inWorker(async () => (await caches.keys()).filter((name) => name.includes("/elements/")));
  assert.ok(used.includes(first), "the one that is whole is still there");
  away(false);
  await page.goto(`${site.url}/`);
  await new Roster(page).row("Romeo").waitFor();
  await context.close();
});
