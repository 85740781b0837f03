// Every word of the sign-in form.

import { words as common } from "../forms/words.js";

export const words = {
  ...common,
  signIn: "Sign in",
  signInNow: "Try now",
  lead: "With your chat account.",
  username: "Name",
  showPassword: "Show password",
  usernameMissing: "Enter your name, or your whole address.",
  usernameMalformed: "That isn't a name or an address, such as juliet or juliet@example.com.",
  remember: "Keep me signed in",
  rememberHint: "Untick it on a shared computer: closing the tab then signs you out.",
  or: "or",
  byPasskey: "Sign in with a passkey",
  newHere: "New here?",
  makeAccount: "Make an account",
  haveAccount: "I have an account",
  nameTaken: "This name is taken. Choose another, or sign in if the account is yours.",
  email: "Email address",
  emailHint: "The chat server asks for one.",
  emailMissing: "Enter an email address.",
  passwordOnce: "Your passkey is right. This once, the chat server wants your password too.",
  serverAway: "The chat server can't be reached; trying again in",
  networkAway: "The chat service can't be reached; trying again in",
  waitFirst: "Too many tries. You can try again in",
};

export const addressHint = (domain) => `Your address will end in @${domain}.`;
/** The same text for a wrong password and for a name that nobody has. */
export const wrongCredentials = (name) => `That password isn't right for ${name}.`;
export const accountRefused = (name) => `${name} can't sign in here.`;

/** Why somebody who was signed in no longer is; nothing where they know, since they did it themselves. */
export const signedOut = {
  idle: "You were away for a while. Sign in to go on.",
  credentials_required: "Your password was changed. Sign in with the new one.",
  replaced: "Another program took over this session. Sign in to take it back.",
  refused: "The chat server no longer accepts this account.",
  shutdown: "The chat service was stopped. Sign in once it is back.",
  unknown: "Your sign-in has expired. Sign in again.",
};
