//! The handle of a connection that a task of its own keeps up.

use std::sync::Arc;

use protocol::{EndReason, Jid, MessageId, OfflineReason};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use super::{Answer, Incoming, Outgoing, RequestError, RequestId, StreamFacts};
use crate::task::OwnedTask;

/// What a server offers on a stream, as far as the session goes by it (RFC 6120 section 4.3.2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Offers {
    /// The roster has versions (RFC 6121 section 2.6).
    pub roster_versions: bool,
    /// Who has not asked to see the person yet can be told that they may (RFC 6121 section 3.4).
    pub pre_approval: bool,
}

/// What a connection tells its owner, in the order in which it happened.
#[derive(Debug, Clone, PartialEq)]
pub enum StreamEvent {
    /// A new stream is up. Nothing that held of an earlier one holds: presence, roster and carbons are to be asked
    /// for again, and requests under way were answered with [`RequestError::Lost`] before this.
    Reset {
        /// The address that the server bound.
        bound: Jid,
        /// Messages which were sent on an earlier stream and never acknowledged: they may or may not have arrived.
        in_doubt: Vec<MessageId>,
        /// What the server offers on it.
        offers: Offers,
    },
    /// What is known of the stream that a [`StreamEvent::Reset`] has just told of.
    Facts(Box<StreamFacts>),
    /// The stream broke; the connection is being brought back. What is sent meanwhile waits.
    Suspended {
        /// Why.
        reason: OfflineReason,
    },
    /// The broken stream goes on where it was (XEP-0198 section 5): nothing was lost.
    Resumed,
    /// Something came in.
    Incoming(Incoming),
    /// The server answered a request, or never will.
    Answered {
        /// Which request.
        id: RequestId,
        /// The answer.
        result: Result<Answer, RequestError>,
    },
    /// The server has this message (XEP-0198 `<a/>`).
    Acknowledged {
        /// Which message.
        id: MessageId,
    },
    /// The connection is over for good, and this is its last event.
    Ended {
        /// Why.
        reason: EndReason,
    },
}

/// The connection's queue is full: the server does not keep up with what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too much is waiting to be sent to the XMPP server")]
pub struct SendFull;

/// A connection to an XMPP server: what it sees comes out of [`Connection::next`], what goes into
/// [`Connection::send`] is sent in order. Dropping it cuts the connection; [`Connection::close`] says goodbye first.
#[derive(Debug)]
pub struct Connection {
    // Boxed, as a channel has room for dozens of items from the beginning.
    events: mpsc::Receiver<Box<StreamEvent>>,
    outgoing: mpsc::Sender<Box<Outgoing>>,
    closing: CancellationToken,
    hurry: Arc<Notify>,
    driver: OwnedTask<()>,
}

impl Connection {
    /// Joins a handle to the task that does its work, which says goodbye and ends once `closing` is cancelled, and rests
    /// no longer before it comes back once `hurry` is notified.
    pub fn new(
        events: mpsc::Receiver<Box<StreamEvent>>,
        outgoing: mpsc::Sender<Box<Outgoing>>,
        closing: CancellationToken,
        hurry: Arc<Notify>,
        driver: OwnedTask<()>,
    ) -> Self {
        Connection { events, outgoing, closing, hurry, driver }
    }

    /// The next thing that happened. Safe to drop half-way. Ends with [`StreamEvent::Ended`]; a driver that died
    /// without saying so has its end made up for it.
    pub async fn next(&mut self) -> StreamEvent {
        self.events.recv().await.map_or(StreamEvent::Ended { reason: EndReason::Unknown }, |event| *event)
    }

    /// Hands something over to be sent, in order.
    ///
    /// # Errors
    /// [`SendFull`] when more is waiting than the connection holds; nothing was handed over.
    pub fn send(&self, outgoing: Outgoing) -> Result<(), SendFull> {
        self.outgoing.try_send(Box::new(outgoing)).map_err(|_| SendFull)
    }

    /// The server is known to let the person in: where the stream is lost, the next try is not put off any longer.
    pub fn hurry(&self) {
        self.hurry.notify_one();
    }

    /// Says goodbye to the server (unavailable presence, end of stream) and waits until that is out, within the
    /// connection's own deadline.
    pub async fn close(self) {
        let Connection { mut events, outgoing: _outgoing, closing, hurry: _, driver } = self;
        closing.cancel();
        // The driver must not wait for a reader while it closes.
        while events.recv().await.is_some() {}
        // A driver that panicked has logged it; there is nothing left to close.
        let _ = driver.await;
    }
}
