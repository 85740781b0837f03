// What the gateway does when asked, and the module keeps no state of: each is one request, as docs/API.md has it.
// They are written here rather than in the module because a line of JavaScript weighs a tenth of what it would there.
import { SparkClient, SparkConversation } from "./core.js";

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
  contactDetails(jid) {
    return ask(this, "GET", `/contacts/${segment(jid)}`);
  },
  lastActivity(jid) {
    return ask(this, "GET", `/contacts/${segment(jid)}/last-activity`);
  },
  block(jid) {
    return ask(this, "PUT", `/blocks/${segment(jid)}`);
  },
  unblock(jid) {
    return ask(this, "DELETE", jid === undefined ? "/blocks" : `/blocks/${segment(jid)}`);
  },
  profile(jid) {
    return ask(this, "GET", jid === undefined ? "/profile" : `/contacts/${segment(jid)}/profile`);
  },
  setProfile(profile) {
    return ask(this, "PUT", "/profile", profile);
  },
  setNickname(name) {
    return ask(this, "PUT", "/nickname", { name });
  },
  removeAvatar() {
    return ask(this, "DELETE", "/avatar");
  },
  acceptRequest(jid, subscribe = false) {
    return ask(this, "PUT", `/subscription-requests/${segment(jid)}`, { answer: "accept", subscribe });
  },
  declineRequest(jid) {
    return ask(this, "PUT", `/subscription-requests/${segment(jid)}`, { answer: "decline" });
  },
};

function message(conversation, id) {
  return `/conversations/${segment(conversation.jid)}/messages/${segment(id)}`;
}

const conversations = {
  correct(id, body, mentions) {
    return ask(this, "PUT", message(this, id), { body, mentions });
  },
  retract(id) {
    return ask(this, "DELETE", message(this, id));
  },
  react(id, emojis) {
    return ask(this, "PUT", `${message(this, id)}/reactions`, { emojis });
  },
  search(text, options) {
    const query = new URLSearchParams({ search: text, ...options });
    return ask(this, "GET", `/conversations/${segment(this.jid)}/messages?${query}`);
  },
  close() {
    return ask(this, "DELETE", `/conversations/${segment(this.jid)}`);
  },
};

Object.assign(SparkClient.prototype, contacts);
Object.assign(SparkConversation.prototype, conversations);
