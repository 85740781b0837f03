// Where the person is signed in: browsers, and pages of the plugin's contract.

import { deviceName, isPhone } from "../forms/devices.js";
import { button, h, icon } from "../forms/dom.js";
import { Section } from "../forms/section.js";
import { ago } from "../forms/times.js";
import { endedDevice, signOutOf, words } from "./words.js";

/** Used within this time is in use, in milliseconds: it is told to the minute. */
const ACTIVE_MS = 2 * 60_000;

export function devicesSection(page) {
  const section = new Section(page, words.devices, words.devicesLead);
  const { client } = page;
  const open = () => page.signIns.filter(({ kind }) => kind !== "access_token");

  const end = (signIn, name) =>
    section.attempt(async () => {
      await endOne(client, signIn.id);
      page.say(endedDevice(name));
      await page.reload();
      section.rest();
    });

  const endOthers = () =>
    section.confirm(
      { title: words.signOutOthersTitle, lead: words.signOutOthersLead, yes: words.signOutOthers, no: words.keepThem },
      async () => {
        const others = open().filter(({ is_current: isCurrent }) => !isCurrent);
        const outcomes = await Promise.allSettled(others.map(({ id }) => endOne(client, id)));
        await page.reload();
        section.rest();
        const failed = outcomes.find(({ status }) => status === "rejected");
        if (failed) throw failed.reason;
        page.say(words.noOthers);
      },
    );

  const row = (signIn) => {
    const name = signIn.kind === "plugin" ? words.plugin : deviceName(signIn.name);
    const used = Date.now() - signIn.seen_at_ms < ACTIVE_MS ? words.activeNow : ago(signIn.seen_at_ms);
    const place = [signIn.address, used].filter(Boolean).join(" · ");
    return h(
      "li",
      { class: "item", part: "row" },
      icon(isPhone(signIn.name) ? "phone" : "device"),
      h(
        "div",
        { class: "what" },
        h("p", { class: "name", title: signIn.name }, name, signIn.is_current && h("span", { class: "mark" }, words.thisDevice)),
        h("p", { class: "detail" }, place),
      ),
      !signIn.is_current && button(words.signOut, () => end(signIn, name), { label: signOutOf(name) }),
    );
  };

  section.resting = () => {
    // This one first: it is what the others are compared with.
    const all = open().sort((one, other) => other.is_current - one.is_current);
    return [
      h("ul", { class: "items" }, ...all.map(row)),
      all.length > 1 &&
        h("div", { class: "buttons" }, button(words.signOutOthers, endOthers, { kind: "quiet danger-text" })),
    ];
  };
  return section;
}

/** Ends a way in; one that has ended by itself is as well. */
export function endOne(client, id) {
  return client.endSignIn(id).catch((error) => {
    if (error.code !== "not_found") throw error;
  });
}
