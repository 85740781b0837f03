//! TypeScript for what the SDK adds to the protocol's types; the tests of `views` hold the two together.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
import type {
  Account, AvatarHash, BareJid, ChatState, Contact, Conversation, ConversationId, EndReason, ErrorCode, Event, FailureReason, File,
  Jid, Mention, Message, MessageId, SubscriptionRequest,
} from "./protocol.js";
export type * from "./protocol.js";

/** How a client stands with its gateway. */
export type Status =
  /** The kept sign-in is being looked at. */
  | { state: "restoring" }
  /** Nobody is signed in; `reason` says why somebody no longer is. */
  | { state: "signed_out"; reason?: EndReason }
  /** What was shown is being checked. */
  | { state: "signing_in" }
  /** More is asked for than was shown; what `signIn` resolved to goes on, and so does `<spark-signin>`. */
  | { state: "pending" }
  /**
   * Somebody is signed in who may do nothing but set up a second factor, since the gateway asks everybody for one:
   * `setUpTotp` and `confirmTotp` do, and `<spark-security>` has a form for it.
   */
  | { state: "must_set_up" }
  /** Somebody is signed in. What the client shows is what was the last time, if that is kept, while it asks for what is. */
  | { state: "loading" }
  /** What the client shows is what is. */
  | { state: "live" }
  /** The gateway can't be reached. What the client shows is what was; what is sent waits. */
  | { state: "reconnecting"; sinceMs: number; nextTryMs?: number };

/** How far an own message has come. */
export type Progress =
  /** Kept in the browser until the gateway can be reached. */
  | { state: "waiting" }
  /** The gateway won't take it: `retry` or `discard` it. */
  | { state: "refused"; code: SparkErrorCode; detail: string }
  /** The gateway has it. */
  | { state: "pending" }
  /** The person's XMPP server has it. */
  | { state: "sent" }
  /** A device of the other side has it. */
  | { state: "delivered" }
  /** The other side has seen it. */
  | { state: "displayed" }
  /** It came back: `retry` or `discard` it. */
  | { state: "returned"; reason: FailureReason };

/** What `SparkConversation.send` takes beside the text. */
export interface SendOptions {
  /** Which message it answers; the gateway knows who wrote it. */
  replyTo?: { id: MessageId };
  /** Files that were uploaded before. */
  files?: File[];
  /** Who is mentioned, and where in the text (in Unicode code points). */
  mentions?: Mention[];
  /** Nothing in the text is styling (XEP-0393). */
  unstyled?: boolean;
}

/** One line of a conversation. */
export interface Entry {
  /** Names the line for as long as the page lives: the key for lists on screen. */
  key: number;
  message: Message;
  /** Absent for what others wrote. */
  progress?: Progress;
}

/** What went wrong, as a word: the gateway's, that no good answer came, or why the browser gives no passkey or no pushes. */
export type SparkErrorCode =
  | ErrorCode
  | "network"
  | "bad_answer"
  | "browser"
  | "passkey_cancelled"
  | "passkey_timed_out"
  | "passkey_exists"
  | "passkey_unsupported"
  | "passkey_insecure"
  | "passkey_frame"
  | "passkey_origin"
  | "push_unsupported"
  | "push_insecure"
  | "push_denied"
  | "push_dismissed"
  | "push_unreachable"
  | "push_no_worker"
  | "push_taken"
  | "push_not_remembered";

/** What the SDK throws and rejects with. Decide by `code`; show `message`. */
export interface SparkError extends Error {
  name: "SparkError";
  code: SparkErrorCode;
  /** In how many seconds to try again, where the gateway said so. */
  retryAfterSecs?: number;
}

/** What `SparkClient.on` tells, by name. */
export interface SparkEvents {
  status: Status;
  /** Name, presence, avatar or connection of the person; `undefined` when they have signed out. */
  account: Account | undefined;
  /** All contacts were replaced: `roster()` has them. */
  roster: undefined;
  /** A contact came or is another now; without `contact` they are gone. */
  contact: { jid: BareJid; contact?: Contact };
  /** Somebody asks to see the person's presence, or no longer does: `requests()` has them. */
  requests: undefined;
  /** Somebody was blocked or unblocked, by whichever client: `blocks()` has them. */
  blocks: undefined;
  /** All conversations were replaced: `conversations()` has them. */
  conversations: undefined;
  /** A conversation is new, or its unread count, newest message or read mark changed. */
  conversation: Conversation;
  /** What the other side is doing; without `state` they no longer say. In a room, who is writing; without `writing` nobody is. */
  chatState: { conversation: ConversationId; state?: ChatState; writing?: string[] };
  /** A message has just come or was just sent, in whichever tab: never told for history, nor twice. */
  message: { conversation: ConversationId; message: Message };
  /** What the person began to write in a conversation, from elsewhere: `draft` has it. */
  draft: { conversation: ConversationId };
  /** The messages of a conversation that was opened, or what is being loaded of it. */
  timeline: { conversation: ConversationId };
  /** Every event of the session as the gateway sends it, for what the client keeps no state of. */
  event: Event;
}

export interface SparkClient {
  /** Calls `listener` whenever something happens, until the function that this returns is called. */
  on<K extends keyof SparkEvents>(event: K, listener: (detail: SparkEvents[K]) => void): () => void;
}
"#;
