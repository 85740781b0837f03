// Every secret that a browser is given, noted for `cargo xtask test`, which looks for them at the end in all that the gateways
// have logged and kept. As `tests/src/app/secrets.rs`, which says what lies where.

import { appendFileSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const RUN = process.env.CANARY_RUN;

/** What is shorter might stand anywhere. */
const LEAST_BYTES = 8;

/** The fields of answers that hold secrets, or lists of them, and what these are. */
const FIELDS = new Map([
  ["access_token", "access token"],
  ["refresh_token", "refresh token"],
  ["pending_token", "token of a sign-in under way"],
  ["token", "token"],
  ["ticket", "ticket"],
  ["secret", "secret of an app"],
  ["codes", "recovery code"],
]);

const noted = new Set();
let files = 0;

function note(kind, secret) {
  const bytes = Buffer.from(secret);
  if (bytes.length < LEAST_BYTES || noted.has(secret)) return;
  noted.add(secret);
  mkdirSync(RUN, { recursive: true });
  appendFileSync(join(RUN, "secrets"), `${bytes.toString("hex")} ${kind}\n`);
}

/** Notes one that a test has made itself. */
export const noteSecret = (kind, secret) => RUN && note(kind, secret);

function walk(value) {
  if (value === null || typeof value !== "object") return;
  for (const [name, inner] of Object.entries(value)) {
    const kind = FIELDS.get(name);
    if (kind) {
      for (const text of [inner].flat()) {
        if (typeof text !== "string") continue;
        note(kind, text);
        // Of a token that is signed, the signature alone would do.
        note(kind, text.split(".").at(-1));
      }
    }
    walk(inner);
  }
}

/** Notes those that the gateway gives to the pages of a context. */
export function noteThoseOf(context) {
  if (!RUN) return;
  context.on("response", async (response) => {
    if (!/^application\/json\b/.test(response.headers()["content-type"] ?? "")) return;
    // A page that is gone takes what it was told with it.
    const told = await response.json().catch(() => null);
    walk(told);
  });
}

/** A file that nobody else writes, with this at the end of its name. */
function fresh(kind, name) {
  const folder = join(RUN, kind);
  mkdirSync(folder, { recursive: true });
  return join(folder, `browser-${process.pid}-${files++}-${name}`);
}

/** Variables for a gateway of which nothing is to go unseen. */
export const LOGS_ALL = RUN ? { SPARKWEB_LOG: "warn,server=trace" } : {};

/** Hands over what a demo has said. */
export function keepLog(output) {
  if (RUN) writeFileSync(fresh("logs", "log"), output.join("\n"));
}

/** Hands over what a demo's gateway has kept, as it is at the moment. */
export function keepStore(dataDir) {
  if (!RUN) return;
  for (const name of readdirSync(dataDir)) {
    if (name.startsWith("gateway.db")) copyFileSync(join(dataDir, name), fresh("stores", name));
  }
}
