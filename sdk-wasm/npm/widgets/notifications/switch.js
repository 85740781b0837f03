// A switch: on or off, at once.

import { h } from "../forms/dom.js";
import { Section } from "../forms/section.js";

/**
 * A section whose heading has a switch beside it, which is described by its lead, or by the element of an id. `turn` is asked
 * for the other side; nothing moves by itself.
 */
export function switchSection(page, { title, lead, describedBy }, turn) {
  const control = h(
    "button",
    {
      type: "button",
      class: "switch",
      part: "switch",
      role: "switch",
      onclick: () => control.getAttribute("aria-disabled") !== "true" && turn(control.getAttribute("aria-checked") !== "true"),
    },
    h("span", { class: "track" }, h("span", { class: "knob" })),
  );
  const section = new Section(page, title, lead, control);
  control.setAttribute("aria-labelledby", section.heading.id);
  control.setAttribute("aria-describedby", describedBy ?? `${section.heading.id}-lead`);
  /** How it stands: whether it is on, can be turned, and is being turned. */
  const set = ({ isOn, isAble = true, isBusy = false }) => {
    control.setAttribute("aria-checked", String(isOn));
    control.setAttribute("aria-disabled", String(!isAble || isBusy));
    control.classList.toggle("turning", isBusy);
  };
  return { section, set };
}
