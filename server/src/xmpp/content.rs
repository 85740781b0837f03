//! What a message carries beside its text: which message it corrects, takes back or reacts to, which it answers, files
//! and mentions. Each specification has a file of its own, with what is read and what is written.
//!
//! Pure. It knows elements and nothing about who may say what: that a correction counts from the author alone is for
//! whoever knows the message which is corrected.

mod correction;
mod data;
mod fallback;
mod files;
mod mentions;
mod reaction;
mod reply;
mod retraction;
mod styling;

use minidom::Element;
use protocol::{File, Mention, MessageId, ReplyTo, TimestampMs};

use super::namespaces as ns;
use fallback::Shown;
pub use files::checked as checked_file;
pub use reaction::is_reaction;

/// What a message carries beside its text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Content {
    /// It is about another message.
    pub about: Option<About>,
    /// Which message it answers (XEP-0461).
    pub reply_to: Option<ReplyTo>,
    /// Files (XEP-0066, XEP-0447).
    pub files: Vec<File>,
    /// Who is mentioned (XEP-0372), by the text as it is shown.
    pub mentions: Vec<Mention>,
    /// JSON for programs, as text.
    pub data: Option<String>,
    /// Nothing in the text is styling (XEP-0393).
    pub unstyled: bool,
}

/// What a message does to another, which it names by its author's id, or in a room by the room's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// The message's text takes the place of that one's (XEP-0308).
    Correct(MessageId),
    /// That one is taken back (XEP-0424).
    Retract(MessageId),
    /// All of the sender's reactions to that one (XEP-0444).
    React {
        /// Which message.
        to: MessageId,
        /// The emojis; none takes them back.
        emojis: Vec<String>,
    },
    /// The message itself was taken back, and this is what the archive has left of it (XEP-0424 section 5).
    Retracted {
        /// When, where the archive says so.
        at_ms: Option<TimestampMs>,
    },
}

impl Content {
    /// It is nothing but what it says of another message; a text beside it is for those who don't understand that.
    pub(super) fn hides_body(&self) -> bool {
        matches!(self.about, Some(About::Retract(_) | About::React { .. } | About::Retracted { .. }))
    }
}

/// What a message carries, and its text as it is to be shown: without what stands in it for older clients.
pub(super) fn read(stanza: &Element, body: Option<String>) -> (Option<String>, Content) {
    let about =
        retraction::read(stanza).or_else(|| reaction::read(stanza)).or_else(|| correction::read(stanza));
    let files = files::read(stanza);
    let shown = body.map(|body| Shown::of(stanza, body, !files.is_empty()));
    let mentions = shown.as_ref().map(|shown| mentions::read(stanza, shown)).unwrap_or_default();
    let data = data::read(stanza);
    let unstyled = styling::is_disabled(stanza);
    let content = Content { about, reply_to: reply::read(stanza), files, mentions, data, unstyled };
    if content.hides_body() {
        return (None, content);
    }
    let is_address = |text: &str| {
        !content.files.is_empty()
            && files::web_address(text).is_some_and(|url| content.files.iter().any(|file| file.url == url))
    };
    let body = match shown {
        // A file needs no words, and its own address is none.
        Some(shown) if is_address(&shown.text) => Some(String::new()),
        Some(shown) => Some(shown.text),
        None => (!content.files.is_empty()).then(String::new),
    };
    (body, content)
}

/// The text and the elements that say it all. `quote` is the text which is answered, for older clients.
pub(super) fn write(
    body: Option<&str>,
    content: &Content,
    quote: Option<&str>,
) -> (Option<String>, Vec<Element>) {
    let mut text = body.map(str::to_owned);
    let mut elements = Vec::new();
    let mut mentions = content.mentions.clone();
    if let (Some(reply_to), Some(own)) = (&content.reply_to, body) {
        elements.push(reply::write(reply_to));
        let quoted = quote.map(reply::fallback).unwrap_or_default();
        let length = fallback::length(&quoted);
        if length > 0 {
            elements.push(fallback::write(ns::REPLY, Some((0, length))));
            mentions::shift(&mut mentions, length);
            text = Some(format!("{quoted}{own}"));
        }
    }
    if !content.files.is_empty() {
        text = Some(files::write(&mut elements, &content.files, text.unwrap_or_default()));
    }
    elements.extend(mentions.iter().map(mentions::write));
    elements.extend(content.data.as_deref().map(data::write));
    elements.extend(content.unstyled.then(styling::disable));
    match &content.about {
        Some(About::Correct(id)) => elements.push(correction::write(id)),
        Some(About::Retract(id)) => {
            elements.push(retraction::write(id));
            elements.push(fallback::write(ns::MESSAGE_RETRACT, None));
            text = Some(retraction::FALLBACK.to_owned());
        }
        Some(About::React { to, emojis }) => elements.push(reaction::write(to, emojis)),
        Some(About::Retracted { .. }) | None => {}
    }
    (text, elements)
}
