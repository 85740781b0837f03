// What is sensitive is for whoever has just shown who they are: where that is too long ago, they show it again in place.

import { h } from "../forms/dom.js";
import { askFor } from "../forms/proof.js";
import { words } from "./words.js";

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
      proveByPasskey: () => client.proveAgainByPasskey().then(() => end(true)),
    }).focus();
  });
}
