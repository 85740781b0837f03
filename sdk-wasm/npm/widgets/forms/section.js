// A part of the element: its heading, and below it one thing at a time.

import { words } from "./common.js";
import { button, complaint, h, present, unique } from "./dom.js";

/** One part. While it rests it follows what is reloaded; while somebody is at something in it, it waits for them. */
export class Section {
  #body = h("div", { class: "body" });
  #error = complaint();
  #rest;
  #rests = true;

  /** `beside` stands at the end of the heading's line. */
  constructor(page, title, lead, beside) {
    const id = unique("section");
    this.page = page;
    this.heading = h("h2", { id, tabindex: "-1" }, title);
    this.element = h(
      "section",
      { "aria-labelledby": id, part: "section" },
      h("div", { class: "heading" }, this.heading, beside),
      lead && h("p", { class: "lead", id: `${id}-lead` }, lead),
      this.#body,
      this.#error.element,
    );
  }

  /** How it looks at rest: a function that gives its children. */
  set resting(children) {
    this.#rest = children;
  }

  /** What stays as it is is left in its place: it may have the focus. */
  refresh() {
    if (!this.#rests) return;
    const children = present(this.#rest());
    const shown = [...this.#body.childNodes];
    const isSame = shown.length === children.length && shown.every((child, at) => child === children[at]);
    if (!isSame) this.#body.replaceChildren(...children);
  }

  /** Back to rest, with the focus on what a function finds, else on the heading. */
  rest(find = () => undefined) {
    this.#rests = true;
    this.#error.say();
    this.refresh();
    (find(this.#body) ?? this.heading).focus();
  }

  /** Shows one thing instead, until it rests again. */
  show(focus, ...children) {
    this.#rests = false;
    this.#error.say();
    this.#body.replaceChildren(...present(children));
    focus?.focus();
  }

  /** Shows something while what is there is hidden. What this returns takes it away again. */
  cover(element) {
    const before = this.page.root.activeElement;
    const hidden = [...this.#body.children].filter((child) => !child.hidden);
    const rested = this.#rests;
    this.#rests = false;
    this.#error.say();
    for (const child of hidden) child.hidden = true;
    this.#body.append(element);
    return () => {
      element.remove();
      for (const child of hidden) child.hidden = false;
      this.#rests = rested;
      (before?.isConnected ? before : this.heading).focus();
    };
  }

  /** Does something, and says what went wrong. */
  async attempt(act) {
    this.#error.say();
    try {
      await act();
    } catch (error) {
      if (error.code === "too_many_requests") this.#error.countDown(words.tooManyTries, error.retryAfterSecs ?? 1);
      else this.#error.say(error.message);
      this.page.tell(error);
    }
  }

  /** Asks in place whether it is meant. */
  confirm({ title, lead, yes, no, danger = true }, act) {
    const back = () => this.rest((body) => body.querySelector("button"));
    const refuse = button(no, back);
    this.show(
      refuse,
      h(
        "div",
        { class: "sheet", role: "group", "aria-label": title },
        h("h3", {}, title),
        h("p", { class: "hint" }, lead),
        h("div", { class: "buttons" }, button(yes, () => this.attempt(act), { kind: danger ? "danger" : "primary" }), refuse),
      ),
    );
  }
}
