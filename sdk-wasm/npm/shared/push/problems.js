// Why a browser is not told, in words for people.

const PROBLEMS = {
  push_unsupported: "This browser can't show notifications of pages that are closed.",
  push_install: "On iPhone and iPad, add this page to the home screen first (Share, then Add to Home Screen), and open it from there.",
  push_insecure: "Notifications need a secure connection: open this page by an address that begins with https.",
  push_denied: "This browser blocks notifications of this page. Allow them in the browser's settings for this site, then try again.",
  push_dismissed: "Notifications were not allowed. Try again, and allow them when the browser asks.",
  push_unreachable: "The browser's push service can't be reached. Check the network, then try again; some browsers have none.",
  push_no_worker:
    "This site has no service worker that shows notifications. Whoever runs it puts a file with one line there, " +
    'importScripts("{gateway}/sparkweb/sdk/spark-worker.js"), and registers it.',
  push_taken: "This site's own notifications come by the same service worker, which can have but one sender.",
  push_not_remembered: "This sign-in is not kept. Sign in to stay signed in, then turn on notifications.",
};

/** A `SparkError`. */
export function problem(code, { words = code, gateway, cause } = {}) {
  const text = PROBLEMS[words].replace("{gateway}", gateway);
  return Object.assign(new Error(text, { cause }), { name: "SparkError", code });
}

/** An iPhone or iPad whose page was not installed: only there is no `PushManager`. */
const isToInstall = () =>
  (/iP(hone|ad|od)/.test(navigator.userAgent) || (/Mac/.test(navigator.platform) && navigator.maxTouchPoints > 1)) && !navigator.standalone;

/** Why this browser can't be told at all, if it can't. */
export function obstacle() {
  if (!isSecureContext) return problem("push_insecure");
  if (navigator.serviceWorker && globalThis.PushManager && globalThis.Notification) return undefined;
  return problem("push_unsupported", { words: isToInstall() ? "push_install" : "push_unsupported" });
}
