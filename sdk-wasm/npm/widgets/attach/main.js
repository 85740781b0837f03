// Files that go with a message: shown above the field until they are sent, uploaded, and sent with the text.
//
// It asks the client of the page as any page could. What it keeps are the files that were chosen, for as long as the page lives.

import { adopt } from "../forms/adopt.js";
import { h } from "../forms/dom.js";
import { styles } from "./styles.js";
import { Tray } from "./tray.js";
import { words } from "./words.js";
import { dropZone } from "./zone.js";

/** By person and conversation, of those that have files. */
const trays = new Map();

/** Shows the files of a conversation where it is written. `add` attaches more, and `end` ends the view: what is sent goes on. */
export function mount(place, client, jid, files) {
  const root = place.getRootNode();
  const form = place.closest("form");
  const field = form.querySelector("textarea");
  const chat = form.parentNode;
  const restyle = adopt(root, styles);
  const live = h("div", { class: "unseen", role: "status" });
  chat.append(live);

  const key = [client.gateway, client.account?.jid, jid].join(" ");
  const known = trays.get(key);
  // Two views of one conversation have each their own.
  const forget = () => trays.get(key) === tray && trays.delete(key);
  const tray = known && !known.view ? known : new Tray(client, jid, files, forget);
  if (!known) trays.set(key, tray);

  const typed = () => field.dispatchEvent(new Event("input", { bubbles: true }));
  tray.view = {
    place,
    field,
    say(text) {
      live.textContent = text;
    },
    tell({ code = "browser", message: detail }) {
      root.host.dispatchEvent(new CustomEvent("spark-error", { bubbles: true, composed: true, cancelable: true, detail: { code, detail } }));
    },
    /** Lets the form know whether there is something to send besides the text. */
    mark(isSendable) {
      if (isSendable === "files" in field.dataset) return;
      if (isSendable) field.dataset.files = "";
      else delete field.dataset.files;
      field.dispatchEvent(new Event("change"));
    },
    restore(text) {
      field.value = [text, field.value].filter(Boolean).join("\n");
      typed();
    },
  };
  const submit = (event) => {
    if (tray.sendable.length === 0) return;
    event.preventDefault();
    if (field.getAttribute("aria-invalid") === "true") return;
    const text = field.value;
    tray.send(text.trim() === "" ? "" : text);
    field.value = "";
    typed();
    field.focus();
  };
  form.addEventListener("submit", submit, { capture: true });
  const endZone = dropZone(chat, () => (tray.most === 0 ? words.noService : words.drop));
  tray.update();

  const end = () => {
    tray.view = undefined;
    form.removeEventListener("submit", submit, { capture: true });
    endZone();
    live.remove();
    place.replaceChildren();
    restyle();
    tray.rest();
  };
  return { add: (added) => tray.add(added), end };
}
