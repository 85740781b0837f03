// Showing who one is: by something that is typed, or by a passkey, which the browser asks for.

import { button, complaint, field, form, h } from "./dom.js";
import { words } from "./words.js";

/** What the gateway says of a proof that is wrong. */
const WRONG = ["wrong_code", "wrong_credentials", "passkey_refused"];

export const KINDS = {
  passkey: {
    title: words.passkeyTitle,
    hint: words.passkeyHint,
    ask: words.passkeyAsk,
    wrong: words.passkeyRefused,
    use: words.usePasskey,
  },
  password: {
    title: words.passwordTitle,
    label: words.password,
    attributes: { type: "password", autocomplete: "current-password", enterkeyhint: "go" },
    proof: (password) => ({ kind: "password", password }),
    complaint: (typed) => typed === "" && words.passwordMissing,
    wrong: words.passwordWrong,
    use: words.usePassword,
  },
  totp: {
    title: words.codeTitle,
    label: words.code,
    attributes: { type: "text", inputmode: "numeric", autocomplete: "one-time-code", enterkeyhint: "go", class: "field code" },
    hint: words.codeHint,
    proof: (code) => ({ kind: "totp", code }),
    complaint: (typed) => typed.replace(/\D/g, "").length !== 6 && words.codeMalformed,
    wrong: words.codeWrong,
    use: words.useApp,
  },
  recovery_code: {
    title: words.recoveryCodeTitle,
    label: words.recoveryCode,
    attributes: { type: "text", autocomplete: "off", enterkeyhint: "go", class: "field code" },
    hint: words.recoveryCodeHint,
    proof: (code) => ({ kind: "recovery_code", code }),
    complaint: (typed) => typed.trim() === "" && words.recoveryCodeMissing,
    wrong: words.recoveryCodeWrong,
    use: words.useRecoveryCode,
  },
};

/**
 * Fills a panel with a form for one of the kinds of proof, the best first. `prove` takes one that was typed, and
 * `proveByPasskey` has the browser ask. Gives what is to have the focus.
 */
export function askFor(panel, accepts, { head, hints = {}, submit: submitWords, back, prove, proveByPasskey }) {
  const kinds = accepts.filter((kind) => kind in KINDS);
  const draw = (name) => {
    const kind = KINDS[name];
    const hint = hints[name] ?? kind.hint;
    const submit = button(kind.ask ?? submitWords, undefined, { kind: "primary", type: "submit" });
    const asked = kind.label ? field(kind.label, kind.attributes, hint) : byButton(submit, hint);
    const send = async () => {
      const typed = asked.input.value;
      const complaint = kind.complaint?.(typed);
      if (complaint) return asked.complain(complaint);
      try {
        await (kind.proof ? prove(kind.proof(typed)) : proveByPasskey());
      } catch (error) {
        if (WRONG.includes(error.code)) asked.complain(kind.wrong);
        else if (error.code === "too_many_requests") asked.countDown(words.tooManyTries, error.retryAfterSecs ?? 1);
        else asked.complain(error.message);
      }
    };
    const others = kinds.filter((other) => other !== name);
    const turn = (other) => draw(other).focus();
    panel.replaceChildren(
      form(
        submit,
        send,
        ...head(name),
        asked.element,
        h(
          "div",
          { class: "buttons" },
          submit,
          others.map((other) => button(KINDS[other].use, () => turn(other))),
          button(...back),
        ),
      ),
    );
    return asked.input;
  };
  return draw(kinds[0] ?? "password");
}

/** In the place of a field, where there is nothing to type: what is to be said, and what is wrong. */
function byButton(submit, hint) {
  const error = complaint();
  const complain = (...wrong) => {
    error.say(...wrong);
    submit.focus();
  };
  return { element: h("div", { class: "labelled" }, h("p", { class: "hint" }, hint), error.element), input: submit, complain, countDown: error.countDown };
}
