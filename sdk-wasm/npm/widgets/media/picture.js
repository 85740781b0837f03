// A picture in its place, of the size that it is said to have, so that nothing moves when it comes.

import { h } from "../forms/dom.js";
import { enlarge } from "./viewer.js";
import { words } from "./words.js";

/** The longest side, in pixels, and what a picture is of which nobody says how large it is. */
const LONGEST = 320;
const UNKNOWN = { width: 240, height: 180 };

/** The least side: it is pressed. */
const SHORTEST = 48;

/** No picture is a line: what is longer than this is cut. */
const NARROWEST = 1 / 3;

/** What of a page a picture takes. */
function box(element, { width, height }) {
  const ratio = Math.min(1 / NARROWEST, Math.max(NARROWEST, width / height));
  const across = Math.max(SHORTEST, Math.min(width, LONGEST, LONGEST * ratio));
  element.style.inlineSize = `${Math.round(across)}px`;
  element.style.aspectRatio = String(ratio);
}

/** Shows a picture before a file's link. Calling what this returns ends it. */
export function shownPicture(view) {
  const { name, description, bytes, link, page, signal } = view;
  const alt = description || name;
  let url;

  const frame = h("button", { type: "button", class: "media picture", part: "picture", onclick: () => press() });
  box(frame, view.width > 0 && view.height > 0 ? view : UNKNOWN);
  let press = () => load(false);

  const offer = () => {
    frame.replaceChildren(
      h("bdi", { class: "name" }, name),
      h("span", { class: "act" }, words.showPicture(bytes)),
    );
    frame.classList.add("offer");
    frame.removeAttribute("aria-label");
  };

  const wait = () => {
    frame.classList.remove("offer");
    frame.classList.add("coming");
    frame.setAttribute("aria-label", words.picture(alt));
    frame.replaceChildren();
  };

  const give = (error, text) => {
    frame.remove();
    view.fail(error, text, () => {
      link.before(frame);
      load(false);
    });
  };

  const load = async (byItself) => {
    wait();
    press = () => {};
    try {
      const blob = await view.blob(byItself);
      if (signal.aborted) return;
      url ??= URL.createObjectURL(blob);
      const picture = h("img", { src: url, alt, draggable: "false" });
      // It is unpacked before it is shown.
      await picture.decode().catch(() => {
        throw Object.assign(new Error(words.unseen), { code: "browser" });
      });
      if (signal.aborted) return;
      box(frame, { width: picture.naturalWidth, height: picture.naturalHeight });
      frame.classList.remove("coming");
      frame.removeAttribute("aria-label");
      frame.setAttribute("aria-haspopup", "dialog");
      frame.replaceChildren(picture);
      press = () => enlarge(page.root, view, url, alt);
    } catch (error) {
      if (signal.aborted) return;
      // Somebody may want it all the same.
      if (byItself && error.code === "file_too_large") {
        frame.classList.remove("coming");
        offer();
        press = () => load(false);
        return;
      }
      give(error, error.code === "browser" ? words.unseen : words.failed(error.code));
    }
  };

  link.before(frame);
  if (view.mayBegin) {
    wait();
    page.nearby.await(frame, () => load(true));
  } else offer();
  return () => {
    page.nearby.leave(frame);
    frame.remove();
    if (url) URL.revokeObjectURL(url);
  };
}
