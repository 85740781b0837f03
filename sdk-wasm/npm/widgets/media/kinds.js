// What a file is, by what is said of it.

const PICTURES = /^image\/(apng|avif|bmp|gif|jpeg|png|webp)$/;
/** What turns the direction of writing around, and would show `gpj.exe` as `exe.jpg`. */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;
const ENDINGS = [
  ["picture", /\.(apng|avif|bmp|gif|jpe?g|png|webp)$/i],
  ["sound", /\.(aac|flac|m4a|mp3|oga|ogg|opus|wav|weba)$/i],
  ["film", /\.(m4v|mp4|mov|ogv|webm)$/i],
];

/** What this link is to: all that the sender says of it, which may be anything. */
export function fileOf(link) {
  const { type, bytes, width, height } = link.dataset;
  const said = link.querySelector("bdi").textContent;
  // One that has no name is called by its address.
  const name = link.href.includes(`/${said}`) ? decoded(said) : said;
  const kind = kindOf(type, name);
  const description = link.title;
  return { url: link.href, name, type, kind, description, bytes: bytes && Number(bytes), width: Number(width), height: Number(height) };
}

function decoded(part) {
  try {
    return decodeURIComponent(part).replace(TURNING, "");
  } catch {
    return part;
  }
}

function kindOf(type, name) {
  if (type) {
    if (PICTURES.test(type)) return "picture";
    if (type.startsWith("audio/")) return "sound";
    if (type.startsWith("video/")) return "film";
    if (type !== "application/octet-stream") return "other";
  }
  return ENDINGS.find(([, ending]) => ending.test(name))?.[0] ?? "other";
}

/** What a media element is told that it gets: the gateway says it where the service does, else the sender. */
export function playable(blob, type = "") {
  const isTold = /^(audio|video)\//.test(blob.type) || !/^(audio|video)\/[\w.+-]+$/.test(type);
  return isTold ? blob : new Blob([blob], { type });
}

/** A name under which a file is kept: in one folder, and legible from its beginning to its end. */
export const keptName = (name) => name.replace(/[\p{Cc}\p{Cf}/\\:*?"<>|]/gu, "_").replace(/^\.+/, "") || "file";
