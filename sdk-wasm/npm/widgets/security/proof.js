// What is sensitive is for whoever has just shown who they are: where that is too long ago, they show it again in place.

import { button, field, form, h } from "./dom.js";
import { words } from "./words.js";

const KINDS = {
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

/** Does something sensitive, after a proof where one is asked for. Resolves to whether it was done. */
export async function sensitive(section, act) {
  try {
    await act();
    return true;
  } catch (error) {
    if (error.code !== "fresh_proof_needed") throw error;
  }
  if (!(await proves(section))) return false;
  await act();
  return true;
}

/** Asks for a proof in the section's place. Resolves to whether one was given. */
function proves(section) {
  const { client, factors } = section.page;
  const panel = h("div", { class: "sheet", role: "group", "aria-label": words.proofTitle });
  const close = section.cover(panel);
  return new Promise((resolve) => {
    const end = (isProved) => {
      close();
      resolve(isProved);
    };
    askFor(panel, factors.accepts, {
      head: () => [h("h3", {}, words.proofTitle), h("p", { class: "hint" }, words.proofLead)],
      submit: words.confirm,
      back: [words.cancel, () => end(false)],
      prove: (proof) => client.proveAgain(proof).then(() => end(true)),
    }).focus();
  });
}

/** What a sign-in asks for besides the password, in the place of its form. */
export function secondStep(host, client) {
  const panel = h("div", { class: "second" });
  const backToForm = () => {
    const form = host.getRootNode();
    // Nobody is in yet: it lets the sign-in go.
    client.signOut();
    // The form is shown again by then.
    setTimeout(() => form.querySelector("[name=password]")?.focus(), 0);
  };
  const ask = (asked) =>
    askFor(panel, JSON.parse(asked).accepts, {
      head: (kind) => [h("h2", {}, KINDS[kind].title)],
      submit: words.goOn,
      back: [words.back, backToForm],
      prove: async (proof) => {
        const more = await client.comeIn(undefined, JSON.stringify(proof));
        if (more !== undefined) ask(more).focus();
      },
    });
  const field = ask(client.pendingJson());
  return { element: panel, focus: () => field.focus() };
}

/** Fills a panel with a form for one of the kinds of proof, the best first. Gives its field. */
function askFor(panel, accepts, { head, submit: submitWords, back, prove }) {
  const kinds = accepts.filter((kind) => kind in KINDS);
  const draw = (name) => {
    const kind = KINDS[name];
    const asked = field(kind.label, kind.attributes, kind.hint);
    const submit = button(submitWords, undefined, { kind: "primary", type: "submit" });
    const send = async () => {
      const complaint = kind.complaint(asked.input.value);
      if (complaint) return asked.complain(complaint);
      try {
        await prove(kind.proof(asked.input.value));
      } catch (error) {
        if (["wrong_code", "wrong_credentials"].includes(error.code)) asked.complain(kind.wrong);
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
