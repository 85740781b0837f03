// Whether this device is told: a switch, and why it stands as it does.

import { deviceName } from "../forms/devices.js";
import { complaint, h, icon, unique } from "../forms/dom.js";
import { isTabsOnly, needsHomeScreen } from "./browser.js";
import { switchSection } from "./switch.js";
import { lastTold, words } from "./words.js";

/** What the switch can do nothing about. */
const STUCK = ["homeScreen", "insecure", "incapable", "notKept", "denied"];
/** What is on, and what is still. */
const ON = ["on", "turningOff"];

/** `place` is where the site has its worker. */
export function deviceSection(page, place) {
  const describedBy = unique("device");
  /** What is being done. */
  let doing;
  let isTabs = isTabsOnly(page.client.gateway);

  const stateNow = () => {
    const { push, device } = page;
    if (doing) return doing;
    if (!push.supported) return needsHomeScreen() ? "homeScreen" : isSecureContext ? "incapable" : "insecure";
    if (isTabs) return "notKept";
    if (push.permission === "denied") return "denied";
    if (device) return "on";
    return push.permission === "default" ? "offUnasked" : "off";
  };

  const attempt = (what, act) =>
    section.attempt(async () => {
      doing = what;
      section.refresh();
      try {
        await act();
      } finally {
        await page.reload().catch(() => {});
        doing = undefined;
        section.refresh();
      }
    });

  const subscribe = async () => {
    try {
      await page.push.subscribe({ name: deviceName(navigator.userAgent), ...place });
    } catch (error) {
      // What the switch says of these is enough.
      if (error.code === "push_not_remembered") isTabs = true;
      else if (error.code !== "push_denied") throw error;
    }
  };
  const turn = (isOn) => {
    if (!isOn) return attempt("turningOff", () => page.push.unsubscribe());
    return attempt(page.push.permission === "default" ? "asking" : "turningOn", subscribe);
  };

  const { section, set } = switchSection(page, { title: words.device, describedBy }, turn);
  const says = h("div", { id: describedBy, role: "status" });
  const told = h("p", { class: "detail" });
  const trouble = complaint();
  const standing = h("div", { class: "stands" }, says, told, trouble.element);

  let said;
  section.resting = () => {
    const state = stateNow();
    const isStuck = STUCK.includes(state);
    set({ isOn: ON.includes(state), isAble: !isStuck, isBusy: state === doing });
    // It is read out when it changes, and only then.
    if (said !== state) {
      says.replaceChildren(h("p", { class: isStuck ? "warning" : "lead" }, isStuck && icon("warning"), h("span", {}, words[state])));
      said = state;
    }
    told.textContent = state === "on" ? lastTold(page.device.pushed_at_ms) : "";
    trouble.say(page.trouble?.message);
    return [standing];
  };
  return section;
}
