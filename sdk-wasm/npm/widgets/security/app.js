// The authenticator app: setting it up, its recovery codes, removing it.

import { button, field, h, icon, panelForm, svg } from "../forms/dom.js";
import { Section } from "../forms/section.js";
import { sensitive } from "./proof.js";
import { copyButton, downloadButton } from "./secret.js";
import { appState, words } from "./words.js";

/** Few enough recovery codes to say so. */
const FEW = 3;
/** Of light around a QR code, in modules (ISO/IEC 18004). */
const QUIET = 4;

export function appSection(page) {
  const section = new Section(page, words.app, words.appLead);
  const { client } = page;

  const begin = (remark) =>
    section.attempt(async () => {
      let made;
      if (await sensitive(section, async () => (made = await client.setUpTotp()))) scan(made, remark);
    });

  const scan = (made, remark) => {
    const key = h("code", { class: "key" }, groups(made.secret));
    const code = field(words.appCode, {
      type: "text",
      inputmode: "numeric",
      autocomplete: "one-time-code",
      enterkeyhint: "go",
      class: "field code",
    });
    const submit = button(words.appTurnOn, undefined, { kind: "primary", type: "submit" });
    const confirm = async () => {
      if (code.input.value.replace(/\D/g, "").length !== 6) return code.complain(words.codeMalformed);
      let codes;
      try {
        if (!(await sensitive(section, async () => (codes = await client.confirmTotp(code.input.value))))) return;
      } catch (error) {
        if (error.code === "wrong_code") code.complain(words.codeWrong);
        else if (error.code === "too_many_requests") code.countDown(words.tooManyTries, error.retryAfterSecs ?? 1);
        else if (error.code === "not_found") await begin(words.appRunOut);
        else code.complain(error.message);
        return;
      }
      page.say(words.appIsOn);
      keep(codes);
    };
    section.show(
      code.input,
      panelForm(
        submit,
        confirm,
        remark && h("p", { role: "alert" }, remark),
        h(
          "div",
          { class: "scan" },
          h("div", {}, h("h3", {}, words.appScan), qrCode(made.qr)),
          h(
            "div",
            { class: "enter" },
            h("h3", {}, words.appKey),
            h("div", { class: "secret" }, key, copyButton(page, made.secret, key)),
            h("a", { href: made.uri }, words.appOpen),
            code.element,
            h("div", { class: "buttons" }, submit, button(words.cancel, () => section.rest((body) => body.querySelector("button")))),
          ),
        ),
      ),
    );
  };

  const keep = (codes) => {
    const text = `${codes.join("\n")}\n`;
    const list = h("ul", { class: "codes" }, ...codes.map((code) => h("li", {}, code)));
    const title = h("h3", { tabindex: "-1" }, words.codesTitle);
    const done = async () => {
      // Whoever had to set one up may do everything from here on.
      if (client.status.state === "must_set_up") return client.ready();
      await page.reload();
      section.rest();
    };
    section.show(
      title,
      h(
        "div",
        { class: "sheet" },
        title,
        h("p", { class: "hint" }, words.codesLead),
        list,
        h(
          "div",
          { class: "buttons" },
          button(words.codesKept, () => section.attempt(done), { kind: "primary" }),
          copyButton(page, text, list),
          downloadButton(text, words.codesFile),
        ),
      ),
    );
  };

  const renew = () =>
    section.confirm(
      { title: words.codesRenewTitle, lead: words.codesRenewLead, yes: words.codesMake, no: words.keepThem, danger: false },
      async () => {
        let codes;
        if (await sensitive(section, async () => (codes = await client.renewRecoveryCodes()))) keep(codes);
      },
    );

  const remove = () =>
    section.confirm(
      { title: words.appRemoveTitle, lead: words.appRemoveLead, yes: words.appRemove, no: words.appKeep },
      async () => {
        if (!(await sensitive(section, () => client.removeTotp()))) return;
        page.say(words.appRemoved);
        await page.reload();
        section.rest((body) => body.querySelector("button"));
      },
    );

  section.resting = () => {
    const { totp, can_set_up: canSetUp } = page.factors;
    if (totp) {
      return [
        h("p", { class: "standing" }, icon("check"), appState(totp)),
        totp.recovery_codes_left <= FEW && h("p", { class: "warning" }, words.codesFew),
        h("div", { class: "buttons" }, button(words.codesRenew, renew), button(words.appRemove, remove, { kind: "quiet danger-text" })),
      ];
    }
    if (!canSetUp) return [h("p", { class: "hint" }, words.appUnavailable)];
    return [h("div", { class: "buttons" }, button(words.appSetUp, () => begin(), { kind: "primary" }))];
  };
  return section;
}

/** A key as people type it: in fours. */
function groups(secret) {
  return secret.match(/.{1,4}/g).join(" ");
}

/** The rows of a QR code, drawn. It is dark on light whatever the theme: not every reader takes it the other way round. */
function qrCode(rows) {
  const size = rows.length + 2 * QUIET;
  const runs = rows.flatMap((row, y) =>
    [...row.matchAll(/1+/g)].map(({ index, 0: run }) => `M${index + QUIET} ${y + QUIET}h${run.length}v1h-${run.length}z`),
  );
  return svg(
    "svg",
    { class: "qr", viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": words.appQr, "shape-rendering": "crispEdges" },
    svg("path", { fill: "#fff", d: `M0 0h${size}v${size}h-${size}z` }),
    svg("path", { fill: "#000", d: runs.join("") }),
  );
}
