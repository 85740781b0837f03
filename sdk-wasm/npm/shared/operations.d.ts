import type { Availability, BareJid, SetContact, SetSubscription } from "./protocol.js";

declare module "./core.js" {
  interface SparkClient {
    /** Sets how the person is seen, with a sentence if you like. */
    setPresence(availability: Availability, status?: string): Promise<void>;

    /** Adds a contact and asks to see them, unless `subscribe` is `false`. */
    addContact(jid: BareJid, contact?: Partial<SetContact>): Promise<void>;
    /** Renames a contact, or puts them in other groups: what is left out stays as it is. */
    updateContact(jid: BareJid, changes: Partial<SetContact>): Promise<void>;
    /** Removes a contact: neither sees the other any more. */
    removeContact(jid: BareJid): Promise<void>;
    /** Says who is to see whom from now on: `to` whether we see them, `from` whether they see us. */
    setSubscription(jid: BareJid, wanted: SetSubscription): Promise<void>;
    /** Lets somebody who asks see the person's presence; with `subscribe` asks to see theirs too. */
    acceptRequest(jid: BareJid, subscribe?: boolean): Promise<void>;
    /** Tells somebody who asks that they may not see the person's presence. */
    declineRequest(jid: BareJid): Promise<void>;
  }
}

export {};
