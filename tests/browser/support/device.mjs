// A device with passkeys, as Chromium plays one: plugged in or built in, with or without somebody who touches it.

/**
 * Gives a page a device. `finds` is whether it finds passkeys without a name, `verifies` whether it checks who holds it, and
 * `isTouched` whether somebody is there who consents.
 */
export async function giveDevice(page, { transport = "internal", finds = true, verifies = true, isTouched = true } = {}) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const options = {
    protocol: "ctap2",
    transport,
    hasResidentKey: finds,
    hasUserVerification: verifies,
    isUserVerified: verifies,
    automaticPresenceSimulation: isTouched,
  };
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", { options });
  return {
    /** Somebody touches it whenever it asks from now on, or nobody does. */
    touch: (enabled = true) => devtools.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled }),
    /** The signature that it makes is none from now on. */
    spoil: () => devtools.send("WebAuthn.setResponseOverrideBits", { authenticatorId, isBogusSignature: true }),
    credentials: async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    put: (credential) => devtools.send("WebAuthn.addCredential", { authenticatorId, credential }),
  };
}

/** Has the browser offer no passkeys where a name is typed: they are shown when a button asks for them, and not before. */
export const offerNothing = (context) =>
  context.addInitScript(() => {
    // A page without TLS has none of it, and neither has the blank one that comes first.
    if (globalThis.PublicKeyCredential) PublicKeyCredential.isConditionalMediationAvailable = async () => false;
  });
