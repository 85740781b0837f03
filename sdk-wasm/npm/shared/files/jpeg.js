// A JPEG without what is no part of the picture (ITU-T T.81 annex B, JFIF, CIPA DC-008): EXIF, XMP, IPTC, comments, thumbnails,
// and further pictures behind the first.

import { isText, onlyOrientation, orientationOf, seen } from "./exif.js";

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;
const APP15 = 0xef;
const COM = 0xfe;
const EXIF = "Exif\0\0";

/** Of the segments that applications add, those by which colours are what they are. */
const decidesColour = (bytes, marker, at) =>
  (marker === APP2 && isText(bytes, at, "ICC_PROFILE\0")) || (marker === APP14 && isText(bytes, at, "Adobe"));

const isSize = (marker) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** Where the data of a scan end: at a marker that is neither a stuffed byte nor a restart. */
function endOfScan(bytes, from) {
  let at = from;
  for (;;) {
    at = bytes.indexOf(0xff, at);
    if (at < 0) return bytes.length;
    const next = bytes[at + 1];
    if (next !== 0 && !(next >= 0xd0 && next <= 0xd7) && next !== 0xff) return at;
    at += next === 0xff ? 1 : 2;
  }
}

function segment(marker, text, data) {
  const length = 2 + text.length + data.length;
  return Uint8Array.of(0xff, marker, length >> 8, length & 0xff, ...[...text].map((c) => c.charCodeAt(0)), ...data);
}

/** The parts that are left, and the size as it is seen; `undefined` if it is not as a JPEG is. */
export function cleanJpeg(bytes) {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) return undefined;
  const parts = [bytes.subarray(0, 2)];
  let orientation = 1;
  let size = {};
  for (let at = 2; at + 2 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === EOI) {
      parts.push(bytes.subarray(at, at + 2));
      return { parts, ...seen(size, orientation) };
    }
    const length = (bytes[at + 2] << 8) | bytes[at + 3];
    const [data, end] = [at + 4, at + 2 + length];
    if (!(length >= 2 && end <= bytes.length)) return undefined;
    if (marker === APP0) {
      // Without its thumbnail.
      if (isText(bytes, data, "JFIF\0")) parts.push(segment(APP0, "", [...bytes.subarray(data, data + 12), 0, 0]));
    } else if (marker === APP1 && isText(bytes, data, EXIF)) {
      orientation = orientationOf(bytes.subarray(data + EXIF.length, end));
      if (orientation !== 1) parts.push(segment(APP1, EXIF, onlyOrientation(orientation)));
    } else if (marker === SOS) {
      const next = endOfScan(bytes, end);
      parts.push(bytes.subarray(at, next));
      at = next;
      continue;
    } else if ((marker < APP0 || marker > APP15) && marker !== COM) {
      if (isSize(marker)) {
        size = { height: (bytes[data + 1] << 8) | bytes[data + 2], width: (bytes[data + 3] << 8) | bytes[data + 4] };
      }
      parts.push(bytes.subarray(at, end));
    } else if (decidesColour(bytes, marker, data)) {
      parts.push(bytes.subarray(at, end));
    }
    at = end;
  }
  return undefined;
}
