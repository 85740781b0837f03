// A demo of this test's own: gateway, Prosody and people, on free ports, gone with the test.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** How long the demo may take to come up. A deadline, not a wait. */
const READY_WITHIN_MS = 60_000;

/**
 * Starts `sparkweb demo`.
 *
 * @returns {Promise<{url: string, port: number, output: string[], stop: () => Promise<void>}>}
 */
export async function startDemo() {
  const binary = process.env.SPARKWEB_BIN;
  if (!binary) throw new Error("SPARKWEB_BIN must name the sparkweb program; `cargo xtask test` sets it");
  const dataDir = await mkdtemp(join(tmpdir(), "sparkweb-browser-"));
  const child = spawn(binary, ["demo", "--port", "0", "--data-dir", dataDir], {
    stdio: ["ignore", "pipe", "pipe"],
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
  return {
    url,
    port: Number(new URL(url).port),
    output,
    async stop() {
      child.kill("SIGTERM");
      const { code, signal } = await exited;
      await rm(dataDir, { recursive: true, force: true });
      if (code !== 0) throw new Error(`the demo ended with ${code ?? signal}:\n${output.slice(-20).join("\n")}`);
    },
  };
}
