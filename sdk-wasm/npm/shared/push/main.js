// How a browser is told of what happens while no page is open (Web Push): subscribing, and what is set. Loaded with the first
// question, and where a worker is registered. What a page does for the worker is in `attend.js`.

import { attentionOf } from "./attend.js";
import { obstacle, problem } from "./problems.js";

const refused = (detail, code, more) => Object.assign(new Error(detail), { name: "SparkError", code, ...more });

/** Asks for the settings, or sets them: the text of what there is, and its tag (RFC 9110 section 8.8.3), which `ask` has no place for. */
async function settings(client, method, body, tag) {
  const headers = { authorization: `Bearer ${await client.accessToken()}`, "content-type": "application/json", ...(tag && { "if-match": tag }) };
  const request = { method, headers, body, cache: "no-store" };
  const response = await fetch(`${client.gateway}/sparkweb/api/v1/push/settings`, request).catch(() => undefined);
  const text = await response?.text();
  if (response?.ok) return { text, tag: response.headers.get("etag") };
  const { code, detail, retry_after_secs: retryAfterSecs } = text?.startsWith("{") ? JSON.parse(text) : {};
  throw refused(detail ?? "The gateway can't be reached.", code ?? "network", retryAfterSecs && { retryAfterSecs });
}

class SparkPush {
  #client;
  #ask;
  /** The settings as the page has them. */
  #known;

  constructor(client, ask) {
    this.#client = client;
    this.#ask = ask;
  }
  get #attention() {
    return attentionOf(this.#client, this.#ask);
  }
  get supported() {
    return !obstacle();
  }
  get permission() {
    return globalThis.Notification?.permission ?? "denied";
  }
  async device() {
    const registration = this.supported && (await this.#attention.registered());
    return registration ? this.#attention.device.check(registration, { always: true }) : undefined;
  }
  // Nothing is waited for before the question: it is to be asked in the click.
  async subscribe({ name, ...where } = {}) {
    const failure = obstacle() ?? this.#attention.device.obstacle();
    if (failure) throw failure;
    const permission = await Notification.requestPermission();
    if (permission !== "granted") throw problem(permission === "denied" ? "push_denied" : "push_dismissed");
    return this.#attention.device.subscribe(await this.#attention.registered(where), name);
  }
  async unsubscribe() {
    const registration = this.supported && (await this.#attention.registered());
    if (registration) await this.#attention.device.unsubscribe(registration);
  }
  async devices() {
    return (await this.#ask(this.#client, "GET", "/push/devices")).devices;
  }
  async remove(id) {
    await this.#ask(this.#client, "DELETE", `/push/devices/${encodeURIComponent(id)}`);
    // If it was this browser, it is to know.
    await this.device();
  }
  async settings() {
    this.#known = (await settings(this.#client, "GET")).text;
    return JSON.parse(this.#known);
  }
  async setSettings(wanted) {
    const { text, tag } = await settings(this.#client, "GET");
    // A conversation may have been muted from a notification.
    if (text !== (this.#known ?? text)) throw refused("This was changed elsewhere meanwhile. Look at it again.", "precondition_failed");
    this.#known = (await settings(this.#client, "PUT", JSON.stringify(wanted), tag)).text;
    return JSON.parse(this.#known);
  }
}

/** `ask` is that of `operations.js`. */
export const of = (client, ask) => new SparkPush(client, ask);

/** Does for a client's worker what there is to do, for as long as the page is there. */
export const attend = (client, ask) => attentionOf(client, ask).registered();
