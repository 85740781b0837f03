// XMPP clients made of @xmpp/client, which do what they are told.
//
// A line of standard input is a command, one of standard output an answer or something that was heard; both are JSON,
// as `slixmpp_peer.py` has them. This library leaves XEPs to whoever uses it, so there is nothing to `call`; `answer`
// says what questions are answered with:
//
//     {"n": 3, "as": "peer", "do": "answer", "name": "query", "ns": "jabber:iq:version", "xml": "<query .../>"}
//
// The authority to trust is in NODE_EXTRA_CA_CERTS, where Node wants it.

import { createInterface } from "node:readline";

import parse from "@xmpp/xml/lib/parse.js";

import { unmanaged } from "./unmanaged.mjs";

const peers = new Map();

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function connect({ as, jid, password, port }) {
  const [username, rest] = jid.split("@");
  const [domain, resource] = rest.split("/");
  const peer = unmanaged({ service: `xmpp://127.0.0.1:${port}`, domain, username, password, resource });
  peer.reconnect.stop();
  peer.on("stanza", (stanza) => say({ as, heard: stanza.toString() }));
  // What matters of it is thrown by `start` too.
  peer.on("error", () => {});
  const bound = await peer.start();
  peers.set(as, peer);
  return bound.toString();
}

async function obey(command) {
  if (command.do === "connect") return connect(command);
  const peer = peers.get(command.as);
  switch (command.do) {
    case "send":
      await peer.send(parse(command.xml));
      return null;
    case "answer":
      peer.iqCallee.get(command.ns, command.name, () => parse(command.xml));
      return null;
    case "close":
      peers.delete(command.as);
      await peer.stop();
      return null;
    default:
      throw new Error(`nobody knows how to ${command.do}`);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  obey(command).then(
    (ok) => say({ n: command.n, ok }),
    (error) => say({ n: command.n, failed: String(error) }),
  );
}
process.exit(0);
