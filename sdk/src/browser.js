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

/** IndexedDB, as a table of strings by string. */
export function openTable(name) {
  return outcome(() => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
    return request;
  });
}

const table = (database, mode) => database.transaction(TABLE, mode).objectStore(TABLE);

export const tableValues = (database) => outcome(() => table(database, "readonly").getAll());

/** Resolves to whether the value is kept. */
export const putIntoTable = async (database, key, value) =>
  (await outcome(() => table(database, "readwrite").put(value, key))) !== undefined;

export const removeFromTable = (database, key) => outcome(() => table(database, "readwrite").delete(key));

/** `localStorage`; a sandboxed frame throws at the mere mention. What stands in lasts until the page closes. */
const storage = (() => {
  try {
    if (globalThis.localStorage) return localStorage;
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
})();

export const getItem = (key) => storage.getItem(key);

/** A full storage loses it, which costs a draft or asks for the password once more. */
export function setItem(key, value) {
  try {
    storage.setItem(key, value);
  } catch {
    // Full.
  }
}

export const removeItem = (key) => storage.removeItem(key);

export const keysWith = (prefix) =>
  Array.from({ length: storage.length }, (_, index) => storage.key(index)).filter((key) => key?.startsWith(prefix));

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

export function isVisible() {
  return globalThis.document?.visibilityState !== "hidden";
}
