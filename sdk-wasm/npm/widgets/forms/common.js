// The words of whatever comes on demand, be it a form or not.

export const words = {
  loading: "Loading…",
  tryAgain: "Try again",
  signedOut: "You are signed out",
  failed: "This couldn't be loaded",
  offline: "No connection. What you see here may be out of date.",
  tooManyTries: "Too many tries. You can try again in",
  unknownDevice: "Unknown device",
};
