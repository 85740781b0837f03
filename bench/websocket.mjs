// What people would use instead: @xmpp/client, with an XMPP connection of its own over WebSocket.

import { xml } from "@xmpp/client";
import { WebSocket } from "ws";
import { unmanaged } from "../tests/peers/unmanaged.mjs";

// Node 20 has none of its own, and this one is the quicker of the two where it has.
globalThis.WebSocket = WebSocket;

/** Somebody signed in, who has shown nothing of themselves yet. */
export async function signIn({ websocket, domain, username, password }) {
  // Whoever is there hears a lot, and is sent away for how this client counts it. The comparison is the harder for it: the
  // gateway has stream management on.
  const connection = unmanaged({ service: websocket, domain, username, password });
  connection.on("error", report);
  await connection.start();
  return connection;
}

/** Somebody signed in and there: what is sent to them reaches them. */
export async function connect(account) {
  const connection = await signIn(account);
  const available = new Promise((resolve) => {
    connection.on("stanza", (stanza) => {
      if (stanza.is("presence") && stanza.attrs.from === connection.jid.toString()) resolve();
    });
  });
  await connection.send(xml("presence"));
  await available;
  return connection;
}

/** Where nobody waits for it. */
export function report(error) {
  console.error(error.message);
}
