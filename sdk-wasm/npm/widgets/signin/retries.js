// What failed and may well succeed later, with nothing typed anew.

import { words } from "./words.js";

/** How long to wait before each further try, in seconds, where the gateway doesn't say. */
const WAITS_SECS = [2, 4, 8, 15, 30];
const TEMPORARY = ["bad_answer", "xmpp_unreachable", "xmpp_timeout", "session_offline", "overloaded", "internal"];

/** Says it in `remark`, counts down to the next try, and has the button, which says `usual` otherwise, try at once. */
export function retries(remark, submit, usual, again) {
  let tries = 0;
  const wait = (why, { retryAfterSecs }, then) => {
    const pause = WAITS_SECS[Math.min(tries, WAITS_SECS.length - 1)];
    tries += 1;
    if (then) submit.textContent = words.signInNow;
    remark.countDown(why, Math.max(retryAfterSecs ?? pause, 1), then);
  };
  return {
    /** Whether it was something of the kind. */
    explain(error) {
      if (error.code === "too_many_requests") wait(words.waitFirst, error);
      else if (error.code === "network") wait(words.networkAway, error, again);
      else if (TEMPORARY.includes(error.code)) wait(words.serverAway, error, again);
      else return false;
      return true;
    },
    /** It is tried, or let go. */
    settle() {
      remark.say();
      submit.textContent = usual;
    },
  };
}
