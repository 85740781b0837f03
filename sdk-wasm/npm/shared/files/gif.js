// A GIF without what is no part of the picture (GIF89a): comments, XMP, and what applications add besides.

import { isText, textAt } from "./exif.js";

/** How often it plays, and its colours. */
const KEPT = new Set(["NETSCAPE2.0", "ANIMEXTS1.0", "ICCRGBG1012"]);
const [EXTENSION, IMAGE, TRAILER, COMMENT, APPLICATION] = [0x21, 0x2c, 0x3b, 0xfe, 0xff];

/** Of a table of colours, by the byte that tells of it. */
const tableBytes = (packed) => (packed & 0x80 ? 3 << ((packed & 7) + 1) : 0);

/** Behind the last of a row of sub-blocks, or behind everything. */
function endOfBlocks(bytes, from) {
  let at = from;
  while (bytes[at]) at += 1 + bytes[at];
  return at + 1;
}

/** The parts that are left, and the size; `undefined` if it is not as a GIF is. */
export function cleanGif(bytes) {
  if (!isText(bytes, 0, "GIF8") || bytes.length < 13) return undefined;
  const at16 = (at) => bytes[at] | (bytes[at + 1] << 8);
  let at = 13 + tableBytes(bytes[10]);
  const parts = [bytes.subarray(0, at)];
  while (at < bytes.length) {
    const [kind, label] = [bytes[at], bytes[at + 1]];
    if (kind === TRAILER) {
      parts.push(bytes.subarray(at, at + 1));
      return { parts, isAnimated: true, width: at16(6), height: at16(8) };
    }
    let end;
    if (kind === EXTENSION) end = endOfBlocks(bytes, at + 2);
    else if (kind === IMAGE) end = endOfBlocks(bytes, at + 11 + tableBytes(bytes[at + 9]));
    if (!(end <= bytes.length)) return undefined;
    const isForOthers =
      kind === EXTENSION && (label === COMMENT || (label === APPLICATION && !KEPT.has(textAt(bytes, at + 3, 11))));
    if (!isForOthers) parts.push(bytes.subarray(at, end));
    at = end;
  }
  return undefined;
}
