// What may be kept for when there is no network. It decides and does nothing: what is not named here is none of our affair.

/** The gateway's API and its streams, whatever is before them and at whatever origin. */
const NEVER = /\/sparkweb\/(?!sdk\/|elements\/)/;
/** The files of the SDK and of the elements, as a gateway serves them. */
const MODULE = /\/sparkweb\/(sdk|elements)\/[^?]+$/;
/** Parameters with what nobody else is to have. */
const SECRET = /token|ticket|key|secret|sig|auth|pass|code|session|nonce|jwt/i;
/** What pages are made of. */
const FILES = ["script", "style", "image", "font", "manifest", "worker"];

/** Parameters which a page reads by itself, so that it is the same file whatever they say. */
const inPage = (open) => ["jid", ...Array.from(open?.matchAll(/[?&]([^=&#]+)=\{jid\}/g) ?? [], ([, name]) => name)];

/**
 * As what a request is kept, and under which address: `{ kind: "module" | "page" | "file", url }`, or `undefined`. `scope` is
 * what the worker is for, `open` where the site opens conversations.
 */
export function policy({ method, url, mode, destination, headers }, { scope, open }) {
  const at = new URL(url);
  const names = [...at.searchParams.keys()];
  at.hash = "";
  if (method !== "GET" || headers?.get("authorization") || headers?.get("range")) return undefined;
  if (!/^https?:$/.test(at.protocol) || at.username || NEVER.test(at.pathname) || names.some((name) => SECRET.test(name))) return undefined;
  if (mode !== "navigate" && MODULE.test(at.pathname)) return at.search ? undefined : { kind: "module", url: at.href };
  if (at.origin !== new URL(scope).origin) return undefined;
  if (mode === "navigate") {
    const known = inPage(open);
    if (!at.href.startsWith(scope) || !names.every((name) => known.includes(name))) return undefined;
    at.search = "";
    return { kind: "page", url: at.href };
  }
  return FILES.includes(destination) || at.pathname.endsWith(".wasm") ? { kind: "file", url: at.href } : undefined;
}

/** Whether an answer may be kept: it is whole, and nobody's in particular. */
export function isKeepable({ ok, status, type, redirected, headers }) {
  const control = headers.get("cache-control") ?? "";
  const vary = headers.get("vary") ?? "";
  const isAnybodys = !/no-store|private/i.test(control) && !/\*|cookie|authorization/i.test(vary);
  return ok && status === 200 && !redirected && ["basic", "cors", "default"].includes(type) && isAnybodys;
}
