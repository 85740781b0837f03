// How much of a message is shown, with an example of each.

import { h, icon, unique } from "../forms/dom.js";
import { Section } from "../forms/section.js";
import { words } from "./words.js";

const EXAMPLES = {
  everything: [words.exampleName, words.exampleBody],
  sender: [words.exampleName, words.exampleMessage],
  nothing: [words.exampleMessage],
};

export function showsSection(page) {
  const section = new Section(page, words.shows, words.showsLead);
  const name = unique("shows");
  const choose = (shows) => page.change(section, (settings) => ({ ...settings, shows }));

  const radios = Object.keys(EXAMPLES).map((value) =>
    h("input", {
      type: "radio",
      name,
      value,
      // The example is no part of what it is called.
      "aria-labelledby": `${name}-${value}-name`,
      "aria-describedby": `${name}-${value}`,
      onchange: () => choose(value),
    }),
  );
  const choices = h(
    "div",
    { class: "choices", role: "radiogroup", "aria-labelledby": section.heading.id },
    ...radios.map((radio) =>
      h(
        "label",
        { class: "choice", part: "choice" },
        h("span", { class: "chosen" }, radio, h("span", { id: `${name}-${radio.value}-name` }, words[radio.value])),
        example(radio.value, `${name}-${radio.value}`),
      ),
    ),
  );
  section.resting = () => {
    const shows = page.settings.shows ?? "everything";
    for (const radio of radios) radio.checked = radio.value === shows;
    return [choices];
  };
  return section;
}

/** A notification as it will look. */
function example(value, id) {
  const [title, body] = EXAMPLES[value];
  return h(
    "span",
    { class: "example", id },
    h("span", { class: "sign" }, icon("chat")),
    h("span", { class: "what" }, h("span", { class: "title" }, title), body && h("span", { class: "text" }, body)),
  );
}
