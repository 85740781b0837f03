// How long a chat message takes from one person to another, one in flight: through the gateway (POST in, events
// out), and between two @xmpp/client over WebSocket, on the same Prosody in the same run, from the same process.
//
// Measured is the time from before the sender's call until the receiver has the message parsed. The gateway's way
// has two more hops (sender to gateway, gateway to receiver) and an XMPP server in the middle of both; the ratio is
// what people pay for having their session held on the server.
//
// The gateway's people tell each other what has arrived (XEP-0184), as every chat client does, and the XMPP server
// still has that receipt in its hands when the next message comes. So there are two peers: one that does the same, for
// which the aim holds, and a bare one that writes and reads messages and does nothing else.
//
// Usage: SPARKWEB_BIN=.../sparkweb node bench/latency.mjs [MESSAGES]

import { randomUUID } from "node:crypto";
import { xml } from "@xmpp/client";
import { startDemo } from "../tests/browser/support/demo.mjs";
import { Arrivals } from "./arrivals.mjs";
import { Gateway } from "./gateway.mjs";
import { percentiles } from "./percentiles.mjs";
import { connect, report } from "./websocket.mjs";

const MESSAGES = Number(process.argv[2] ?? 1_000);
const WARM_UP = 100;
/** Both sides take turns, so that what else the machine does meets both alike. */
const ROUNDS = 4;
const AIM = 1.5;
const PARTS = [0.5, 0.95, 0.99];
const SENDER = "juliet";
const RECEIVER = "romeo";
const PASSWORD = "spark-demo";
/** The namespace of XEP-0184, message delivery receipts. */
const RECEIPTS = "urn:xmpp:receipts";

const demo = await startDemo();
try {
  const websocket = addressOfWebSocket(demo.output);
  const domain = await domainOf(demo.url);
  const sides = {
    bare: () => openWebSocket(websocket, domain, { receipts: false }),
    websocket: () => openWebSocket(websocket, domain, { receipts: true }),
    gateway: openGateway,
  };
  const times = Object.fromEntries(Object.keys(sides).map((side) => [side, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [side, open] of Object.entries(sides)) {
      const pair = await open();
      for (let n = 0; n < WARM_UP; n += 1) await pair.send(`${side} warm-up ${round} ${n}`);
      for (let n = 0; n < MESSAGES / ROUNDS; n += 1) times[side].push(await pair.send(`message ${round} ${n}`));
      await pair.close();
    }
  }
  print(times);
} finally {
  await demo.stop();
}

/** Both people on the gateway: one posts, the other listens. */
async function openGateway() {
  const sender = await Gateway.signIn(demo.url, SENDER, PASSWORD);
  const receiver = await Gateway.signIn(demo.url, RECEIVER, PASSWORD);
  const arrivals = new Arrivals();
  const stream = await receiver.listen((event) => {
    if (event.type === "message_added" && event.message.direction === "incoming") arrivals.saw(event.message.body);
  });
  await receiver.online();
  return {
    async send(body) {
      const arrived = arrivals.of(body);
      const answered = sender.post(`/conversations/${receiver.jid}/messages`, { body });
      const took = await arrived;
      await answered;
      return took;
    },
    async close() {
      stream.close();
      await Promise.all([sender.signOut(), receiver.signOut()]);
    },
  };
}

/** Both people with an XMPP connection of their own, over WebSocket. */
async function openWebSocket(websocket, domain, { receipts }) {
  const account = (username) => ({ websocket, domain, username, password: PASSWORD });
  const [sender, receiver] = await Promise.all([SENDER, RECEIVER].map((name) => connect(account(name))));
  const arrivals = new Arrivals();
  receiver.on("stanza", (stanza) => {
    if (!stanza.is("message") || !stanza.getChild("body")) return;
    arrivals.saw(stanza.getChildText("body"));
    if (stanza.getChild("request", RECEIPTS)) receiver.send(receiptFor(stanza)).catch(report);
  });
  return {
    async send(body) {
      const arrived = arrivals.of(body);
      const message = xml("message", { type: "chat", to: receiver.jid.bare().toString(), id: randomUUID() });
      message.append(xml("body", {}, body));
      if (receipts) message.append(xml("request", { xmlns: RECEIPTS }));
      const sent = sender.send(message);
      const took = await arrived;
      await sent;
      return took;
    },
    close: () => Promise.all([sender.stop(), receiver.stop()]),
  };
}

/** It is kept, so that the sender's other clients find it (XEP-0334 section 5.4). */
function receiptFor(message) {
  const receipt = xml("message", { type: "chat", to: message.attrs.from, id: randomUUID() });
  receipt.append(xml("received", { xmlns: RECEIPTS, id: message.attrs.id }));
  receipt.append(xml("store", { xmlns: "urn:xmpp:hints" }));
  return receipt;
}

/** The demo says where XMPP clients of people's own can come in. */
function addressOfWebSocket(output) {
  const address = output.map((line) => /\bws:\/\/\S+/.exec(line)?.[0]).find(Boolean);
  if (!address) throw new Error("`sparkweb demo` did not say where its Prosody's WebSocket is");
  return address;
}

async function domainOf(url) {
  const someone = await Gateway.signIn(url, SENDER, PASSWORD);
  await someone.signOut();
  return someone.jid.split("@")[1];
}

function print(times) {
  console.log(`\nOne way, one in flight, ${MESSAGES} messages each in ${ROUNDS} turns, one Prosody:\n`);
  console.log("                                               p50      p95      p99");
  const line = (name, values) =>
    console.log(`  ${name.padEnd(41)} ${values.map((value) => value.toFixed(2).padStart(8)).join(" ")}`);
  const gateway = percentiles(times.gateway, PARTS);
  const ratios = {};
  line("POST to event, through SparkWeb, ms", gateway);
  for (const [side, name] of [["websocket", "@xmpp/client over WebSocket"], ["bare", "the same without receipts"]]) {
    const values = percentiles(times[side], PARTS);
    ratios[side] = gateway.map((value, at) => value / values[at]);
    line(`${name}, ms`, values);
    line("  ratio", ratios[side]);
  }
  const met = ratios.websocket[0] <= AIM && ratios.websocket[2] <= AIM;
  console.log(`\nThe aim is a ratio of ${AIM} at p50 and p99, receipts on both sides: ${met ? "met" : "missed"}.`);
}
