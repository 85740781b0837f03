// Gives what a module and its glue call each other by short names: wasm-bindgen's are long, end in hashes that nothing
// compresses, and stand in both files. binaryen renames in the module and says how; here the glue follows.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const [wasmOpt, wasm, glue, ...features] = process.argv.slice(2);
if (!glue) throw new Error("usage: shorten.mjs WASM-OPT MODULE.wasm GLUE.js [FEATURE…]");

const said = execFileSync(wasmOpt, ["--minify-imports-and-exports-and-modules", ...features, wasm, "-o", wasm], {
  encoding: "utf8",
});
const { imports, exports } = JSON.parse(said);

/** What the glue itself provides, and the one object from which the module takes everything afterwards. */
const OWN = "./core_bg.js";
const EVERYTHING = "a";

const exported = new Map(exports);
const own = new Map(imports.filter(([module]) => module === OWN).map(([, name, short]) => [name, short]));
const followed = new Set();

let text = readFileSync(glue, "utf8");
text = text.replace(/\bwasm\.(\w+)/g, (whole, name) => (exported.has(name) ? `wasm.${exported.get(name)}` : whole));
text = text.replace(/^(\s+)(\w+)(?=: )/gm, (whole, indent, name) => {
  if (!own.has(name)) return whole;
  if (followed.has(name)) throw new Error(`${glue} gives ${name} to the module twice`);
  followed.add(name);
  return indent + own.get(name);
});
// From scripts which the module imports from as they are, by their own names.
const others = [];
text = text.replace(/^\s+"(\.\/snippets\/[^"]+)": (import\d+),\n/gm, (_, module, from) => {
  for (const [of, name, short] of imports) {
    if (of === module && !followed.has(name)) {
      followed.add(name);
      others.push(`${short}: ${from}.${name}`);
    }
  }
  return "";
});
text = text.replace(`"${OWN}": import0`, `${EVERYTHING}: Object.assign(import0, { ${others.join(", ")} })`);

// A second way to load the module, which the packages don't let anybody have.
if (!text.includes("export { initSync, ")) throw new Error(`${glue} has no initSync to leave out`);
text = text.replace("export { initSync, ", "export { ");

const lost = imports.filter(([, name]) => !followed.has(name)).map(([, name]) => name);
if (lost.length > 0) throw new Error(`${glue} does not give the module ${lost.join(", ")}`);
writeFileSync(glue, text);
