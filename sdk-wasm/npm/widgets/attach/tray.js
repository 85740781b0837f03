// The files of one conversation: those that were chosen, and those on their way. They outlast the view of it.

import { h } from "../forms/dom.js";
import { Item, icon } from "./item.js";
import { inTurn, isUp, persist } from "./sending.js";
import { added, removed, tooMany, words } from "./words.js";

/** Of one message, as the gateway takes it. */
const MOST = 16;

/** What would be lost with the page, which asks before it is left. */
const lost = new Set();
const hold = (event) => event.preventDefault();

function settle(item, isToLose) {
  if (isToLose) lost.add(item);
  else lost.delete(item);
  if (lost.size > 0) addEventListener("beforeunload", hold);
  else removeEventListener("beforeunload", hold);
}

export class Tray {
  items = [];
  /** Pictures go as large as they are. */
  isOriginal = false;
  /** Something about all of them, until it is dismissed or something else is. */
  #remark = "";
  /** The most bytes of a file; 0 if none is taken. Unknown, so that all are, until the gateway has said so. */
  most = Infinity;
  /** Where it is shown: `place`, `field`, `say`, `tell`. */
  view;
  #getting = Promise.resolve();
  #stops;

  /** `files` is what uploads, and `forget` is called when there is nothing left to keep it for. */
  constructor(client, jid, files, forget) {
    this.client = client;
    this.jid = jid;
    this.files = files;
    this.forget = forget;
    this.list = h("ul", { class: "files" });
    const box = h("input", { type: "checkbox", onchange: () => this.choose(box.checked) });
    this.original = h("label", { class: "original" }, box, h("span", {}, words.original, h("span", { class: "hint" }, words.originalHint)));
    this.note = h("div", { class: "note" });
    this.element = h("div", { class: "attached", role: "group", "aria-label": words.files, part: "files" }, this.list, this.original, this.note);
    const look = () => {
      if (client.status.state === "signed_out") this.clear();
      this.update();
      if (this.isUnknown) this.#measure();
    };
    this.#stops = [
      client.on("status", look),
      client.on("account", look),
      client.on("event", ({ type }) => type === "server_changed" && this.#measure()),
    ];
    this.#measure();
  }

  get sendable() {
    return this.items.filter((item) => item.isSendable);
  }

  /** Asks how large files may be. */
  async #measure() {
    this.isUnknown = false;
    try {
      this.most = (await this.client.server()).uploads?.max_bytes ?? 0;
    } catch {
      this.isUnknown = true;
      return;
    }
    for (const item of this.items) item.check();
  }

  /** One after the other: a large picture takes much memory while it is drawn. */
  prepare(file, options) {
    const getting = this.#getting.then(() => this.files.prepare(file, options));
    this.#getting = getting.catch(() => {});
    return getting;
  }

  add(files) {
    if (files.length === 0) return;
    const taken = files.slice(0, Math.max(0, MOST - this.items.filter(({ batch }) => !batch).length));
    const items = taken.map((file) => new Item(this, file));
    this.items.push(...items);
    this.list.append(...items.map(({ element }) => element));
    this.#remark = taken.length < files.length ? tooMany(MOST, files.length - taken.length) : "";
    if (items.length > 0) this.say(added(items.map(({ name }) => name)));
    this.update();
    this.list.scrollTop = this.list.scrollHeight;
    if (matchMedia("(pointer: fine)").matches) this.view?.field.focus();
  }

  choose(isOriginal) {
    this.isOriginal = isOriginal;
    for (const item of this.items) if (!item.batch) item.check();
  }

  /** Sends what is chosen, with a text. */
  send(text) {
    this.#remark = "";
    const items = this.sendable;
    const batch = { text, items, isOriginal: this.isOriginal };
    for (const item of items) {
      item.batch = batch;
      this.run(item);
    }
  }

  /** Uploads a file, and sends its message if it was the last. */
  async run(item) {
    const { client } = this;
    const { signal } = item.stop;
    item.set("queued");
    try {
      await item.prepared;
      item.check();
      if (item.state === "refused") return;
      item.sent ??= await inTurn(async () => {
        signal.throwIfAborted();
        const { file, width, height } = item.chosen;
        const onProgress = ({ loaded }) => item.progress(loaded);
        const send = () => this.files.upload(client, file, { name: file.name ?? item.name, onProgress, signal });
        const { url, name, size: size_bytes, media_type } = await persist(client, signal, (state) => item.set(state), send);
        return { url, name, media_type, size_bytes, width, height };
      });
      item.set("done");
      this.#finish(item.batch);
    } catch (error) {
      if (!signal.aborted) item.fail(error);
    }
  }

  /** Sends a message if all its files are there, or gives the text back if none is left. */
  #finish(batch) {
    const { text, items } = batch;
    if (items.length === 0) {
      if (text) this.view ? this.view.restore(text) : this.#keep(text);
      return;
    }
    if (!items.every(({ sent }) => sent)) return;
    try {
      this.client.conversation(this.jid).send(text, { files: items.map(({ sent }) => sent) });
    } catch (error) {
      items.at(-1).fail(error);
      return;
    }
    for (const item of [...items]) this.#drop(item);
    this.say(words.sent);
  }

  #keep(text) {
    const conversation = this.client.conversation(this.jid);
    conversation.draft = [text, conversation.draft].filter(Boolean).join("\n");
  }

  /** Somebody doesn't want it any more: it goes nowhere. */
  remove(item) {
    const isHere = item.element.contains(item.element.getRootNode().activeElement);
    const at = this.items.indexOf(item);
    this.#drop(item);
    this.say(removed(item.name));
    const { batch } = item;
    if (batch) {
      batch.items.splice(batch.items.indexOf(item), 1);
      this.#finish(batch);
    }
    const next = this.items[at] ?? this.items[at - 1];
    if (isHere) (next?.close ?? this.view?.field)?.focus();
  }

  #drop(item) {
    this.items.splice(this.items.indexOf(item), 1);
    settle(item, false);
    item.end();
    this.update();
    if (!this.view) this.rest();
  }

  /** What is to be said of all of them: that some were left out, or for what they wait. */
  #note() {
    const text = this.#remark || (!isUp(this.client) && this.sendable.length > 0 ? words.offline : "");
    if (text === this.note.textContent) return;
    const dismiss = () => {
      this.#remark = "";
      this.update();
      this.view?.field.focus();
    };
    const close = { type: "button", class: "icon-button", "aria-label": words.dismiss, onclick: dismiss };
    const said = h("p", { role: "alert" }, text);
    this.note.replaceChildren(...(text ? [said] : []), ...(this.#remark ? [h("button", close, icon("close"))] : []));
  }

  say(text) {
    this.view?.say(text);
  }

  tell(error) {
    this.view?.tell(error);
  }

  /** Shows what there is to be shown, and says whether there is something to send. */
  update() {
    const { items, view } = this;
    for (const item of items) settle(item, item.state !== "refused");
    this.original.hidden = !items.some(({ batch, smaller }) => !batch && smaller?.isReduced);
    this.list.hidden = items.length === 0;
    this.#note();
    if (!view) return;
    const isShown = items.length > 0 || this.note.hasChildNodes();
    if (isShown !== this.element.isConnected) view.place.replaceChildren(...(isShown ? [this.element] : []));
    view.mark(this.sendable.length > 0);
  }

  clear() {
    for (const item of [...this.items]) this.#drop(item);
  }

  /** Nobody looks at it: it goes on while it has anything. */
  rest() {
    if (this.items.length > 0) return;
    for (const stop of this.#stops) stop();
    this.forget();
  }
}
