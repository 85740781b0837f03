// A WebP without what is no part of the picture (RFC 9649, section 2): EXIF, XMP, and chunks that nobody knows.

import { isText, onlyOrientation, orientationOf, textAt } from "./exif.js";

const KEPT = new Set(["VP8X", "ICCP", "ANIM", "ANMF", "ALPH", "VP8 ", "VP8L"]);
/** Flags of VP8X. */
const [ANIMATED, XMP, EXIF] = [0x02, 0x04, 0x08];

const little = (number) => [number & 0xff, (number >>> 8) & 0xff, (number >>> 16) & 0xff, number >>> 24];

/** Sections 2.5 to 2.7. */
function sizeOf(view, name, data) {
  const of24 = (at) => 1 + (view.getUint16(at, true) | (view.getUint8(at + 2) << 16));
  if (name === "VP8X") return { width: of24(data + 4), height: of24(data + 7) };
  if (name === "VP8 ") {
    return { width: view.getUint16(data + 6, true) & 0x3fff, height: view.getUint16(data + 8, true) & 0x3fff };
  }
  const bits = view.getUint32(data + 1, true);
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
}

/** The parts that are left, the size, and whether it moves; `undefined` if it is not as a WebP is. */
export function cleanWebp(bytes) {
  if (!isText(bytes, 0, "RIFF") || !isText(bytes, 8, "WEBP")) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = Math.min(bytes.length, 8 + view.getUint32(4, true));
  const parts = [];
  let flags;
  let isAnimated = false;
  let size;
  for (let at = 12; at + 8 <= whole; ) {
    const [name, length] = [textAt(bytes, at, 4), view.getUint32(at + 4, true)];
    const [data, end] = [at + 8, at + 8 + length + (length % 2)];
    if (data + length > whole) return undefined;
    if (["VP8X", "VP8 ", "VP8L"].includes(name)) {
      if (length < 10 && !(name === "VP8L" && length >= 5)) return undefined;
      size ??= sizeOf(view, name, data);
    }
    if (name === "VP8X") {
      isAnimated = Boolean(bytes[data] & ANIMATED);
      flags = bytes.slice(at, end);
      flags[8] &= ~(XMP | EXIF);
      parts.push(flags);
    } else if (KEPT.has(name)) {
      parts.push(bytes.subarray(at, end));
    } else if (name === "EXIF" && flags) {
      // Some write it as JPEGs have it.
      const orientation = orientationOf(bytes.subarray(data + (isText(bytes, data, "Exif\0\0") ? 6 : 0), data + length));
      if (orientation !== 1) {
        const tiff = onlyOrientation(orientation);
        flags[8] |= EXIF;
        parts.push(Uint8Array.of(0x45, 0x58, 0x49, 0x46, ...little(tiff.length), ...tiff));
      }
    }
    at = end;
  }
  if (!size) return undefined;
  const length = parts.reduce((sum, part) => sum + part.length, 4);
  return { parts: [Uint8Array.of(0x52, 0x49, 0x46, 0x46, ...little(length), 0x57, 0x45, 0x42, 0x50), ...parts], isAnimated, ...size };
}
