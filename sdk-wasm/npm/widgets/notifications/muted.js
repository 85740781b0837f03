// The conversations of which nothing is told.

import { button, h, icon } from "../forms/dom.js";
import { Section } from "../forms/section.js";
import { isMuted, isUnmuted, muteOf, unmuteOf, words } from "./words.js";

export function mutedSection(page) {
  const section = new Section(page, words.muted, words.mutedLead);
  const rows = new Map();

  const list = h("ul", { class: "items" });
  const none = h("p", { class: "hint" }, words.mutedNone);

  section.resting = () => {
    const muted = page.settings.muted ?? [];
    // Whoever was unmuted by mistake is still there to be muted again.
    for (const jid of muted) if (!rows.has(jid)) rows.set(jid, row(page, section, jid));
    for (const [jid, { show }] of rows) show(muted.includes(jid));
    const all = [...rows.values()].map(({ element }) => element);
    if (all.length !== list.children.length) list.replaceChildren(...all);
    return [all.length ? list : none];
  };
  return section;
}

function row(page, section, jid) {
  const name = nameOf(page.client, jid);
  let isOut = false;
  const turn = () => {
    const next = !isOut;
    const act = ({ muted = [], ...settings }) => {
      const others = muted.filter((other) => other !== jid);
      return { ...settings, muted: next ? others : [...others, jid] };
    };
    return page.change(section, act, next ? isUnmuted(name) : isMuted(name));
  };
  const act = button(words.unmute, turn);
  const text = act.firstChild;
  return {
    element: h(
      "li",
      { class: "item", part: "row" },
      icon("chat"),
      h("div", { class: "what" }, h("p", { class: "name" }, h("bdi", {}, name)), name !== jid && h("p", { class: "detail" }, h("bdi", {}, jid))),
      act,
    ),
    show(isIn) {
      isOut = !isIn;
      text.data = isIn ? words.unmute : words.mute;
      act.setAttribute("aria-label", isIn ? unmuteOf(name) : muteOf(name));
    },
  };
}

/** What the person calls a conversation: somebody, or a room. */
function nameOf(client, jid) {
  // Somebody in a room is no contact.
  const contact = jid.includes("/") ? undefined : client.contact(jid);
  const conversation = client.conversations().find((conversation) => conversation.jid === jid);
  return contact?.name ?? conversation?.name ?? jid;
}
