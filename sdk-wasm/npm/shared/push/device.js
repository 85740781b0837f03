// This browser as a device of the person's: its subscription, and what the gateway knows of it. What of it was told is noted
// where the worker keeps what it needs (`worker/table.js`).

import { change, get, placeOf } from "../worker/table.js";
import { problem } from "./problems.js";

/** How long what the gateway was told is taken for true, in milliseconds. */
const SURE_FOR_MS = 6 * 60 * 60 * 1000;

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function base64url(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const keyOf = ({ options }) => base64url(options.applicationServerKey ?? new Uint8Array());

/** What is not there any more has been removed as well. */
async function unlessGone(asked) {
  try {
    return await asked;
  } catch (error) {
    if (error.code !== "not_found") throw error;
    return undefined;
  }
}

/** Whether the person's sign-in is kept beyond the tab. */
export function isKept(gateway) {
  const key = `sparkweb:${gateway}:sign-in`;
  try {
    return Boolean(localStorage.getItem(key)) && !sessionStorage.getItem(key);
  } catch {
    return false;
  }
}

export class Device {
  #client;
  #ask;

  constructor(client, ask) {
    this.#client = client;
    this.#ask = ask;
  }

  obstacle() {
    return isKept(this.#client.gateway) ? undefined : problem("push_not_remembered");
  }

  #record() {
    return get(placeOf(this.#client.gateway));
  }

  #note(push) {
    return change(placeOf(this.#client.gateway), { push });
  }

  /** Tells the gateway of a subscription: as the same device's if it was told of another before. */
  async #post(subscription, name) {
    const { endpoint, keys } = subscription.toJSON();
    const key = keyOf(subscription);
    const noted = (await this.#record())?.push;
    const body = { endpoint, keys, key, name: name ?? noted?.name };
    const known = noted && (await unlessGone(this.#ask("PUT", `/devices/${encodeURIComponent(noted.id)}`, body)));
    const device = known ?? (await this.#ask("POST", "/devices", body));
    await this.#note({ id: device.id, name: body.name, endpoint, p256dh: keys.p256dh, key, checked_ms: Date.now() });
    return device;
  }

  /** Has the browser subscribe, with the gateway's key. */
  async #renew(registration) {
    const { key } = await this.#ask("GET", "/key");
    const before = await registration.pushManager.getSubscription();
    if (before) {
      const noted = (await this.#record())?.push;
      if (keyOf(before) === key) return before;
      // Somebody else subscribed, for a purpose of their own.
      if (keyOf(before) !== noted?.key) throw problem("push_taken");
      await before.unsubscribe();
    }
    try {
      return await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
    } catch (cause) {
      throw problem(cause.name === "NotAllowedError" ? "push_denied" : "push_unreachable", { cause });
    }
  }

  async subscribe(registration, name) {
    return this.#post(await this.#renew(registration), name);
  }

  /** The subscription, if it is one that we made. */
  async #own(registration) {
    const [subscription, record] = await Promise.all([registration.pushManager.getSubscription(), this.#record()]);
    const isOurs = subscription && keyOf(subscription) === record?.push?.key;
    return { noted: record?.push, subscription: isOurs ? subscription : undefined };
  }

  /**
   * This browser, as the gateway has it. A subscription that is another by now is told; one that the gateway doesn't know any
   * more, since the person removed the device elsewhere, is given up.
   */
  async check(registration, { always = false } = {}) {
    const { noted, subscription } = await this.#own(registration);
    if (!noted || !subscription) return undefined;
    const { endpoint, keys } = subscription.toJSON();
    if (noted.endpoint !== endpoint || noted.p256dh !== keys.p256dh) return this.#post(subscription);
    if (!always && Date.now() - noted.checked_ms < SURE_FOR_MS) return undefined;
    const { devices } = await this.#ask("GET", "/devices");
    const device = devices.find(({ id }) => id === noted.id);
    if (!device) {
      await subscription.unsubscribe();
      await this.#note(undefined);
      return undefined;
    }
    if (device.refused) {
      await subscription.unsubscribe();
      return this.subscribe(registration);
    }
    await this.#note({ ...noted, checked_ms: Date.now() });
    return device;
  }

  async unsubscribe(registration) {
    const { noted } = await this.#own(registration);
    await this.forget(registration);
    if (noted) await unlessGone(this.#ask("DELETE", `/devices/${encodeURIComponent(noted.id)}`));
  }

  /** Has the browser take no more pushes of ours. The gateway forgets the device with its sign-in. */
  async forget(registration) {
    const { subscription } = await this.#own(registration);
    await subscription?.unsubscribe();
    await this.#note(undefined);
  }
}
