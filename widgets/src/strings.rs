//! Every word that the elements say, in one place, so that translations can follow.
//!
//! Full sentences with their parts as parameters: nothing is ever put together from fragments elsewhere.

use protocol::{Availability, EndReason, FailureReason, OfflineReason};

use crate::time::Ago;

// Everywhere.
pub(crate) const TODAY: &str = "Today";
pub(crate) const YESTERDAY: &str = "Yesterday";
pub(crate) const LOADING: &str = "Loading…";
pub(crate) const TRY_AGAIN: &str = "Try again";

// Who is in. The words of the form are in JavaScript, with the form.
pub(crate) const SIGN_OUT: &str = "Sign out";
pub(crate) const SIGNED_OUT_TITLE: &str = "You are signed out";

pub(crate) fn signed_in_as(address: &str) -> String {
    format!("Signed in as {address}")
}

/// Why somebody who was signed in no longer is; `None` where they know, since they did it themselves.
pub(crate) fn signed_out(reason: EndReason) -> Option<&'static str> {
    match reason {
        EndReason::SignedOut => None,
        EndReason::Idle => Some("You were away for a while. Sign in to go on."),
        EndReason::CredentialsRequired => Some("Your password was changed. Sign in with the new one."),
        EndReason::Replaced => Some("Another program took over this session. Sign in to take it back."),
        EndReason::Refused => Some("The chat server no longer accepts this account."),
        EndReason::Shutdown => Some("The chat service was stopped. Sign in once it is back."),
        EndReason::Unknown => Some("Your sign-in has expired. Sign in again."),
    }
}

// The connection.
pub(crate) const CONNECTING: &str = "Connecting to the chat server…";
pub(crate) const GATEWAY_AWAY: &str =
    "No connection. You see what was; what you write is sent once it is back.";

pub(crate) fn suspended(reason: OfflineReason) -> &'static str {
    match reason {
        OfflineReason::Unreachable | OfflineReason::Unknown => {
            "The chat server can't be reached. What you write is sent once it is back."
        }
        OfflineReason::Silent => "The chat server doesn't answer. What you write is sent once it does.",
        OfflineReason::Protocol => "The chat server can't be understood. What you write waits.",
    }
}

// People.
pub(crate) fn availability(availability: Availability) -> &'static str {
    match availability {
        Availability::Chat => "Free to chat",
        Availability::Available => "Available",
        Availability::Away => "Away",
        Availability::ExtendedAway => "Away for longer",
        Availability::DoNotDisturb => "Busy",
        Availability::Offline => "Offline",
    }
}

/// What [`Availability::Offline`] is called where the person chooses it for themselves.
pub(crate) const INVISIBLE: &str = "Invisible";

pub(crate) fn last_seen(ago: Ago) -> String {
    match ago {
        Ago::Now => "Last seen just now".to_owned(),
        Ago::Minutes(1) => "Last seen a minute ago".to_owned(),
        Ago::Minutes(count) => format!("Last seen {count} minutes ago"),
        Ago::Hours(1) => "Last seen an hour ago".to_owned(),
        Ago::Hours(count) => format!("Last seen {count} hours ago"),
        Ago::Days(1) => "Last seen yesterday".to_owned(),
        Ago::Days(count) => format!("Last seen {count} days ago"),
    }
}

// The roster.
pub(crate) const CONTACTS: &str = "Contacts";
pub(crate) const FILTER: &str = "Search";
pub(crate) const FILTER_CLEAR: &str = "Clear search";
pub(crate) const SECTION_UNREAD: &str = "Unread";
pub(crate) const SECTION_ROOMS: &str = "Rooms";
pub(crate) const SECTION_UNGROUPED: &str = "Contacts";
pub(crate) const SECTION_OTHERS: &str = "Not in your contacts";
pub(crate) const TYPING: &str = "typing…";
pub(crate) const STATUS_TEXT: &str = "Status";
pub(crate) const STATUS_PLACEHOLDER: &str = "What are you up to?";
pub(crate) const ROSTER_EMPTY_TITLE: &str = "No contacts yet";
pub(crate) const ROSTER_EMPTY: &str = "People whom you add in any of your chat programs appear here.";
pub(crate) const ROSTER_SIGNED_OUT: &str = "Sign in to see your contacts.";

pub(crate) fn own_presence(availability: &str) -> String {
    format!("{availability}. Change how you are seen")
}

pub(crate) fn nobody_found(filter: &str) -> String {
    format!("Nobody called “{filter}”")
}

pub(crate) fn unread(count: u32, you_are_named: bool) -> String {
    let named = if you_are_named { ", you are named" } else { "" };
    if count == 1 { format!("1 unread message{named}") } else { format!("{count} unread messages{named}") }
}

/// What somebody said in a room.
pub(crate) fn line_of(nick: &str, text: &str) -> String {
    format!("{nick}: {text}")
}

pub(crate) fn own_line(text: &str) -> String {
    format!("You: {text}")
}

// The chat.
pub(crate) const CHOOSE_TITLE: &str = "No conversation open";
pub(crate) const CHOOSE: &str = "Choose somebody to write to.";
pub(crate) const CHAT_SIGNED_OUT: &str = "Sign in to see this conversation.";
pub(crate) const MESSAGES: &str = "Messages";
pub(crate) const NEW_MESSAGES: &str = "New messages";
pub(crate) const YOU: &str = "You";
pub(crate) const OLDER_FAILED: &str = "Older messages couldn't be loaded.";
pub(crate) const NEWEST_FAILED_TITLE: &str = "This conversation couldn't be loaded";
pub(crate) const MESSAGE: &str = "Message";
pub(crate) const SEND: &str = "Send";
pub(crate) const ATTACH: &str = "Attach files";
pub(crate) const JUMP: &str = "Jump to newest";
pub(crate) const RETRY: &str = "Send again";
pub(crate) const DISCARD: &str = "Discard";
pub(crate) const WAITING: &str = "Waiting to be sent";
pub(crate) const PENDING: &str = "Being sent";
pub(crate) const SENT: &str = "Sent";
pub(crate) const DELIVERED: &str = "Delivered";
pub(crate) const READ: &str = "Read";
pub(crate) const FAILED: &str = "Not delivered";
pub(crate) const EDITED: &str = "edited";
pub(crate) const RETRACTED: &str = "This message was taken back.";
pub(crate) const TOO_LONG: &str = "This message is too long to be sent in one piece.";

pub(crate) fn bad_address(text: &str) -> String {
    format!("“{text}” isn't an address to write to.")
}

pub(crate) fn message_to(name: &str) -> String {
    format!("Message {name}")
}

pub(crate) fn beginning(name: &str) -> String {
    format!("This is the beginning of your conversation with {name}.")
}

pub(crate) fn first_message(name: &str) -> String {
    format!("You haven't written with {name} yet. Say hello.")
}

pub(crate) fn beginning_of_room(name: &str) -> String {
    format!("This is the beginning of {name}.")
}

/// Where somebody is who is talked to within a room.
pub(crate) fn in_private(room: &str) -> String {
    format!("In private, in {room}")
}

pub(crate) fn new_below(count: u32) -> String {
    if count == 1 { "1 new".to_owned() } else { format!("{count} new") }
}

pub(crate) fn announced(name: &str, text: &str) -> String {
    format!("{name}: {text}")
}

pub(crate) fn caption(name: &str) -> String {
    format!("{name}, ")
}

pub(crate) fn is_typing(name: &str) -> String {
    format!("{name} is typing")
}

/// Those who are typing in a room.
pub(crate) fn are_typing(nicks: &[String]) -> Option<String> {
    match nicks {
        [] => None,
        [one] => Some(is_typing(one)),
        [one, other] => Some([one, " and ", other, " are typing"].concat()),
        _ => Some("Several people are typing".to_owned()),
    }
}

pub(crate) fn failure(reason: FailureReason) -> &'static str {
    match reason {
        FailureReason::NotFound => "Not delivered: there is no such address.",
        FailureReason::Refused => "Not delivered: they don't take messages from you.",
        FailureReason::Unreachable => "Not delivered: they can't be reached at the moment.",
        FailureReason::TooMuch => "Not delivered: it was too long, or too much at once.",
        FailureReason::Unconfirmed => "The room hasn't confirmed it: perhaps nobody got it.",
        FailureReason::Other => "Not delivered.",
    }
}

pub(crate) fn with_status(availability: &str, status: &str) -> String {
    format!("{availability} · {status}")
}

/// Who reacted, and how.
pub(crate) fn reacted(names: &str, emoji: &str) -> String {
    format!("{emoji} from {names}")
}

/// How large a file is, near enough.
pub(crate) fn size(bytes: i64) -> String {
    if bytes < 1_000 {
        format!("{bytes} B")
    } else if bytes < 1_000_000 {
        format!("{} KB", bytes / 1_000)
    } else {
        format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
    }
}
