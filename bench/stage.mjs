// A Prosody with a large account and a large room, and a gateway before it: `bench/src/bin/scale.rs`.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";

/** How long it may take to come up. A deadline, not a wait. */
const READY_WITHIN_MS = 120_000;

/** Of processors, in a second. */
const TICKS = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/**
 * @param {string} program the stage
 * @param {number} contacts how many the large account has
 */
export async function openStage(program, contacts) {
  const child = spawn(program, [String(contacts)], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`the stage ended with ${code}`);
  });
  const deadline = setTimeout(() => child.kill(), READY_WITHIN_MS);
  const said = once(createInterface({ input: child.stdout }), "line");
  const [line] = await Promise.race([said, ended]);
  clearTimeout(deadline);
  const stage = JSON.parse(line);
  return {
    ...stage,
    /** Has the load happen that `load.lua` knows under this path, and gives what that says of it. */
    async load(path) {
      // By the name of the host whose accounts they are, which `fetch` would not let us say.
      const asked = request(`${stage.load}/${path}`, { method: "POST", headers: { host: stage.domain } });
      const [answer] = await once(asked.end(), "response");
      if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.statusCode}`);
      return text(answer);
    },
    /** What the processors have spent on the gateway so far, in milliseconds. */
    gatewayTime() {
      const [, counts] = readFileSync(`/proc/${stage.gateway_pid}/stat`, "utf8").split(") ");
      // proc(5): fields 14 and 15; what is left of them begins with the third.
      const [user, system] = counts.split(" ").slice(11, 13).map(Number);
      return ((user + system) * 1_000) / TICKS;
    },
    async close() {
      child.stdin.end();
      await ended.catch(() => {});
    },
  };
}
