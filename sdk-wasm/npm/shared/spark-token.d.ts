import type { SparkClient } from "./core.js";
import type { ExchangedToken } from "./protocol.js";

/**
 * Takes a token that somebody else has exchanged (`POST /token` of the gateway's API, RFC 8693) for a sign-in of this
 * tab: what the gateway answered, as it is. The client, and the elements with it, show what the token is for, and are
 * signed out when it runs out: before that, give it the next one. Resolves once contacts and conversations are there.
 */
export function useToken(client: SparkClient, token: ExchangedToken): Promise<void>;
