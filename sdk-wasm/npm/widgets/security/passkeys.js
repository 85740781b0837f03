// The person's passkeys: which there are, adding one, calling one otherwise, removing one.

import { deviceName } from "../forms/devices.js";
import { button, field, h, icon, panelForm } from "../forms/dom.js";
import { Section } from "../forms/section.js";
import { sensitive } from "./proof.js";
import {
  addedPasskey,
  lastUsed,
  madeOn,
  removePasskey,
  removePasskeyTitle,
  removedPasskey,
  renamePasskey,
  renamedPasskey,
  words,
} from "./words.js";

/** Of a name, in bytes of UTF-8. */
const MAX_NAME_BYTES = 100;
/** Of one person. */
const MAX_PASSKEYS = 20;

export function passkeysSection(page) {
  const section = new Section(page, words.passkeys, words.passkeysLead);
  const { client } = page;
  const back = () => section.rest((body) => body.querySelector(".buttons button"));

  /** A form for a name, which does something with it. */
  const askName = ({ label, hint, name, submit: submitWords }, act) => {
    const asked = field(label, { type: "text", autocomplete: "off", value: name }, hint);
    const submit = button(submitWords, undefined, { kind: "primary", type: "submit" });
    const send = async () => {
      const called = asked.input.value.trim();
      if (called === "") return asked.complain(words.passkeyNameMissing);
      if (new TextEncoder().encode(called).length > MAX_NAME_BYTES) return asked.complain(words.passkeyNameLong);
      await section.attempt(() => act(called));
    };
    const form = panelForm(submit, send, asked.element, h("div", { class: "buttons" }, submit, button(words.cancel, back)));
    section.show(asked.input, form);
    asked.input.select();
  };

  const add = () => {
    const name = suggested(page.factors.passkeys.map((passkey) => passkey.name));
    const asked = { label: words.passkeyName, hint: words.passkeyNameHint, name, submit: words.passkeyAdd };
    askName(asked, async (called) => {
      if (!(await sensitive(section, () => client.addPasskey(called)))) return;
      page.say(addedPasskey(called));
      // Whoever had to set one up may do everything from here on.
      if (client.status.state === "must_set_up") return client.ready();
      await page.reload();
      back();
    });
  };

  const rename = ({ id, name }) =>
    askName({ label: words.passkeyNewName, hint: words.passkeyNewNameHint, name, submit: words.passkeySave }, async (called) => {
      await client.renamePasskey(id, called);
      page.say(renamedPasskey(called));
      await page.reload();
      section.rest((body) => body.querySelector(`[data-passkey="${id}"] button`));
    });

  const remove = ({ id, name }) =>
    section.confirm(
      { title: removePasskeyTitle(name), lead: words.passkeyRemoveLead, yes: words.passkeyRemove, no: words.passkeyKeep },
      async () => {
        if (!(await sensitive(section, () => client.removePasskey(id)))) return;
        page.say(removedPasskey(name));
        await page.reload();
        back();
      },
    );

  const row = (passkey) => {
    const { id, name, made_at_ms: madeAtMs, used_at_ms: usedAtMs, is_backed_up: isSynced, is_blocked: isBlocked } = passkey;
    const used = usedAtMs === undefined ? words.neverUsed : lastUsed(usedAtMs);
    return h(
      "li",
      { class: "item", part: "row", "data-passkey": id },
      icon("key"),
      h(
        "div",
        { class: "what" },
        h("p", { class: "name" }, h("bdi", {}, name), h("span", { class: "mark" }, isSynced ? words.passkeySynced : words.passkeyBound)),
        h("p", { class: "detail" }, [madeOn(madeAtMs), used].join(" · ")),
        isBlocked && h("p", { class: "warning" }, words.passkeyBlocked),
      ),
      h(
        "div",
        { class: "acts" },
        button(words.passkeyRename, () => rename(passkey), { label: renamePasskey(name) }),
        button(words.passkeyRemove, () => remove(passkey), { kind: "quiet danger-text", label: removePasskey(name) }),
      ),
    );
  };

  section.resting = () => {
    const { passkeys, can_have_passkeys: canHave } = page.factors;
    if (!canHave) return [h("p", { class: "hint" }, words.passkeysUnavailable)];
    const isFull = passkeys.length >= MAX_PASSKEYS;
    return [
      passkeys.length ? h("ul", { class: "items" }, ...passkeys.map(row)) : h("p", { class: "hint" }, words.passkeysNone),
      isFull ? h("p", { class: "hint" }, words.passkeysMany) : h("div", { class: "buttons" }, button(words.passkeyAdd, add, { kind: passkeys.length ? "quiet" : "primary" })),
    ];
  };
  return section;
}

/** What the passkey is called if nothing better comes to mind: as this device, and otherwise than the others. */
function suggested(taken) {
  const name = deviceName(navigator.userAgent);
  const numbered = (number) => (number === 1 ? name : `${name} ${number}`);
  let number = 1;
  while (taken.includes(numbered(number))) number += 1;
  return numbered(number);
}
