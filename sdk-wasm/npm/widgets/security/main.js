// <spark-security>: by what somebody shows who they are, where they are signed in, and what their scripts may do.
//
// It asks the client of the page as any page could, and keeps nothing but what it shows.

import { button, h } from "../forms/dom.js";
import { showPage } from "../forms/page.js";
import { appSection } from "./app.js";
import { devicesSection } from "./devices.js";
import { passkeysSection } from "./passkeys.js";
import { styles } from "./styles.js";
import { tokensSection } from "./tokens.js";
import { words } from "./words.js";

const FACTORS = [passkeysSection, appSection];

/** Shows it. Calling what this returns ends it. */
export function mount(host, root, client) {
  return showPage(host, root, client, {
    styles,
    picture: "shield",
    setsUp: true,
    signedOutLead: words.signedOutLead,
    parts(page, phase) {
      const wanted = phase === "signed_in" ? [...FACTORS, devicesSection, tokensSection] : FACTORS;
      return wanted.map((section) => section(page));
    },
    async load() {
      const [factors, signIns] = await Promise.all([client.factors(), client.signIns()]);
      tellDevices(factors.accepted_passkeys);
      return { factors, signIns };
    },
    arrange(sections, { factors }, phase) {
      const elements = sections.map(({ element }) => element);
      if (phase === "signed_in") return elements;
      const isPasskey = factors.second_factor === "passkey";
      return [mustSetUp(client, isPasskey), ...(isPasskey ? elements.slice(0, 1) : elements)];
    },
  });
}

/**
 * Tells devices which passkeys are taken, so that they no longer offer those that were removed. It goes for whatever holds
 * them for this browser; what has no ear for it keeps them, and nobody need know.
 */
function tellDevices(accepted) {
  if (accepted) globalThis.PublicKeyCredential?.signalAllAcceptedCredentials?.(accepted).catch(() => {});
}

/** Why somebody is here who wanted to sign in, and the way out. `isPasskey` is whether nothing else will do. */
function mustSetUp(client, isPasskey) {
  return h(
    "div",
    { class: "first" },
    h("h2", {}, words.mustSetUp),
    h("p", { class: "lead" }, isPasskey ? words.mustSetUpPasskey : words.mustSetUpLead),
    button(words.signOut, () => client.signOut().catch(() => {})),
  );
}
