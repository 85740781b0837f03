// What the browser does for the client, said in its own language: in the module each of these would weigh ten times as
// much. Whatever a worker, a private window or an insecure page may lack has a stand-in or is absent, and nothing throws.

/** Who waits for which lock within this module, where the browser has no Web Locks to give. */
const turns = new Map();

async function alone(name, hold) {
  const turn = (turns.get(name) ?? Promise.resolve()).then(hold);
  turns.set(name, turn);
  await turn;
  if (turns.get(name) === turn) turns.delete(name);
}

/**
 * A lock among all tabs of an origin: `held` resolves when it is ours, `taken` when another tab took it by force. Giving
 * it back before it is ours is no longer waiting for it.
 */
export class Lock {
  constructor(name, steal) {
    let isHeld = false;
    let grant;
    let take;
    this.held = new Promise((resolve) => (grant = resolve));
    this.taken = new Promise((resolve) => (take = resolve));
    const given = new Promise((resolve) => (this.giveBack = resolve));
    const hold = () => {
      isHeld = true;
      grant();
      return given;
    };
    const shared = globalThis.navigator?.locks;
    const request = shared ? shared.request(name, { steal }, hold) : alone(name, hold);
    // Refused before it was ours: an opaque origin, or a page that is being closed. Alone is better than never.
    request.catch(() => (isHeld ? take() : alone(name, hold)));
  }
}

/** Resolves when the time is up. */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A channel to the other tabs; `undefined` where the browser has none. Nobody hears what they said themselves. */
export function joinChannel(name, hear) {
  if (!globalThis.BroadcastChannel) return undefined;
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }) => typeof data === "string" && hear(data);
  return channel;
}

export function leaveChannel(channel) {
  channel.onmessage = null;
  channel.close();
}

/** How long an answer may take, and a stream be silent, in milliseconds; the latter is three heartbeats. */
const ANSWER_MS = 30_000;
const SILENT_MS = 45_000;

/** An answer that goes on. Any answer, while it is on its way: `close` ends both. */
export class Stream {
  constructor() {
    this.abort = new AbortController();
  }

  /** What some work comes to, if to anything in time. */
  async within(ms, work) {
    const timer = setTimeout(() => this.close(), ms);
    try {
      return await work();
    } catch {
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Resolves to the next bytes, or to nothing at the end. */
  async next() {
    return (await this.within(SILENT_MS, () => this.reader.read()))?.value;
  }

  close() {
    this.abort.abort();
  }
}

/**
 * Asks a gateway. Resolves to `status` and `value`, a text unless good bytes are wanted; where a stream is given, a good answer
 * goes on in it. Resolves to neither where the address is none or something else answers; to nothing where nobody does.
 */
export function ask(method, url, token, body, forBlob, stream, after) {
  const headers = new Headers();
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  if (typeof body === "string") headers.set("content-type", "application/json");
  if (stream) headers.set("accept", "text/event-stream");
  if (after) headers.set("last-event-id", after);
  const under = stream ?? new Stream();
  return under.within(ANSWER_MS, async () => {
    let request;
    try {
      request = new Request(url, { method, headers, body, signal: under.abort.signal });
    } catch {
      return {};
    }
    const response = await fetch(request);
    const { ok, status } = response;
    if (!ok || !stream) return { status, value: await response[ok && forBlob ? "blob" : "text"]() };
    if (!response.headers.get("content-type")?.startsWith("text/event-stream")) return {};
    stream.reader = response.body.getReader();
    // A network that is taken away leaves it open and silent.
    globalThis.addEventListener?.("offline", () => stream.close(), { signal: stream.abort.signal });
    return { status };
  });
}

const TABLE = "items";

/** What a request to a database comes to; `undefined` if it fails. */
function outcome(ask) {
  return new Promise((resolve) => {
    try {
      const request = ask();
      request.onsuccess = () => resolve(request.result ?? null);
      request.onerror = () => resolve(undefined);
    } catch {
      resolve(undefined);
    }
  });
}

/** IndexedDB, as a table of strings by string, or by numbers of its own; what goes with the tab is in its storage, below the table's name. */
export async function openTable(name) {
  if (isBrief(name)) return { prefix: `${name}:` };
  return outcome(() => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE, { autoIncrement: true });
    return request;
  });
}

/** Does something in a transaction of its own, which is over without another word: a page that ends meanwhile undoes nothing. */
const within = (database, work) =>
  outcome(() => {
    const transaction = database.transaction(TABLE, "readwrite");
    const request = work(transaction.objectStore(TABLE));
    transaction.commit?.();
    return request;
  });

export async function tableValues(database) {
  if (database.prefix) return keysOf(own, database.prefix).map((key) => own.getItem(key));
  return within(database, (items) => items.getAll());
}

/** Resolves to whether the value is kept. */
export async function putIntoTable(database, key, value) {
  if (database.prefix) return put(own, database.prefix + key, value);
  return (await within(database, (items) => items.put(value, key))) !== undefined;
}

export async function removeFromTable(database, key) {
  if (database.prefix) own.removeItem(database.prefix + key);
  else await within(database, (items) => items.delete(key));
}

/** What a kept view begins with, for as long as it means the same. */
const FORMAT = "1";
/** How much may come after a snapshot, in characters, before the next one is worth it; and as much again as it is itself. */
const ENOUGH = 200_000;
/** Of how many conversations a page is kept, and of how many characters. */
const PAGES = 20;
const PAGE = 200_000;
/** How long a browser may take to bring what it keeps, in milliseconds: some never do. */
const SOON_MS = 1_000;

/** The keys of snapshot and events; and those of pages, which begin with when they came. */
const numbers = () => IDBKeyRange.upperBound(Infinity);
const words = () => IDBKeyRange.lowerBound("");

/**
 * The last view of a session, as the gateway sent it: a snapshot, the events after it in their order, and the newest page of
 * some conversations. Nothing of a sign-in that goes with its tab.
 */
export class View {
  constructor(name) {
    this.name = name;
    this.events = [];
  }

  /** Does something with the table, after what was to be done before. */
  async use(work) {
    this.opened ??= openTable(this.name);
    const database = await this.opened;
    return isBrief(this.name) ? undefined : within(database, work);
  }

  begun(snapshot) {
    this.size = 0;
    this.limit = snapshot.length + ENOUGH;
  }

  /** Resolves to the snapshot, then pages, then events. */
  async read() {
    const late = sleep(SOON_MS).then(() => []);
    const all = [numbers, words].map((keys) => this.use((items) => items.getAll(keys())));
    const [[snapshot, ...events] = [], pages = []] = await Promise.race([Promise.all(all), late]);
    if (!snapshot?.startsWith(FORMAT)) return [];
    this.begun(snapshot);
    for (const event of events) this.size += event.length;
    return [snapshot.slice(FORMAT.length), ...pages, ...events];
  }

  /** From now on it is this. */
  begin(snapshot) {
    this.begun(snapshot);
    this.use((items) => {
      items.delete(numbers());
      return items.add(FORMAT + snapshot);
    });
  }

  /** This came after. Gives whether another snapshot would be worth it. */
  add(event) {
    if (this.events.push(event) === 1) {
      // Once for all that come at once.
      queueMicrotask(() => {
        const events = this.events.splice(0);
        this.use((items) => events.map((event) => items.add(event)).pop());
      });
    }
    this.size += event.length;
    return this.size > this.limit;
  }

  /** This is the newest page of a conversation. */
  async page(whose, json) {
    const keys = json.length < PAGE && (await this.use((items) => items.getAllKeys(words())));
    if (!keys) return;
    const isIts = (key) => key.replace(/^\d+ /, "") === whose;
    const others = keys.filter((key) => !isIts(key));
    this.use((items) => {
      for (const key of [...keys.filter(isIts), ...others.slice(0, 1 - PAGES)]) items.delete(key);
      return items.put(`${whose}\n${json}`, `${Date.now()} ${whose}`);
    });
  }

  /** Forgets it all, unless it was never looked at. */
  clear() {
    if (this.opened) this.use((items) => items.clear());
  }

  /** Somebody else signs in, and what is kept of them may be elsewhere. */
  close() {
    this.opened = this.limit = undefined;
  }
}

/** A storage of the browser's; a sandboxed frame throws at the mere mention. What stands in lasts until the page closes. */
function storageOf(name) {
  try {
    if (globalThis[name]) return globalThis[name];
  } catch {
    // As if there were none.
  }
  const items = new Map();
  return {
    getItem: (key) => items.get(key),
    setItem: (key, value) => items.set(key, value),
    removeItem: (key) => items.delete(key),
    get length() {
      return items.size;
    },
    key: (index) => [...items.keys()][index],
  };
}

/** What all tabs of an origin share, and what goes with this one. */
const shared = storageOf("localStorage");
const own = storageOf("sessionStorage");

const keysOf = (storage, prefix) =>
  Array.from({ length: storage.length }, (_, index) => storage.key(index)).filter((key) => key?.startsWith(prefix));

/** A full storage loses it, which costs a draft or asks for the password once more. Gives whether it is kept. */
function put(storage, key, value) {
  try {
    storage.setItem(key, value);
    return true;
  } catch {
    return false;
  }
}

/** What the key of a sign-in ends with; what belongs to the sign-in begins as its key does. */
const SIGN_IN = "sign-in";
const beginning = (key) => key.slice(0, -SIGN_IN.length);

/** Whether what has this key goes with the tab: its sign-in does. */
const isBrief = (key) =>
  keysOf(own, "sparkweb:").some((known) => known.endsWith(SIGN_IN) && key.startsWith(beginning(known)));

const place = (key) => (isBrief(key) ? own : shared);

/** When this tab last had a page of ours. */
const SEEN = "sparkweb:seen";
const see = () => put(own, SEEN, Date.now());
/** How long a page may take to come after the one before, in milliseconds. */
const FOLLOWS_WITHIN_MS = 30_000;

// Browsers copy a tab with what it keeps, and bring back one that was closed, for whoever sits there then. What is to go
// with the tab goes from page to page of it, and no further.
if (!(own.getItem(SEEN) > Date.now() - performance.now() - FOLLOWS_WITHIN_MS)) {
  for (const key of keysOf(own, "sparkweb:")) own.removeItem(key);
}
globalThis.addEventListener?.("pagehide", () => keysOf(own, "sparkweb:").length && see());

export const getItem = (key) => place(key).getItem(key);

export const setItem = (key, value) => void put(place(key), key, value);

/** Keeps a sign-in: for all tabs and for long, for this tab, or, where that is not said, as it was kept before. */
export function keepSignIn(key, value, lasts) {
  if (lasts !== undefined) {
    removeItem(key);
    shared.removeItem(key);
  }
  if (lasts === false) see();
  put(lasts === false ? own : place(key), key, value);
}

export function removeItem(key) {
  if (!isBrief(key)) shared.removeItem(key);
  // With a sign-in that goes with the tab goes what was written by it.
  else for (const known of key.endsWith(SIGN_IN) ? keysOf(own, beginning(key)) : [key]) own.removeItem(known);
}

export const keysWith = (prefix) => keysOf(place(prefix), prefix);

/** Bytes that nobody can guess. */
export function fillWithRandom(bytes) {
  try {
    crypto.getRandomValues(bytes);
  } catch {
    for (const index of bytes.keys()) bytes[index] = Math.random() * 256;
  }
}

/**
 * An address made absolute against the page's, without query, fragment and slash at the end. An empty one is the page's
 * own gateway: its origin, not the page. One that is no address at all stays as it is.
 */
export function absoluteUrl(url) {
  const trimmed = (text) => text.replace(/\/+$/, "");
  try {
    const { origin, pathname } = new URL(url, globalThis.document?.baseURI ?? globalThis.location?.href);
    return origin + trimmed(url && pathname);
  } catch {
    return trimmed(url);
  }
}

/** What the gateway is told of this tab: whether it can be seen, or, if it asked, only that it can. Nobody looks at a worker. */
export function sight(tab, isAsked) {
  const state = globalThis.document?.visibilityState;
  const visible = state === "visible";
  return visible || (state && !isAsked) ? JSON.stringify({ tab, visible }) : undefined;
}
