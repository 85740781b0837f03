// What a picture can't be without of all that a camera notes: which way up it is.

const ORIENTATION = 0x0112;

/** Which way up, of the TIFF structure that EXIF is (CIPA DC-008, 4.6.4): 1 to 8, and 1 where it doesn't say. */
export function orientationOf(tiff) {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  try {
    const isLittle = view.getUint16(0) === 0x4949;
    if (view.getUint16(2, isLittle) !== 42) return 1;
    const at = view.getUint32(4, isLittle);
    const count = view.getUint16(at, isLittle);
    for (let entry = at + 2; entry < at + 2 + 12 * count; entry += 12) {
      if (view.getUint16(entry, isLittle) !== ORIENTATION) continue;
      const value = view.getUint16(entry + 8, isLittle);
      return value >= 1 && value <= 8 ? value : 1;
    }
  } catch {
    // It ends before it says so.
  }
  return 1;
}

/** A TIFF structure that says which way up, and nothing else. */
export function onlyOrientation(value) {
  const header = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8];
  const entry = [ORIENTATION >> 8, ORIENTATION & 0xff, 0, 3, 0, 0, 0, 1, 0, value, 0, 0];
  return Uint8Array.of(...header, 0, 1, ...entry, 0, 0, 0, 0);
}

/** Width and height as they are seen. */
export function seen({ width, height }, orientation) {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}

export function isText(bytes, at, text) {
  return [...text].every((letter, index) => bytes[at + index] === letter.charCodeAt(0));
}

export function textAt(bytes, at, length) {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
