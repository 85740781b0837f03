//! Asking the XMPP server, for the session or on somebody's behalf.

use super::{Addressed, Answer, Answering, Asked, Effect, Machine, Relay};
use crate::session::command::{Reply, SessionError};
use crate::xmpp::{Answer as Answered, Outgoing, Request, RequestError, RequestId};

impl Machine {
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
