// Pictures out of bytes, as cameras and programs write them, with what they note besides.

export const SECRET = "Taken by Juliet at 45.4418 N";

const ascii = (text) => Buffer.from(text, "latin1");

/** A TIFF structure, as EXIF is: which way up, and where. */
export function tiff(orientation) {
  const head = Buffer.from("4d4d002a00000008", "hex");
  const count = Buffer.from([0, 2]);
  const turned = Buffer.from([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
  const said = Buffer.alloc(12);
  said.writeUInt16BE(0x010e, 0);
  said.writeUInt16BE(2, 2);
  said.writeUInt32BE(SECRET.length + 1, 4);
  said.writeUInt32BE(8 + 2 + 24 + 4, 8);
  return Buffer.concat([head, count, turned, said, Buffer.alloc(4), ascii(`${SECRET}\0`)]);
}

/** A segment of a JPEG. */
export function segment(marker, ...parts) {
  const data = Buffer.concat(parts.map((part) => (typeof part === "string" ? ascii(part) : Buffer.from(part))));
  const length = data.length + 2;
  return Buffer.concat([Buffer.from([0xff, marker, length >> 8, length & 0xff]), data]);
}

/** What a camera notes, put into a JPEG that a browser made. */
export function asFromCamera(jpeg, orientation = 1) {
  const noted = [
    segment(0xe1, "Exif\0\0", tiff(orientation)),
    segment(0xe1, "http://ns.adobe.com/xap/1.0/\0", `<x>${SECRET}</x>`),
    segment(0xed, "Photoshop 3.0\0", SECRET),
    segment(0xfe, SECRET),
  ];
  const from = Buffer.from(jpeg);
  return Buffer.concat([from.subarray(0, 2), ...noted, from.subarray(2), ascii(`\xff\xd8 a second picture: ${SECRET}`)]);
}
