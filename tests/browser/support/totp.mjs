// An authenticator app: codes of RFC 6238, out of a secret or out of the picture of one.

import { createHmac } from "node:crypto";
import { createRequire } from "node:module";

const jsQR = createRequire(import.meta.url)("jsqr");

const STEP_MS = 30_000;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** A code of six digits (RFC 6238 with SHA-1) for a step of half a minute. */
export function codeOf(secret, step) {
  const bits = [...secret].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac("sha1", key).update(counter).digest();
  const number = digest.readUInt32BE(digest.at(-1) & 0xf) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** An app that shows a code which has not been used yet: each is good once, and those just before and after now are too. */
export class Authenticator {
  #last = 0;

  constructor(secret) {
    this.secret = secret.replaceAll(" ", "");
  }

  code() {
    this.#last = Math.max(this.#last + 1, Math.floor(Date.now() / STEP_MS) - 1);
    return codeOf(this.secret, this.#last);
  }

  /** One that is of this app, and of no time near. */
  wrong() {
    return codeOf(this.secret, 1);
  }
}

/** What a QR code on a page says, read off the screen as a phone's camera would. */
export async function readQr(element) {
  const png = await element.screenshot({ animations: "disabled" });
  const blank = await element.page().context().newPage();
  const { data, width, height } = await blank.evaluate(async (source) => {
    const image = new Image();
    image.src = source;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    return { data: [...data], width: image.width, height: image.height };
  }, `data:image/png;base64,${png.toString("base64")}`);
  await blank.close();
  return jsQR(Uint8ClampedArray.from(data), width, height)?.data;
}
