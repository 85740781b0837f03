// What a person does from a notification: it is kept until the gateway has taken it.

import { ACTS, all, placeOf, put, remove } from "./table.js";
import { close, say } from "./notices.js";
import { settings } from "./settings.js";

/** Words of the gateway's that say: not now. */
const PASSING = ["too_many_requests", "xmpp_unreachable", "xmpp_timeout", "session_offline", "overloaded", "internal", "store_unavailable"];

/** Posts JSON. `{ status, answer }`; without a status nobody who is a gateway has answered. */
export async function post(url, body, headers) {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
      cache: "no-store",
    });
    const answer = await response.json().catch(() => ({}));
    // A network that wants people to sign in first answers in the gateway's place.
    return response.ok || answer.code ? { status: response.status, answer } : {};
  } catch {
    return {};
  }
}

export const isPassing = ({ status, answer }) => status === undefined || PASSING.includes(answer.code);

/** The gateway of an account: as a page has told, or the site, or else this very origin. */
async function gatewayOf(account) {
  const told = (await all(placeOf(""))).find((record) => record.account === account);
  return told?.gateway ?? settings().gateway ?? self.location.origin;
}

export async function keep({ account, conversation, title, acts, tag }, act, text) {
  const key = `${ACTS}${Date.now()} ${crypto.randomUUID()}`;
  const kept = { key, act, token: acts[act], text, account, conversation, title, tag, gateway: await gatewayOf(account) };
  await put(key, kept);
}

async function fail(kept) {
  // What was typed waits for a page, where the person sees what became of it.
  if (kept.text) await put(kept.key, { ...kept, token: undefined });
  else await remove(kept.key);
  if (kept.act !== "mark_read") await say(kept.text ? "not_sent" : "not_done", kept.key, kept);
}

async function done(kept) {
  await remove(kept.key);
  await close(kept.key);
}

/** Tries one. Gives whether it is settled. */
async function settle(kept) {
  if (!kept.tried) await put(kept.key, { ...kept, tried: true });
  const { token, text } = kept;
  const outcome = await post(`${kept.gateway}/sparkweb/api/v1/push/acts`, { token, text });
  if (outcome.status === 204) await done(kept);
  // It was done, and the answer lost; of a text that is not for certain.
  else if (kept.tried && !text && outcome.answer?.code === "invalid_token") await done(kept);
  else if (!isPassing(outcome)) await fail(kept);
  else {
    if (text && !kept.tried) await say("waits", kept.key, kept);
    return false;
  }
  return true;
}

/** Does all that waits. Gives whether something still does. One at a time: a token that is shown twice looks like a used one. */
export function deliver() {
  return navigator.locks.request("sparkweb:worker", async () => {
    let isLeft = false;
    for (const kept of await all(ACTS)) {
      if (kept.token && !(await settle(kept))) isLeft = true;
    }
    return isLeft;
  });
}
