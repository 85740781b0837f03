// A picture as large as there is room for, over everything. Escape closes it, as a press beside it does.

import { h } from "../forms/dom.js";
import { iconButton, keep } from "./saving.js";
import { size, words } from "./words.js";

/** Shows it. */
export function enlarge(root, view, url, alt) {
  const { name, description, bytes } = view;
  const close = () => dialog.close();
  const dialog = h(
    "dialog",
    {
      class: "viewer",
      part: "viewer",
      "aria-label": alt,
      onclose: () => dialog.remove(),
      onclick: ({ target }) => {
        if (target.matches("dialog, .stage")) close();
      },
    },
    h(
      "div",
      { class: "bar" },
      h("div", { class: "about" }, h("bdi", { class: "name one-line" }, name), bytes !== undefined && h("span", {}, size(bytes))),
      iconButton("save", words.save(name), async () => keep(await view.blob(), name)),
      iconButton("close", words.close, close),
    ),
    h("div", { class: "stage" }, h("img", { src: url, alt })),
    description && h("p", { dir: "auto" }, description),
  );
  root.append(dialog);
  dialog.showModal();
}
