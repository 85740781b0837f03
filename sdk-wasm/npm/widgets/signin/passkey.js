// Coming in by a passkey: by the button, with the name that is typed or with none, and where the name is typed, for as long
// as the form is there.

import { button, complaint, h, icon } from "../forms/dom.js";
import { words } from "./words.js";

/** `begin` is called when the person takes this way, and `isAboutName` says beside the name what belongs there. */
export function passkeyWay(client, { username, remember, isAboutName, begin, tell }) {
  const error = complaint();
  const press = button(words.byPasskey, () => ask(), { kind: "outlined" });
  press.prepend(icon("key"));
  // Its place is kept until it is known whether there are any.
  const element = h("div", { class: "other unknown" }, h("p", { class: "or" }, words.or), error.element, press);
  let asking;

  const explain = (failure) => {
    if (isAboutName(failure.code, username())) return;
    if (failure.code === "too_many_requests") error.countDown(words.tooManyTries, failure.retryAfterSecs ?? 1);
    else error.say(failure.code === "passkey_refused" ? words.passkeyRefused : failure.message);
    if (!failure.code?.startsWith("passkey_")) tell(failure);
  };

  const ask = async () => {
    rest();
    error.say();
    begin();
    try {
      await client.signInByPasskey({ username: username() || undefined, remember: remember() });
    } catch (failure) {
      if (element.isConnected) explain(failure);
    }
  };

  /** Has the browser offer passkeys where the name is typed, until another way is taken. */
  const offer = async () => {
    if (asking && !asking.signal.aborted && asking.isFor === remember()) return;
    rest();
    const mine = (asking = Object.assign(new AbortController(), { isFor: remember() }));
    let isShown = false;
    try {
      const are = await client.offersPasskeys();
      element.hidden = !are;
      element.classList.remove("unknown");
      if (!are || mine.signal.aborted) return;
      isShown = true;
      await client.signInByPasskey({ conditional: true, remember: mine.isFor, signal: mine.signal });
    } catch (failure) {
      element.classList.remove("unknown");
      if (mine.signal.aborted) return;
      // Nobody has asked for it yet: what the browser can't do is said when somebody does.
      if (isShown && failure.code && !/^passkey_(?!refused)/.test(failure.code)) explain(failure);
    }
  };

  const rest = () => {
    asking?.abort();
    asking = undefined;
  };
  return { element, offer, rest };
}
