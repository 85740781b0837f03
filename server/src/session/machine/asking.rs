//! Asking the XMPP server, for the session or on somebody's behalf.

use protocol::ConnectionState;

use super::{Addressed, Answer, Answering, Asked, Effect, Machine, Relay, rooms};
use crate::session::command::{Reply, SessionError};
use crate::xmpp::{Answer as Answered, Outgoing, Request, RequestError, RequestId};

/// So many contacts cost a server some tenths of a second to ask how they are.
const MANY_CONTACTS: usize = 1_000;

impl Machine {
    /// The first answers of a new stream are still awaited: what the session holds may be about to change as a whole. An
    /// address is not known for a room's before the bookmarks are there.
    ///
    /// A server asks every contact how they are before it answers anything more (RFC 6121 section 4.2.2). Where they are
    /// many that takes it seconds, and whoever wants to see them is not kept waiting for it.
    pub(in crate::session) fn is_opening(&self) -> bool {
        let has_enough = self.is_online && self.contacts.len() >= MANY_CONTACTS;
        self.awaits_first() || (self.connection == ConnectionState::Connecting && !has_enough)
    }

    /// Who the contacts are, and which addresses are rooms', is not known yet.
    pub(super) fn awaits_first(&self) -> bool {
        let is_first = |asked: &Asked| matches!(asked, Asked::Roster | Asked::Room(rooms::Asked::Bookmarks));
        self.asked.values().any(is_first)
    }

    /// Asks the server on somebody's behalf, who gets what `read` finds in the answer.
    pub(super) fn relay<T: std::fmt::Debug + Send + 'static>(
        &mut self,
        request: Request,
        reply: Reply<Result<T, SessionError>>,
        read: fn(Answered) -> Option<T>,
    ) {
        if !self.is_online() {
            return self.answer(reply, Err(SessionError::Offline));
        }
        let relay = move |result: Answering| {
            let read = |answer| read(answer).ok_or(SessionError::Request(RequestError::Malformed));
            let result = result.map_err(SessionError::Request).and_then(read);
            Answer::Whole(Box::new(Addressed(reply, result)))
        };
        self.ask(request, Asked::Relay(Relay(Box::new(relay))));
    }

    pub(super) fn ask(&mut self, request: Request, asked: Asked) {
        self.next_request += 1;
        let id = RequestId(self.next_request);
        self.asked.insert(id, asked);
        self.effects.push(Effect::Send(Outgoing::Request { id, request }));
    }
}
