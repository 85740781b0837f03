// What a page is about, under the first link to one in a message.

import { h } from "../forms/dom.js";
import { inTurn, isSparing } from "./near.js";

/** So many are remembered; those of before are asked for again, which the gateway remembers too. */
const MANY = 200;

/** What each client was told of each address. */
const told = new WeakMap();

/** Answers which say that this client gets none at all. */
const NONE_AT_ALL = new Set(["unsupported", "forbidden"]);

/** The link of a message which has a preview, if one has. What is quoted, or code, is said of a link and not by it. */
export function linkOf(bubble) {
  const links = bubble.querySelectorAll('[data-body] a[href^="https:"]');
  return [...links].find((link) => !link.closest("pre, code, blockquote"));
}

function ask(client, url) {
  if (!told.has(client)) told.set(client, { pages: new Map(), isOff: false });
  const memory = told.get(client);
  if (memory.isOff) return Promise.resolve(undefined);
  const { pages } = memory;
  if (!pages.has(url)) {
    if (pages.size >= MANY) pages.delete(pages.keys().next().value);
    const fail = ({ code }) => {
      memory.isOff ||= NONE_AT_ALL.has(code);
      // What failed for want of a network, or of patience, may succeed the next time.
      if (code !== "not_found") pages.delete(url);
    };
    pages.set(url, client.preview(url).catch(fail));
  }
  return pages.get(url);
}

/** Shows what a link's page is about, if it says so. Nothing is said of one that doesn't. Calling what this returns ends it. */
export function shownPreview(page, link) {
  if (isSparing()) return () => {};
  const { client, nearby } = page;
  const { href } = link;
  const text = link.closest("[data-body]");
  const ending = new AbortController();
  const { signal } = ending;
  let card;
  let url;

  const show = async () => {
    const preview = await inTurn(signal, () => ask(client, href));
    if (signal.aborted || !(preview?.title || preview?.description)) return;
    const { title, description, site, has_picture: hasPicture } = preview;
    const picture = hasPicture && h("div", { class: "picture" });
    card = h(
      "a",
      { class: "media preview", part: "preview", href, target: "_blank", rel: "noopener noreferrer nofollow" },
      h(
        "span",
        { class: "about" },
        title && h("span", { class: "title", dir: "auto" }, title),
        description && h("span", { class: "description", dir: "auto" }, description),
        h("span", { class: "site one-line", dir: "auto" }, site ?? new URL(href).host),
      ),
      picture,
    );
    text.after(card);
    if (!picture) return;
    try {
      const blob = await inTurn(signal, () => client.previewPicture(href));
      if (signal.aborted) return;
      url = URL.createObjectURL(blob);
      const image = h("img", { src: url, alt: "", draggable: "false" });
      await image.decode();
      picture.append(image);
    } catch {
      picture.remove();
    }
  };

  nearby.await(link, () => show().catch(() => {}));
  return () => {
    ending.abort();
    nearby.leave(link);
    card?.remove();
    if (url) URL.revokeObjectURL(url);
  };
}
