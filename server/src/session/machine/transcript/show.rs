//! How what the machine answers and publishes is written in a transcript.

use std::fmt::Write as _;

use protocol::Conversation;

use super::*;

pub(super) fn show_queued(result: &Result<MessageQueued, SendError>) -> String {
    match result {
        Ok(queued) => format!("  answer {:?}\n", queued.delivery),
        Err(error) => format!("  refused: {error}\n"),
    }
}

pub(super) fn show_changed(result: &Result<Message, SendError>) -> String {
    match result {
        Ok(message) => format!("  answer {}\n", brief(message)),
        Err(error) => format!("  refused: {error}\n"),
    }
}

pub(super) fn show_history(result: Result<History, SessionError>) -> String {
    match result {
        Ok(page) => {
            let mut text = format!("  page before={:?}\n", page.before.map(|id| id.0));
            for message in &page.messages {
                let _ = writeln!(text, "    {}", brief(message));
            }
            text
        }
        Err(error) => format!("  refused: {error}\n"),
    }
}

pub(super) fn show_snapshot(snapshot: &Snapshot) -> String {
    let mut text = String::new();
    for contact in &snapshot.contacts {
        let _ = writeln!(text, "  contact {} {:?}", contact.jid, contact.presence.availability);
    }
    for conversation in &snapshot.conversations {
        let last = conversation.last_message.as_ref().map(brief).unwrap_or_default();
        let _ = writeln!(text, "  conversation {} {} {last}", conversation.jid, conversation.unread);
    }
    text
}

pub(super) fn brief(message: &Message) -> String {
    let mut line =
        format!("{:?} {} {:?} at {}", message.direction, message.id, message.body, message.sent_at_ms);
    if let Some(delivery) = message.delivery {
        let _ = write!(line, " {delivery:?}");
    }
    if message.delayed {
        line.push_str(" delayed");
    }
    if let Some(at) = message.edited_at_ms {
        let _ = write!(line, " edited={at}");
    }
    if let Some(retraction) = &message.retraction {
        let _ = write!(line, " retracted={}", retraction.at_ms);
    }
    if let Some(reply_to) = &message.reply_to {
        let _ = write!(line, " reply-to={}", reply_to.id);
    }
    for reaction in &message.reactions {
        let from: Vec<&str> = reaction.from.iter().map(protocol::Jid::as_str).collect();
        let _ = write!(line, " {}={}", reaction.emoji, from.join(","));
    }
    line
}

pub(super) fn show(event: &Event) -> String {
    match event {
        Event::MessageAdded { conversation, message } => {
            format!("message_added {conversation} {}", brief(message))
        }
        Event::MessageChanged { conversation, message } => {
            format!("message_changed {conversation} {}", brief(message))
        }
        Event::ConversationChanged { conversation } => {
            let read = conversation.read_up_to.as_ref().map_or("-", MessageId::as_str);
            let Conversation { jid, name, unread, mentions, noteworthy, .. } = conversation;
            let name = name.as_ref().map(|name| format!(" {name:?}")).unwrap_or_default();
            let count = |name: &str, count: &Option<u32>| count.map(|count| format!(" {name}={count}"));
            let mentions = count("mentions", mentions).unwrap_or_default();
            let noteworthy = count("noteworthy", noteworthy).unwrap_or_default();
            format!("conversation_changed {jid}{name} unread={unread} read={read}{mentions}{noteworthy}")
        }
        Event::RosterReplaced { contacts } => format!("roster_replaced {}", contacts.len()),
        Event::ContactChanged { contact } => {
            format!("contact_changed {} {:?}", contact.jid, contact.subscription)
        }
        other => {
            let json = serde_json::to_string(other).unwrap();
            json.replace(r#"{"type":"#, "").replace('"', "").trim_end_matches('}').to_owned()
        }
    }
}

pub(super) fn shorten(debug: &str) -> String {
    let debug = debug.replace("room: None, ", "").replace("oldest: false, ", "");
    debug.replace("BareJid(\"", "").replace("ArchiveId(\"", "").replace("\")", "")
}
