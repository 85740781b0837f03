// The words that more than one form says.

import { words as common } from "./common.js";

export const words = {
  ...common,
  confirm: "Confirm",
  goOn: "Continue",
  cancel: "Cancel",
  back: "Back",
  signOut: "Sign out",
  passwordTitle: "Enter your password",
  codeTitle: "Enter your code",
  recoveryCodeTitle: "Enter a recovery code",
  passkeyTitle: "Show your passkey",
  password: "Password",
  code: "Code",
  codeHint: "Your authenticator app shows it: six digits.",
  recoveryCode: "Recovery code",
  recoveryCodeHint: "One of those that you kept. Each is good once.",
  passkeyHint: "Your browser asks for it: by a finger, a face, a PIN or a key.",
  passkeyAsk: "Use a passkey",
  usePassword: "Use the password",
  useApp: "Use the authenticator app",
  useRecoveryCode: "Use a recovery code",
  usePasskey: "Use a passkey",
  passwordMissing: "Enter your password.",
  passwordWrong: "That password isn't right.",
  codeMalformed: "Enter the six digits that the app shows.",
  codeWrong: "That code isn't right. Enter the one that the app shows now.",
  recoveryCodeMissing: "Enter one of your recovery codes.",
  recoveryCodeWrong: "That isn't one of your recovery codes, or it was used before.",
  passkeyRefused: "That passkey isn't taken here, or no longer is. Go another way.",
};
