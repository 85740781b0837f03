// What is shown where there is no network: the last good answer of the site's pages, of what they are made of, and of the
// SDK's and the elements' files. Of these the gateway says of which build they are (`sparkweb-build`): each build has a cache of
// its own, and a page gets the files of one alone.

import { isKeepable, policy } from "./policy.js";
import { settings } from "./settings.js";

const SITE = "sparkweb site";
const BUILD = "sparkweb-build";
/** How much is kept: of the site, and of each build. */
const MOST_ENTRIES = 60;
const MOST_BYTES = 1_000_000;
const MOST_MODULE_BYTES = 4_000_000;
/** How long a page that is kept waits for the network, in milliseconds. */
const PATIENCE_MS = 4_000;

/** What a package can't do without: a build that has it was loaded to its end. */
const CORE = "core_bg.wasm";
const folderOf = (url) => url.slice(0, url.lastIndexOf("/") + 1).replace(/(\/sparkweb\/(sdk|elements)\/).*/, "$1");
const named = (url) => `sparkweb build ${folderOf(url)} `;

/** Which build each page has, as far as we have seen: the name of its cache. */
const pages = new Map();

const plan = (request) => policy(request, { scope: self.registration.scope, open: settings().open });

async function put(name, url, response, mostBytes) {
  if (!isKeepable(response)) return;
  const { size } = await response.clone().blob();
  if (size > mostBytes) return;
  const cache = await caches.open(name);
  // Anew, so that what was not asked for longest is in front.
  await cache.delete(url);
  await cache.put(url, response);
  const keys = await cache.keys();
  for (const key of keys.slice(0, Math.max(0, keys.length - MOST_ENTRIES))) await cache.delete(key);
}

const kept = async (name, url) => (await caches.open(name)).match(url, { ignoreVary: true });

/** The builds of a package, the newest first. */
const builds = async (url) => (await caches.keys()).filter((name) => name.startsWith(named(url))).reverse();

/** Once a build is whole, those before it have had their time. What they had and it has not is fetched, for when it is met. */
async function tidy(name, url) {
  const core = folderOf(url) + CORE;
  if (!(await kept(name, core))) return;
  const cache = await caches.open(name);
  for (const old of (await builds(url)).filter((other) => other !== name)) {
    for (const { url: key } of await (await caches.open(old)).keys()) {
      if (await cache.match(key)) continue;
      const response = await fetch(key).catch(() => undefined);
      if (response && nameOf(key, response) === name) await put(name, key, response, MOST_MODULE_BYTES);
    }
    await caches.delete(old);
  }
}

const nameOf = (url, response) => {
  const build = response.headers.get(BUILD);
  return build ? named(url) + build : undefined;
};

/** The build that a page gets where there is no network: its own, or the newest that is whole. */
async function choose(url, page) {
  const chosen = pages.get(page);
  if (chosen?.startsWith(named(url))) return chosen;
  const all = await builds(url);
  for (const name of all) if (await kept(name, folderOf(url) + CORE)) return name;
  return all[0];
}

function note(page, name) {
  if (!page) return;
  pages.delete(page);
  pages.set(page, name);
  if (pages.size > MOST_ENTRIES) pages.delete(pages.keys().next().value);
}

async function module(request, url, page, later) {
  const own = pages.get(page)?.startsWith(named(url)) && pages.get(page);
  const response = await fetch(request).catch(() => undefined);
  const name = response?.ok && nameOf(url, response);
  if (response && (!own || name === own)) {
    if (name) {
      note(page, name);
      later.push(put(name, url, response.clone(), MOST_MODULE_BYTES).then(() => tidy(name, url)));
    }
    return response;
  }
  // No network, or the gateway has another build by now than the page has.
  const instead = await choose(url, page);
  const found = instead && (await kept(instead, url));
  if (found) note(page, instead);
  if (found || !response) return found ?? Response.error();
  // Of what the page has there is no more. What belongs together is loaded together, or not at all.
  if (url.endsWith(CORE)) return Response.error();
  if (name) note(page, name);
  return response;
}

function site(request, url, later) {
  const asked = fetch(request);
  // Before anybody reads it.
  const copy = asked.then((response) => (response.ok ? response.clone() : undefined));
  later.push(copy.then((response) => response && put(SITE, url, response, MOST_BYTES)));
  return kept(SITE, url).then((before) => {
    if (!before) return asked;
    const network = asked.then((response) => (response.status < 500 ? response : before)).catch(() => before);
    const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, before));
    return Promise.race([network, patience]);
  });
}

const isOff = () => String(settings().offline) === "false";

/** Answers a request, if it is of those that are kept. */
export function answer(event) {
  const planned = isOff() ? undefined : plan(event.request);
  if (!planned) return;
  const { kind, url } = planned;
  // What is still to be put away when the answer is out.
  const later = [];
  const page = event.clientId || event.resultingClientId;
  const answered = kind === "module" ? module(event.request, url, page, later) : site(event.request, url, later);
  event.respondWith(answered);
  event.waitUntil(answered.then(() => Promise.all(later)).catch(() => {}));
}

/** Keeps what a page is made of that was there before its worker: its own address, and those of its files. */
export async function keepPage(url, files) {
  const { scope } = self.registration;
  if (isOff() || !url.startsWith(scope)) return;
  const requests = [{ url, mode: "navigate" }, ...files.map((file) => ({ url: file, destination: "script" }))];
  for (const request of requests) {
    const planned = plan({ method: "GET", ...request });
    if (!planned) continue;
    const response = await fetch(planned.url, { credentials: "same-origin" }).catch(() => undefined);
    if (!response?.ok) continue;
    const name = planned.kind === "module" ? nameOf(planned.url, response) : SITE;
    if (name) await put(name, planned.url, response, planned.kind === "module" ? MOST_MODULE_BYTES : MOST_BYTES);
  }
}
