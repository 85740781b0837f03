// Puts a .gz and a .br beside every file of a folder that compression makes smaller, and prints what each weighs:
// one line per file, tab-separated: path, bytes, bytes by gzip, bytes by brotli.

import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { extname, join, relative } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const COMPRESSIBLE = new Set([".css", ".html", ".js", ".json", ".mjs", ".svg", ".txt", ".wasm", ".webmanifest"]);

const [folder] = process.argv.slice(2);
if (!folder) throw new Error("usage: compress.mjs FOLDER");

const entries = await readdir(folder, { recursive: true, withFileTypes: true });
const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
for (const file of files.filter((name) => [".gz", ".br"].includes(extname(name)))) await rm(file);

for (const file of files.filter((name) => COMPRESSIBLE.has(extname(name))).sort()) {
  const content = await readFile(file);
  const [small, smaller] = await Promise.all([
    promisify(gzip)(content, { level: 9 }),
    promisify(brotliCompress)(content, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
    }),
  ]);
  if (small.length < content.length) await writeFile(`${file}.gz`, small);
  if (smaller.length < content.length) await writeFile(`${file}.br`, smaller);
  console.log([relative(folder, file), content.length, small.length, smaller.length].join("\t"));
}
