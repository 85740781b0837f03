// What people call their devices.

import { words } from "./common.js";

// The first that fits: browsers name each other's names too.
const BROWSERS = [
  [/\bEdgA?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bFirefox\/|\bFxiOS\//, "Firefox"],
  [/\b(Headless)?Chrome\/|\bCriOS\//, "Chrome"],
  [/\bSafari\//, "Safari"],
  [/^curl\//, "curl"],
];
const SYSTEMS = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b/, "macOS"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bLinux\b/, "Linux"],
];
const found = (list, agent) => list.find(([pattern]) => pattern.test(agent))?.[1];

/** What people call the device that says this of itself. */
export function deviceName(agent) {
  const [browser, system] = [found(BROWSERS, agent), found(SYSTEMS, agent)];
  if (browser && system) return `${browser} on ${system}`;
  return browser ?? system ?? (agent.trim() || words.unknownDevice);
}

export function isPhone(agent) {
  return /\b(iPhone|Android|Mobile)\b/.test(agent);
}
