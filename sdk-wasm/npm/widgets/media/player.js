// A sound or a film: nothing of it is fetched before somebody wants to hear or see it.

import { h } from "../forms/dom.js";
import { playable } from "./kinds.js";
import { icon, iconButton } from "./saving.js";
import { words } from "./words.js";

/** The widest film, in pixels, and the shape of one of which nobody says it. */
const WIDEST = 320;
const SHAPE = 16 / 9;

/** Shows what plays before a file's link. Calling what this returns ends it. */
export function shownPlayer(view) {
  const { kind, name, bytes, type, link, signal } = view;
  let url;
  let isBusy = false;

  const begin = async () => {
    if (isBusy) return;
    isBusy = true;
    view.calm();
    start.setAttribute("aria-busy", "true");
    try {
      const blob = await view.blob();
      if (signal.aborted) return;
      url ??= URL.createObjectURL(playable(blob, type));
      const player = h(kind === "film" ? "video" : "audio", {
        controls: true,
        preload: "none",
        playsinline: true,
        "aria-label": name,
        src: url,
      });
      player.addEventListener("error", () => {
        player.replaceWith(start);
        view.fail(Object.assign(new Error(words.unplayed), { code: "browser" }), words.unplayed);
      });
      const hadFocus = start.matches(":focus");
      start.replaceWith(player);
      if (hadFocus) player.focus({ preventScroll: true });
      // A browser that does not let it begin has a button for it.
      await player.play().catch(() => {});
    } catch (error) {
      view.fail(error, words.failed(error.code), begin);
    } finally {
      isBusy = false;
      start.removeAttribute("aria-busy");
    }
  };

  const start = h(
    "button",
    { type: "button", class: "start", "aria-label": words.play(name), onclick: begin },
    h("span", { class: "disc" }, icon("play")),
  );
  const element = h(
    "div",
    { class: `media player ${kind}`, part: "player" },
    start,
    h(
      "div",
      { class: "about" },
      h("bdi", { class: "name one-line", title: name }, name),
      h("span", {}, words[kind](bytes)),
    ),
    iconButton("save", words.save(name), view.save),
  );
  if (kind === "film") {
    const shape = view.width > 0 && view.height > 0 ? view.width / view.height : SHAPE;
    element.style.setProperty("--_shape", String(Math.min(3, Math.max(0.5, shape))));
    element.style.setProperty("--_widest", `${WIDEST}px`);
  }
  link.before(element);
  return () => {
    element.remove();
    if (url) URL.revokeObjectURL(url);
  };
}
