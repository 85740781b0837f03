// The form: checks what can be checked here, signs in, says what went wrong where it belongs, and tries again by itself
// where that helps.

import { button, complaint, form, h } from "../forms/dom.js";
import { nameField, secretField } from "./fields.js";
import { passkeyWay } from "./passkey.js";
import { rememberBox } from "./remember.js";
import { retries } from "./retries.js";
import { signedOut, words, wrongCredentials } from "./words.js";

/** The form. `tell` hears of what fails and has no place in it; `join` is called with the name of whoever wants an account. */
export function signInForm(client, tell, join) {
  const name = nameField({
    // Where the browser has it, passkeys are offered among the names.
    autocomplete: "username webauthn",
    onfocus: () => passkey.offer(),
  });
  const secret = secretField({ autocomplete: "current-password" });
  const remember = rememberBox(client.gateway, () => passkey.offer());
  const remark = complaint();
  const submit = button(words.signIn, undefined, { kind: "primary", type: "submit" });
  const later = retries(remark, submit, words.signIn, () => element.requestSubmit());

  const send = async () => {
    settle();
    // The last to complain has the focus: the first of the form.
    if ([secret.isMissing(), name.isWrong()].includes(true)) return;
    passkey.rest();
    const who = name.value();
    try {
      await client.signIn(who, secret.input.value, { remember: remember.isChecked() });
    } catch (error) {
      // When somebody is in, or lets it go, the form is gone.
      if (element.isConnected) explain(error, who);
    }
  };

  const explain = (error, who) => {
    if (error.code === "wrong_credentials") secret.complain(wrongCredentials(who));
    else if (!name.isAbout(error.code, who) && !later.explain(error)) {
      remark.say(error.message);
      tell(error);
    }
  };

  const settle = () => {
    name.clear();
    secret.clear();
    later.settle();
  };

  const passkey = passkeyWay(client, { username: name.value, remember: remember.isChecked, isAboutName: name.isAbout, begin: settle, tell });
  const newcomers = h("div", { class: "new", hidden: true }, h("span", {}, words.newHere), button(words.makeAccount, () => join(name.value())));
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
    newcomers,
  );
  element.classList.add("signin");
  element.part = "form";
  return {
    element,
    /** Says why somebody is no longer in, if that is known. */
    explain(reason) {
      lead.textContent = signedOut[reason] ?? words.lead;
    },
    /** Accounts are made here. */
    offerAccounts() {
      newcomers.hidden = false;
    },
    /** It is what the person is to look at. */
    offer: passkey.offer,
    /** It is not, or no longer. */
    rest() {
      settle();
      passkey.rest();
    },
    focus: () => (name.value() === "" ? name : secret).input.focus(),
  };
}
