// Sends what was written and could not be sent before its page was closed: the SDK's outbox (`sdk/src/store/outbox.rs`), by
// the SDK's rules (`sdk/src/client/sender.rs`), with a token that allows nothing but sending (docs/adr/0024).

import { all, placeOf, put, remove } from "./table.js";
import { isPassing, post } from "./acts.js";
import { askForPage } from "./notices.js";
import { windows } from "./tabs.js";

/** The token is good no more, or not for this, or the message is of a form that this knows nothing of: a page may know better. */
const NOT_BY_US = ["not_signed_in", "invalid_token", "token_expired", "session_ended", "forbidden", "malformed_body"];

function tellTabs({ gateway, account }, word) {
  const channel = new BroadcastChannel(`sparkweb:${gateway}`);
  channel.postMessage(JSON.stringify({ account, word }));
  channel.close();
}

/** Sends one message. `"sent"`, `"later"`, or `"never"` with this token. */
async function send(record, table, unsent) {
  const { account, to, written_at_ms: _, refused: __, ...message } = unsent;
  const url = `${record.gateway}/sparkweb/api/v1/conversations/${encodeURIComponent(to)}/messages`;
  const outcome = await post(url, message, { authorization: `Bearer ${record.token}` });
  const { id } = unsent;
  if (outcome.status < 300) {
    const { delivery } = outcome.answer;
    // The person's XMPP server does not have it yet: asking again by the same id sends nothing twice.
    if (delivery === "pending") return "later";
    await remove(id, table);
    tellTabs(record, { say: "accepted", to, id, delivery });
    return "sent";
  }
  if (isPassing(outcome)) return "later";
  const { code, detail } = outcome.answer;
  if (NOT_BY_US.includes(code)) return "never";
  const error = { code, detail };
  await put(id, JSON.stringify({ ...unsent, refused: error }), table);
  tellTabs(record, { say: "refused", to, id, error });
  return "sent";
}

async function empty(record) {
  const table = `sparkweb:${record.gateway}:outbox`;
  const mine = async () =>
    (await all("", table)).map((text) => JSON.parse(text)).filter(({ account, refused }) => account === record.account && !refused);
  if (!(await mine()).length) return false;
  // The same lock as the tabs': one at a time sends, and in order.
  return navigator.locks.request(table, async () => {
    for (const unsent of await mine()) {
      const came = record.token && record.until_ms > Date.now() ? await send(record, table, unsent) : "never";
      if (came === "sent") continue;
      if (came === "never" && !(await windows()).length) await askForPage("unsent", record);
      return came === "later";
    }
    return false;
  });
}

/** Sends all that waits. Gives whether something still does that may be sent later. */
export async function sendAll() {
  let isLeft = false;
  for (const record of await all(placeOf(""))) isLeft = (await empty(record)) || isLeft;
  return isLeft;
}
