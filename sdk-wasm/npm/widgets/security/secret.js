// What is told once: it is copied, kept in a file, or written down.

import { button, h } from "../forms/dom.js";
import { words } from "./words.js";

/** A button that copies a text; where the browser won't, it marks what is to be copied by hand. */
export function copyButton(page, text, shown) {
  const element = button(words.copy, async () => {
    try {
      await navigator.clipboard.writeText(text);
      element.textContent = words.copied;
      page.say(words.copied);
    } catch {
      getSelection().selectAllChildren(shown);
      page.say(words.copyFailed);
    }
  });
  element.addEventListener("blur", () => (element.textContent = words.copy));
  return element;
}

/** A button that keeps a text in a file. */
export function downloadButton(text, name) {
  return button(words.download, () => {
    const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    h("a", { href: url, download: name }).click();
    // The download has begun by the time this runs.
    setTimeout(() => URL.revokeObjectURL(url), 0);
  });
}
