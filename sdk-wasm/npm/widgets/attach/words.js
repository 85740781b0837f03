// Every word that is said of files on their way out.

export const words = {
  files: "Files to send",
  drop: "Drop files to attach them",
  preparing: "Getting ready…",
  queued: "Waiting…",
  paused: "Waiting for the connection",
  done: "Uploaded",
  offline: "No connection. Files are sent once it is back.",
  original: "Original size",
  originalHint: "Where and when a picture was taken is left out either way.",
  asItIs: "sent as it is",
  asItIsHint: "This picture can't be read here: what the camera noted, such as the place, stays in it.",
  noService: "Files can't be sent here: the chat server takes none, or you aren't let.",
  unreadable: "This can't be read. Folders can't be sent: pack them into one file.",
  sent: "Sent",
  dismiss: "Dismiss",
};

/** How large a file is, near enough. */
export function size(bytes) {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.floor(bytes / 1_000)} KB`;
  return `${(Math.floor(bytes / 100_000) / 10).toFixed(1)} MB`;
}

export const tooLarge = (bytes, most) => `Too large: ${size(bytes)}. The most is ${size(most)}.`;
export const tooMany = (most, left) =>
  `${most} files are the most in one message: ${left === 1 ? "one was" : `${left} were`} left out. Send these first.`;
export const added = (names) => (names.length === 1 ? `${names[0]} attached` : `${names.length} files attached`);
export const removed = (name) => `${name} removed`;
export const failed = (name, why) => `${name}: ${why}`;
export const remove = (name) => `Remove ${name}`;
export const cancel = (name) => `Cancel ${name}`;
export const again = (name) => `Try ${name} again`;
export const sending = (name) => `Sending ${name}`;
export const progress = (percent, bytes) => `${percent} % of ${size(bytes)}`;
