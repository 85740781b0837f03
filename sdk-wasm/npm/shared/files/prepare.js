// Pictures made fit to be sent: not larger than they are looked at, and without what the camera noted of where, when and by
// whom they were taken.
//
// A picture that is small enough keeps its very pixels: what is no part of it is cut out of the file.

import { cleanGif } from "./gif.js";
import { cleanJpeg } from "./jpeg.js";
import { cleanPng } from "./png.js";
import { cleanWebp } from "./webp.js";

const [JPEG, PNG, WEBP, GIF] = ["image/jpeg", "image/png", "image/webp", "image/gif"];
const CLEAN = { [JPEG]: cleanJpeg, [PNG]: cleanPng, [WEBP]: cleanWebp, [GIF]: cleanGif };
const ENDS = { [JPEG]: ".jpg", [PNG]: ".png", [WEBP]: ".webp" };

/** What a picture is by its first bytes, whatever it is called. */
async function kindOf(file) {
  const head = new Uint8Array(await file.slice(0, 12).arrayBuffer());
  const text = String.fromCharCode(...head);
  if (text.startsWith("\xff\xd8\xff")) return JPEG;
  if (text.startsWith("\x89PNG")) return PNG;
  if (text.startsWith("GIF8")) return GIF;
  if (text.startsWith("RIFF") && text.endsWith("WEBP")) return WEBP;
  // A drawing has no pixels, and nothing of a camera's.
  return file.type.startsWith("image/") && !file.type.includes("svg") ? "" : undefined;
}

function canvasOf(width, height) {
  if (globalThis.OffscreenCanvas) return new OffscreenCanvas(width, height);
  return Object.assign(document.createElement("canvas"), { width, height });
}

const encode = (canvas, type, quality) =>
  canvas.convertToBlob?.({ type, quality }) ?? new Promise((resolve) => canvas.toBlob(resolve, type, quality));

/** Whether what is drawn comes back: browsers that hide what they run on may answer with noise. */
function isHonest() {
  const context = canvasOf(8, 8).getContext("2d");
  context.fillStyle = "rgb(40 120 200)";
  context.fillRect(0, 0, 8, 8);
  const { data } = context.getImageData(0, 0, 8, 8);
  return data.every((value, at) => Math.abs(value - [40, 120, 200, 255][at % 4]) <= 4);
}

function isOpaque(context, width, height) {
  const { data } = context.getImageData(0, 0, width, height);
  for (let at = 3; at < data.length; at += 4) if (data[at] < 255) return false;
  return true;
}

/** Draws a picture anew, the right way up; `undefined` where the browser can't. */
async function draw(file, kind, { maxEdge, quality }) {
  if (!isHonest()) return undefined;
  const image = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => undefined);
  if (!image) return undefined;
  const scale = Math.min(1, maxEdge / Math.max(image.width, image.height));
  const [width, height] = [image.width, image.height].map((edge) => Math.max(1, Math.round(edge * scale)));
  const canvas = canvasOf(width, height);
  const context = canvas.getContext("2d");
  if (!context) return undefined;
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, width, height);
  image.close();
  let blob = kind && (await encode(canvas, kind, quality));
  if (kind === PNG && isOpaque(context, width, height)) {
    // A photograph is no good as a PNG; a picture of a screen is.
    const photograph = await encode(canvas, JPEG, quality);
    if (photograph.size < blob.size / 2) blob = photograph;
  } else if (!blob || blob.type !== kind) {
    // Not every browser writes what it reads.
    blob = await encode(canvas, isOpaque(context, width, height) ? JPEG : PNG, quality);
  }
  return blob && { blob, width, height, isReduced: scale < 1 };
}

function named(blob, { name = "picture" }, type) {
  const end = ENDS[type];
  const isCalledSo = !end || new RegExp(type === JPEG ? "\\.jpe?g$" : `\\${end}$`, "i").test(name);
  return new File([blob], isCalledSo ? name : name.replace(/(\.[^.]*)?$/, end), { type });
}

/**
 * A file made fit to be sent. `file` is what to send, `width` and `height` the size in which it is seen, `isReduced` whether that
 * is less than it was, and `isClean`
 * whether nothing is in it any more of what a camera notes: of what is no picture, or can't be read here, nothing is known.
 */
export async function prepare(file, { maxEdge = 2048, quality = 0.85 } = {}) {
  const kind = await kindOf(file);
  const asItIs = { file, isReduced: false, isClean: false };
  if (kind === undefined) return asItIs;
  const cleaned = CLEAN[kind]?.(new Uint8Array(await file.arrayBuffer()));
  const kept = () => {
    const { parts, width, height } = cleaned;
    return { file: named(new Blob(parts, { type: kind }), file, kind), width, height, isReduced: false, isClean: true };
  };
  if (cleaned && (cleaned.isAnimated || Math.max(cleaned.width, cleaned.height) <= maxEdge)) return kept();
  // Drawn anew it would no longer move.
  const drawn = kind === GIF ? undefined : await draw(file, kind, { maxEdge, quality });
  if (!drawn) return cleaned ? kept() : asItIs;
  const { blob, ...about } = drawn;
  if (cleaned && blob.size >= file.size) return kept();
  return { file: named(blob, file, blob.type), ...about, isClean: true };
}
