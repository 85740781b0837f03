// What can be known of the browser before it is asked for anything.

/** Safari of a telephone or tablet, where only what is on the Home Screen has notifications. */
export function needsHomeScreen() {
  // Tablets say that they are a Mac, of which none has a screen to touch.
  const isApple = /\b(iPhone|iPad|iPod)\b/.test(navigator.userAgent) || (/\bMac OS X\b/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
  return isApple && !navigator.standalone;
}

/** Whether the sign-in is this tab's, and ends with it. */
export function isTabsOnly(gateway) {
  try {
    return sessionStorage.getItem(`sparkweb:${gateway}:sign-in`) !== null;
  } catch {
    return false;
  }
}

/** Calls a function whenever the person has allowed or blocked notifications, in whichever place. Gives what ends it. */
export function onPermission(act) {
  let status;
  let ended = false;
  navigator.permissions
    ?.query({ name: "notifications" })
    .then((found) => {
      if (ended) return;
      status = found;
      status.onchange = act;
    })
    // A browser that has none can't be asked.
    .catch(() => {});
  return () => {
    ended = true;
    if (status) status.onchange = null;
  };
}

/** The name of the clock that this device goes by, as the gateway takes it. */
export function ownZone() {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  if (timeZone?.includes("/") || timeZone === "UTC") return timeZone;
  const minutes = -new Date().getTimezoneOffset();
  const two = (number) => String(Math.trunc(number)).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}
