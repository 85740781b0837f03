// For pages whose person signs in elsewhere: a token that was exchanged is taken for a sign-in. A file of its own, since most
// pages never need it.

/** Gives a client what the gateway answered to `POST /token`. */
export async function useToken(client, { access_token, expires_in, id, jid }) {
  const key = `sparkweb:${client.gateway}:sign-in`;
  const sign_in = { id, jid, access_token, expires_in_secs: expires_in, refresh_token: "" };
  const kept = JSON.stringify({ sign_in, expires_at_ms: Date.now() + expires_in * 1000 });
  // The next one of whoever is in goes on where the one before was. Else nobody is in first, lest what the client still
  // tries with a token of before ends this one too.
  for (const text of client.account?.jid === jid ? [kept] : ["", kept]) {
    // In its tab alone, where the client looks first: whoever is signed in at the others stays so.
    sessionStorage.setItem(key, text);
    // As if another tab had done it: browsers tell those alone.
    dispatchEvent(new StorageEvent("storage", { key }));
  }
  await client.ready();
}
