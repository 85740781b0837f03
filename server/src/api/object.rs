//! Of what an operation is, as its route says it: for those whose tokens are for some conversations alone.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use protocol::ConversationId;

use super::extract::Segments;
use crate::auth::{Object, Principal, Scope};
use crate::session::normalise_conversation;

/// How an operation names what it is of. One that says nothing is of the person as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Names {
    /// It doesn't: it is of the person, and not for those whose tokens are for some conversations alone.
    #[default]
    Person,
    /// This part of the path is what the conversation is with.
    Conversation(&'static str),
    /// This part of the path is who they see: whom the conversation is with, or themselves.
    Face(&'static str),
    /// It is of whoever is there, or looks itself through what it gives (`sight`).
    Session,
}

impl Names {
    /// The principal may do this to what the request names.
    pub(super) async fn let_through(self, parts: &mut Parts, principal: &Principal, scope: Scope) -> bool {
        let named = match self {
            Names::Person => return principal.may(scope, Object::Person),
            Names::Session => return principal.may(scope, Object::Session),
            Names::Conversation(part) | Names::Face(part) => conversation(parts, part).await,
        };
        match (self, &named) {
            (Names::Face(_), Some(id)) if *id == principal.jid.clone().into() => {
                principal.may(scope, Object::Session)
            }
            (_, Some(id)) => principal.may(scope, Object::Conversation(id)),
            // What is no address is no conversation; the operation says so to those for whom that makes no difference.
            (_, None) => principal.may(scope, Object::Person),
        }
    }

    /// For whoever reads the table of all operations.
    #[cfg(test)]
    pub(super) fn word(self) -> &'static str {
        match self {
            Names::Person => "person",
            Names::Conversation(_) => "conversation",
            Names::Face(_) => "face",
            Names::Session => "session",
        }
    }
}

/// What a part of the path names, in normal form.
async fn conversation(parts: &mut Parts, part: &str) -> Option<ConversationId> {
    let segments = Segments::from_request_parts(parts, &()).await.ok()?;
    normalise_conversation(&segments.get(part).parse().ok()?).ok()
}
