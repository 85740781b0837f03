// The form: checks what can be checked here, signs in, says what went wrong where it belongs, and tries again by itself
// where that helps.

import { button, complaint, field, form, h, icon } from "../forms/dom.js";
import { passkeyWay } from "./passkey.js";
import { rememberBox } from "./remember.js";
import { accountRefused, signedOut, words, wrongCredentials } from "./words.js";

/** How long to wait before each further try, in seconds, where the gateway doesn't say. */
const WAITS_SECS = [2, 4, 8, 15, 30];
/** What may well succeed later, with nothing typed anew. */
const TEMPORARY = ["bad_answer", "xmpp_unreachable", "xmpp_timeout", "session_offline", "overloaded", "internal"];
/** A local part or an address, as far as it can be told here (RFC 7622); the gateway knows better. */
const NAME = /^[^\s"&'/:<>@]+(@[^\s"&'/:<>@]+)?$/;

/** The form. `tell` hears of what fails and has no place in it. */
export function signInForm(client, tell) {
  const name = field(words.username, {
    type: "text",
    name: "username",
    // Where the browser has it, passkeys are offered among the names.
    autocomplete: "username webauthn",
    enterkeyhint: "next",
    "data-focus": true,
    onfocus: () => passkey.offer(),
  });
  const secret = field(words.password, { type: "password", name: "password", autocomplete: "current-password", enterkeyhint: "go" }, undefined, revealed);
  const remember = rememberBox(client.gateway, () => passkey.offer());
  const remark = complaint();
  const submit = button(words.signIn, undefined, { kind: "primary", type: "submit" });
  const username = () => name.input.value.trim();
  let tries = 0;

  const send = async () => {
    settle();
    // The last to complain has the focus: the first of the form.
    const complaints = [
      [secret, secret.input.value === "" && words.passwordMissing],
      [name, username() === "" ? words.usernameMissing : !NAME.test(username()) && words.usernameMalformed],
    ].filter(([, wrong]) => wrong);
    for (const [of, wrong] of complaints) of.complain(wrong);
    if (complaints.length) return;
    passkey.rest();
    const who = username();
    try {
      await client.signIn(who, secret.input.value, { remember: remember.isChecked() });
    } catch (error) {
      // When somebody is in, or lets it go, the form is gone.
      if (element.isConnected) explain(error, who);
    }
  };

  const explain = (error, who) => {
    const { code } = error;
    if (code === "wrong_credentials") secret.complain(wrongCredentials(who));
    else if (!isAboutName(code, who)) {
      if (code === "too_many_requests") wait(words.waitFirst, error);
      else if (code === "network") wait(words.networkAway, error, again);
      else if (TEMPORARY.includes(code)) wait(words.serverAway, error, again);
      else {
        remark.say(error.message);
        tell(error);
      }
    }
  };

  /** Says it beside the name, if that is where it belongs. */
  const isAboutName = (code, who) => {
    if (code === "account_refused") name.complain(accountRefused(who));
    else if (code === "malformed_jid") name.complain(words.usernameMalformed);
    else return false;
    return true;
  };

  const wait = (why, { retryAfterSecs }, then) => {
    const usual = WAITS_SECS[Math.min(tries, WAITS_SECS.length - 1)];
    tries += 1;
    if (then) submit.textContent = words.signInNow;
    remark.countDown(why, Math.max(retryAfterSecs ?? usual, 1), then);
  };
  const again = () => element.requestSubmit();
  const settle = () => {
    name.clear();
    secret.clear();
    remark.say();
    submit.textContent = words.signIn;
  };

  const passkey = passkeyWay(client, { username, remember: remember.isChecked, isAboutName, begin: settle, tell });
  const lead = h("p", { class: "lead" });
  const element = form(
    submit,
    send,
    h("slot", { name: "title" }, h("h2", {}, words.signIn)),
    lead,
    name.element,
    secret.element,
    remember.element,
    h("div", { class: "do" }, remark.element, submit),
    passkey.element,
  );
  element.classList.add("signin");
  element.part = "form";
  return {
    element,
    /** Says why somebody is no longer in, if that is known. */
    explain(reason) {
      lead.textContent = signedOut[reason] ?? words.lead;
    },
    /** It is what the person is to look at. */
    offer: passkey.offer,
    /** It is not, or no longer. */
    rest() {
      settle();
      passkey.rest();
    },
    focus: () => (username() === "" ? name : secret).input.focus(),
  };
}

/** A password that can be looked at. */
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
