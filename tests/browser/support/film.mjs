// A film for a test: a browser draws its frames, and here they are put into a WebM of which one knows how long it is, and
// where in it which second is, before all of it is there.

/** Frames of a second, and how large they are. */
const RATE = 5;
const [WIDTH, HEIGHT] = [320, 240];

/** A number in as many bytes. */
function number(value, bytes) {
  const out = Buffer.alloc(bytes);
  out.writeUIntBE(value, 0, bytes);
  return out;
}

/** An element of EBML (RFC 8794): its id, how many bytes it has, and these. */
function element(id, ...parts) {
  const data = Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
  const size = Buffer.concat([Buffer.from([0x01, 0]), number(data.length, 6)]);
  return Buffer.concat([Buffer.from(id, "hex"), size, data]);
}

/** One second of it, which begins with a picture of its own. */
function cluster(second, frames) {
  const blocks = frames.map((frame, n) => {
    const head = Buffer.from([0x81, 0, 0, n === 0 ? 0x80 : 0]);
    head.writeInt16BE((n * 1000) / RATE, 1);
    return element("a3", head, frame);
  });
  return element("1f43b675", element("e7", number(second * 1000, 4)), ...blocks);
}

function webm(seconds, frames) {
  const duration = Buffer.alloc(8);
  duration.writeDoubleBE(seconds * 1000);
  const info = element("1549a966", element("2ad7b1", number(1_000_000, 4)), element("4489", duration), element("4d80", "test"), element("5741", "test"));
  const picture = element("e0", element("b0", number(WIDTH, 2)), element("ba", number(HEIGHT, 2)));
  const track = element("ae", element("d7", number(1, 1)), element("73c5", number(1, 1)), element("83", number(1, 1)), element("86", "V_VP8"), picture);
  const beginning = Buffer.concat([info, element("1654ae6b", track)]);
  const clusters = Array.from({ length: seconds }, (_, second) => cluster(second, frames.slice(second * RATE, (second + 1) * RATE)));
  const cues = (places) =>
    element("1c53bb6b", ...places.map((place, second) => element("bb", element("b3", number(second * 1000, 4)), element("b7", element("f7", number(1, 1)), element("f1", number(place, 4))))));
  // They are as long wherever what they tell of is.
  let place = beginning.length + cues(clusters.map(() => 0)).length;
  const places = clusters.map(({ length }) => (place += length) - length);
  const versions = ["4286", "42f7"].map((id) => element(id, number(1, 1)));
  const kind = [element("42f2", number(4, 1)), element("42f3", number(8, 1)), element("4282", "webm"), element("4287", number(2, 1)), element("4285", number(2, 1))];
  return Buffer.concat([element("1a45dfa3", ...versions, ...kind), element("18538067", beginning, cues(places), ...clusters)]);
}

/** A film of so many seconds, of which no two pictures are alike. */
export async function film(page, seconds) {
  const frames = await page.evaluate(
    async ([count, rate, width, height]) => {
      const frames = [];
      const encoder = new VideoEncoder({
        output(chunk) {
          const bytes = new Uint8Array(chunk.byteLength);
          chunk.copyTo(bytes);
          frames.push(btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")));
        },
        error: (error) => console.error(error),
      });
      encoder.configure({ codec: "vp8", width, height, bitrate: 500_000, framerate: rate });
      const pixels = new Uint8Array(width * height * 4);
      for (let n = 0; n < count; n += 1) {
        for (let at = 0; at < pixels.length; at += 65536) crypto.getRandomValues(pixels.subarray(at, at + 65536));
        const frame = new VideoFrame(pixels, { format: "RGBX", codedWidth: width, codedHeight: height, timestamp: (n * 1e6) / rate });
        encoder.encode(frame, { keyFrame: n % rate === 0 });
        frame.close();
      }
      await encoder.flush();
      return frames;
    },
    [seconds * RATE, RATE, WIDTH, HEIGHT],
  );
  return webm(seconds, frames.map((frame) => Buffer.from(frame, "base64")));
}
