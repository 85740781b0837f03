// A file's link, and what is shown in its place: the picture, what plays, or nothing but a way to keep it.

import { h } from "../forms/dom.js";
import { fileOf } from "./kinds.js";
import { inTurn, isSparing } from "./near.js";
import { shownPicture } from "./picture.js";
import { shownPlayer } from "./player.js";
import { complaint, keep } from "./saving.js";
import { words } from "./words.js";

/** What is larger is fetched when somebody asks for it, in bytes. */
const MAX_BY_ITSELF = 10e6;

/** Shows what a link is to. Calling what this returns ends it. */
export function shownFile(page, link, isKnown) {
  const file = fileOf(link);
  const ending = new AbortController();
  const { signal } = ending;
  let fetched;
  let said;
  const view = {
    ...file,
    page,
    link,
    signal,
    mayBegin: isKnown && !isSparing() && (file.bytes ?? 0) <= MAX_BY_ITSELF,
    /** The file, fetched once. By itself no more of it is fetched than is due. */
    blob(byItself = false) {
      const atMost = byItself ? MAX_BY_ITSELF : undefined;
      fetched ??= inTurn(signal, () => page.client.file(file.url, { atMost, signal })).catch((error) => {
        fetched = undefined;
        throw error;
      });
      return fetched;
    },
    async save() {
      try {
        keep(await view.blob(), file.name);
      } catch (error) {
        view.fail(error, words.failed(error.code), view.save);
      }
    },
    /** Says beside the link what went wrong. */
    fail(error, text, again = () => {}) {
      if (signal.aborted) return;
      page.tell(error);
      view.calm();
      said = complaint(error.code, text, () => {
        view.calm();
        again();
      });
      link.after(said);
    },
    calm: () => said?.remove(),
  };
  const show = { picture: shownPicture, sound: shownPlayer, film: shownPlayer }[file.kind];
  const end = show?.(view);
  link.addEventListener("click", (event) => take(view, event), { signal });
  return () => {
    ending.abort();
    view.calm();
    end?.();
  };
}

/** A press on the link keeps the file; with a key that opens links elsewhere, it is one. Once that failed it is one, too. */
async function take(view, event) {
  const { link, name } = view;
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || view.isLink) return;
  event.preventDefault();
  if (view.isBusy) return;
  view.isBusy = true;
  view.calm();
  const busy = h("span", { class: "media fetching", role: "img", "aria-label": words.fetching(name) });
  link.after(busy);
  try {
    keep(await view.blob(), name);
  } catch (error) {
    view.isLink = true;
    view.fail(error, words.failed(error.code), () => {
      view.isLink = false;
      link.click();
    });
  } finally {
    busy.remove();
    view.isBusy = false;
  }
}
