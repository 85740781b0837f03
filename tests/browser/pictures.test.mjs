// What is cut out of pictures before they are sent, and what stays. Bytes in, bytes out: without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";

import { cleanGif } from "../../sdk-wasm/npm/shared/files/gif.js";
import { cleanJpeg } from "../../sdk-wasm/npm/shared/files/jpeg.js";
import { cleanPng } from "../../sdk-wasm/npm/shared/files/png.js";
import { fileName } from "../../sdk-wasm/npm/shared/files/upload.js";
import { cleanWebp } from "../../sdk-wasm/npm/shared/files/webp.js";
import { SECRET, segment, tiff } from "./support/pictures.mjs";

const bytes = (...parts) =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part))));
const big = (number) => [number >>> 24, (number >> 16) & 255, (number >> 8) & 255, number & 255];
const little = (number) => big(number).reverse();

/** What is left of a picture, which has nothing of the secret in it; and it comes to the same when it is cleaned again. */
function left(clean, picture) {
  const { parts, ...about } = clean(new Uint8Array(picture));
  const whole = bytes(...parts);
  assert.ok(!whole.includes(SECRET), "what the camera noted is still in it");
  assert.deepEqual(bytes(...clean(new Uint8Array(whole)).parts), whole);
  return { whole, ...about };
}

/** Nothing that breaks off anywhere is taken for a picture, or throws. */
function assertWhole(clean, picture, from) {
  for (let length = 0; length < picture.length - from; length += 1) {
    assert.equal(clean(new Uint8Array(picture.subarray(0, length))), undefined, `${length} bytes`);
  }
}

const QUANTISATION = segment(0xdb, new Array(65).fill(1));
const sizeOf = (marker) => segment(marker, [8, 0, 30, 0, 40, 1, 1, 0x11, 0]);
const SCAN = bytes(segment(0xda, [1, 1, 0, 0, 63, 0]), [1, 2, 0xff, 0, 3, 0xff, 0xd0, 4, 0xff, 0xff]);
const JFIF = segment(0xe0, "JFIF\0", [1, 2, 0, 0, 1, 0, 1, 0, 0]);
const [SOI, EOI] = [[0xff, 0xd8], [0xff, 0xd9]];

test("a JPEG keeps its pixels and colours, and nothing that a camera notes", () => {
  const colours = [segment(0xe2, "ICC_PROFILE\0", [1, 1, 9, 9]), segment(0xee, "Adobe", [0, 100, 0, 0, 0, 0, 0])];
  for (const frame of [sizeOf(0xc0), sizeOf(0xc2)]) {
    const picture = bytes(
      SOI,
      segment(0xe0, "JFIF\0", [1, 2, 0, 0, 1, 0, 1, 2, 2], SECRET),
      segment(0xe0, "JFXX\0", SECRET),
      segment(0xe1, "Exif\0\0", tiff(1)),
      segment(0xe1, "http://ns.adobe.com/xap/1.0/\0", SECRET),
      segment(0xe2, "MPF\0", SECRET),
      ...colours,
      segment(0xed, "Photoshop 3.0\0", SECRET),
      segment(0xeb, "JP\0\0", SECRET),
      [0xff],
      segment(0xfe, SECRET),
      QUANTISATION,
      frame,
      SCAN,
      QUANTISATION,
      SCAN,
      EOI,
      SOI,
      SECRET,
    );
    const { whole, width, height } = left(cleanJpeg, picture);
    assert.deepEqual([width, height], [40, 30]);
    assert.deepEqual(whole, bytes(SOI, JFIF, ...colours, QUANTISATION, frame, SCAN, QUANTISATION, SCAN, EOI));
  }
});

test("a JPEG stays the right way up", () => {
  for (let orientation = 0; orientation <= 9; orientation += 1) {
    const picture = bytes(SOI, segment(0xe1, "Exif\0\0", tiff(orientation)), QUANTISATION, sizeOf(0xc0), SCAN, EOI);
    const { whole, width, height } = left(cleanJpeg, picture);
    const isSaid = orientation >= 2 && orientation <= 8;
    assert.equal(whole.includes("Exif"), isSaid, `orientation ${orientation}`);
    if (isSaid) {
      const exif = bytes("MM\0*", big(8), [0, 1], [1, 0x12, 0, 3], big(1), [0, orientation, 0, 0], big(0));
      assert.deepEqual(whole.subarray(2, 2 + 10 + exif.length), segment(0xe1, "Exif\0\0", exif));
    }
    assert.deepEqual([width, height], orientation >= 5 && isSaid ? [30, 40] : [40, 30]);
  }
});

test("what is no whole JPEG is left to others", () => {
  assertWhole(cleanJpeg, bytes(SOI, JFIF, QUANTISATION, sizeOf(0xc0), SCAN, EOI), 0);
  assert.equal(cleanJpeg(new Uint8Array(bytes(SOI, "abc", EOI))), undefined);
  assert.equal(cleanJpeg(new Uint8Array(bytes(SOI, [0xff, 0xe1, 0, 1], EOI))), undefined);
});

const SIGNATURE = bytes("\x89PNG\r\n\x1a\n");
const chunk = (name, ...data) => {
  const body = bytes(name, ...data);
  return bytes(big(body.length - 4), body, big(crc32(body)));
};
const IHDR = chunk("IHDR", big(40), big(30), [8, 6, 0, 0, 0]);
const [IDAT, IEND] = [chunk("IDAT", [1, 2, 3]), chunk("IEND")];

test("a PNG keeps its pixels, colours and animation, and nothing else", () => {
  const kept = [
    IHDR,
    ...["iCCP", "gAMA", "cHRM", "sRGB", "cICP", "pHYs", "PLTE", "tRNS", "acTL", "fcTL"].map((name) => chunk(name, [1])),
    IDAT,
    chunk("fdAT", [2]),
    IEND,
  ];
  const dropped = ["tEXt", "zTXt", "iTXt", "tIME", "caBX", "prVt"].map((name) => chunk(name, SECRET));
  const picture = bytes(SIGNATURE, kept[0], ...dropped, chunk("eXIf", tiff(1)), ...kept.slice(1), SECRET);
  const { whole, isAnimated, width, height } = left(cleanPng, picture);
  assert.deepEqual(whole, bytes(SIGNATURE, ...kept));
  assert.deepEqual([isAnimated, width, height], [true, 40, 30]);
});

test("a PNG stays the right way up", () => {
  const { whole, isAnimated, width, height } = left(cleanPng, bytes(SIGNATURE, IHDR, chunk("eXIf", tiff(6)), IDAT, IEND));
  const exif = chunk("eXIf", "MM\0*", big(8), [0, 1], [1, 0x12, 0, 3], big(1), [0, 6, 0, 0], big(0));
  assert.deepEqual(whole, bytes(SIGNATURE, IHDR, exif, IDAT, IEND));
  assert.deepEqual([isAnimated, width, height], [false, 30, 40]);
  assertWhole(cleanPng, bytes(SIGNATURE, IHDR, IDAT, IEND), 0);
});

const part = (name, ...data) => {
  const body = bytes(...data);
  return bytes(name, little(body.length), body, body.length % 2 ? [0] : []);
};
const riff = (...parts) => bytes("RIFF", little(4 + bytes(...parts).length), "WEBP", ...parts);
const lossy = part("VP8 ", [0, 0, 0, 0x9d, 1, 0x2a, 40, 0, 30, 0, 7]);
const extended = (flags) => part("VP8X", [flags, 0, 0, 0, 39, 0, 0, 29, 0, 0]);

test("a WebP keeps its pixels, colours and animation, and says that there is nothing else", () => {
  const kept = [part("ICCP", [1]), part("ANIM", [0, 0, 0, 0, 0, 0]), part("ANMF", [1, 2, 3])];
  const noted = [part("EXIF", tiff(1)), part("XMP ", SECRET), part("abcd", SECRET)];
  const { whole, ...about } = left(cleanWebp, bytes(riff(extended(0x20 | 0x08 | 0x04 | 0x02), ...kept, ...noted), SECRET));
  assert.deepEqual(whole, riff(extended(0x20 | 0x02), ...kept));
  assert.deepEqual(about, { isAnimated: true, width: 40, height: 30 });
});

test("a WebP says how large it is in three ways, and which way up in one", () => {
  const lossless = part("VP8L", [0x2f, ...little(39 | (29 << 14))]);
  const alpha = part("ALPH", [0, 1]);
  for (const [picture, expected] of [
    [riff(lossy), riff(lossy)],
    [riff(lossless), riff(lossless)],
    [riff(extended(0x10), alpha, lossy), riff(extended(0x10), alpha, lossy)],
  ]) {
    const { whole, ...about } = left(cleanWebp, picture);
    assert.deepEqual(whole, expected);
    assert.deepEqual(about, { isAnimated: false, width: 40, height: 30 });
  }
  const exif = bytes("MM\0*", big(8), [0, 1], [1, 0x12, 0, 3], big(1), [0, 8, 0, 0], big(0));
  for (const said of [tiff(8), bytes("Exif\0\0", tiff(8))]) {
    const { whole } = left(cleanWebp, riff(extended(0x08), lossy, part("EXIF", said)));
    assert.deepEqual(whole, riff(extended(0x08), lossy, part("EXIF", exif)));
  }
  assert.equal(cleanWebp(new Uint8Array(riff(part("ICCP", [1])))), undefined);
  // What is behind the picture itself may be missing.
  assertWhole(cleanWebp, riff(lossy), 1);
});

test("a GIF keeps its frames and how often they play", () => {
  const colours = new Array(6).fill(0);
  const head = bytes("GIF89a", [40, 0, 30, 0, 0x80, 0, 0], colours);
  const blocks = (...texts) => bytes(...texts.map((text) => bytes([text.length], text)), [0]);
  const plays = bytes([0x21, 0xff], blocks("NETSCAPE2.0", "\x01\0\0"));
  const frame = bytes([0x21, 0xf9, 4, 0, 5, 0, 0, 0], [0x2c, 0, 0, 0, 0, 40, 0, 30, 0, 0x80], colours, [2], blocks("ab", "c"));
  const comment = bytes([0x21, 0xfe], blocks(SECRET, SECRET));
  const xmp = bytes([0x21, 0xff], blocks("XMP DataXMP", SECRET));
  const { whole, ...about } = left(cleanGif, bytes(head, comment, plays, frame, xmp, frame, [0x3b], SECRET));
  assert.deepEqual(whole, bytes(head, plays, frame, frame, [0x3b]));
  assert.deepEqual(about, { isAnimated: true, width: 40, height: 30 });
  assertWhole(cleanGif, bytes(head, plays, frame, [0x3b]), 0);
});

test("a file is called what the gateway takes", () => {
  for (const [given, expected] of [
    ["très cool.png", "très cool.png"],
    [undefined, "file"],
    ["", "file"],
    ["..", "file"],
    ["../a\\b\nc\0.txt", ".._a_b_c_.txt"],
    ["\u{ffff}\ud800x", "__x"],
    [`${"ä".repeat(200)}.jpeg`, `${"ä".repeat(125)}.jpeg`],
    ["x".repeat(300), "x".repeat(255)],
    [`${"🌹".repeat(80)}`, "🌹".repeat(63)],
  ]) {
    assert.equal(fileName(given), expected);
  }
});
