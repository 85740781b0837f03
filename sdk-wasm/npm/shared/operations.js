// What the gateway does when asked, and the module keeps no state of: each is one request, as docs/API.md has it.
// They are written here rather than in the module because a line of JavaScript weighs a tenth of what it would there.
import { SparkClient, SparkConversation } from "./core.js";

const segment = encodeURIComponent;

/** One request: JSON in, JSON out. `undefined` where the gateway has nothing to say. */
export async function ask(client, method, path, body) {
  const text = await client.ask(method, path, body === undefined ? undefined : JSON.stringify(body));
  return text === "" ? undefined : JSON.parse(text);
}

/** What only the browser can do about passkeys: loaded when it is first wanted. */
const passkeys = () => import("./passkeys.js");

/** Being told with no page open, and what a page does for the worker that tells: loaded where either is wanted. */
const push = () => import("./push.js");

/** What looks once more for a worker, by gateway: what listens already is not there twice. */
const looks = {};

/**
 * Has a page do its part where its origin has a service worker, which may be ours, or has one later: ours says when it begins
 * to work, whatever it is for. `open` gives the client of a gateway.
 */
export async function attend(open, gateway = "") {
  try {
    const { serviceWorker } = navigator;
    looks[gateway] ??= ({ data }) => data?.sparkweb && attend(open, gateway);
    serviceWorker.addEventListener("message", looks[gateway]);
    if ((await serviceWorker.getRegistrations()).length) await (await push()).attend(await open(), ask);
  } catch {
    // There are no workers here, or what is for them can't be loaded now: the next page will.
  }
}

/** A sign-in that asks for more, as the gateway told it. */
function waiting(client, { id, pending_token, accepts, passkey, expires_in_secs }) {
  const path = `/sign-ins/${id}`;
  const prove = (proof) => comeIn(client, `${path}/proofs`, { pending_token, proof });
  const another = () => post(client, `${path}/passkey-options`, { pending_token });
  return {
    state: "pending",
    accepts,
    passkey,
    expiresAtMs: Date.now() + expires_in_secs * 1000,
    prove,
    proveByPasskey: async (options) => prove(await (await passkeys()).proof(another, options)),
  };
}

/** Takes a step of a sign-in; the first says whether it is to be remembered. Gives how far it got. */
export async function comeIn(client, path, body, remember) {
  const asked = await client.comeIn(path, JSON.stringify(body), remember);
  if (asked !== undefined) return waiting(client, JSON.parse(asked));
  if (client.status.state === "must_set_up") return { state: "must_set_up" };
  await client.ready();
  return { state: "signed_in" };
}

const access = {
  signIn(username, password, { remember = true } = {}) {
    return comeIn(this, "/sign-ins", { username, password, remember }, remember);
  },
  async signInByPasskey(options) {
    return (await passkeys()).signIn(this, options);
  },
  async offersPasskeys() {
    return (await passkeys()).areOffered(this);
  },
  async gatewayInfo() {
    return JSON.parse(await send(this, "/gateway", {}, undefined, "GET"));
  },
  async createAccount(account) {
    await send(this, "/accounts", { "content-type": "application/json" }, JSON.stringify(account));
  },
  pending() {
    const asked = this.pendingJson();
    return asked === undefined ? undefined : waiting(this, JSON.parse(asked));
  },
  factors() {
    return ask(this, "GET", "/factors");
  },
  setUpTotp() {
    return ask(this, "POST", "/factors/totp");
  },
  async confirmTotp(code) {
    return (await ask(this, "POST", "/factors/totp/confirmation", { code })).codes;
  },
  removeTotp() {
    return ask(this, "DELETE", "/factors/totp");
  },
  async renewRecoveryCodes() {
    return (await ask(this, "POST", "/factors/recovery-codes")).codes;
  },
  proveAgain(proof) {
    return ask(this, "POST", "/sign-ins/current/proofs", { proof });
  },
  async proveAgainByPasskey(options) {
    const another = () => ask(this, "POST", "/sign-ins/current/passkey-options");
    return this.proveAgain(await (await passkeys()).proof(another, options));
  },
  async passkeys() {
    return (await this.factors()).passkeys;
  },
  async addPasskey(name, options) {
    return (await passkeys()).add(this, name, options);
  },
  renamePasskey(id, name) {
    return ask(this, "PUT", `/factors/passkeys/${segment(id)}`, { name });
  },
  removePasskey(id) {
    return ask(this, "DELETE", `/factors/passkeys/${segment(id)}`);
  },
  async signIns() {
    return (await ask(this, "GET", "/sign-ins")).sign_ins;
  },
  endSignIn(id) {
    return ask(this, "DELETE", `/sign-ins/${segment(id)}`);
  },
  createAccessToken(token) {
    return ask(this, "POST", "/access-tokens", token);
  },
};

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
  async setAvatar(picture) {
    return JSON.parse(await sendAs(this, "/avatar", picture.type, picture, "PUT")).avatar;
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

/** One request whose body is no JSON. Gives the answer's text. */
async function sendAs(client, path, type, body, method) {
  return send(client, path, { authorization: `Bearer ${await client.accessToken()}`, "content-type": type }, body, method);
}

/** One request of nobody's: JSON in, JSON out. */
export async function post(client, path, body) {
  return JSON.parse(await send(client, path, { "content-type": "application/json" }, JSON.stringify(body)));
}

/** One request of the person's whose answer is no JSON. */
async function bytes(client, path, signal) {
  return send(client, path, { authorization: `Bearer ${await client.accessToken()}` }, undefined, "GET", "blob", signal);
}

async function send(client, path, headers, body, method = "POST", take = "text", signal) {
  const url = `${client.gateway}/sparkweb/api/v1${path}`;
  const response = await fetch(url, { method, headers, body, signal }).catch(() => undefined);
  const isProblem = response?.headers.get("content-type") === "application/problem+json";
  const taken = await response?.[isProblem ? "json" : take]().catch(() => undefined);
  if (response?.ok && taken !== undefined) return taken;
  const { code = "network", detail = "The gateway can't be reached.", retry_after_secs: retryAfterSecs } = (isProblem && taken) || {};
  throw Object.assign(new Error(detail), { name: "SparkError", code, retryAfterSecs });
}

/** The nodes of a service. What is published is any value that JSON has. */
class SparkPubsub {
  constructor(client, service) {
    this.client = client;
    this.path = `/pubsub/${segment(service)}`;
  }
  ask(method, what, body) {
    return ask(this.client, method, this.path + what, body);
  }
  node(node) {
    return `/nodes/${segment(node)}`;
  }
  async nodes() {
    return (await this.ask("GET", "/nodes")).nodes;
  }
  async subscriptions() {
    return (await this.ask("GET", "/subscriptions")).nodes;
  }
  async create(id, settings = {}) {
    return (await this.ask("POST", "/nodes", { id, settings })).id;
  }
  configure(node, settings) {
    return this.ask("PUT", `${this.node(node)}/settings`, settings);
  }
  delete(node) {
    return this.ask("DELETE", this.node(node));
  }
  async publish(node, value, id) {
    const item = { id, json: JSON.stringify(value) };
    return (await this.ask("POST", `${this.node(node)}/items`, item)).id;
  }
  async publishXml(node, xml, id) {
    return (await this.ask("POST", `${this.node(node)}/items`, { id, xml })).id;
  }
  retract(node, id) {
    return this.ask("DELETE", `${this.node(node)}/items/${segment(id)}`);
  }
  async items(node, options) {
    const page = await this.ask("GET", `${this.node(node)}/items?${new URLSearchParams(options)}`);
    for (const item of page.items) if (item.json !== undefined) item.value = JSON.parse(item.json);
    return page;
  }
  subscribe(node) {
    return this.ask("PUT", `${this.node(node)}/subscription`);
  }
  unsubscribe(node) {
    return this.ask("DELETE", `${this.node(node)}/subscription`);
  }
}

const services = {
  async push() {
    return (await push()).of(this, ask);
  },
  server() {
    return ask(this, "GET", "/server");
  },
  async upload(file, options) {
    return (await import("./files.js")).upload(this, file, options);
  },
  uploadSlot(file) {
    return ask(this, "POST", "/upload-slots", file);
  },
  file(url, { atMost, signal } = {}) {
    return bytes(this, `/files?${new URLSearchParams({ url, ...(atMost && { at_most: atMost }) })}`, signal);
  },
  async fileAddress(url) {
    const { ticket } = await ask(this, "POST", "/file-tickets", { url });
    return `${this.gateway}/sparkweb/api/v1/files?${new URLSearchParams({ url, ticket })}`;
  },
  preview(url) {
    return ask(this, "GET", `/previews?${new URLSearchParams({ url })}`);
  },
  previewPicture(url) {
    return bytes(this, `/previews/picture?${new URLSearchParams({ url })}`);
  },
  pubsub(service = "pep") {
    return new SparkPubsub(this, service);
  },
  async externalServices() {
    return (await ask(this, "GET", "/external-services")).services;
  },
  meeting(options = {}) {
    return ask(this, "POST", "/meetings", options);
  },
  async search(query) {
    return (await ask(this, "GET", `/directory?${new URLSearchParams({ query })}`)).people;
  },
  entity(jid) {
    return ask(this, "GET", `/entities/${segment(jid)}`);
  },
  changePassword(old_password, new_password) {
    return ask(this, "PUT", "/account/password", { old_password, new_password });
  },
  removeAccount(password) {
    return ask(this, "POST", "/account/removal", { password });
  },
  async sendStanza(xml) {
    return (await sendAs(this, "/stanzas", "application/xml", xml)) || undefined;
  },
};

/** A room: what is to be asked of it. */
class SparkRoom {
  constructor(client, jid) {
    this.client = client;
    this.jid = jid;
  }
  state() {
    return this.ask("GET", "");
  }
  get conversation() {
    return this.client.conversation(this.jid);
  }
  ask(method, what, body) {
    return ask(this.client, method, `/rooms/${segment(this.jid)}${what}`, body);
  }
  conversationWith(nick) {
    return this.client.conversation(`${this.jid}/${nick}`);
  }
  occupants(options) {
    return this.ask("GET", `/occupants?${new URLSearchParams(options)}`);
  }
  setNick(nick) {
    return this.ask("PUT", "/nick", { nick });
  }
  setSubject(subject) {
    return this.ask("PUT", "/subject", { subject });
  }
  invite(jid, { reason, direct } = {}) {
    return this.ask("POST", "/invitations", { jid, reason, direct });
  }
  setRole(nick, role, reason) {
    return this.ask("PUT", `/occupants/${segment(nick)}/role`, { role, reason });
  }
  kick(nick, reason) {
    return this.setRole(nick, "none", reason);
  }
  setAffiliation(jid, affiliation, reason) {
    return this.ask("PUT", `/affiliations/${segment(jid)}`, { affiliation, reason });
  }
  ban(jid, reason) {
    return this.setAffiliation(jid, "outcast", reason);
  }
  async affiliations(affiliation) {
    return (await this.ask("GET", `/affiliations?${new URLSearchParams({ affiliation })}`)).people;
  }
  moderate(id, reason = "") {
    return this.ask("DELETE", `/messages/${segment(id)}?${new URLSearchParams({ reason })}`);
  }
  info() {
    return this.ask("GET", "/info");
  }
  config() {
    return this.ask("GET", "/config");
  }
  configure(values) {
    const fields = Object.entries(values).map(([name, value]) => ({ name, values: [value].flat().map(String) }));
    return this.ask("PUT", "/config", { fields });
  }
  leave() {
    return this.client.leaveRoom(this.jid);
  }
  destroy(options) {
    return this.ask("DELETE", `?${new URLSearchParams({ destroy: true, ...options })}`);
  }
}

const rooms = {
  room(jid) {
    return new SparkRoom(this, jid);
  },
  async rooms() {
    return (await ask(this, "GET", "/rooms")).rooms;
  },
  async bookmarks() {
    return (await ask(this, "GET", "/bookmarks")).bookmarks;
  },
  async invitations() {
    return (await ask(this, "GET", "/invitations")).invitations;
  },
  joinRoom(jid, options = {}) {
    return ask(this, "PUT", `/rooms/${segment(jid)}`, options);
  },
  leaveRoom(jid) {
    return ask(this, "DELETE", `/rooms/${segment(jid)}`);
  },
  setBookmark(jid, bookmark = {}) {
    return ask(this, "PUT", `/bookmarks/${segment(jid)}`, bookmark);
  },
  removeBookmark(jid) {
    return ask(this, "DELETE", `/bookmarks/${segment(jid)}`);
  },
  declineInvitation(jid, reason = "") {
    return ask(this, "DELETE", `/invitations/${segment(jid)}?${new URLSearchParams({ reason })}`);
  },
  async roomServices() {
    return (await ask(this, "GET", "/room-services")).services;
  },
  async discoverRooms({ service, ...options } = {}) {
    const at = service ?? (await this.roomServices())[0]?.jid;
    return at === undefined ? { rooms: [] } : ask(this, "GET", `/room-services/${segment(at)}/rooms?${new URLSearchParams(options)}`);
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

Object.assign(SparkClient.prototype, access, contacts, services, rooms);
Object.assign(SparkConversation.prototype, conversations);
