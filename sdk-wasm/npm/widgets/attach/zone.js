// Where files can be let go: shown while somebody has some over the chat.

import { h } from "../forms/dom.js";
import { icon } from "./item.js";

/** No browser waits longer from one `dragover` to the next. */
const GONE_AFTER_MS = 600;

/** `say` gives what is written on it. Calling what this returns ends it. */
export function dropZone(chat, say) {
  const text = h("p");
  const zone = h("div", { class: "drop-zone", part: "drop-zone", "aria-hidden": "true", hidden: true }, icon("file"), text);
  const ending = new AbortController();
  let timer;
  const hide = () => {
    clearTimeout(timer);
    zone.hidden = true;
  };
  const on = (name, act) => chat.addEventListener(name, act, { signal: ending.signal });
  on("dragover", ({ dataTransfer }) => {
    if (!dataTransfer.types.includes("Files")) return;
    dataTransfer.dropEffect = "copy";
    text.textContent = say();
    zone.hidden = false;
    clearTimeout(timer);
    timer = setTimeout(hide, GONE_AFTER_MS);
  });
  on("drop", hide);
  on("dragleave", ({ relatedTarget }) => {
    if (!chat.contains(relatedTarget)) hide();
  });
  chat.append(zone);
  return () => {
    ending.abort();
    hide();
    zone.remove();
  };
}
