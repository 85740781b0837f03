// A sound or a film: nothing of it is fetched before somebody wants to hear or see it, and then what is played, as it comes.

import { h } from "../forms/dom.js";
import { playable } from "./kinds.js";
import { icon, iconButton } from "./saving.js";
import { words } from "./words.js";

/** The widest film, in pixels, and the shape of one of which nobody says it. */
const WIDEST = 320;
const SHAPE = 16 / 9;

/** Stops what plays: one at a time is heard, and takes of the network what others would wait for. */
let hush = () => {};

/** Shows what plays before a file's link. Calling what this returns ends it. */
export function shownPlayer(view) {
  const { kind, name, bytes, type, link, page, signal } = view;
  let player;
  let isBusy = false;
  /** The address of all of it, where it does not play as it comes. */
  let whole;
  /** Where it is, and where it was when it was last begun with, in seconds. */
  let at = 0;
  let begun = 0;

  /** The browser asks for it itself, part by part, by an address with a ticket. */
  const byParts = () => page.client.fileAddress(view.url);

  const asWhole = async () => {
    const blob = await view.blob();
    // What ended meanwhile lets go of no address any more.
    return signal.aborted ? "" : (whole ??= URL.createObjectURL(playable(blob, type)));
  };

  const play = (src) => {
    begun = at;
    player.src = src;
    player.currentTime = at;
    // A browser that does not let it begin has a button for it.
    player.play().catch(() => {});
  };

  const stop = () => {
    at = player.ended ? 0 : player.currentTime;
    player.replaceWith(start);
    // What is under way ends.
    player.removeAttribute("src");
    player.load();
    hush = () => {};
  };

  const fail = (error) => {
    stop();
    view.fail(error, error.code === "browser" ? words.unplayed : words.failed(error.code), begin);
  };

  const recover = async ({ target }) => {
    const { currentTime, error, src } = target;
    const isOver = () => target !== player || !target.isConnected;
    if (isOver()) return;
    at = currentTime;
    try {
      if (src === whole) throw Object.assign(new Error(words.unplayed), { code: "browser" });
      // What broke off after it had played had a network that went away, or a ticket that ran out. All else may play once
      // all of it is there: the browser knows then what it is told, and nobody has to know parts.
      const goesOn = error.code === MediaError.MEDIA_ERR_NETWORK && currentTime > begun;
      const instead = await (goesOn ? byParts() : asWhole());
      if (!isOver()) play(instead);
    } catch (failure) {
      if (!isOver()) fail(failure);
    }
  };

  const begin = async () => {
    if (isBusy) return;
    isBusy = true;
    view.calm();
    start.setAttribute("aria-busy", "true");
    try {
      const src = whole ?? (await byParts());
      if (signal.aborted) return;
      hush();
      hush = stop;
      player = h(kind === "film" ? "video" : "audio", {
        controls: true,
        playsinline: true,
        crossorigin: "anonymous",
        "aria-label": name,
        onerror: recover,
      });
      const hadFocus = start.matches(":focus");
      start.replaceWith(player);
      if (hadFocus) player.focus({ preventScroll: true });
      play(src);
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
    if (player?.isConnected) stop();
    element.remove();
    if (whole) URL.revokeObjectURL(whole);
  };
}
