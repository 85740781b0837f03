// The fields of somebody who comes in, with what can be checked of them here.

import { field, h, icon } from "../forms/dom.js";
import { accountRefused, words } from "./words.js";

/** A local part or an address, as far as it can be told here (RFC 7622); the gateway knows better. */
const NAME = /^[^\s"&'/:<>@]+(@[^\s"&'/:<>@]+)?$/;

/** Who it is. */
export function nameField(attributes, hint) {
  const name = field(words.username, { type: "text", name: "username", enterkeyhint: "next", "data-focus": true, ...attributes }, hint);
  const value = () => name.input.value.trim();
  return {
    ...name,
    value,
    /** Whether it can't be a name, which is said beside it then. */
    isWrong() {
      const wrong = value() === "" ? words.usernameMissing : !NAME.test(value()) && words.usernameMalformed;
      if (wrong) name.complain(wrong);
      return Boolean(wrong);
    },
    /** Says beside it what went wrong with this name, if that is where it belongs. */
    isAbout(code, who) {
      if (code === "account_refused") name.complain(accountRefused(who));
      else if (code === "malformed_jid") name.complain(words.usernameMalformed);
      else return false;
      return true;
    },
  };
}

/** A password that can be looked at. */
export function secretField(attributes) {
  const secret = field(words.password, { type: "password", name: "password", enterkeyhint: "go", ...attributes }, undefined, revealed);
  return {
    ...secret,
    value: () => secret.input.value,
    /** Whether there is none, which is said beside it then. */
    isMissing() {
      const isMissing = secret.input.value === "";
      if (isMissing) secret.complain(words.passwordMissing);
      return isMissing;
    },
  };
}

function revealed(input) {
  const eye = h("button", { type: "button", class: "icon-button", "aria-label": words.showPassword, "aria-pressed": "false" }, icon("eye"));
  eye.addEventListener("click", () => {
    const isShown = input.type === "password";
    input.type = isShown ? "text" : "password";
    eye.ariaPressed = String(isShown);
    eye.replaceChildren(icon(isShown ? "eyeShut" : "eye"));
  });
  return h("div", { class: "password" }, input, eye);
}
