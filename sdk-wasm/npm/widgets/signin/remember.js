// The box that says whether somebody stays signed in. What was chosen is the choice the next time.

import { h, unique } from "../forms/dom.js";
import { words } from "./words.js";

/** `turned` is called when it is another choice. */
export function rememberBox(gateway, turned) {
  const [id, hint] = [unique("remember"), unique("hint")];
  const key = `sparkweb:${gateway}:remember`;
  const box = h("input", { id, type: "checkbox", name: "remember", "aria-describedby": hint });
  box.checked = kept(key) !== "no";
  box.addEventListener("change", () => {
    keep(key, box.checked ? "yes" : "no");
    turned();
  });
  return {
    element: h(
      "div",
      { class: "remember" },
      box,
      h("label", { for: id }, words.remember),
      h("p", { class: "hint", id: hint }, words.rememberHint),
    ),
    isChecked: () => box.checked,
  };
}

// A page may not have a storage; it asks anew then.
function kept(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function keep(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Full, or forbidden.
  }
}
