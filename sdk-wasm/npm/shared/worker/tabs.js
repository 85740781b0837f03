// The pages of this site that are open, and opening one.

import { TO_OPEN, all, put } from "./table.js";
import { place } from "./shown.js";
import { settings } from "./settings.js";

/** How long a page may take to answer; one that is frozen never does. In milliseconds. */
const ANSWERS_WITHIN_MS = 1_000;

export const windows = () => self.clients.matchAll({ type: "window", includeUncontrolled: true });

/** Asks a page. `undefined` where it has nothing of ours, or does not answer. */
function ask(page, question) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    setTimeout(resolve, ANSWERS_WITHIN_MS);
    page.postMessage({ sparkweb: question }, [port2]);
  });
}

export async function tellPages(word) {
  for (const page of await windows()) page.postMessage({ sparkweb: { say: word } });
}

/** Opens a conversation: in a page of the same person's if there is one, else in a new one. */
export async function open({ account, conversation }) {
  const pages = await windows();
  // Whose accounts each of them has.
  const answers = await Promise.all(pages.map((page) => ask(page, { say: "whose" })));
  const theirs = pages.filter((_, index) => answers[index]?.includes(account));
  const page = theirs.find(({ focused }) => focused) ?? theirs.find(({ visibilityState }) => visibilityState === "visible") ?? theirs[0];
  if (page) {
    // A browser may refuse that; the conversation is opened in it all the same.
    await page.focus().catch(() => {});
    if (conversation === undefined || (await ask(page, { say: "open", account, conversation }))) return;
  }
  const { open: template } = settings();
  if (template === undefined && conversation !== undefined) await put(TO_OPEN, { account, conversation, at_ms: Date.now() });
  const known = (await all("at ")).find((record) => record.account === account);
  await self.clients.openWindow(place(template ?? known?.page ?? self.registration.scope, conversation));
}
