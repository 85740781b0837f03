// Files that go with a message, as far as every page loads it: they are chosen, pasted and dropped. What is shown of them comes
// with the first, by itself.
import { showLater } from "./later.js";

let isMet = false;
/** By person: whether they can send files at all. */
const offers = {};

/** Attaches files to what is written where `place` is, to `jid`. Calling what this returns ends it; what is sent goes on. */
export function attach(place, client, jid) {
  const form = place.closest("form");
  const chat = form.parentNode;
  const button = form.querySelector(".attach");
  const input = Object.assign(document.createElement("input"), { type: "file", multiple: true, hidden: true });
  form.append(input);
  const waiting = [];
  let tray;
  let end;
  const open = async () => {
    const [{ mount }, files] = await Promise.all([import("./spark-attach.js"), import("./files.js")]);
    isMet = true;
    tray = mount(place, client, jid, files);
    take([]);
    return tray.end;
  };
  const take = (files) => {
    waiting.push(...files);
    if (tray) tray.add(waiting.splice(0));
    else end ??= showLater(place, open);
  };
  const ending = new AbortController();
  const on = (target, names, act) => {
    for (const name of names) target.addEventListener(name, act, { signal: ending.signal });
  };
  on(button, ["click"], () => input.click());
  on(input, ["change"], () => {
    take(input.files);
    input.value = "";
  });
  on(chat, ["paste"], (event) => {
    const { files, types } = event.clipboardData;
    // Programs that write texts have a picture of the text as well.
    if (!files.length || (types.includes("text/plain") && types.includes("text/html"))) return;
    event.preventDefault();
    take(files);
  });
  on(chat, ["dragenter", "dragover", "drop"], (event) => {
    const { files, types } = event.dataTransfer;
    if (!types.includes("Files")) return;
    event.preventDefault();
    take(event.type === "drop" ? files : []);
  });
  if (isMet) take([]);
  const whose = client.gateway + client.account?.jid;
  offers[whose] ??= client.server().then(({ uploads }) => uploads);
  // Who can't be asked now is asked again.
  offers[whose].then((uploads) => (button.hidden = !uploads), () => delete offers[whose]);
  return () => {
    ending.abort();
    end?.();
  };
}
