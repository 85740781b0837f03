// Hours in which nothing is told.

import { button, field, h } from "../forms/dom.js";
import { ownZone } from "./browser.js";
import { switchSection } from "./switch.js";
import { byClock, useClock, words } from "./words.js";

/** A night, for whoever has not said otherwise. */
const NIGHT = { from_minute: 22 * 60, to_minute: 7 * 60 };
/** A time is typed in parts, and is whole when nothing more comes for so long. */
const PAUSE_MS = 800;

export function quietSection(page) {
  // What they were is what they are when they are turned on again.
  let hours = NIGHT;
  let waits;

  const set = (changes) => {
    const quiet = { zone: ownZone(), ...hours, ...changes };
    return page.change(section, (settings) => ({ ...settings, quiet }));
  };
  const turn = (isOn) => {
    clearTimeout(waits);
    return isOn ? set() : page.change(section, ({ quiet: _, ...settings }) => settings);
  };

  /** Takes what was typed, where it is whole. */
  const read = () => {
    clearTimeout(waits);
    const [from_minute, to_minute] = fields.map(({ input }) => minuteOf(input.value));
    if (from_minute === undefined || to_minute === undefined) return;
    if (from_minute === to_minute) return fields[1].mark(words.sameTime);
    if (from_minute !== hours.from_minute || to_minute !== hours.to_minute) set({ from_minute, to_minute });
  };
  const typed = () => {
    for (const { clear } of fields) clear();
    clearTimeout(waits);
    waits = setTimeout(read, PAUSE_MS);
  };
  const left = () => {
    read();
    section.refresh();
  };
  const fields = [words.from, words.until].map((label) => field(label, { type: "time", oninput: typed, onblur: left }));

  const { section, set: stand } = switchSection(page, { title: words.quiet, lead: words.quietLead }, turn);
  const times = h("div", { class: "times" }, ...fields.map(({ element }) => element));
  const clock = h("p", { class: "hint" });
  const own = h("div", { class: "buttons" });

  section.resting = () => {
    const { quiet } = page.settings;
    stand({ isOn: quiet !== undefined });
    if (!quiet) return [];
    hours = quiet;
    // What is being typed, or is to be mended, is let be.
    const isTyped = fields.some(({ input }) => input.matches(":focus, [aria-invalid]"));
    if (!isTyped) [quiet.from_minute, quiet.to_minute].forEach((minute, at) => (fields[at].input.value = timeOf(minute)));
    clock.textContent = byClock(clockName(quiet.zone));
    const zone = ownZone();
    const isElsewhere = commonName(zone) !== commonName(quiet.zone);
    if (isElsewhere) own.replaceChildren(button(useClock(clockName(zone)), () => set({ zone })));
    return [times, clock, isElsewhere && own];
  };
  return section;
}

function minuteOf(time) {
  const [, hours, minutes] = /^(\d\d):(\d\d)/.exec(time) ?? [];
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes);
}

function timeOf(minute) {
  return [Math.trunc(minute / 60), minute % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

/** What people call the time that a clock shows: “Central European Time”. */
function commonName(zone) {
  if (zone === "UTC") return zone;
  try {
    const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longGeneric" }).formatToParts();
    return parts.find(({ type }) => type === "timeZoneName").value;
  } catch {
    return zone;
  }
}

/** And where: “Berlin (Central European Time)”. */
function clockName(zone) {
  const place = zone.includes("/") && zone.split("/").at(-1).replaceAll("_", " ");
  return place ? `${place} (${commonName(zone)})` : commonName(zone);
}
