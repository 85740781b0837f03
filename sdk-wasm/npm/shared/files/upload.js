// Files on their way to the gateway. `fetch` does not tell how far it got, so it is an XMLHttpRequest.

/** What the gateway takes of a name, in bytes of UTF-8. */
const MAX_NAME_BYTES = 255;
/** After how long without a byte going out, or the answer coming in, the network counts as gone; in milliseconds. */
const STALLED_MS = 60_000;

function problem(code, detail, retryAfterSecs) {
  return Object.assign(new Error(detail), { name: "SparkError", code, retryAfterSecs });
}

const unreachable = () => problem("network", "The gateway can't be reached.");

const bytesOf = (text) => new TextEncoder().encode(text).length;

/** A name as the gateway takes it: without what separates folders or can't be seen, and with its end where it is long. */
export function fileName(given = "") {
  const name = given.replace(/[\p{Cc}\p{Cs}/\\\ufffe\uffff]/gu, "_");
  if (/^\.{0,2}$/.test(name)) return "file";
  const [end] = /(\.[^.]{1,16})?$/.exec(name);
  const letters = [...name.slice(0, name.length - end.length)];
  while (bytesOf(letters.join("") + end) > MAX_NAME_BYTES) letters.pop();
  return letters.join("") + end;
}

/** What the gateway said, or that it said nothing. */
function answer(request) {
  const { status, responseText: text } = request;
  const isOf = (type) => request.getResponseHeader("content-type") === type;
  if (status === 201 && isOf("application/json")) return JSON.parse(text);
  // A proxy between us and the gateway speaks for itself.
  if (!isOf("application/problem+json")) throw unreachable();
  const { code, detail, retry_after_secs: retryAfterSecs } = JSON.parse(text);
  throw problem(code, detail, retryAfterSecs);
}

export async function upload(client, file, options = {}) {
  const { name = file.name, onProgress, signal } = typeof options === "string" ? { name: options } : options;
  signal?.throwIfAborted();
  const token = await client.accessToken();
  signal?.throwIfAborted();
  const query = new URLSearchParams({ name: fileName(name), size: file.size });
  const request = new XMLHttpRequest();
  request.open("POST", `${client.gateway}/sparkweb/api/v1/uploads?${query}`);
  request.setRequestHeader("authorization", `Bearer ${token}`);
  request.setRequestHeader("content-type", file.type || "application/octet-stream");
  let watch;
  let abort;
  try {
    await new Promise((resolve, reject) => {
      const stop = (error) => {
        reject(error);
        request.abort();
      };
      const alive = () => {
        clearTimeout(watch);
        watch = setTimeout(stop, STALLED_MS, unreachable());
      };
      abort = () => stop(signal.reason);
      signal?.addEventListener("abort", abort);
      request.upload.onprogress = ({ loaded }) => {
        alive();
        onProgress?.({ loaded, total: file.size });
      };
      request.onload = resolve;
      request.onerror = () => reject(unreachable());
      alive();
      request.send(file);
    });
  } finally {
    clearTimeout(watch);
    signal?.removeEventListener("abort", abort);
  }
  return answer(request);
}
