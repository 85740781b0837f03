// Somebody at an XMPP client of their own, as others in a room are.

import { xml } from "@xmpp/client";
import { WebSocket } from "ws";

import { unmanaged } from "../../peers/unmanaged.mjs";

// Node 20 has none of its own.
globalThis.WebSocket ??= WebSocket;

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
