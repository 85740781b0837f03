// What is shown of a push. It knows what pushes are and what notifications can have; it does nothing.

/** What people read; a site has others by `self.sparkweb.words`. */
export const WORDS = {
  message: "New message",
  mention: "You were mentioned",
  invitation: "You are invited to a room",
  contact_request: "Would like to be in touch with you",
  reply: "Reply",
  reply_here: "Your answer",
  mark_read: "Mark as read",
  mute: "Mute",
  waits: "Your answer is sent as soon as there is a network.",
  not_sent: "Your answer may not have been sent. Open the chat to look at it.",
  not_done: "That could not be done from here. Open the chat to do it there.",
  unsent: "Messages wait to be sent. Open the chat to send them.",
  renew: "Open the chat to go on being told of messages.",
};

const SHOWN = ["message", "mention", "invitation", "contact_request"];
/** The acts, the most useful first: browsers show two or three. */
const ACTS = ["reply", "mark_read", "mute"];

/** The push that an event has, or `undefined`: a site's own pushes are its own affair. */
export function read(data) {
  let push;
  try {
    push = data?.json();
  } catch {
    return undefined;
  }
  const isOurs = [push?.kind, push?.tag, push?.account].every((part) => typeof part === "string");
  return isOurs && (push.kind === "withdrawn" || SHOWN.includes(push.kind)) ? push : undefined;
}

function body({ kind, title, sender, body: said }, words) {
  // Where there is no title the word for the kind is it.
  const text = said ?? (title === undefined ? "" : words[kind]);
  return sender && text ? `${sender}: ${text}` : (sender ?? text);
}

/** What is needed later, when somebody clicks. */
const about = ({ kind, tag, account, conversation, title, count, acts }) => ({ kind, tag, account, conversation, title, count, acts });

/**
 * A push as `showNotification` takes it: `[title, options]`. `most` is how many acts the browser shows, `canType` whether
 * it takes a text with one.
 */
export function shown(push, { icon, badge, words = {} } = {}, { most = 2, canType = false } = {}) {
  const say = { ...WORDS, ...words };
  const title = push.title ?? say[push.kind];
  const acts = ACTS.filter((act) => push.acts?.[act]).slice(0, most);
  return [
    push.count > 1 ? `${title} (${push.count})` : title,
    {
      body: body(push, say),
      tag: push.tag,
      // What takes the place of another under the same tag is said aloud again.
      renotify: true,
      timestamp: push.at_ms,
      icon,
      badge,
      data: { sparkweb: about(push) },
      actions: acts.map((act) => ({
        action: act,
        title: say[act],
        ...(act === "reply" && canType && { type: "text", placeholder: say.reply_here }),
      })),
    },
  ];
}

/** How many things notifications stand for. */
export const total = (notifications) =>
  notifications.reduce((sum, { data }) => sum + (data?.sparkweb?.kind ? (data.sparkweb.count ?? 1) : 0), 0);

/** Where a conversation is opened: `{jid}` in a template is the address. */
export function place(template, conversation) {
  if (conversation !== undefined) return template.replaceAll("{jid}", encodeURIComponent(conversation));
  // With nobody in particular: without the parameter that would say with whom.
  return template.replace(/[?&#][^?&#]*\{jid\}/, "").replaceAll("{jid}", "");
}
