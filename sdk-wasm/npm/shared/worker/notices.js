// Notifications: those that pushes ask for, and those about what a person did from one.

import { WORDS, read, shown, total } from "./shown.js";
import { settings } from "./settings.js";
import { ASKS, put } from "./table.js";

const canType = () => "reply" in NotificationEvent.prototype;

/** All notifications of ours, or those with a tag. */
async function ours(filter) {
  return (await self.registration.getNotifications(filter)).filter(({ data }) => data?.sparkweb);
}

/** Has the app's icon say how much there is to see. */
export async function count() {
  const number = total(await ours());
  if (number) await self.navigator.setAppBadge?.(number);
  else await self.navigator.clearAppBadge?.();
}

export async function close(tag) {
  for (const notification of await ours({ tag })) notification.close();
}

/** Whether a page of this site is in front of the person: then there is no need to be loud. */
async function isLookedAt() {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  return windows.some((page) => page.focused);
}

export async function tell(push) {
  if (push.kind === "withdrawn") {
    await close(push.tag);
  } else {
    const [title, options] = shown(push, settings(), { most: Notification.maxActions, canType: canType() });
    const silent = await isLookedAt();
    // Whoever asks for a repeated sound can't have silence.
    await self.registration.showNotification(title, { ...options, silent, renotify: !silent });
  }
  await count();
}

/** Says something of our own, about a conversation if there is one. A click opens it. */
export async function say(word, tag, { title, account, conversation } = {}) {
  const { icon, badge, words } = settings();
  const text = { ...WORDS, ...words }[word];
  const data = { sparkweb: { account, conversation, title } };
  // Nobody may be told any more: then nobody is.
  await self.registration
    .showNotification(title ?? text, { body: title && text, tag, icon, badge, data, silent: true })
    .catch(() => {});
}

/** Asks the person for a page, which takes the notification away: there is one for each thing that only a page can do. */
export async function askForPage(word, record) {
  const tag = `sparkweb ${word}`;
  await put(ASKS + tag, tag);
  await say(word, tag, record);
}

export { read };
