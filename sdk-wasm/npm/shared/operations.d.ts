import type {
  AccessToken, Factors, Gateway, NewAccessToken, NewAccount, NewTotp, PasskeyId, PasskeyInfo, PasskeyRequest, Proof, ProofKind, SignInId, SignInInfo,
  AffiliatedPerson, Affiliation, Bookmark, Form, Invitation, JoinRoom, Occupants, Role, Room, RoomInfo, RoomList, RoomService,
  SetBookmark,
  ArchiveId, Availability, AvatarHash, BareJid, ContactDetails, DirectoryEntry, Entity, ExternalService, History, Jid, LastActivity,
  Meeting, Mention, Message, MessageId, NewMeeting, NewUpload, NodeSettings, Preview, Profile, PubsubItem, PubsubItems, PubsubNode,
  PushDevice, PushDeviceId, PushSettings, Server, SetContact, SetSubscription, Upload, UploadSlot,
} from "./protocol.js";

declare module "./core.js" {
  /** How far a sign-in got. Whoever does not look is simply not signed in yet. */
  type SignInStep =
    /** It is done: contacts and conversations are there. */
    | { state: "signed_in" }
    /**
     * The gateway asks everybody for a second factor: set one up (`setUpTotp`, `confirmTotp`), then call `ready()`. Nothing
     * else is allowed yet.
     */
    | { state: "must_set_up" }
    /** More is asked for. */
    | PendingStep;

  /** A sign-in that asks for more than was shown. */
  interface PendingStep {
    state: "pending";
    /** What brings it on, the best first: any one of these. */
    accepts: ProofKind[];
    /** What to ask the browser for, if `accepts` has `passkey`; `proveByPasskey` asks by itself. */
    passkey?: PasskeyRequest;
    /** Until when it waits, in milliseconds since 1970; after that `prove` rejects with `not_found`. */
    expiresAtMs: number;
    /**
     * Goes on: `prove({ kind: "totp", code })`. Rejects with `wrong_code` or `too_many_requests`, and may be tried again.
     * What it resolves to may ask for yet more.
     */
    prove(proof: Proof): Promise<SignInStep>;
    /** Goes on by a passkey, which the browser asks for. Rejects as `signInByPasskey` does, and may be tried again. */
    proveByPasskey(options?: PasskeyOptions): Promise<SignInStep>;
  }

  /** How the browser is asked for a passkey. */
  interface PasskeyOptions {
    /** Ends the asking, which then rejects with what the signal says. */
    signal?: AbortSignal;
  }

  interface SignInOptions {
    /**
     * Whether the sign-in is kept, which it is if this is not said. With `false` it is this tab's alone and ends with it, and
     * of a password that was typed the gateway keeps nothing.
     */
    remember?: boolean;
  }

  /** How a file is uploaded; a text is its name. */
  interface UploadOptions {
    /** What it is called; if nothing is said, as the file itself is. What no name may have is replaced. */
    name?: string;
    /** Told how many of its bytes are on their way. */
    onProgress?: (progress: { loaded: number; total: number }) => void;
    /** Ends it, with nothing uploaded; it then rejects with what the signal says. */
    signal?: AbortSignal;
  }

  interface PasskeySignInOptions extends SignInOptions, PasskeyOptions {
    /** Asks for the passkeys of this person, of which there may be some that no device finds without a name. */
    username?: string;
    /**
     * Has the browser offer passkeys where a name is typed (`<input autocomplete="username webauthn">`), and resolves when
     * somebody chooses one, however long that takes. Abort it by `signal` when another way is taken.
     */
    conditional?: boolean;
  }

  interface SparkClient {
    /**
     * Signs in, in this and all other tabs. Resolves once contacts and conversations are there, or earlier if the gateway
     * asks for more than a password: look at `state`.
     */
    signIn(username: string, password: string, options?: SignInOptions): Promise<SignInStep>;
    /**
     * Signs in by a passkey, with no password, and no name either unless one is given. Rejects with `passkey_cancelled`
     * (which is also what browsers say where a device has none), `passkey_timed_out`, `passkey_unsupported`,
     * `passkey_insecure` (no https), `passkey_frame` (the page is inside of one that doesn't allow it), `passkey_origin`
     * (not for pages of this site), `passkey_refused` (the gateway doesn't take it), or with `unsupported` where the gateway
     * has no passkeys. It may ask for the password once, where nothing is kept that opens the account.
     */
    signInByPasskey(options?: PasskeySignInOptions): Promise<SignInStep>;
    /** Whether people come in by passkeys at this gateway. */
    offersPasskeys(): Promise<boolean>;
    /** What is to be known of the gateway before anybody is signed in: its domain, and which ways in it has. */
    gatewayInfo(): Promise<Gateway>;
    /**
     * Makes an account, where `gatewayInfo` says that the gateway does. Call `signIn` behind it: whether somebody had the name
     * already is not told, and `wrong_credentials` then says that they had. Rejects with `too_many_requests` after some tries.
     */
    createAccount(account: NewAccount): Promise<void>;
    /** The sign-in of this page that waits for more, if one does. `signOut` lets it go. */
    pending(): PendingStep | undefined;

    /** By what the person can show who they are, and how long what they have shown still counts for what is sensitive. */
    factors(): Promise<Factors>;
    /**
     * What an authenticator app is to be given: as a text, a link, and a QR code to draw. It counts once `confirmTotp` has
     * a code of it. Needs a fresh proof, like everything here that changes something: else it rejects with
     * `fresh_proof_needed`, `proveAgain` gives one, and the call is to be repeated.
     */
    setUpTotp(): Promise<NewTotp>;
    /** Has the app count. Resolves with the ten recovery codes, which are told this once. */
    confirmTotp(code: string): Promise<string[]>;
    /** Has the app count no more. */
    removeTotp(): Promise<void>;
    /** Ten other recovery codes, in the place of those before. */
    renewRecoveryCodes(): Promise<string[]>;
    /** Shows once more who the person is, for what is sensitive: it counts for 5 minutes, in all tabs. */
    proveAgain(proof: Proof): Promise<void>;
    /** The same by a passkey, which the browser asks for. Rejects as `signInByPasskey` does. */
    proveAgainByPasskey(options?: PasskeyOptions): Promise<void>;
    /** The person's passkeys, those that were made first in front. */
    passkeys(): Promise<PasskeyInfo[]>;
    /**
     * Has the browser make a passkey, and adds it under this name. Needs a fresh proof. Rejects as `signInByPasskey` does, or
     * with `passkey_exists`: this device has one for the person. In a page that is inside of another site's none can be made
     * (`passkey_frame`).
     */
    addPasskey(name: string, options?: PasskeyOptions): Promise<PasskeyInfo>;
    /** Calls a passkey otherwise. */
    renamePasskey(id: PasskeyId, name: string): Promise<PasskeyInfo>;
    /** Removes a passkey: it lets nobody in any more. Needs a fresh proof. */
    removePasskey(id: PasskeyId): Promise<void>;
    /** All ways in that are open: browsers, pages of the plugin's contract, tokens for scripts; the newest first. */
    signIns(): Promise<SignInInfo[]>;
    /** Ends one. */
    endSignIn(id: SignInId): Promise<void>;
    /** Makes a token for a script. The token is told this once. */
    createAccessToken(token: NewAccessToken): Promise<AccessToken>;

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
    /** What is known of a contact beyond the list: their devices. */
    contactDetails(jid: BareJid): Promise<ContactDetails>;
    /** When a contact was last there, as their server tells it. */
    lastActivity(jid: BareJid): Promise<LastActivity>;
    /** Blocks somebody: a person, a whole domain, or one device. */
    block(jid: Jid): Promise<void>;
    /** Lifts a block; without an address, all of them. */
    unblock(jid?: Jid): Promise<void>;
    /** What somebody says of themselves; without an address, the person. It is theirs to say: show it as text. */
    profile(jid?: BareJid): Promise<Profile>;
    /** Has the person say this of themselves, and nothing else. A nickname becomes what they go by. */
    setProfile(profile: Partial<Profile>): Promise<void>;
    /** Has the person go by this name; an empty one takes it away. */
    setNickname(name: string): Promise<void>;
    /** Has the person look like this picture: PNG, JPEG, GIF or WebP. Resolves with the hash it is known by. */
    setAvatar(picture: Blob): Promise<AvatarHash>;
    /** Has the person look like nothing. */
    removeAvatar(): Promise<void>;
    /** Lets somebody who asks see the person's presence; with `subscribe` asks to see theirs too. */
    acceptRequest(jid: BareJid, subscribe?: boolean): Promise<void>;
    /** Tells somebody who asks that they may not see the person's presence. */
    declineRequest(jid: BareJid): Promise<void>;

    /**
     * How this browser is told while no page is open. Nothing is asked by this: get it before somebody clicks, so that
     * `subscribe` can be called in the click.
     */
    push(): Promise<SparkPush>;
    /** What the person's XMPP server offers, and what the gateway does where it does not. */
    server(): Promise<Server>;
    /**
     * Uploads a file through the gateway. Send the answer's `url` to others, in `files` of `send`. How large it may be is in
     * `server()`, as `uploads`. `prepare` of `@sparkweb/sdk/files` makes pictures smaller and takes out where they were taken.
     */
    upload(file: Blob, options?: UploadOptions | string): Promise<Upload>;
    /** A place to upload a file to by yourself. */
    uploadSlot(file: NewUpload): Promise<UploadSlot>;
    /**
     * A file that somebody has shared, through the gateway: `url` is that of a message's file. Rejects with `not_found`,
     * `file_too_large` (also if it has more than `atMost` bytes), `too_many_requests`, `overloaded`, `network` or `unsupported`.
     */
    file(url: string, options?: { atMost?: number; signal?: AbortSignal }): Promise<Blob>;
    /**
     * Where a browser finds such a file by itself, part by part, as `src` of what plays it: with a ticket for this file, good
     * for an hour at the most and not longer than the token. A page of another origin plays it with `crossorigin="anonymous"`.
     */
    fileAddress(url: string): Promise<string>;
    /** What a page says of itself. It is theirs to say: show it as text. Rejects with `not_found` where there is nothing. */
    preview(url: string): Promise<Preview>;
    /** The picture that a page shows of itself. */
    previewPicture(url: string): Promise<Blob>;
    /** The nodes of a service; without one, those of the person's own account. */
    pubsub(service?: Jid): SparkPubsub;
    /** Relays for calls, with names and passwords where they want some. */
    externalServices(): Promise<ExternalService[]>;
    /** A meeting on the web. */
    meeting(options?: NewMeeting): Promise<Meeting>;
    /** People whom the server knows. */
    search(query: string): Promise<DirectoryEntry[]>;
    /** What an address is and can do. */
    entity(jid: Jid): Promise<Entity>;
    /** Sets another password, and ends the person's other sign-ins. */
    changePassword(oldPassword: string, newPassword: string): Promise<void>;
    /** Removes the account at the XMPP server, for good. */
    removeAccount(password: string): Promise<void>;
    /** A room: what is to be asked of it. `room(jid).conversation` has what is said there. */
    room(jid: BareJid): SparkRoom;
    /** The rooms that the person is in or on the way into. What happens to them is told by `event`. */
    rooms(): Promise<Room[]>;
    /** The rooms that the person keeps a note of. */
    bookmarks(): Promise<Bookmark[]>;
    /** Who asks the person into which room, the oldest first. */
    invitations(): Promise<Invitation[]>;
    /** Goes into a room. Resolves when the person is in it. */
    joinRoom(jid: BareJid, options?: Partial<JoinRoom>): Promise<Room>;
    /** Leaves a room. */
    leaveRoom(jid: BareJid): Promise<void>;
    /** Keeps a note of a room: the whole note, but for a password that is left out. `autojoin` goes in at once. */
    setBookmark(jid: BareJid, bookmark?: Partial<SetBookmark>): Promise<Bookmark>;
    /** Throws a note away, and leaves the room if it said to be there always. */
    removeBookmark(jid: BareJid): Promise<void>;
    /** Declines an invitation; `joinRoom` accepts it. */
    declineInvitation(room: BareJid, reason?: string): Promise<void>;
    /** The services with rooms that the person's server names. */
    roomServices(): Promise<RoomService[]>;
    /** A page of the rooms that a service lists; without one, of the first of `roomServices`. Go on with the answer's `after`. */
    discoverRooms(
      options?: { service?: Jid; search?: string; limit?: number; after?: string },
    ): Promise<RoomList>;
    /** Sends a stanza as it is, where the gateway is set so. An `iq` resolves with the stanza that came back. */
    sendStanza(xml: string): Promise<string | undefined>;
  }

  /** Where a browser is told from. */
  interface PushOptions {
    /** What the person calls this browser; without it, what it says of itself. */
    name?: string;
    /**
     * The service worker to register. Without it: the site's that has ours in it (`importScripts`), or, on pages of the
     * gateway's own origin, the gateway's `spark-worker.js`, in a scope that has no pages.
     */
    worker?: string | URL;
    /** The scope of `worker`. */
    scope?: string;
  }

  /** Web Push for this browser. Get it by `client.push()`. */
  interface SparkPush {
    /** Whether this browser can be told at all, as the page stands. On iPhone and iPad a page has to be installed first. */
    readonly supported: boolean;
    /** What the person has said: `default` is nothing yet. */
    readonly permission: NotificationPermission;
    /** This browser, if it is told; the gateway is told of its subscription where that is another by now. */
    device(): Promise<PushDevice | undefined>;
    /**
     * Has this browser told. It asks the person: call it in a click. Rejects with `push_unsupported`, `push_insecure` (no
     * https), `push_denied` (the browser blocks it), `push_dismissed` (the person did not answer), `push_unreachable` (the
     * browser's push service), `push_no_worker` (the site has none), `push_taken` (its own pushes come by that worker),
     * `push_not_remembered` (the sign-in goes with the tab), or `unsupported` where the gateway pushes nothing.
     */
    subscribe(options?: PushOptions): Promise<PushDevice>;
    /** Has it told no more. Signing out does so too. */
    unsubscribe(): Promise<void>;
    /** All browsers of the person's that are told, the newest first. */
    devices(): Promise<PushDevice[]>;
    /** Has another told no more. */
    remove(id: PushDeviceId): Promise<void>;
    /** What is told, and when. */
    settings(): Promise<PushSettings>;
    /**
     * Sets what is told. Rejects with `precondition_failed` if it is not what `settings` read any more: somebody muted a
     * conversation, say. Read it again.
     */
    setSettings(settings: PushSettings): Promise<PushSettings>;
  }

  /** The nodes of a service. Get one by `client.pubsub(service)`; `client.on("event", …)` tells what is published. */
  interface SparkPubsub {
    /** The nodes that the service lists. */
    nodes(): Promise<PubsubNode[]>;
    /** Of which nodes the person is told what is published. */
    subscriptions(): Promise<string[]>;
    /** Makes a node. Resolves with its id. */
    create(id?: string, settings?: NodeSettings): Promise<string>;
    /** Changes how a node is. */
    configure(node: string, settings: NodeSettings): Promise<void>;
    /** Deletes a node. */
    delete(node: string): Promise<void>;
    /** Publishes a value that JSON has. Resolves with the item's id; one of the same id is replaced. */
    publish(node: string, value: unknown, id?: string): Promise<string>;
    /** Publishes an XML element. */
    publishXml(node: string, xml: string, id?: string): Promise<string>;
    /** Takes something back that was published. */
    retract(node: string, id: string): Promise<void>;
    /** What was published, newest page first. Go on with the answer's `after`. */
    items(
      node: string,
      options?: { limit?: number; after?: string },
    ): Promise<PubsubItems & { items: (PubsubItem & { value?: unknown })[] }>;
    /** Has the person told of what is published. */
    subscribe(node: string): Promise<void>;
    /** Has them told no more. */
    unsubscribe(node: string): Promise<void>;
  }

  /** A room. Get one by `client.room(jid)`. */
  interface SparkRoom {
    readonly client: SparkClient;
    readonly jid: BareJid;
    /** How it is with the person there; rejects with `not_in_room` if they are not in it. */
    state(): Promise<Room>;
    /** What is said there. */
    readonly conversation: SparkConversation;
    /** What is said in private with whoever has this nickname now. */
    conversationWith(nick: string): SparkConversation;
    /** A page of those who are there, by nickname. Go on with the answer's `after`; who comes and goes is told by `event`. */
    occupants(options?: { after?: string; limit?: number }): Promise<Occupants>;
    /** Takes another nickname. */
    setNick(nick: string): Promise<void>;
    /** Says what the room is about. */
    setSubject(subject: string): Promise<void>;
    /** Asks somebody in: through the room, or with `direct` oneself. */
    invite(jid: BareJid, options?: { reason?: string; direct?: boolean }): Promise<void>;
    /** Gives somebody who is there a role, or takes it. */
    setRole(nick: string, role: Role, reason?: string): Promise<void>;
    /** Sends somebody away. */
    kick(nick: string, reason?: string): Promise<void>;
    /** Makes somebody something to the room, or nothing. */
    setAffiliation(jid: BareJid, affiliation: Affiliation, reason?: string): Promise<void>;
    /** Sends somebody away for good. */
    ban(jid: BareJid, reason?: string): Promise<void>;
    /** Everybody who is this to the room. */
    affiliations(affiliation: Affiliation): Promise<AffiliatedPerson[]>;
    /** Takes somebody's message back for everybody. */
    moderate(id: MessageId, reason?: string): Promise<void>;
    /** What the room says of itself. */
    info(): Promise<RoomInfo>;
    /** How the room is, as a form, for its owners. */
    config(): Promise<Form>;
    /** Changes how the room is; fields that are not named stay as they are. */
    configure(values: Record<string, string | boolean | number | string[]>): Promise<void>;
    /** Leaves it. */
    leave(): Promise<void>;
    /** Makes an end of it, for everybody. */
    destroy(options?: { alternate?: BareJid; reason?: string }): Promise<void>;
  }

  interface SparkConversation {
    /** Corrects an own message. Resolves with the message as it is then. */
    correct(id: MessageId, body: string, mentions?: Mention[]): Promise<Message>;
    /** Takes an own message back. Others may have seen it. One that waits here is `discard`ed instead. */
    retract(id: MessageId): Promise<void>;
    /** Sets all of the person's reactions to a message; none takes them back. Resolves with the message as it is then. */
    react(id: MessageId, emojis: string[]): Promise<Message>;
    /** Searches for words, where the server's archive can: the newest hits, oldest first. Go on with the answer's `before`. */
    search(text: string, options?: { before?: ArchiveId; limit?: number; from_ms?: number; to_ms?: number }): Promise<History>;
    /** Takes the conversation off the list until there is something new in it. */
    close(): Promise<void>;
  }
}

export {};
