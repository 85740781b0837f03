// A service worker, as the browser wakes it: by a push, by a click on a notification, by a network that is back.

import { until } from "./elements.mjs";

/**
 * What wakes the workers of a context, with all of its pages closed if need be: a blank one stays, of no site.
 *
 * @returns {Promise<{push: Function, sync: Function, worker: Function, notifications: Function, act: Function,
 *   dismiss: Function, takesBack: Function, records: Function}>}
 */
export async function wakerOf(context, origin) {
  const blank = await context.newPage();
  const devtools = await context.newCDPSession(blank);
  const registrations = new Map();
  const active = new Set();
  devtools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations: all }) => {
    for (const { registrationId, scopeURL, isDeleted } of all) {
      if (isDeleted) registrations.delete(scopeURL);
      else registrations.set(scopeURL, registrationId);
    }
  });
  devtools.on("ServiceWorker.workerVersionUpdated", ({ versions }) => {
    for (const { registrationId, status } of versions) if (status === "activated") active.add(registrationId);
  });
  await devtools.send("ServiceWorker.enable");
  // What is pushed to one that is not active yet is lost.
  const registration = () =>
    until("a service worker that is active", () => [...registrations].find(([scope, id]) => scope.startsWith(origin) && active.has(id))?.[1]);
  // Whichever of them runs just now: the browser ends and starts it as it likes.
  const worker = () => until("a worker that runs", () => context.serviceWorkers().filter((one) => one.url().startsWith(origin)).at(-1));
  const inWorker = async (what, given) => (await worker()).evaluate(what, given);
  /**
   * Something happens that scripts can't have a browser do: so the event is one that says of itself that it is real. Resolves
   * when the worker is done.
   */
  const hears = (type, tag, { action = "", reply, key } = {}) =>
    inWorker(
      async ([name, whose, what, text, bytes]) => {
        const notification = whose && (await self.registration.getNotifications()).find((one) => one.tag === whose);
        if (whose && !notification) throw new Error(`nothing is shown under ${whose}`);
        const event = notification ? new NotificationEvent(name, { notification, action: what }) : new ExtendableEvent(name);
        if (name === "notificationclose") notification.close();
        const oldSubscription = bytes && { options: { userVisibleOnly: true, applicationServerKey: Uint8Array.from(bytes).buffer } };
        const work = [];
        const said = { reply: text, oldSubscription, waitUntil: (promise) => work.push(promise) };
        for (const [field, value] of Object.entries(said)) Object.defineProperty(event, field, { value });
        self.dispatchEvent(event);
        await Promise.all(work);
        return work.length;
      },
      [type, tag, action, reply ?? null, key],
    );
  return {
    worker,
    inWorker,
    /**
     * The browser was pushed this. Resolves when the worker is done with it: Chromium forgets a notification that it is asked
     * about while it is just being shown.
     */
    async push(data) {
      const count = await inWorker(heedPushes);
      await devtools.send("ServiceWorker.deliverPushMessage", { origin, registrationId: await registration(), data });
      await until("the worker to be done with the push", () => inWorker((before) => self.pushesDone > before, count));
    },
    /** The browser has a network again, and lets the worker know. */
    async sync(tag = "sparkweb", lastChance = false) {
      await devtools.send("ServiceWorker.dispatchSyncEvent", { origin, registrationId: await registration(), tag, lastChance });
    },
    /** What is shown. */
    notifications: () =>
      inWorker(async () =>
        (await self.registration.getNotifications()).map(({ title, body, tag, silent, actions }) => ({
          title,
          body,
          tag,
          silent,
          actions: actions.map(({ action }) => action),
        })),
      ),
    /** The person clicks on a notification, or does something from it. */
    act: (tag, action = "", reply = null) => hears("notificationclick", tag, { action, reply }),
    /** The person waves a notification away. */
    dismiss: (tag) => hears("notificationclose", tag),
    /** The browser takes back a subscription that was made with this key. */
    takesBack: (key) => hears("pushsubscriptionchange", undefined, { key }),
    /** What the worker has written down. */
    records: () =>
      inWorker(
        () =>
          new Promise((resolve, reject) => {
            const opening = indexedDB.open("sparkweb:worker", 1);
            opening.onupgradeneeded = () => opening.result.createObjectStore("items");
            opening.onerror = () => reject(opening.error);
            opening.onsuccess = () => {
              const store = opening.result.transaction("items").objectStore("items");
              const reading = store.getAll();
              reading.onsuccess = () => {
                opening.result.close();
                resolve(reading.result);
              };
            };
          }),
      ),
  };
}

/** Runs in the worker: it counts the pushes that it is done with, from now on. Gives how many there were. */
function heedPushes() {
  if (self.pushesDone === undefined) {
    self.pushesDone = 0;
    const { waitUntil } = PushEvent.prototype;
    const work = new WeakMap();
    PushEvent.prototype.waitUntil = function (promise) {
      work.set(this, [...(work.get(this) ?? []), promise]);
      return waitUntil.call(this, promise);
    };
    // Behind the worker's own listeners.
    self.addEventListener("push", async (event) => {
      await Promise.allSettled(work.get(event) ?? []);
      self.pushesDone += 1;
    });
  }
  return self.pushesDone;
}
