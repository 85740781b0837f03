// Every word that the element says.

import { ago, date } from "../forms/times.js";
import { words as common } from "../forms/words.js";

export const words = {
  ...common,
  title: "Security",
  copy: "Copy",
  copied: "Copied",
  copyFailed: "It couldn't be copied: select it, and copy it by hand.",
  signedOutLead: "Sign in to see how your account is protected.",

  proofTitle: "Is it you?",
  proofLead: "Show once more who you are. It counts for the next 5 minutes.",
  mustSetUp: "One more step",
  mustSetUpPasskey: "Your password alone is not enough here. Add a passkey to go on.",
  mustSetUpLead: "Your password alone is not enough here. Set up a passkey or an authenticator app to go on.",

  passkeys: "Passkeys",
  passkeysLead: "A finger, a face, a PIN or a key in place of the password. Nobody can guess one, and no page can steal it.",
  passkeysUnavailable: "This gateway can't have passkeys.",
  passkeysNone: "You have no passkey.",
  passkeyAdd: "Add a passkey",
  passkeyName: "Name",
  passkeyNameHint: "So that you know it again. Your browser asks where to keep the passkey.",
  passkeyNameMissing: "Give it a name.",
  passkeyNameLong: "That name is too long.",
  passkeyRename: "Rename",
  passkeyNewName: "New name",
  passkeyNewNameHint: "Your devices may go on calling it otherwise.",
  passkeySave: "Save",
  passkeyRemove: "Remove",
  passkeyRemoveLead: "It lets nobody in from then on. Delete it on its device too.",
  passkeyKeep: "Keep it",
  passkeySynced: "Synced",
  passkeyBound: "On one device",
  passkeyBlocked: "Blocked: there may be a copy of it. Remove it, and add another.",
  passkeysMany: "There can't be more than 20. Remove one that you don't use.",

  app: "Authenticator app",
  appLead: "A code from an app on your phone, besides your password. Whoever has only the password can't get in.",
  appUnavailable: "This gateway can't keep a second factor for you.",
  appSetUp: "Set up",
  appOn: "On",
  appScan: "Scan this with your app",
  appQr: "QR code for the authenticator app. The key below is the same in letters.",
  appKey: "Or enter this key by hand",
  appOpen: "Open in an app on this device",
  appCode: "Then enter the code that it shows",
  appTurnOn: "Turn on",
  appRunOut: "That took too long. Here is a new code to scan; the one before no longer counts.",
  appIsOn: "The authenticator app is on.",
  appRemove: "Remove",
  appRemoveTitle: "Remove the authenticator app?",
  appRemoveLead: "From then on your password alone lets you in, and the recovery codes are worth nothing.",
  appKeep: "Keep it",
  appRemoved: "The authenticator app is removed.",
  codesTitle: "Keep these recovery codes",
  codesLead: "Each lets you in once if you lose the app. You see them only now: keep them where you keep what matters.",
  codesKept: "I have kept them",
  codesRenew: "New recovery codes",
  codesRenewTitle: "Make new recovery codes?",
  codesRenewLead: "Those that you have are worth nothing then.",
  codesMake: "Make new ones",
  codesFew: "Make new ones before they run out.",
  download: "Download",
  codesFile: "recovery-codes.txt",

  devices: "Where you are signed in",
  devicesLead: "Browsers and pages that are in your account. End what you don't know, and change your password then.",
  thisDevice: "This device",
  signOutOthers: "Sign out everywhere else",
  signOutOthersTitle: "Sign out everywhere else?",
  signOutOthersLead: "Only this browser stays signed in. Tokens for scripts stay too.",
  keepThem: "Keep them",
  noOthers: "You are signed in nowhere else.",
  activeNow: "Active now",
  plugin: "Page of the Openfire plugin",

  tokens: "Tokens for scripts",
  tokensLead: "A script that runs by itself gets a token of its own rather than your password.",
  tokensNone: "No script has a token.",
  tokenNew: "New token",
  tokenName: "Name",
  tokenNameHint: "What it is for, so that you know it again.",
  tokenNameMissing: "Give it a name.",
  tokenNameLong: "That name is too long.",
  tokenScopes: "It may",
  tokenScopesMissing: "Choose at least one thing that it may do.",
  tokenTime: "It is good for",
  tokenMake: "Make token",
  tokenTitle: "Here is the token",
  tokenLead: "You see it only now. Put it where your script finds it.",
  tokenDone: "Done",
  tokenEnd: "End",
  neverUsed: "Not used yet",
};

/** What a token may do, in words; `sign-ins` and `account` are for the person alone. */
export const scopes = {
  read: "Read everything",
  send: "Send messages and files",
  presence: "Set the presence",
  contacts: "Change contacts",
  rooms: "Join and change rooms",
  profile: "Change the profile",
  raw: "Send stanzas as they are",
};

const DAY = 24 * 60 * 60;

/** How long a token may be good for, in seconds. */
export const lifetimes = [
  ["30 days", 30 * DAY],
  ["90 days", 90 * DAY],
  ["A year", 365 * DAY],
  ["Until I end it", undefined],
];

/** "On since …, with so many codes left." */
export function appState({ made_at_ms, recovery_codes_left: left }) {
  const codes = left === 1 ? "1 recovery code left" : `${left} recovery codes left`;
  return `On since ${date(made_at_ms)} · ${codes}`;
}

export const renamePasskey = (name) => `Rename ${name}`;
export const removePasskey = (name) => `Remove ${name}`;
export const removePasskeyTitle = (name) => `Remove the passkey “${name}”?`;
export const addedPasskey = (name) => `The passkey ${name} is added.`;
export const renamedPasskey = (name) => `The passkey is called ${name} now.`;
export const removedPasskey = (name) => `The passkey ${name} is removed.`;
export const madeOn = (ms) => `Made ${date(ms)}`;
export const signOutOf = (device) => `Sign out ${device}`;
export const endToken = (name) => `End ${name}`;
export const endedDevice = (device) => `${device} is signed out.`;
export const endedToken = (name) => `${name} is ended.`;
export const lastUsed = (ms) => `Used ${ago(ms)}`;
export const goodUntil = (ms) => `good until ${date(ms)}`;
