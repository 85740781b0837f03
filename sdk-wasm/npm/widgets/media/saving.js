// Keeping a file, and saying why there is none.

import { button, h, svg } from "../forms/dom.js";
import { keptName } from "./kinds.js";
import { words } from "./words.js";

const ICONS = {
  close: "M5.5 5.5l9 9M14.5 5.5l-9 9",
  play: "M7 4.5v11l8.5-5.5L7 4.5Z",
  save: "M10 3.5v9M6 9l4 4 4-4M4 16.5h12",
};

/** Failures after which the same may succeed. */
const PASSING = new Set(["network", "overloaded", "too_many_requests"]);

/** How long a browser is given to begin to keep a file. */
const KEPT_MS = 60_000;

export function icon(name) {
  return svg("svg", { class: "icon", viewBox: "0 0 20 20", "aria-hidden": "true" }, svg("path", { d: ICONS[name] }));
}

/** A button that is a picture, with a name. */
export function iconButton(name, label, act) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick: act }, icon(name));
}

/** Has the browser keep a file. It is never opened, whatever it is. */
export function keep(blob, name) {
  const url = URL.createObjectURL(new Blob([blob], { type: "application/octet-stream" }));
  h("a", { href: url, download: keptName(name) }).click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}

/** What went wrong, beside a file's link; with a way to try again where that may help. */
export function complaint(code, text, again) {
  const retry = PASSING.has(code) && button(words.tryAgain, again);
  return h("div", { class: "media complaint", role: "status" }, h("span", {}, text), retry);
}
