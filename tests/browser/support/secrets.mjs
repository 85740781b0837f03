// Every secret that a browser is given, noted for `cargo xtask test`, which looks for them at the end in all that the gateways
// have logged and kept. As `tests/src/app/secrets.rs`, which says what lies where.

import { appendFileSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const RUN = process.env.CANARY_RUN;

/** What is shorter might stand anywhere. */
const LEAST_BYTES = 8;

/** The fields of answers that hold secrets, or lists of them. */
const FIELDS = new Set(["access_token", "refresh_token", "pending_token", "token", "ticket", "secret", "recovery_codes"]);

const noted = new Set();
let files = 0;

function note(secret) {
  const bytes = Buffer.from(secret);
  if (bytes.length < LEAST_BYTES || noted.has(secret)) return;
  noted.add(secret);
  mkdirSync(RUN, { recursive: true });
  appendFileSync(join(RUN, "secrets"), `${bytes.toString("hex")}\n`);
}

function walk(value) {
  if (value === null || typeof value !== "object") return;
  for (const [name, inner] of Object.entries(value)) {
    if (FIELDS.has(name)) {
      for (const text of [inner].flat()) {
        if (typeof text !== "string") continue;
        note(text);
        // Of a token that is signed, the signature alone would do.
        note(text.split(".").at(-1));
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

function fresh(kind) {
  const folder = join(RUN, kind);
  mkdirSync(folder, { recursive: true });
  return join(folder, `browser-${process.pid}-${files++}`);
}

/** Hands over what a demo has said, and what its gateway has kept. */
export function keep(output, dataDir) {
  if (!RUN) return;
  writeFileSync(fresh("logs"), output.join("\n"));
  for (const name of readdirSync(dataDir)) {
    if (name.startsWith("gateway.db")) copyFileSync(join(dataDir, name), fresh("stores"));
  }
}
