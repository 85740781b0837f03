// Every word that is said of files and links.

/** How large a file is, near enough. */
export function size(bytes) {
  if (bytes < 1e3) return `${bytes} B`;
  return bytes < 1e6 ? `${Math.floor(bytes / 1e3)} KB` : `${Math.floor(bytes / 1e5) / 10} MB`;
}

const sized = (words, bytes) => (bytes === undefined ? words : `${words} · ${size(bytes)}`);

const failures = {
  network: "It couldn't be fetched: there is no connection.",
  overloaded: "It couldn't be fetched: too much is under way.",
  too_many_requests: "It couldn't be fetched: that were many at once. Wait a little.",
  file_too_large: "It is too large to be shown here. The link leads to where it is kept.",
  not_found: "It couldn't be fetched. The link leads to where it was kept.",
};

export const words = {
  picture: (name) => `Picture: ${name}`,
  showPicture: (bytes) => sized("Show picture", bytes),
  play: (name) => `Play ${name}`,
  sound: (bytes) => sized("Sound", bytes),
  film: (bytes) => sized("Video", bytes),
  save: (name) => `Save ${name}`,
  close: "Close",
  tryAgain: "Try again",
  unseen: "It can't be shown here. It may be something else than it is said to be.",
  unplayed: "It can't be played here.",
  failed: (code) => failures[code] ?? "It couldn't be fetched. The link leads to where it is kept.",
  fetching: (name) => `Fetching ${name}`,
};
