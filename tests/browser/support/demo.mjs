// A demo of this test's own: gateway, Prosody and people, on free ports, gone with the test.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { LOGS_ALL, keepLog, keepStore } from "./secrets.mjs";

/** How long the demo may take to come up. A deadline, not a wait. */
const READY_WITHIN_MS = 60_000;

/** A port that nobody listens on: who is to be known by an address has to know it before they start. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Starts `sparkweb demo`, with more arguments and variables if need be.
 *
 * @returns {Promise<{url: string, port: number, websocket: string, output: string[], dataDir: string, stop: () => Promise<void>,
 *   restart: () => Promise<void>, sessionsAtProsody: (name: string) => Promise<number>}>}
 */
export async function startDemo({ port = 0, arguments: more = [], env = {} } = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), "sparkweb-browser-"));
  let run = await begin({ port, dataDir, more, env });
  return {
    get url() {
      return run.url;
    },
    get port() {
      return Number(new URL(run.url).port);
    },
    /** Where its Prosody's WebSocket is. */
    get websocket() {
      return run.websocket;
    },
    get output() {
      return run.output;
    },
    /** Where it and its Prosody keep what they have. */
    dataDir,
    /** Ends it and starts it anew, with what it kept. */
    async restart() {
      await run.end();
      run = await begin({ port, dataDir, more, env });
    },
    /** How many sessions of an account its Prosody counts. */
    async sessionsAtProsody(name) {
      const { port } = new URL(run.websocket);
      // By the name of the host whose accounts they are, which `fetch` would not let us say.
      const request = { port, path: `/sparkweb_sessions/${name}`, headers: { host: "spark.localhost" } };
      const [answer] = await once(get({ host: "localhost", ...request }), "response");
      return Number((await answer.setEncoding("utf8").toArray()).join(""));
    },
    async stop() {
      try {
        await run.end();
      } finally {
        await rm(dataDir, { recursive: true, force: true });
      }
    },
  };
}

async function begin({ port, dataDir, more, env }) {
  const binary = process.env.SPARKWEB_BIN;
  if (!binary) throw new Error("SPARKWEB_BIN must name the sparkweb program; `cargo xtask test` sets it");
  const child = spawn(binary, ["demo", "--port", String(port), "--data-dir", dataDir, ...more], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...LOGS_ALL, ...env },
  });
  const output = [];
  const exited = new Promise((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
  createInterface({ input: child.stderr }).on("line", (line) => output.push(line));
  const url = await new Promise((resolve, reject) => {
    const deadline = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`the demo was not ready in time:\n${output.join("\n")}`));
    }, READY_WITHIN_MS);
    exited.then(({ code }) => {
      clearTimeout(deadline);
      reject(new Error(`the demo ended with ${code} before it was ready:\n${output.join("\n")}`));
    });
    createInterface({ input: child.stdout }).on("line", (line) => {
      output.push(line);
      const ready = /^ready (http:\/\/localhost:(\d+))$/.exec(line);
      if (ready) {
        clearTimeout(deadline);
        resolve(ready[1]);
      }
    });
  });
  const websocket = output.map((line) => /^xmpp (ws:.*)$/.exec(line)?.[1]).find(Boolean);
  return {
    url,
    websocket,
    output,
    async end() {
      // What was written ahead is there still.
      keepStore(dataDir);
      child.kill("SIGTERM");
      const { code, signal } = await exited;
      keepLog(output);
      keepStore(dataDir);
      if (code !== 0) throw new Error(`the demo ended with ${code ?? signal}:\n${output.slice(-20).join("\n")}`);
    },
  };
}
