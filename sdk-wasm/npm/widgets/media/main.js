// Files and links in a timeline: pictures, sounds and films in place, and small previews under links.
//
// It looks at what the module has drawn and puts something beside it: a file's link is there before and stays there, for
// whoever has no more than that. It asks the client of the page as any page could.

import { adopt } from "../forms/adopt.js";
import { shownFile } from "./file.js";
import { near } from "./near.js";
import { linkOf, shownPreview } from "./preview.js";
import { styles } from "./styles.js";

/** Shows them in a timeline, which scrolls. Calling what this returns ends it. */
export function mount(timeline, client) {
  const root = timeline.getRootNode();
  const { host } = root;
  const restyle = adopt(root, styles);
  const nearby = near(timeline);
  const page = {
    root,
    client,
    nearby,
    /** Tells the page of a failure, which the element says too. */
    tell(error) {
      const detail = { code: error.code ?? "browser", detail: error.message };
      host.dispatchEvent(new CustomEvent("spark-error", { bubbles: true, composed: true, cancelable: true, detail }));
    },
  };
  /** What is shown beside which link. */
  const shown = new Map();

  /** Those who are no contacts. They may become some. */
  const strangers = new Set();

  /** Somebody's whom the person knows: what they send is fetched by itself. */
  const knows = (bubble) => {
    const { direction, from } = bubble.closest(".message").dataset;
    if (direction === "outgoing" || client.contact(from)) return true;
    strangers.add(from);
    return false;
  };

  const show = (link, isKnown, make) => {
    const said = `${isKnown} ${link.outerHTML}`;
    const before = shown.get(link);
    if (before?.said === said) return;
    before?.end();
    shown.set(link, { said, end: make() });
  };

  const look = (bubble) => {
    // That somebody is typing has a bubble too, and nothing in it.
    if (!bubble.closest("[data-from]")) return;
    const isKnown = knows(bubble);
    for (const link of bubble.querySelectorAll(".file")) show(link, isKnown, () => shownFile(page, link, isKnown));
    const link = host.getAttribute("previews") === "off" ? undefined : linkOf(bubble);
    for (const other of shown.keys()) {
      if (other !== link && bubble.contains(other) && !other.matches(".file")) forget(other);
    }
    if (link && isKnown) show(link, isKnown, () => shownPreview(page, link));
  };

  const forget = (link) => {
    shown.get(link).end();
    shown.delete(link);
  };

  const lookAtAll = () => {
    strangers.clear();
    timeline.querySelectorAll(".bubble").forEach(look);
  };

  const changes = new MutationObserver((records) => {
    const bubbles = new Set();
    for (const { target, addedNodes } of records) {
      // What was put there from here is no news.
      const around = (target.closest ? target : target.parentElement)?.closest(".media, .bubble");
      if (around?.matches(".bubble")) bubbles.add(around);
      for (const node of around ? [] : addedNodes) node.querySelectorAll?.(".bubble").forEach((bubble) => bubbles.add(bubble));
    }
    for (const link of shown.keys()) if (!timeline.contains(link)) forget(link);
    bubbles.forEach((bubble) => bubble.isConnected && look(bubble));
  });
  changes.observe(timeline, { childList: true, subtree: true, characterData: true });
  const switches = new MutationObserver(lookAtAll);
  switches.observe(host, { attributeFilter: ["previews"] });
  const stops = [
    client.on("roster", () => strangers.size && lookAtAll()),
    client.on("contact", ({ jid, contact }) => contact && strangers.has(jid) && lookAtAll()),
  ];
  lookAtAll();

  return () => {
    for (const stop of stops) stop();
    changes.disconnect();
    switches.disconnect();
    [...shown.keys()].forEach(forget);
    nearby.end();
    restyle();
  };
}
