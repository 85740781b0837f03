// What the gateway does when asked, and the module keeps no state of: each is one request, as docs/API.md has it.
// They are written here rather than in the module because a line of JavaScript weighs a tenth of what it would there.
import { SparkClient } from "./core.js";

const segment = encodeURIComponent;

/** One request: JSON in, JSON out. `undefined` where the gateway has nothing to say. */
async function ask(client, method, path, body) {
  const text = await client.ask(method, path, body === undefined ? undefined : JSON.stringify(body));
  return text === "" ? undefined : JSON.parse(text);
}

const contacts = {
  setPresence(availability, status) {
    return ask(this, "PUT", "/presence", { availability, status });
  },
  addContact(jid, contact) {
    return ask(this, "PUT", `/roster/${segment(jid)}`, { subscribe: true, ...contact });
  },
  updateContact(jid, changes) {
    return ask(this, "PUT", `/roster/${segment(jid)}`, changes);
  },
  removeContact(jid) {
    return ask(this, "DELETE", `/roster/${segment(jid)}`);
  },
  setSubscription(jid, wanted) {
    return ask(this, "PUT", `/roster/${segment(jid)}/subscription`, wanted);
  },
  acceptRequest(jid, subscribe = false) {
    return ask(this, "PUT", `/subscription-requests/${segment(jid)}`, { answer: "accept", subscribe });
  },
  declineRequest(jid) {
    return ask(this, "PUT", `/subscription-requests/${segment(jid)}`, { answer: "decline" });
  },
};

Object.assign(SparkClient.prototype, contacts);
