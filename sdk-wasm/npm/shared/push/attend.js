// What a page does for the worker while somebody is signed in, and what it does for the page: it says whose messages the
// worker is to send and gives it a token for that alone (docs/adr/0024), takes what could not be sent from a notification,
// and opens what a notification was clicked for.

import { ACTS, ASKS, TO_OPEN, all, change, get, placeOf, remove } from "../worker/table.js";
import { place } from "../worker/shown.js";
import { Device, isKept } from "./device.js";
import { choose, find, tell } from "./registrations.js";

/** The longest that a token for less lasts, in seconds; the next is asked for when half of it is over. */
const TOKEN_SECS = 12 * 60 * 60;
/** How long a message may be on its way before the browser is asked to see to it, in milliseconds. */
const SOON_MS = 2_000;
/** How far two clocks may be apart that tell when a message came, in milliseconds. */
const SAME_MS = 2_000;
/** How long a click waits for the page that it opens, in milliseconds. */
const OPENS_WITHIN_MS = 60_000;
const SYNC = "sparkweb";

/** What is done for the client of each gateway. */
const attentions = new Map();

/** Shows a conversation as if somebody had chosen it in the roster. Gives whether something did. */
function show(jid) {
  const shown = [...document.querySelectorAll("spark-chat")].some((chat) => chat.getAttribute("jid") === jid);
  if (shown) return true;
  const roster = document.querySelector("spark-roster");
  const event = new CustomEvent("spark-open", { bubbles: true, cancelable: true, composed: true, detail: { jid } });
  if (!(roster ?? document.body).dispatchEvent(event)) return true;
  const href = roster?.getAttribute("chat-href");
  if (!href) return false;
  const at = new URL(place(href, jid), document.baseURI);
  if (!href.includes("{jid}")) at.searchParams.set("jid", jid);
  location.assign(at);
  return true;
}

class Attention {
  /** What is to be done next waits for what is being done. */
  #turn = Promise.resolve();
  #isKeptOffline = false;
  #jid;
  #onTheWay = new Set();

  constructor(client, ask) {
    this.client = client;
    this.device = new Device(client, (method, path, body) => ask(client, method, `/push${path}`, body));
    this.key = placeOf(client.gateway);
  }

  begin(registration) {
    const isFirst = !this.registration;
    this.registration = registration;
    if (!isFirst) return;
    this.#watch();
    this.client.on("status", () => this.settle());
    this.client.on("account", () => this.client.account?.jid !== this.#jid && this.settle());
    this.client.on("conversation", (one) => one && this.#close(one));
    this.settle();
  }

  /** The registration that has ours in it. `where` has one registered if there is none; a `worker` is registered in any case. */
  async registered(where) {
    if (this.registration && where?.worker === undefined) return this.registration;
    const registration = await (where ? choose(this.client.gateway, where) : find());
    if (registration) this.begin(registration);
    return registration;
  }

  settle() {
    this.#turn = this.#turn.then(() => this.#settle()).catch(() => {});
  }

  async #settle() {
    const { client, registration } = this;
    const jid = client.account?.jid;
    this.#jid = jid;
    const record = await get(this.key);
    if (client.status.state === "signed_out" && !isKept(client.gateway)) return record && this.#forget(record);
    if (!jid || !isKept(client.gateway)) return undefined;
    if (record?.account && record.account !== jid) await this.#forget(record);
    const page = location.origin + location.pathname;
    await change(this.key, { gateway: client.gateway, account: jid, page });
    await this.#takeUp(jid);
    if (client.status.state !== "live") return undefined;
    for (const one of client.conversations()) await this.#close(one);
    this.#keepPage();
    tell(registration, { say: "catch_up" });
    await this.#giveToken();
    await this.device.check(registration);
    return this.#answer();
  }

  /** Leaves nothing of a person's with the worker. */
  async #forget({ account }) {
    await this.device.forget(this.registration);
    await remove(this.key);
    for (const act of await all(ACTS)) if (act.account === account) await remove(act.key);
    await this.#answer();
    await remove(TO_OPEN);
    for (const notification of await this.registration.getNotifications()) {
      if (notification.data?.sparkweb?.account === account) notification.close();
    }
    // The site's pages may have been made for them.
    await caches.delete("sparkweb site");
    await navigator.clearAppBadge?.();
  }

  /**
   * What a person was asked to open a page for is done. Nothing is taken away that isn't there: Chromium may lose a notification
   * that is shown while others are looked for.
   */
  async #answer() {
    for (const tag of await all(ASKS)) {
      tell(this.registration, { say: "close", tag });
      await remove(ASKS + tag);
    }
  }

  /** A token that allows to send and nothing else, from here. */
  async #giveToken() {
    const record = await get(this.key);
    if (!this.registration.sync || record.until_ms - Date.now() > (TOKEN_SECS * 1000) / 2) return;
    const body = new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token: await this.client.accessToken(),
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
      scope: "send",
      origin: location.origin,
      expires_in: String(TOKEN_SECS),
    });
    const response = await fetch(`${this.client.gateway}/sparkweb/api/v1/token`, { method: "POST", body });
    // Whoever may not send has none.
    if (!response.ok) return;
    const { access_token: token, expires_in: secs } = await response.json();
    // Somebody may have signed out meanwhile.
    if (isKept(this.client.gateway) && this.client.account?.jid === record.account) {
      await change(this.key, { token, until_ms: Date.now() + secs * 1000 });
    }
  }

  /** What was typed into a notification and could not be sent is there to be sent; what a new page was opened for, opens. */
  async #takeUp(jid) {
    for (const { key, account, conversation, token, text } of await all(ACTS)) {
      if (account !== jid || token || !text) continue;
      const told = this.client.conversation(conversation);
      if (!told.draft.includes(text)) told.draft = [told.draft, text].filter(Boolean).join("\n");
      await remove(key);
      tell(this.registration, { say: "close", tag: key });
    }
    const waiting = await get(TO_OPEN);
    if (waiting?.account !== jid || document.visibilityState !== "visible") return;
    await remove(TO_OPEN);
    if (Date.now() - waiting.at_ms < OPENS_WITHIN_MS) show(waiting.conversation);
  }

  /** What was read is shown no more, where the gateway can't say so (docs/adr/0020). */
  async #close({ jid, unread, last_message: last }) {
    // Only of what this page knows: the push may be the first to tell of a message.
    if (unread !== 0 || !last || this.client.status.state !== "live") return;
    for (const { data, tag, timestamp } of await this.registration.getNotifications()) {
      const about = data?.sparkweb;
      const isOfIt = about?.account === this.client.account?.jid && about.conversation === jid && ["message", "mention"].includes(about.kind);
      if (isOfIt && timestamp <= last.sent_at_ms + SAME_MS) tell(this.registration, { say: "close", tag });
    }
  }

  /** What this page is made of, if it was there before the worker: so that it opens without a network too. */
  #keepPage() {
    if (this.#isKeptOffline || navigator.serviceWorker.controller) return;
    this.#isKeptOffline = true;
    const files = performance
      .getEntriesByType("resource")
      .filter(({ name, initiatorType }) => !/fetch|xmlhttprequest|beacon/.test(initiatorType) || name.endsWith(".wasm"));
    tell(this.registration, { say: "keep", url: location.href, files: files.map(({ name }) => name) });
  }

  /** Listens to what the tabs tell each other (`sdk/src/tabs.rs`): what was written and is not taken soon, the browser sees to. */
  #watch() {
    const { sync } = this.registration;
    if (!sync) return;
    const see = () => this.#onTheWay.size && sync.register(SYNC).catch(() => {});
    new BroadcastChannel(`sparkweb:${this.client.gateway}`).addEventListener("message", ({ data }) => {
      const { say, id, unsent } = JSON.parse(data).word;
      if (say === "written") {
        this.#onTheWay.add(unsent.id);
        if (navigator.onLine) setTimeout(see, SOON_MS);
        else see();
      } else {
        this.#onTheWay.delete(id);
      }
    });
    document.addEventListener("visibilitychange", see);
  }
}

/** What the worker says and asks. */
function hear({ data, ports: [port] }) {
  const { say, account, conversation } = data?.sparkweb ?? {};
  const theirs = [...attentions.values()].filter(({ client }) => client.account);
  if (say === "whose") port.postMessage(theirs.map(({ client }) => client.account.jid));
  if (say === "open") port.postMessage(theirs.some(({ client }) => client.account.jid === account) && show(conversation));
  if (say === "renew") for (const attention of theirs) attention.device.check(attention.registration).catch(() => {});
}

/** What is done for a client, as far as there is a worker to do it for. */
export function attentionOf(client, ask) {
  const known = attentions.get(client.gateway);
  if (known) return known;
  if (attentions.size === 0) {
    navigator.serviceWorker.addEventListener("message", hear);
    navigator.serviceWorker.startMessages();
  }
  const attention = new Attention(client, ask);
  attentions.set(client.gateway, attention);
  return attention;
}
