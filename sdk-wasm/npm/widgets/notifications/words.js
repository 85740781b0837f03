// Every word that the element says.

import { ago } from "../forms/times.js";
import { words as common } from "../forms/common.js";

export const words = {
  ...common,
  signedOutLead: "Sign in to say what you want to be told of.",
  nowhere: "No notifications here",
  nowhereLead: "This chat service tells nobody of anything while their pages are closed.",
  away: "No connection. You can change this once it is back.",
  saved: "Saved",

  device: "Notifications on this device",
  off: "Turn this on to be told of new messages while no page is open.",
  offUnasked: "Turn this on to be told of new messages while no page is open. Your browser asks you first.",
  asking: "Your browser asks whether this site may show notifications. If you see no question, look for a bell beside the address.",
  turningOn: "Turning on…",
  turningOff: "Turning off…",
  on: "You are told here of what comes while you look at no page.",
  denied:
    "You have blocked notifications of this site. To allow them, open the site's settings by the icon beside the address, and set notifications to “Allow”.",
  homeScreen: "Add this page to your Home Screen first: press Share, then “Add to Home Screen”, and open it from there.",
  insecure: "Browsers show notifications only of pages with an address that begins with https. This one has none.",
  incapable: "This browser can't show notifications while no page is open.",
  notKept: "You aren't kept signed in here, so you can't be told once this tab is closed. Sign out, and sign in with “Keep me signed in”.",

  shows: "What they show",
  showsLead: "On all your devices, and on their lock screens.",
  everything: "Name and message",
  sender: "Name only",
  nothing: "No name or message",
  exampleName: "Alex",
  exampleBody: "Shall we meet at eight?",
  exampleMessage: "New message",

  quiet: "Quiet hours",
  quietLead: "What comes meanwhile you are told when they are over, if you haven't read it by then.",
  from: "From",
  until: "Until",
  sameTime: "Choose two different times.",

  muted: "Muted conversations",
  mutedLead: "You are told of nothing that is written in these. “Mute” on a notification adds its conversation.",
  mutedNone: "No conversation is muted.",
  unmute: "Unmute",
  mute: "Mute again",

  others: "Other devices",
  othersLead: "Where else you are told of new messages.",
  othersNone: "You are told on no other device.",
  othersRefused: "Nothing reaches it any more. Open this page there to set that right.",
  remove: "Remove",
};

export const lastTold = (ms) => (ms === undefined ? "Nothing told yet" : `Told last ${ago(ms)}`);
export const byClock = (clock) => `By the clock of ${clock}.`;
export const useClock = (clock) => `Use that of this device: ${clock}`;
export const unmuteOf = (name) => `Unmute ${name}`;
export const muteOf = (name) => `Mute ${name} again`;
export const isMuted = (name) => `${name} is muted.`;
export const isUnmuted = (name) => `${name} is no longer muted.`;
export const removeOf = (name) => `Remove ${name}`;
export const removed = (name) => `${name} is told no more.`;
