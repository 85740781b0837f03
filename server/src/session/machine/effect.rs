//! What the machine says is to be done.

use protocol::{EndReason, Event, Snapshot};

use super::Reply;
use crate::events::Notice;
use crate::xmpp::Outgoing;

/// Something that the actor is to do, in order.
#[derive(Debug)]
pub(in super::super) enum Effect {
    /// Hand this to the connection.
    Send(Outgoing),
    /// Append this to the log.
    Publish(Box<Event>),
    /// Tell this to whoever tells people who do not look.
    Notice(Box<Notice>),
    /// Answer a command.
    Answer(Answer),
    /// The session is over: close the connection and the log.
    Stop(EndReason),
}

/// An answer, and where it goes.
#[derive(Debug)]
pub(in super::super) enum Answer {
    /// The position is filled in when everything before has been published.
    Snapshot(Reply<Snapshot>, Box<Snapshot>),
    /// Any other: it is whole.
    Whole(Box<dyn Deliver>),
}

/// An answer that knows its own way.
pub(in super::super) trait Deliver: std::fmt::Debug + Send {
    /// Takes it there. One who has gone does not need it.
    fn deliver(self: Box<Self>);
}

#[derive(Debug)]
pub(super) struct Addressed<T>(pub(super) Reply<T>, pub(super) T);

impl<T: std::fmt::Debug + Send> Deliver for Addressed<T> {
    fn deliver(self: Box<Self>) {
        let Addressed(reply, value) = *self;
        let _ = reply.send(value);
    }
}
