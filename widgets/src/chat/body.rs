//! What a message says: its text as it is styled, what it answers, its files, and what others make of it.
//!
//! Everything is a text node or an attribute; nothing in a message can become anything else. What is answered is shown
//! from what is known of it here, never from what the answer claims.

use leptos::prelude::*;
use protocol::{Direction, File, Jid, Message, Reaction};
use sdk::styling::{self, Block, Span as Styled};

use super::Chat;
use crate::node::{a, bdi, blockquote, code, div, em, pre, s, span, strong};
use crate::strings;
use crate::text::{self, Span};
use crate::watch::memo;

/// The most characters of what is answered that are shown.
const MAX_QUOTE: usize = 160;

/// The bubble of a message, but for how far it has come.
pub(super) fn body(chat: Chat, message: &Message) -> AnyView {
    if message.retraction.is_some() {
        return span().class("retracted").attr("data-body", "").child(strings::RETRACTED).into_any();
    }
    let quote = message.reply_to.clone().map(|reply_to| {
        let quoted = memo(move || {
            chat.read(|model, jid| {
                let answered = model.timeline(jid)?.message(&reply_to.id)?;
                Some((who(model, answered), short(answered)))
            })
        });
        move || {
            quoted.get().map(|(who, text)| {
                div()
                    .class("quoted")
                    .attr("part", "quote")
                    .child((bdi().class("who").child(who), bdi().child(text)))
            })
        }
    });
    let files = message.files.iter().map(file).collect_view();
    let edited = message.edited_at_ms.is_some().then(|| span().class("edited").child(strings::EDITED));
    let text = span().attr("data-body", "").child(styled(message));
    (quote, text, files, edited).into_any()
}

/// Whether a text is shown by itself, and big.
pub(super) fn is_big(message: &Message) -> bool {
    message.reply_to.is_none() && message.files.is_empty() && text::is_big_emoji(&message.body)
}

/// What others make of a message, below its bubble.
pub(super) fn reactions(chat: Chat, reactions: &[Reaction]) -> Option<AnyView> {
    let chip = |reaction: &Reaction| {
        let names: Vec<String> = reaction.from.iter().map(|from| name(chat, from)).collect();
        let names = names.join(", ");
        let count = (reaction.from.len() > 1).then(|| reaction.from.len().to_string());
        span()
            .class("chip")
            .attr("part", "reaction")
            .attr("role", "img")
            .attr("aria-label", strings::reacted(&names, &reaction.emoji))
            .attr("title", names)
            .child((reaction.emoji.clone(), count))
    };
    (!reactions.is_empty())
        .then(|| div().class("reactions").child(reactions.iter().map(chip).collect_view()).into_any())
}

fn name(chat: Chat, jid: &Jid) -> String {
    chat.session.client().model().name_of(&jid.bare()).to_owned()
}

fn who(model: &sdk::Model, message: &Message) -> String {
    match message.direction {
        Direction::Outgoing => strings::YOU.to_owned(),
        Direction::Incoming => model.name_of(&message.from.bare()).to_owned(),
    }
}

/// The beginning of a message on one line.
fn short(message: &Message) -> String {
    if message.retraction.is_some() {
        return strings::RETRACTED.to_owned();
    }
    let text = preview(message);
    let mut short: String = text.chars().take(MAX_QUOTE).map(|c| if c == '\n' { ' ' } else { c }).collect();
    if text.chars().nth(MAX_QUOTE).is_some() {
        short.push('…');
    }
    short
}

/// A message in words: its text, else what its files are called.
pub(crate) fn preview(message: &Message) -> String {
    if message.retraction.is_some() {
        return strings::RETRACTED.to_owned();
    }
    if !message.body.is_empty() {
        return message.body.clone();
    }
    let names: Vec<&str> = message.files.iter().map(file_name).collect();
    names.join(", ")
}

fn file_name(file: &File) -> &str {
    let in_url = || file.url.split(['?', '#']).next().and_then(|path| path.rsplit('/').next());
    file.name.as_deref().or_else(in_url).filter(|name| !name.is_empty()).unwrap_or(&file.url)
}

fn file(file: &File) -> AnyView {
    // The gateway lets no other address through; nothing is followed on its word alone.
    if !file.url.starts_with("https://") && !file.url.starts_with("http://") {
        return ().into_any();
    }
    let size = file.size_bytes.map(|bytes| span().class("size").child(strings::size(bytes)));
    a().class("file")
        .attr("part", "file")
        .attr("href", file.url.clone())
        .attr("target", "_blank")
        .attr("rel", "noopener noreferrer nofollow")
        .attr("title", file.description.clone())
        // For what shows it in place (`sdk-wasm/npm/widgets/media`).
        .attr("data-type", file.media_type.clone())
        .attr("data-bytes", file.size_bytes.map(|bytes| bytes.to_string()))
        .attr("data-width", file.width.map(|width| width.to_string()))
        .attr("data-height", file.height.map(|height| height.to_string()))
        .child((bdi().child(file_name(file).to_owned()), size))
        .into_any()
}

/// A text with its styling (XEP-0393), whose signs are shown with it.
fn styled(message: &Message) -> AnyView {
    let body = &message.body;
    if message.unstyled || styling::is_plain(body) {
        return plain(body);
    }
    blocks(&styling::blocks(body))
}

fn blocks(all: &[Block<'_>]) -> AnyView {
    let view = |(index, block): (usize, &Block<'_>)| match block {
        Block::Line(spans) => {
            let follows = index.checked_sub(1).and_then(|before| all.get(before));
            let break_before = matches!(follows, Some(Block::Line(_))).then_some("\n");
            (break_before, spans_view(spans)).into_any()
        }
        Block::Code(lines) => pre().child(code().child(lines.join("\n"))).into_any(),
        Block::Quote(inner) => blockquote().child(blocks(inner)).into_any(),
    };
    all.iter().enumerate().map(view).collect_view().into_any()
}

fn spans_view(spans: &[Styled<'_>]) -> AnyView {
    let sign = |sign: &'static str| span().class("sign").child(sign);
    let view = |styled: &Styled<'_>| match styled {
        Styled::Plain(text) => plain(text),
        Styled::Strong(inner) => strong().child((sign("*"), spans_view(inner), sign("*"))).into_any(),
        Styled::Emphasis(inner) => em().child((sign("_"), spans_view(inner), sign("_"))).into_any(),
        Styled::Strike(inner) => s().child((sign("~"), spans_view(inner), sign("~"))).into_any(),
        Styled::Code(text) => code().child((sign("`"), (*text).to_owned(), sign("`"))).into_any(),
    };
    spans.iter().map(view).collect_view().into_any()
}

/// Words and links.
fn plain(text: &str) -> AnyView {
    let view = |span: Span<'_>| match span {
        Span::Plain(text) => text.to_owned().into_any(),
        Span::Link(url) => a()
            .attr("href", url.to_owned())
            .attr("target", "_blank")
            .attr("rel", "noopener noreferrer nofollow")
            .attr("dir", "ltr")
            .child(url.to_owned())
            .into_any(),
    };
    text::spans(text).into_iter().map(view).collect_view().into_any()
}
