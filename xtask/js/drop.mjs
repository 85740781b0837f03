// Takes exports out of a module, and with them, at the next optimisation, all that only they used. wasm-bindgen exports
// whatever any crate of the graph asks it to; what a crate offers that nobody calls would be downloaded for ever.

import { readFileSync, writeFileSync } from "node:fs";
import binaryen from "binaryen";

const [wasm, ...prefixes] = process.argv.slice(2);
if (prefixes.length === 0) throw new Error("usage: drop.mjs MODULE.wasm PREFIX…");

const module = binaryen.readBinary(readFileSync(wasm));
const names = Array.from({ length: module.getNumExports() }, (_, index) =>
  binaryen.getExportInfo(module.getExportByIndex(index)).name,
);
for (const name of names) {
  if (prefixes.some((prefix) => name.startsWith(prefix))) module.removeExport(name);
}
writeFileSync(wasm, module.emitBinary());
