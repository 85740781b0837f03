// An element that shows parts of somebody's account, one below the other, once they are signed in.

import { adopt } from "./adopt.js";
import { words as common } from "./common.js";
import { button, h, icon } from "./dom.js";
import { styles as partStyles } from "./parts.js";
import { styles as formStyles } from "./styles.js";

/** What a state of the client comes to here: nobody, somebody of whom only a second factor is wanted yet, or somebody. */
function phaseOf(state, setsUp) {
  if (state === "restoring") return "starting";
  if (state === "must_set_up" && setsUp) return "setting_up";
  return ["loading", "live", "reconnecting"].includes(state) ? "signed_in" : "signed_out";
}

/**
 * Shows it. `parts(page, phase)` gives the sections, and `load(page)` what they show, which is put into the page.
 * `arrange` gives them as they stand, `fail` what stands there where they can't be had. `signedOutLead` is what is said to
 * whoever is not signed in, under a `picture`; whoever has to set up a factor first is, only if it is set up here
 * (`setsUp`). Calling what this returns ends it.
 */
export function showPage(
  host,
  root,
  client,
  { styles, signedOutLead, picture, setsUp = false, parts, load, arrange = elementsOf, fail = failed },
) {
  const restyle = adopt(root, formStyles, partStyles, styles);
  const banner = h("div", { role: "status" });
  const content = h("div", { class: "sections" });
  const live = h("div", { class: "unseen", "aria-live": "polite" });
  root.replaceChildren(h("div", {}, banner, content, live));

  const page = {
    root,
    client,
    say(text) {
      live.textContent = text;
    },
    /** Tells the page of a failure, which the element says too. */
    tell(error) {
      const detail = { code: error.code ?? "browser", detail: error.message };
      host.dispatchEvent(new CustomEvent("spark-error", { bubbles: true, composed: true, cancelable: true, detail }));
    },
    /** Asks how things are, and has every section that is at rest show it. */
    async reload() {
      const shown = sections;
      const loaded = await load(page);
      if (shown !== sections) return;
      Object.assign(page, loaded);
      for (const section of sections) section.refresh();
    },
  };
  let phase;
  let sections = [];
  let hasFailed = false;

  const begin = async () => {
    hasFailed = false;
    const loaded = (sections = parts(page, phase));
    content.replaceChildren(skeleton());
    try {
      await page.reload();
      if (sections !== loaded) return;
      content.replaceChildren(...arrange(sections, page, phase));
    } catch (error) {
      if (sections !== loaded) return;
      hasFailed = true;
      content.replaceChildren(fail(error, begin));
      page.tell(error);
    }
  };

  const update = () => {
    const { state } = client.status;
    const isAway = state === "reconnecting";
    banner.replaceChildren(...(isAway ? [h("div", { class: "banner", part: "banner" }, icon("offline"), common.offline)] : []));
    const next = phaseOf(state, setsUp);
    if (next === phase) {
      if (hasFailed && state === "live") begin();
      return;
    }
    phase = next;
    if (phase === "signed_in" || phase === "setting_up") {
      begin();
      return;
    }
    sections = [];
    content.replaceChildren(phase === "starting" ? skeleton() : signedOut(host, picture, signedOutLead));
  };

  // It may be otherwise by now: nobody looked.
  const look = () => {
    if (document.visibilityState === "visible" && sections.length && !hasFailed && !root.activeElement) {
      page.reload().catch(() => {});
    }
  };
  document.addEventListener("visibilitychange", look);
  const stop = client.on("status", update);
  update();
  return () => {
    stop();
    document.removeEventListener("visibilitychange", look);
    sections = [];
    root.replaceChildren();
    restyle();
  };
}

const elementsOf = (sections) => sections.map(({ element }) => element);

/** What is said in place of the parts. */
export function notice(picture, title, sentence, ...actions) {
  return h("div", { class: "notice", part: "notice" }, icon(picture), h("h2", {}, title), h("p", {}, sentence), ...actions);
}

function failed(error, again) {
  return notice("warning", common.failed, error.message, button(common.tryAgain, again));
}

/** The form to sign in, where no other element of the page offers it. */
function signedOut(host, picture, lead) {
  if (document.querySelector("spark-signin, spark-roster, spark-chat")) return notice(picture, common.signedOut, lead);
  return h("spark-signin", { gateway: host.getAttribute("gateway"), theme: host.getAttribute("theme") });
}

/** The shape of what is about to come. */
function skeleton() {
  const bone = (inlineSize) => {
    const element = h("div", { class: "bone" });
    element.style.inlineSize = inlineSize;
    return element;
  };
  const part = () => h("div", { class: "bones" }, bone("38%"), bone("82%"), bone("64%"));
  return h("div", { class: "skeleton", role: "status", "aria-label": common.loading }, part(), part(), part());
}
