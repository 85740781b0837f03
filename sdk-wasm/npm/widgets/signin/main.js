// The form to sign in, of <spark-signin> and of whatever else of a page offers it: with name and password, or by a passkey;
// then whatever else is asked for.
//
// It asks the client of the page as any page could, and keeps nothing but what is typed.

import { adopt } from "../forms/adopt.js";
import { h } from "../forms/dom.js";
import { styles as formStyles } from "../forms/styles.js";
import { accountForm } from "./account.js";
import { signInForm } from "./form.js";
import { goOn } from "./go-on.js";
import { secondStep } from "./second.js";
import { styles } from "./styles.js";

/** What stands in the form's place: what sets up a second factor, what asks for one, or nothing. */
function stepOf(client) {
  if (client.status.state === "must_set_up") return "set_up";
  // Between one proof and the next the sign-in is being checked, and still waits.
  return client.pending() ? "proof" : "form";
}

/** Shows it. Calling what this returns ends it. */
export function mount(place, client) {
  const root = place.getRootNode();
  const { host } = root;
  const restyle = adopt(root, formStyles, styles);
  const tell = ({ code = "browser", message: detail }) =>
    host.dispatchEvent(new CustomEvent("spark-error", { bubbles: true, composed: true, cancelable: true, detail: { code, detail } }));
  /** The form of somebody who wants an account, from when they say so. */
  let account;
  const join = (username) => {
    account = accountForm(client, { domain: known.domain, back: stay, tell });
    update();
    account.begin(username);
  };
  const stay = () => {
    account = undefined;
    update();
    form.focus();
  };
  const form = signInForm(client, tell, join);
  /** What the gateway says of itself. */
  let known;
  const learn = async () => {
    try {
      known ??= await client.gatewayInfo();
      if (known.makes_accounts) form.offerAccounts();
    } catch {
      // It is asked again when the form is shown again.
    }
  };
  // Whoever was at the form goes on here; what somebody is at elsewhere on the page keeps the focus.
  const isHere = () => root.activeElement || document.activeElement === document.body;
  // Nobody is in yet: it lets the sign-in go.
  const back = () =>
    client
      .signOut()
      .catch(() => {})
      .then(form.focus);
  let shown;

  const update = () => {
    const { state, reason } = client.status;
    if (state === "signed_out") form.explain(reason);
    if (state === "loading" && place.contains(root.activeElement)) goOn(host, client);
    const at = stepOf(client);
    // Once its password is taken there is an account: the way back is the form to sign in.
    if (at !== "form") account = undefined;
    const step = account ? "account" : at;
    if (step === shown) return;
    const wasHere = isHere();
    shown = step;
    // It stays with all that was typed, unseen.
    form.element.hidden = step !== "form";
    if (step === "form") {
      place.replaceChildren(form.element);
      form.offer();
      learn();
      return;
    }
    form.rest();
    if (step === "account") {
      place.replaceChildren(form.element, account.element);
      return;
    }
    if (step === "set_up") {
      place.replaceChildren(form.element, h("spark-security", { within: true, gateway: client.gateway }));
      return;
    }
    const second = secondStep(client.pending(), back);
    place.replaceChildren(form.element, second.element);
    if (wasHere) second.focus();
  };
  const stop = client.on("status", update);
  update();
  return () => {
    stop();
    form.rest();
    place.replaceChildren();
    restyle();
  };
}
