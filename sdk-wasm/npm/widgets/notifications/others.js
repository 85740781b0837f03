// The person's other devices that are told.

import { deviceName, isPhone } from "../forms/devices.js";
import { button, h, icon } from "../forms/dom.js";
import { Section } from "../forms/section.js";
import { lastTold, removeOf, removed, words } from "./words.js";

/** What a device is called: by its person, or by what its browser said of itself. */
const called = (name) => (name.includes("/") ? deviceName(name) : name);

export function othersSection(page) {
  const section = new Section(page, words.others, words.othersLead);
  const others = () => page.devices.filter(({ id }) => id !== page.device?.id);

  const remove = ({ id }, name) =>
    section.attempt(async () => {
      const at = others().findIndex((other) => other.id === id);
      await page.push.remove(id).catch((error) => {
        // One that is gone already is as well.
        if (error.code !== "not_found") throw error;
      });
      page.say(removed(name));
      await page.reload();
      section.rest((body) => [...body.querySelectorAll(".item button")].slice(0, at + 1).at(-1));
    });

  const row = (device) => {
    const name = called(device.name);
    return h(
      "li",
      { class: "item", part: "row" },
      icon(isPhone(device.name) ? "phone" : "device"),
      h(
        "div",
        { class: "what" },
        h("p", { class: "name", title: device.name }, h("bdi", {}, name)),
        device.refused
          ? h("p", { class: "warning" }, words.othersRefused)
          : h("p", { class: "detail" }, lastTold(device.pushed_at_ms)),
      ),
      button(words.remove, () => remove(device, name), { label: removeOf(name) }),
    );
  };

  section.resting = () => {
    const all = others();
    return [all.length ? h("ul", { class: "items" }, ...all.map(row)) : h("p", { class: "hint" }, words.othersNone)];
  };
  return section;
}
