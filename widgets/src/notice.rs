//! What stands in place of content, and the line that says that the connection is not well.
//!
//! Knows how the session stands. Must never know what would have been shown.

use std::time::Duration;

use leptos::prelude::*;
use protocol::ConnectionState;
use sdk::Status;

use crate::icon::{Icon, icon};
use crate::node::{div, h2, p, span};
use crate::session::Session;
use crate::strings;
use crate::watch::{effect, memo};

/// How long a connection may be away before it is worth a word: most are back sooner.
const PATIENCE: Duration = Duration::from_millis(1500);

/// A quiet page: an icon, a title, a sentence, and something to do about it.
pub(crate) fn notice(picture: Icon, title: &str, sentence: &str, action: Option<AnyView>) -> AnyView {
    div()
        .class("notice")
        .attr("part", "notice")
        .child((icon(picture), h2().child(title.to_owned()), p().child(sentence.to_owned()), action))
        .into_any()
}

/// The line about the connection, in words, while it is not well.
pub(crate) fn banner(session: Session) -> AnyView {
    let trouble = memo(move || match session.status() {
        Status::Reconnecting { .. } => Some(strings::GATEWAY_AWAY),
        // What is shown is from the last time.
        Status::Loading => Some(strings::CONNECTING),
        Status::Live => match session.connection()? {
            ConnectionState::Online => None,
            ConnectionState::Connecting => Some(strings::CONNECTING),
            ConnectionState::Suspended { reason } => Some(strings::suspended(reason)),
            ConnectionState::Ended { reason } => strings::signed_out(reason),
        },
        Status::Restoring
        | Status::SignedOut { .. }
        | Status::SigningIn
        | Status::Pending
        | Status::MustSetUp => None,
    });
    let shown = RwSignal::new(None);
    effect(move || match trouble.get() {
        None => shown.set(None),
        Some(words) if shown.get_untracked().is_some() => shown.set(Some(words)),
        Some(_) => set_timeout(
            move || {
                // Both are gone if the element is.
                if let Some(trouble) = trouble.try_get_untracked() {
                    let _ = shown.try_set(trouble);
                }
            },
            PATIENCE,
        ),
    });
    let line = move |words: &'static str| {
        div().class("banner").attr("part", "banner").child((icon(Icon::Offline), span().child(words)))
    };
    div().attr("role", "status").child(move || shown.get().map(line)).into_any()
}
