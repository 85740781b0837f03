// What people would use instead: @xmpp/client, with an XMPP connection of its own over WebSocket.

import { client, xml } from "@xmpp/client";
import { WebSocket } from "ws";

// Node 20 has none of its own, and this one is the quicker of the two where it has.
globalThis.WebSocket = WebSocket;

/** The namespace of XEP-0198, stream management. */
const SM = "urn:xmpp:sm:3";

/** Somebody signed in, who has shown nothing of themselves yet. */
export async function signIn({ websocket, domain, username, password }) {
  const connection = client({ service: websocket, domain, username, password });
  // Without stream management: with it, this client sooner or later acknowledges more than Prosody counts, and is sent
  // away in the middle of a round. The comparison is the harder for it: the gateway has stream management on.
  connection.prependListener("element", (element) => {
    if (element.is("features")) element.children = element.children.filter((feature) => !feature.is("sm", SM));
  });
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
