// How long a chat message takes from one person to another, one in flight: through the gateway (POST in, events
// out), and between two @xmpp/client over WebSocket, on the same Prosody in the same run, from the same process.
//
// Measured is the time from before the sender's call until the receiver has the message parsed. The gateway's way
// has two more hops (sender to gateway, gateway to receiver) and an XMPP server in the middle of both; the ratio is
// what people pay for having their session held on the server.
//
// Usage: SPARKWEB_BIN=.../sparkweb node bench/latency.mjs [MESSAGES]

import { client, xml } from "@xmpp/client";
import { WebSocket } from "ws";
import { startDemo } from "../tests/browser/support/demo.mjs";
import { Arrivals } from "./arrivals.mjs";
import { Gateway } from "./gateway.mjs";

// Node 20 has none of its own, and this one is the quicker of the two where it has.
globalThis.WebSocket = WebSocket;

const MESSAGES = Number(process.argv[2] ?? 1_000);
const WARM_UP = 100;
/** Both sides take turns, so that what else the machine does meets both alike. */
const ROUNDS = 4;
const AIM = 1.5;
const SENDER = "juliet";
const RECEIVER = "romeo";
const PASSWORD = "spark-demo";

const demo = await startDemo();
try {
  const websocket = addressOfWebSocket(demo.output);
  const domain = await domainOf(demo.url);
  const times = { gateway: [], websocket: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [side, open] of [["websocket", () => openWebSocket(websocket, domain)], ["gateway", openGateway]]) {
      const pair = await open();
      for (let n = 0; n < WARM_UP; n += 1) await pair.send(`warm-up ${round} ${n}`);
      for (let n = 0; n < MESSAGES / ROUNDS; n += 1) times[side].push(await pair.send(`message ${round} ${n}`));
      await pair.close();
    }
  }
  report(times);
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
async function openWebSocket(websocket, domain) {
  const [sender, receiver] = await Promise.all([SENDER, RECEIVER].map((name) => connect(websocket, domain, name)));
  const arrivals = new Arrivals();
  receiver.on("stanza", (stanza) => {
    if (stanza.is("message") && stanza.getChild("body")) arrivals.saw(stanza.getChildText("body"));
  });
  return {
    async send(body) {
      const arrived = arrivals.of(body);
      const sent = sender.send(xml("message", { type: "chat", to: receiver.jid.toString() }, xml("body", {}, body)));
      const took = await arrived;
      await sent;
      return took;
    },
    close: () => Promise.all([sender.stop(), receiver.stop()]),
  };
}

async function connect(websocket, domain, username) {
  const connection = client({ service: websocket, domain, username, password: PASSWORD });
  connection.on("error", (error) => console.error(`${username}: ${error.message}`));
  await connection.start();
  await connection.send(xml("presence"));
  return connection;
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

function report(times) {
  console.log(`\nOne way, one in flight, ${MESSAGES} messages each in ${ROUNDS} turns, one Prosody:\n`);
  console.log("                                        p50      p95      p99");
  const print = (name, values) =>
    console.log(`  ${name.padEnd(34)} ${values.map((value) => value.toFixed(2).padStart(8)).join(" ")}`);
  const gateway = percentiles(times.gateway);
  const websocket = percentiles(times.websocket);
  print("POST to event, through SparkWeb, ms", gateway);
  print("@xmpp/client over WebSocket, ms", websocket);
  const ratios = gateway.map((value, at) => value / websocket[at]);
  print("ratio", ratios);
  const met = ratios[0] <= AIM && ratios[2] <= AIM;
  console.log(`\nThe aim is a ratio of ${AIM} at p50 and p99: ${met ? "met" : "missed"}.`);
}

function percentiles(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return [0.5, 0.95, 0.99].map((part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]);
}
