// Making an account, in the form's place: the gateway does not say whether a name is free, and signing in with it does.

import { button, complaint, field, form, h } from "../forms/dom.js";
import { nameField, secretField } from "./fields.js";
import { rememberBox } from "./remember.js";
import { retries } from "./retries.js";
import { addressHint, words } from "./words.js";

/** `back` is called when the person has an account after all; `tell` hears of what fails and has no place in it. */
export function accountForm(client, { domain, back, tell }) {
  const name = nameField({ autocomplete: "username" }, addressHint(domain));
  const secret = secretField({ autocomplete: "new-password" });
  const mail = field(words.email, { type: "email", name: "email", autocomplete: "email" }, words.emailHint);
  const remember = rememberBox(client.gateway, () => {});
  const remark = complaint();
  const submit = button(words.makeAccount, undefined, { kind: "primary", type: "submit" });
  const later = retries(remark, submit, words.makeAccount, () => element.requestSubmit());
  /** Who was asked for last: a try that failed behind that goes on behind it. */
  let asked;

  const send = async () => {
    settle();
    if ([secret.isMissing(), name.isWrong()].includes(true)) return;
    const who = name.value();
    const account = { username: who, password: secret.value(), email: mail.input.value.trim() || undefined };
    const key = JSON.stringify(account);
    try {
      if (asked !== key) await client.createAccount(account);
      asked = key;
      await client.signIn(who, account.password, { remember: remember.isChecked() });
    } catch (error) {
      // When somebody is in, or lets it go, the form is gone.
      if (element.isConnected) explain(error, who);
    }
  };

  const explain = (error, who) => {
    const { code, message } = error;
    if (code === "wrong_credentials") {
      asked = undefined;
      name.complain(words.nameTaken);
    } else if (code === "malformed_body") secret.complain(message);
    else if (code === "registration_incomplete" && mail.element.hidden) {
      mail.element.hidden = false;
      mail.complain(words.emailMissing);
    } else if (!name.isAbout(code, who) && !later.explain(error)) {
      remark.say(message);
      tell(error);
    }
  };

  const settle = () => {
    for (const { clear } of [name, secret, mail]) clear();
    later.settle();
  };

  const element = form(
    submit,
    send,
    h("h2", {}, words.makeAccount),
    name.element,
    secret.element,
    mail.element,
    remember.element,
    h("div", { class: "do" }, remark.element, submit),
    h("div", { class: "new" }, button(words.haveAccount, back)),
  );
  mail.element.hidden = true;
  element.classList.add("signin");
  element.part = "form";
  return {
    element,
    /** Begins with what was typed elsewhere. */
    begin(username) {
      if (name.value() === "") name.input.value = username;
      name.input.focus();
    },
  };
}
