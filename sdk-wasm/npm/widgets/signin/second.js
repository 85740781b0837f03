// What a sign-in asks for besides what was shown, in the place of its form.

import { h } from "../forms/dom.js";
import { KINDS, askFor } from "../forms/proof.js";
import { words } from "./words.js";

/** `step` is the sign-in that waits; `back` is called when the person would rather begin anew. */
export function secondStep(step, back) {
  const panel = h("div", { class: "second" });
  const goOn = (next) => {
    if (next.state === "pending") ask(next).focus();
  };
  const ask = ({ accepts, prove, proveByPasskey }) =>
    askFor(panel, accepts, {
      head: (kind) => [h("h2", {}, KINDS[kind].title)],
      // Whoever has shown a passkey has had no place to say the password yet.
      hints: { password: words.passwordOnce },
      submit: words.goOn,
      back: [words.back, back],
      prove: async (proof) => goOn(await prove(proof)),
      proveByPasskey: async () => goOn(await proveByPasskey()),
    });
  const field = ask(step);
  return { element: panel, focus: () => field.focus() };
}
