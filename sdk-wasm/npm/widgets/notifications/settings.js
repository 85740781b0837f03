// The settings: what they are at the gateway, and what they are to be.

import { h, icon } from "../forms/dom.js";
import { words } from "./words.js";

/** How often somebody else may be first. */
const TRIES = 5;

/**
 * Gives a page what its sections change settings with: `change(section, act)`, in which `act` makes of what they are what they
 * are to be. It is on screen at once, and one change after the other goes to the gateway; where somebody else was first, it is
 * made of what they have set.
 */
export function keepSettings(page) {
  let last = Promise.resolve();
  let waiting = 0;

  async function set(act) {
    for (let left = TRIES; ; left -= 1) {
      try {
        page.kept = await page.push.setSettings(act(page.kept));
        return;
      } catch (error) {
        if (error.code !== "precondition_failed" || left === 1) throw error;
        page.kept = await page.push.settings();
      }
    }
  }

  page.change = (section, act, says = words.saved) => {
    page.settings = act(page.settings);
    page.refresh();
    waiting += 1;
    last = last.then(() =>
      section.attempt(async () => {
        try {
          await set(act);
          page.say(says);
          mark(section);
        } finally {
          waiting -= 1;
          // What is to be changed yet is on screen already.
          if (waiting === 0) {
            page.settings = page.kept;
            page.refresh();
          }
        }
      }),
    );
    return last;
  };
}

/** Shows beside a heading, for a moment, that what was changed is kept. */
function mark({ heading }) {
  heading.getRootNode().querySelector(".saved")?.remove();
  heading.after(h("span", { class: "saved", "aria-hidden": "true" }, icon("check"), words.saved));
}
