// Tokens for scripts: making one, which is shown once, and ending it.

import { button, complaint, field, h, icon, panelForm, unique } from "../forms/dom.js";
import { Section } from "../forms/section.js";
import { endOne } from "./devices.js";
import { sensitive } from "./proof.js";
import { copyButton } from "./secret.js";
import { endToken, endedToken, goodUntil, lastUsed, lifetimes, scopes, words } from "./words.js";

/** Of a name, in bytes of UTF-8. */
const MAX_NAME_BYTES = 100;
/** What is chosen at first: a quarter of a year. */
const USUAL_LIFETIME = 1;

export function tokensSection(page) {
  const section = new Section(page, words.tokens, words.tokensLead);
  const { client } = page;

  const ask = () => {
    const allowed = page.signIns.find(({ is_current: isCurrent }) => isCurrent)?.scopes ?? ["read"];
    const offered = Object.keys(scopes).filter((scope) => allowed.includes(scope));
    const name = field(words.tokenName, { type: "text", autocomplete: "off" }, words.tokenNameHint);
    const boxes = offered.map((scope) => {
      const box = h("input", { type: "checkbox", value: scope, oninput: () => missing.say() });
      box.checked = scope === "read";
      return box;
    });
    const missing = complaint();
    const time = unique("time");
    const lifetime = h("select", { id: time, class: "field" }, ...lifetimes.map(([label], at) => h("option", { value: at }, label)));
    lifetime.selectedIndex = USUAL_LIFETIME;
    const submit = button(words.tokenMake, undefined, { kind: "primary", type: "submit" });
    const make = async () => {
      const called = name.input.value.trim();
      const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
      if (called === "") return name.complain(words.tokenNameMissing);
      if (new TextEncoder().encode(called).length > MAX_NAME_BYTES) return name.complain(words.tokenNameLong);
      if (chosen.length === 0) {
        missing.say(words.tokenScopesMissing);
        return boxes[0]?.focus();
      }
      const wanted = { name: called, scopes: chosen, expires_in_secs: lifetimes[lifetime.selectedIndex][1] };
      await section.attempt(async () => {
        let made;
        if (await sensitive(section, async () => (made = await client.createAccessToken(wanted)))) show(made);
      });
    };
    section.show(
      name.input,
      panelForm(
        submit,
        make,
        name.element,
        h(
          "fieldset",
          {},
          h("legend", {}, words.tokenScopes),
          ...boxes.map((box) => h("label", { class: "scope" }, box, scopes[box.value])),
          missing.element,
        ),
        h("div", { class: "labelled" }, h("label", { for: time }, words.tokenTime), lifetime),
        h("div", { class: "buttons" }, submit, button(words.cancel, () => section.rest((body) => body.querySelector(".buttons button")))),
      ),
    );
  };

  const show = ({ token }) => {
    const title = h("h3", { tabindex: "-1" }, words.tokenTitle);
    const shown = h("code", { class: "key" }, token);
    const done = () =>
      section.attempt(async () => {
        await page.reload();
        section.rest();
      });
    section.show(
      title,
      h(
        "div",
        { class: "sheet" },
        title,
        h("p", { class: "hint" }, words.tokenLead),
        h("div", { class: "secret" }, shown, copyButton(page, token, shown)),
        h("div", { class: "buttons" }, button(words.tokenDone, done, { kind: "primary" })),
      ),
    );
  };

  const end = ({ id, name }) =>
    section.attempt(async () => {
      await endOne(client, id);
      page.say(endedToken(name));
      await page.reload();
      section.rest();
    });

  const row = (signIn) => {
    const isUsed = signIn.seen_at_ms > signIn.began_at_ms;
    const told = [
      isUsed ? lastUsed(signIn.seen_at_ms) : words.neverUsed,
      signIn.expires_at_ms !== undefined && goodUntil(signIn.expires_at_ms),
    ];
    return h(
      "li",
      { class: "item", part: "row" },
      icon("script"),
      h(
        "div",
        { class: "what" },
        h("p", { class: "name" }, h("bdi", {}, signIn.name)),
        h("p", { class: "detail" }, told.filter(Boolean).join(" · ")),
        h("p", { class: "detail" }, signIn.scopes.map((scope) => scopes[scope] ?? scope).join(", ")),
      ),
      button(words.tokenEnd, () => end(signIn), { label: endToken(signIn.name) }),
    );
  };

  section.resting = () => {
    const tokens = page.signIns.filter(({ kind }) => kind === "access_token");
    return [
      tokens.length ? h("ul", { class: "items" }, ...tokens.map(row)) : h("p", { class: "hint" }, words.tokensNone),
      h("div", { class: "buttons" }, button(words.tokenNew, ask)),
    ];
  };
  return section;
}
