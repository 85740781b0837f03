// Clients of @xmpp/client without stream management (XEP-0198).
//
// 0.14 counts what comes from the moment it has a resource, and begins anew somewhat after `<enabled/>`; the server counts
// from `<enabled/>` on. Who hears something in between, as whoever is there or goes into a room does, acknowledges more
// than was sent when the server asks too soon, and is sent away for it.

import { client } from "@xmpp/client";

const SM = "urn:xmpp:sm:3";

/** How long a server may take for a step, in milliseconds: 2,000, which is what there is else, are few on a busy machine. */
const timeout = 30_000;

/** As `client` of @xmpp/client, and never told that the server has stream management. */
export function unmanaged(options) {
  const connection = client({ timeout, ...options });
  connection.prependListener("element", (element) => {
    if (element.is("features")) element.children = element.children.filter((feature) => !feature.is("sm", SM));
  });
  return connection;
}
