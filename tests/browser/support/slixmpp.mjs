// Somebody at another client, made of slixmpp (`tests/peers/slixmpp_peer.py`).

import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { until } from "./elements.mjs";

const PEER = fileURLToPath(new URL("../../peers/slixmpp_peer.py", import.meta.url));

/** Signs somebody in at a demo's Prosody, over TLS that is checked. */
export async function atSlixmpp(demo, name, password = "spark-demo") {
  const config = await readFile(join(demo.dataDir, "prosody.cfg.lua"), "utf8");
  const port = Number(/c2s_ports = \{ (\d+) \}/.exec(config)[1]);
  const child = spawn(process.env.SPARKWEB_TEST_PYTHON ?? "python3", [PEER], { stdio: ["pipe", "pipe", "inherit"] });
  const [answers, heard] = [new Map(), []];
  createInterface({ input: child.stdout }).on("line", (line) => {
    const said = JSON.parse(line);
    if (said.heard) heard.push(said.read);
    else answers.get(said.n)(said);
  });
  // Whoever waits for it when it ends waits for nothing.
  child.once("exit", (code) => answers.forEach((answer) => answer({ failed: `it ended with ${code}` })));
  let commands = 0;
  const command = async (what) => {
    const n = ++commands;
    const answered = new Promise((resolve) => answers.set(n, resolve));
    child.stdin.write(`${JSON.stringify({ n, as: name, ...what })}\n`);
    const { ok, failed } = await answered;
    if (failed) throw new Error(`slixmpp: ${failed}`);
    return ok;
  };
  await command({ do: "connect", jid: `${name}@spark.localhost/slixmpp`, password, port, ca: join(demo.dataDir, "ca.pem") });
  await command({ do: "send", xml: "<presence/>" });
  return {
    says: (to, body, id) => command({ do: "send", xml: `<message to='${to}' type='chat' id='${id}'><body>${body}</body></message>` }),
    /** The message with this text, as slixmpp reads it, once it is there. */
    hears: (body) => until(`"${body}" at slixmpp`, () => heard.find((stanza) => stanza.body === body)),
    /** How many messages with this text came. */
    count: (body) => heard.filter((stanza) => stanza.body === body).length,
    async stop() {
      child.stdin.end();
      child.kill();
    },
  };
}
