// IndexedDB, as tables by string: what the worker and the pages tell each other, and what waits to be sent. A table is laid
// out as the SDK lays out its own (`sdk/src/browser.js`), so that either may be the first to open one.

const STORE = "items";

/** What the worker keeps. */
export const OWN = "sparkweb:worker";

function outcome(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Does one thing with a table. It is opened for that and closed again, so that nobody waits for a worker that sleeps. */
async function once(name, mode, what) {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await outcome(opening);
  try {
    return await what(database.transaction(STORE, mode).objectStore(STORE));
  } finally {
    database.close();
  }
}

export const get = (key, table = OWN) => once(table, "readonly", (store) => outcome(store.get(key)));
export const put = (key, value, table = OWN) => once(table, "readwrite", (store) => outcome(store.put(value, key)));
export const remove = (key, table = OWN) => once(table, "readwrite", (store) => outcome(store.delete(key)));

/** All values whose keys begin so, in the order of the keys. */
export const all = (beginning, table = OWN) =>
  once(table, "readonly", (store) => outcome(store.getAll(IDBKeyRange.bound(beginning, `${beginning}\uffff`))));

/** Puts fields in place of those that a value has, or makes one of them; nothing comes between. */
export const change = (key, fields, table = OWN) =>
  once(table, "readwrite", async (store) => outcome(store.put({ ...(await outcome(store.get(key))), ...fields }, key)));

/** Where is kept what concerns a gateway. */
export const placeOf = (gateway) => `at ${gateway}`;
/** What the keys of acts begin with: those from notifications that are still to be done. */
export const ACTS = "act ";
/** What the keys begin with of notifications that ask for a page; then come their tags, which are the values too. */
export const ASKS = "ask ";
/** Which conversation the next page opens. */
export const TO_OPEN = "open";
