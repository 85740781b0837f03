// A PNG without what is no part of the picture (PNG third edition, section 11): EXIF, texts, times, and whatever no
// specification knows.

import { onlyOrientation, orientationOf, seen, textAt } from "./exif.js";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** The picture, its colours, its animation, and how it is meant to be shown. */
const KEPT = new Set(
  "IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT".split(" "),
);

/** Section 5.5 and annex D. */
function crc(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

const big = (number) => [number >>> 24, (number >>> 16) & 0xff, (number >>> 8) & 0xff, number & 0xff];

function chunk(name, data) {
  const body = [...[...name].map((letter) => letter.charCodeAt(0)), ...data];
  return Uint8Array.of(...big(data.length), ...body, ...big(crc(body)));
}

/** The parts that are left, the size, and whether it moves; `undefined` if it is not as a PNG is. */
export function cleanPng(bytes) {
  if (!SIGNATURE.every((byte, at) => bytes[at] === byte)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts = [bytes.subarray(0, 8)];
  let isAnimated = false;
  let orientation = 1;
  let size = {};
  for (let at = 8; at + 12 <= bytes.length; ) {
    const [length, name] = [view.getUint32(at), textAt(bytes, at + 4, 4)];
    const end = at + 12 + length;
    if (end > bytes.length) return undefined;
    if (name === "IHDR" && length >= 8) size = { width: view.getUint32(at + 8), height: view.getUint32(at + 12) };
    if (name === "acTL") isAnimated = true;
    if (KEPT.has(name)) parts.push(bytes.subarray(at, end));
    if (name === "eXIf") {
      orientation = orientationOf(bytes.subarray(at + 8, end - 4));
      if (orientation !== 1) parts.push(chunk("eXIf", onlyOrientation(orientation)));
    }
    if (name === "IEND") return { parts, isAnimated, ...seen(size, orientation) };
    at = end;
  }
  return undefined;
}
