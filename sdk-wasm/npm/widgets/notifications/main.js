// <spark-notifications>: whether this device is told of what comes while nobody looks, how much, when, and of what not.
//
// It asks the client of the page as any page could, and keeps nothing but what it shows. The browser is asked for leave only
// after the switch was pressed.

import { button } from "../forms/dom.js";
import { notice, showPage } from "../forms/page.js";
import { onPermission } from "./browser.js";
import { deviceSection } from "./device.js";
import { mutedSection } from "./muted.js";
import { othersSection } from "./others.js";
import { quietSection } from "./quiet.js";
import { keepSettings } from "./settings.js";
import { showsSection } from "./shows.js";
import { styles } from "./styles.js";
import { words } from "./words.js";

/** Shows it. Calling what this returns ends it. */
export function mount(host, root, client) {
  const place = {};
  for (const name of ["worker", "scope"]) if (host.hasAttribute(name)) place[name] = host.getAttribute(name);
  let page;

  const end = showPage(host, root, client, {
    styles,
    picture: "bell",
    signedOutLead: words.signedOutLead,
    parts(its) {
      page = its;
      const sections = [deviceSection(page, place), ...[showsSection, quietSection, mutedSection, othersSection].map((section) => section(page))];
      page.refresh = () => sections.forEach((section) => section.refresh());
      keepSettings(page);
      return sections;
    },
    async load(its) {
      const push = (its.push ??= await client.push());
      // Conversations are called by names that come with the first snapshot.
      await client.ready();
      // This browser's own trouble, such as a push service that can't be reached, is no reason not to show the rest.
      const own = push.device().then((device) => ({ device }), (trouble) => ({ trouble }));
      const [settings, devices, { device, trouble }] = await Promise.all([push.settings(), push.devices(), own]);
      return { settings, kept: settings, devices, device, trouble };
    },
    fail(error, again) {
      if (error.code === "unsupported") return notice("bell", words.nowhere, words.nowhereLead);
      return notice("warning", words.failed, error.message, button(words.tryAgain, again));
    },
  });

  // What can't be kept is not taken: it would look as if it were.
  const refuse = (event) => {
    if (client.status.state !== "reconnecting" || !event.target.closest(".sections :is(button, input, label)")) return;
    event.preventDefault();
    event.stopPropagation();
    page?.say(words.away);
  };
  root.addEventListener("click", refuse, true);
  const forget = onPermission(() => page?.push && page.reload().catch(() => {}));
  return () => {
    root.removeEventListener("click", refuse, true);
    forget();
    end();
  };
}
