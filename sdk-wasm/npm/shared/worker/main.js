// The service worker: it shows what is pushed, does what people do from there, sends what waits when no page is open, and has
// pages open without a network. It is a worker by itself, or a part of a site's own: what is not ours it leaves alone.

import { deliver, keep } from "./acts.js";
import { askForPage, close, count, read, tell } from "./notices.js";
import { answer, keepPage } from "./offline.js";
import { sendAll } from "./outbox.js";
import { open, tellPages, windows } from "./tabs.js";

/** The tag of a background sync of ours. */
const SYNC = "sparkweb";

/** Does all that waits. What can't be done yet is tried again by the browser, where it does so. */
async function catchUp() {
  const isLeft = [await deliver(), await sendAll()].includes(true);
  // Browsers have none, or none without a page: then the next push or page is the occasion.
  if (isLeft) await self.registration.sync?.register(SYNC).catch(() => {});
  return isLeft;
}

async function pushed(push) {
  await tell(push);
  await catchUp();
}

async function clicked(about, act, reply) {
  const text = reply?.trim();
  if (!about.acts?.[act] || (act === "reply" && !text)) return open(about);
  await keep(about, act, text);
  await Promise.all([catchUp(), count()]);
}

async function subscribeAgain({ oldSubscription, newSubscription }) {
  if (!newSubscription && oldSubscription) await self.registration.pushManager.subscribe(oldSubscription.options).catch(() => {});
  // The gateway is told by a page: the worker has no token for that. If none is open, the person opens one.
  if ((await windows()).length) await tellPages("renew");
  else await askForPage("renew");
}

const heard = {
  hello: (_, port) => port.postMessage(true),
  catch_up: catchUp,
  close: ({ tag }) => close(tag).then(count),
  keep: ({ url, files }) => keepPage(url, files),
};

function listen(name, handle) {
  self.addEventListener(name, (event) => {
    const done = handle(event);
    if (done) event.waitUntil(done);
  });
}

// A site may import both packages' workers; one is enough.
if (!self.sparkwebWorker) {
  self.sparkwebWorker = true;
  // Pages that are there already may wait for a worker; of one that is not for them the browser tells them nothing.
  listen("activate", () => tellPages("here"));
  listen("push", ({ data }) => {
    const push = read(data);
    return push && pushed(push);
  });
  listen("notificationclick", ({ notification, action, reply }) => {
    const about = notification.data?.sparkweb;
    if (!about) return undefined;
    notification.close();
    return clicked(about, action, reply);
  });
  listen("notificationclose", ({ notification }) => (notification.data?.sparkweb ? count() : undefined));
  listen("pushsubscriptionchange", subscribeAgain);
  listen("sync", async ({ tag, lastChance }) => {
    if (tag === SYNC && (await catchUp()) && !lastChance) throw new Error("not yet");
  });
  listen("message", ({ data, ports }) => heard[data?.sparkweb?.say]?.(data.sparkweb, ports[0]));
  self.addEventListener("fetch", answer);
}
