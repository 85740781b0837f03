// One file: what is known of it, and its row.

import { h, svg } from "../forms/dom.js";
import { again, cancel, failed, progress, remove, sending, size, tooLarge, words } from "./words.js";

const ICONS = {
  file: "M6 2.5h5.5l4 4V16a1.5 1.5 0 0 1-1.5 1.5H6A1.5 1.5 0 0 1 4.5 16V4A1.5 1.5 0 0 1 6 2.5ZM11.5 2.5v4h4",
  close: "M5.5 5.5l9 9M14.5 5.5l-9 9",
  again: "M15.5 10a5.5 5.5 0 1 1-1.7-4M15.7 3v3.4h-3.4",
};

export function icon(name) {
  return svg("svg", { class: "icon", viewBox: "0 0 20 20", "aria-hidden": "true" }, svg("path", { d: ICONS[name] }));
}

export class Item {
  /**
   * `preparing`, `ready`, or `refused` for good; once it is being sent `queued`, `sending`, `paused`, `done`, or `failed`, which
   * may be tried again.
   */
  state = "preparing";
  problem = "";
  loaded = 0;
  /** What it goes with, once it does. */
  batch;
  /** Where it is, once it is there. */
  sent;
  stop = new AbortController();
  #thumb;

  constructor(tray, file) {
    this.tray = tray;
    this.file = file;
    this.name = file.name || "file";
    this.picture = h("span", { class: "thumb" }, icon("file"));
    this.detail = h("p", { class: "detail" });
    this.fill = h("i");
    this.bar = h("div", { class: "bar", role: "progressbar", "aria-label": sending(this.name), "aria-valuemin": 0, "aria-valuemax": 100 }, this.fill);
    const act = (name, does) => h("button", { type: "button", class: "icon-button", part: "button", onclick: does }, icon(name));
    this.retry = act("again", () => {
      tray.run(this);
      // The button goes, and the focus with it.
      this.close.focus();
    });
    this.close = act("close", () => tray.remove(this));
    this.retry.setAttribute("aria-label", again(this.name));
    const name = h("p", { class: "name one-line", dir: "auto", title: this.name }, this.name);
    this.element = h("li", { part: "attachment" }, this.picture, h("div", { class: "what" }, name, this.detail, this.bar), this.retry, this.close);
    this.prepared = this.#prepare();
    this.update();
  }

  /** What of it is to be sent. */
  get chosen() {
    return ((this.batch ?? this.tray).isOriginal && this.original) || this.smaller;
  }

  get isSendable() {
    return !this.batch && (this.state === "preparing" || this.state === "ready");
  }

  async #prepare() {
    // What can't be made smaller is too large at once.
    if (!this.file.type.startsWith("image/")) this.check(this.file.size);
    const { signal } = this.stop;
    try {
      this.smaller = await this.tray.prepare(this.file);
      if (this.smaller.isReduced) this.original = await this.tray.prepare(this.file, { maxEdge: Infinity });
    } catch (error) {
      this.refuse(error.name === "NotReadableError" || error.name === "NotFoundError" ? words.unreadable : error.message);
      return;
    }
    if (signal.aborted) return;
    if (this.smaller.file.type.startsWith("image/")) this.show(this.smaller.file);
    if (this.state === "preparing") this.set("ready");
    this.check();
  }

  /** Holds what is not on its way yet to what the chat server takes. What can't be read has nothing to look at. */
  check(bytes = this.chosen?.file.size) {
    if (bytes === undefined || !["preparing", "ready", "refused", "queued"].includes(this.state)) return;
    const { most } = this.tray;
    if (most === 0) this.refuse(words.noService);
    else if (bytes > most) this.refuse(tooLarge(bytes, most));
    else if (this.state === "refused") this.set("ready");
    else this.update();
  }

  refuse(why) {
    if (this.state !== "refused" || this.problem !== why) this.tray.say(failed(this.name, why));
    this.problem = why;
    this.set("refused");
  }

  fail(error) {
    this.problem = error.message;
    this.set("failed");
    this.tray.say(failed(this.name, this.problem));
    this.tray.tell(error);
  }

  set(state) {
    this.state = state;
    this.loaded = 0;
    this.update();
    this.tray.update();
  }

  progress(loaded) {
    this.loaded = loaded;
    this.update();
  }

  show(blob) {
    this.#thumb = URL.createObjectURL(blob);
    const image = h("img", { alt: "", src: this.#thumb, onerror: () => image.replaceWith(icon("file")) });
    this.picture.replaceChildren(image);
  }

  update() {
    const { state, element, detail, bar, batch } = this;
    element.dataset.state = state;
    const isWrong = state === "refused" || state === "failed";
    this.retry.hidden = state !== "failed";
    this.close.setAttribute("aria-label", (batch ? cancel : remove)(this.name));
    const bytes = (this.chosen?.file ?? this.file).size;
    const percent = state === "done" ? 100 : Math.min(100, Math.floor((100 * this.loaded) / Math.max(1, bytes)));
    detail.textContent = isWrong ? this.problem : this.#words(percent, bytes);
    detail.title = this.#isUnread ? words.asItIsHint : "";
    bar.hidden = !batch || isWrong;
    bar.setAttribute("aria-valuenow", percent);
    bar.setAttribute("aria-valuetext", `${percent} %`);
    this.fill.style.inlineSize = `${percent}%`;
  }

  /** It is a picture, and all that is in it stays. */
  get #isUnread() {
    return this.smaller && !this.smaller.isClean && this.file.type.startsWith("image/") && !this.file.type.includes("svg");
  }

  #words(percent, bytes) {
    if (this.state === "sending") return progress(percent, bytes);
    if (this.state !== "ready") return words[this.state];
    const { width, height } = this.chosen;
    const about = [width && `${width} × ${height}`, size(bytes), this.#isUnread && words.asItIs];
    return about.filter(Boolean).join(" · ");
  }

  end() {
    this.stop.abort();
    if (this.#thumb) URL.revokeObjectURL(this.#thumb);
    this.element.remove();
  }
}
