// Who looks is not told elsewhere: pages say so when they are asked, and no connection that is open says it for them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { atApi } from "./support/api.mjs";
import { launch, newPerson } from "./support/browser.mjs";
import { freePort, startDemo } from "./support/demo.mjs";
import { Roster, signIn, until } from "./support/elements.mjs";
import { startProxy } from "./support/proxy.mjs";
import { pushing, startPushService } from "./support/push_service.mjs";
import { atSlixmpp } from "./support/slixmpp.mjs";

const JULIET = "juliet@spark.localhost";

let browser, demo, device, metrics, proxy, romeo, service;

before(async () => {
  const [{ port, env }, at] = [await pushing(), await freePort()];
  metrics = `127.0.0.1:${await freePort()}`;
  const watched = { ...env, SPARKWEB_METRICS__LISTEN: metrics };
  [demo, browser] = await Promise.all([startDemo({ port: at, env: watched }), launch()]);
  service = await startPushService(port, demo.dataDir);
  proxy = await startProxy(demo.port);
  romeo = await atSlixmpp(demo, "romeo");
  device = service.subscriber();
  await (await atApi(demo, "juliet")).subscribe(device.subscription);
});

after(async () => {
  await romeo?.stop();
  await browser?.close();
  await proxy?.stop();
  await service?.stop();
  await demo?.stop();
});

/** What the gateway counts. */
async function counted(what) {
  const page = await (await fetch(`http://${metrics}/metrics`)).text();
  const line = page.split("\n").find((line) => line.startsWith(`${what} `));
  assert.ok(line, `${what} in:\n${page}`);
  return Number(line.slice(what.length));
}

/** Has something happen, of which so many messages are not pushed, since somebody looks. */
async function unneeded(count, happens) {
  const what = 'sparkweb_pushes_total{outcome="unneeded"}';
  const before = await counted(what);
  await happens();
  await until("somebody to look", async () => (await counted(what)) === before + count);
}

/** The gateway has heard whether a page can be seen. */
const hears = (page, options) => page.waitForResponse((response) => response.url().endsWith("/activity") && response.status() === 204, options);

/** Juliet's page, with no conversation open, when the gateway has heard of it. One in the background says that it is. */
async function arrive(person, url, { isHidden = false, signsIn = true } = {}) {
  const page = await person.context.newPage();
  if (isHidden) {
    await page.addInitScript(() => Object.defineProperty(document, "visibilityState", { get: () => "hidden" }));
  }
  const heard = hears(page);
  await page.goto(`${url}/together.html`);
  if (signsIn) await signIn(page, "juliet");
  await new Roster(page).row("Romeo").waitFor();
  await heard;
  return page;
}

/** The next push: that of this message, and of no other. */
async function toldOf(body, count) {
  const push = JSON.parse((await device.next()).text);
  assert.deepEqual([push.body, push.count], [body, count]);
}

test("a page that is looked at says so, until its network swallows everything", async () => {
  const juliet = await newPerson(browser);
  await arrive(juliet, proxy.url);
  await unneeded(1, () => romeo.says(JULIET, "seen", "l1"));
  proxy.stall();
  await romeo.says(JULIET, "into the void", "l2");
  await toldOf("into the void");
  assert.ok((await counted("sparkweb_event_streams")) > 0, "the gateway does not know that the page is gone");
  assert.deepEqual(juliet.faults, []);
  await juliet.context.close();
  proxy.restore();
});

test("the tab in the background that reads the stream asks the one that is looked at", async () => {
  const juliet = await newPerson(browser);
  await arrive(juliet, demo.url, { isHidden: true });
  await romeo.says(JULIET, "nobody looks", "l3");
  await toldOf("nobody looks", 2);
  const page = await arrive(juliet, demo.url, { signsIn: false });
  await unneeded(1, () => romeo.says(JULIET, "seen in the other", "l4"));
  // A tab that is being closed may answer still.
  await page.goto("about:blank");
  await romeo.says(JULIET, "nobody looks any more", "l5");
  await toldOf("nobody looks any more", 4);
  assert.deepEqual(juliet.faults, []);
  await juliet.context.close();
});

test("a gateway that was started anew hears who looks", async () => {
  const juliet = await newPerson(browser);
  const page = await arrive(juliet, demo.url);
  await romeo.stop();
  const heard = hears(page, { timeout: 60_000 });
  await demo.restart();
  await heard;
  romeo = await atSlixmpp(demo, "romeo");
  await unneeded(1, () => romeo.says(JULIET, "seen", "l6"));
  assert.deepEqual(juliet.faults, []);
  await juliet.context.close();
});
