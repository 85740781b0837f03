// How instants are told.

const dates = new Intl.DateTimeFormat("en", { dateStyle: "long" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

export function date(ms) {
  return dates.format(ms);
}

/** How long ago, or how far ahead, to what matters of it. */
export function ago(ms, now = Date.now()) {
  const minutes = Math.round((ms - now) / 60_000);
  if (Math.abs(minutes) < 60) return relative.format(minutes, "minute");
  const hours = Math.round(minutes / 60);
  if (Math.abs(hours) < 24) return relative.format(hours, "hour");
  const days = Math.round(hours / 24);
  return Math.abs(days) < 30 ? relative.format(days, "day") : date(ms);
}
