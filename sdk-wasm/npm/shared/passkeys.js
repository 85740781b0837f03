// Passkeys as browsers make and show them (WebAuthn Level 3). The gateway says what to ask for and checks what comes of it,
// each in JSON: older browsers have no words for that, so it is turned into bytes and back here.
import { ask, comeIn, post } from "./operations.js";

/** A question is asked anew when the gateway waits for its answer for less than this, in milliseconds. */
const MARGIN_MS = 30_000;
/** What a browser refuses at once, nobody was asked about; in milliseconds. */
const AT_ONCE_MS = 100;

/** What people are told, by the code; and of a passkey that was to be made, rather than used. */
const PROBLEMS = {
  passkey_cancelled: "No passkey was used. Try again, or go another way if this device has none for here.",
  passkey_not_made: "No passkey was made. Try again when you are ready.",
  passkey_timed_out: "That took too long. Try again.",
  passkey_exists: "This device has a passkey for you already.",
  passkey_unsupported: "This browser can't use passkeys.",
  passkey_insecure: "Passkeys need a secure connection: open this page by an address that begins with https.",
  passkey_frame: "This page is inside of another, which doesn't let it use passkeys. Open it in a tab of its own.",
  passkey_frame_made: "A passkey can't be made in a page that is inside of another. Open this one in a tab of its own.",
  passkey_origin: "The passkeys of this chat service can't be used on this site.",
};

function problem(code, cause, words = code) {
  return Object.assign(new Error(PROBLEMS[words], { cause }), { name: "SparkError", code });
}

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function base64url(buffer) {
  const plain = btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const named = (keys) => keys?.map((key) => ({ ...key, id: bytes(key.id) }));

/** What a browser made or showed, as `toJSON` has it. */
function toJson({ id, rawId, type, response }) {
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const said = parts.filter((part) => response[part]).map((part) => [part, base64url(response[part])]);
  const transports = response.getTransports?.();
  return { id, rawId: base64url(rawId), type, response: { ...Object.fromEntries(said), ...(transports && { transports }) } };
}

/** Whether another site's page has this one inside of it. */
function isInside() {
  try {
    return top.origin !== self.origin;
  } catch {
    return true;
  }
}

/** What the browser's word for a failure means. It does not tell a person who cancels from a device that has no passkey. */
function meaning({ name }, waitedMs, timeoutMs, feature) {
  if (name === "SecurityError") return "passkey_origin";
  if (name === "InvalidStateError") return "passkey_exists";
  if (name !== "NotAllowedError") return "passkey_unsupported";
  const isAllowed = () => document.featurePolicy?.allowsFeature(feature) ?? waitedMs >= AT_ONCE_MS;
  if (isInside() && !isAllowed()) return "passkey_frame";
  return waitedMs >= timeoutMs ? "passkey_timed_out" : "passkey_cancelled";
}

/** Asks the browser: `get` or `create`. An abort rejects as it does everywhere, with what the signal says. */
async function askBrowser(what, publicKey, { signal, mediation } = {}) {
  if (!isSecureContext) throw problem("passkey_insecure");
  const isThere = globalThis.PublicKeyCredential && navigator.credentials;
  if (!isThere || (mediation && !(await PublicKeyCredential.isConditionalMediationAvailable?.()))) {
    throw problem("passkey_unsupported");
  }
  const since = performance.now();
  try {
    return toJson(await navigator.credentials[what]({ publicKey, signal, mediation }));
  } catch (error) {
    if (signal?.aborted) throw error;
    const code = meaning(error, performance.now() - since, publicKey.timeout, `publickey-credentials-${what}`);
    throw problem(code, error, what === "create" && code === "passkey_cancelled" ? "passkey_not_made" : code);
  }
}

function show(options, how) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    allowCredentials: named(options.allowCredentials),
  };
  return askBrowser("get", publicKey, how);
}

/** A proof by a passkey, for whatever gives a question. */
export async function proof(another, how) {
  const { public_key: options } = await another();
  return { kind: "passkey", credential: await show(options, how) };
}

/** The sign-in of nobody in particular that each client has begun, and not answered: good for the next who asks. */
const begun = new WeakMap();

async function begin(client, username) {
  const known = username === undefined && begun.get(client);
  if (known && Date.now() < known.freshUntilMs) return known;
  const asked = await post(client, "/sign-ins", { username });
  const one = { ...asked, freshUntilMs: Date.now() + asked.expires_in_secs * 1000 - MARGIN_MS };
  if (username === undefined) begun.set(client, one);
  return one;
}

export async function areOffered(client) {
  try {
    await begin(client);
    return true;
  } catch (error) {
    if (error.code === "unsupported") return false;
    throw error;
  }
}

/** Shows a passkey where a name is typed, for as long as that takes: a question that runs out gives way to the next. */
async function showWhenever(client, { signal }) {
  for (;;) {
    const asked = await begin(client);
    const renewal = new AbortController();
    const abort = () => renewal.abort(signal.reason);
    signal?.addEventListener("abort", abort);
    signal?.throwIfAborted();
    const timer = setTimeout(() => renewal.abort(), asked.freshUntilMs - Date.now());
    try {
      return [asked, await show(asked.passkey.public_key, { signal: renewal.signal, mediation: "conditional" })];
    } catch (error) {
      if (!renewal.signal.aborted || signal?.aborted) throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }
}

export async function signIn(client, { username, conditional = false, remember = true, signal } = {}) {
  const come = async () => {
    if (conditional) return showWhenever(client, { signal });
    const asked = await begin(client, username);
    if (!asked.passkey) throw problem("passkey_unsupported");
    return [asked, await show(asked.passkey.public_key, { signal })];
  };
  const [{ id, pending_token }, credential] = await come();
  if (begun.get(client)?.id === id) begun.delete(client);
  return comeIn(client, `/sign-ins/${id}/proofs`, { pending_token, proof: { kind: "passkey", credential } }, remember);
}

export async function add(client, name, how) {
  // The gateway takes none that was (WebAuthn Level 3, section 7.1): nobody is to touch a key for nothing.
  if (isInside()) throw problem("passkey_frame", undefined, "passkey_frame_made");
  const { public_key: options } = await ask(client, "POST", "/factors/passkeys/options");
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: named(options.excludeCredentials),
  };
  return ask(client, "POST", "/factors/passkeys", { credential: await askBrowser("create", publicKey, how), name });
}
