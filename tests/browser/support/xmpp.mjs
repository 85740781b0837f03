// Somebody at an XMPP client of their own, as others in a room are.

import { xml } from "@xmpp/client";
import { WebSocket } from "ws";

import { unmanaged } from "../../peers/unmanaged.mjs";

// Node 20 has none of its own.
globalThis.WebSocket ??= WebSocket;

/** Somebody at the demo's Prosody, who sends what they are told to. */
export async function comeIn(demo, username, password = "spark-demo") {
  const connection = unmanaged({ service: demo.websocket, domain: "spark.localhost", username, password });
  connection.reconnect.stop();
  connection.on("error", () => {});
  await connection.start();
  return {
    /** Sends a message with these elements in it. */
    sends: (to, ...children) => connection.send(xml("message", { to, type: "chat", id: crypto.randomUUID() }, ...children)),
    leaves: () => connection.stop(),
  };
}

/** A file at an address (XEP-0447), with what is said of it (XEP-0446). */
export function shared(url, said) {
  const metadata = Object.entries(said).map(([name, value]) => xml(name, {}, String(value)));
  return xml(
    "file-sharing",
    { xmlns: "urn:xmpp:sfs:0", disposition: "inline" },
    xml("file", { xmlns: "urn:xmpp:file:metadata:0" }, ...metadata),
    xml("sources", {}, xml("url-data", { xmlns: "http://jabber.org/protocol/url-data", target: url })),
  );
}

/** A file at an address, as older clients say it (XEP-0066): it is the text, too. */
export const outOfBand = (url) => [xml("body", {}, url), xml("x", { xmlns: "jabber:x:oob" }, xml("url", {}, url))];

/** A text. */
export const text = (words) => xml("body", {}, words);

/**
 * Signs somebody in at the demo's Prosody and takes them into a room. Resolves once they are there.
 *
 * @returns {Promise<{does: (state: string) => Promise<void>, says: (body: string) => Promise<void>,
 *   leaves: () => Promise<void>}>}
 */
export async function goInto(demo, room, { username, nick, password = "spark-demo" }) {
  const seat = `${room}/${nick}`;
  const connection = unmanaged({ service: demo.websocket, domain: "spark.localhost", username, password });
  connection.reconnect.stop();
  const there = new Promise((resolve, reject) => {
    connection.on("error", reject);
    connection.on("stanza", (stanza) => {
      if (stanza.is("presence") && stanza.attrs.from === seat && !stanza.attrs.type) resolve();
    });
  });
  await connection.start();
  await connection.send(xml("presence", { to: seat }, xml("x", { xmlns: "http://jabber.org/protocol/muc" })));
  await there;
  const say = (child) => connection.send(xml("message", { to: room, type: "groupchat" }, child));
  return {
    does: (state) => say(xml(state, { xmlns: "http://jabber.org/protocol/chatstates" })),
    says: (body) => say(xml("body", {}, body)),
    leaves: () => connection.stop(),
  };
}

/**
 * Signs somebody in at the demo's Prosody, who hears what is said to them.
 *
 * @returns {Promise<{find: (is: (message: string) => boolean) => Promise<string>, leave: () => Promise<void>}>}
 */
export async function hear(demo, username, password = "spark-demo") {
  const connection = unmanaged({ service: demo.websocket, domain: "spark.localhost", username, password });
  connection.reconnect.stop();
  const heard = [];
  let look = () => {};
  connection.on("stanza", (stanza) => {
    if (!stanza.is("message")) return;
    heard.push(String(stanza));
    look();
  });
  await connection.start();
  await connection.send(xml("presence"));
  return {
    find: (is) =>
      new Promise((resolve, reject) => {
        connection.on("error", reject);
        look = () => heard.some(is) && resolve(heard.find(is));
        look();
      }),
    leave: () => connection.stop(),
  };
}
