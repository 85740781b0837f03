// <spark-security>: by what somebody shows who they are, where they are signed in, and what their scripts may do.
//
// It asks the client of the page as any page could, and keeps nothing but what it shows.

import { adopt } from "../forms/adopt.js";
import { button, h, icon } from "../forms/dom.js";
import { styles as formStyles } from "../forms/styles.js";
import { appSection } from "./app.js";
import { devicesSection } from "./devices.js";
import { passkeysSection } from "./passkeys.js";
import { styles } from "./styles.js";
import { tokensSection } from "./tokens.js";
import { words } from "./words.js";

/** What a state of the client comes to here: nobody, somebody of whom only a second factor is wanted yet, or somebody. */
function phaseOf(state) {
  if (state === "restoring") return "starting";
  if (state === "must_set_up") return "setting_up";
  return ["loading", "live", "reconnecting"].includes(state) ? "signed_in" : "signed_out";
}

/** Shows it. Calling what this returns ends it. */
export function mount(host, root, client) {
  const restyle = adopt(root, formStyles, styles);
  const banner = h("div", { role: "status" });
  const content = h("div", { class: "sections" });
  const live = h("div", { class: "unseen", "aria-live": "polite" });
  root.replaceChildren(h("div", { class: "security" }, banner, content, live));

  const page = {
    root,
    client,
    factors: undefined,
    signIns: undefined,
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
      const [factors, signIns] = await Promise.all([client.factors(), client.signIns()]);
      if (shown !== sections) return;
      Object.assign(page, { factors, signIns });
      for (const section of sections) section.refresh();
    },
  };
  let phase;
  let sections = [];
  let hasFailed = false;

  const load = async () => {
    hasFailed = false;
    const isAll = phase === "signed_in";
    const factors = [passkeysSection, appSection];
    const wanted = isAll ? [...factors, devicesSection, tokensSection] : factors;
    const loaded = (sections = wanted.map((section) => section(page)));
    content.replaceChildren(skeleton());
    try {
      await page.reload();
      if (sections !== loaded) return;
      const isPasskey = !isAll && page.factors.second_factor === "passkey";
      const shown = isPasskey ? sections.slice(0, 1) : sections;
      content.replaceChildren(...(isAll ? [] : mustSetUp(client, isPasskey)), ...shown.map(({ element }) => element));
    } catch (error) {
      if (sections !== loaded) return;
      hasFailed = true;
      content.replaceChildren(notice("warning", words.failed, error.message, button(words.tryAgain, load)));
      page.tell(error);
    }
  };

  const update = () => {
    const { state } = client.status;
    const isAway = state === "reconnecting";
    banner.replaceChildren(...(isAway ? [h("div", { class: "banner", part: "banner" }, icon("offline"), words.offline)] : []));
    const next = phaseOf(state);
    if (next === phase) {
      if (hasFailed && state === "live") load();
      return;
    }
    phase = next;
    if (phase === "signed_in" || phase === "setting_up") {
      load();
      return;
    }
    sections = [];
    content.replaceChildren(phase === "starting" ? skeleton() : signedOut(host));
  };

  // Another device may have come or gone while nobody looked.
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

/** Why somebody is here who wanted to sign in, and the way out. `isPasskey` is whether nothing else will do. */
function mustSetUp(client, isPasskey) {
  return [
    h(
      "div",
      { class: "first" },
      h("h2", {}, words.mustSetUp),
      h("p", { class: "lead" }, isPasskey ? words.mustSetUpPasskey : words.mustSetUpLead),
      button(words.signOut, () => client.signOut().catch(() => {})),
    ),
  ];
}

function notice(picture, title, sentence, ...actions) {
  return h("div", { class: "notice", part: "notice" }, icon(picture), h("h2", {}, title), h("p", {}, sentence), ...actions);
}

/** The form to sign in, where no other element of the page offers it. */
function signedOut(host) {
  if (document.querySelector("spark-signin, spark-roster, spark-chat")) {
    return notice("shield", words.signedOut, words.signedOutLead);
  }
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
  return h("div", { class: "skeleton", role: "status", "aria-label": words.loading }, part(), part(), part());
}
