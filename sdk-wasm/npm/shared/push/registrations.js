// Service workers of this origin: which of them has ours in it, and registering one.

import { problem } from "./problems.js";

/** How long a worker may take to say that it has ours in it: it may have to be started. In milliseconds. */
const ANSWERS_WITHIN_MS = 5_000;

/** Asks a worker something. `undefined` where it knows nothing of us. */
function ask(worker, question) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    setTimeout(resolve, ANSWERS_WITHIN_MS);
    worker.postMessage({ sparkweb: question }, [port2]);
  });
}

export const tell = (registration, what) => registration.active?.postMessage({ sparkweb: what });

/** Resolves when a registration has a worker that works. */
async function activated(registration) {
  const worker = registration.installing ?? registration.waiting;
  if (!registration.active && worker) {
    await new Promise((resolve) => {
      worker.addEventListener("statechange", () => ["activated", "redundant"].includes(worker.state) && resolve());
      if (worker.state === "activated") resolve();
    });
  }
  return registration;
}

const isOurs = async (registration) => {
  await activated(registration);
  return Boolean(registration.active && (await ask(registration.active, { say: "hello" })));
};

/** The registration that has our worker in it: the page's own, before others of this origin. */
export async function find() {
  const here = await navigator.serviceWorker.getRegistration();
  const all = await navigator.serviceWorker.getRegistrations();
  const candidates = [here, ...all.filter(({ scope }) => scope !== here?.scope)].filter(Boolean);
  const answers = await Promise.all(candidates.map(isOurs));
  return candidates[answers.indexOf(true)];
}

/** The registration to be told by, registered if need be. */
export async function choose(gateway, { worker, scope } = {}) {
  if (worker !== undefined) return activated(await navigator.serviceWorker.register(worker, scope === undefined ? {} : { scope }));
  const there = await find();
  if (there) return there;
  if (new URL(gateway).origin !== location.origin) throw problem("push_no_worker", { gateway });
  // In its own folder, where there are no pages: it takes nothing from anybody.
  return activated(await navigator.serviceWorker.register(`${gateway}/sparkweb/sdk/spark-worker.js`));
}
