//! Keeping a connection up: one task per session, which alone touches its stream.
//!
//! It binds, sends, counts, answers what is nobody's business (pings, discovery), comes back after a loss, and tells its
//! owner what happened in the order in which it did. What can be decided without the stream is decided in
//! [`management`], [`requests`] and `read`; here their decisions are carried out.

mod ending;
mod live;
mod management;
mod negotiate;
mod requests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use protocol::{BareJid, EndReason, MessageId, OfflineReason};
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use self::ending::Over;
use self::live::Live;
use self::management::{MAX_UNACKNOWLEDGED, Management};
use self::negotiate::Opened;
use self::requests::Requests;
use super::caps::Claims;
use super::connection::{Connection, StreamEvent};
use super::connector::budget::Purpose;
use super::connector::wire::Wire;
use super::connector::{ConnectError, Connector};
use super::credential::Credential;
use super::features::Features;
use super::read::Owner;
use super::traffic::Up;
use super::{Outgoing, RequestError};
use crate::task::OwnedTask;

/// Events that may wait for the owner before the stream is read no further: the server's own buffers come next.
const EVENTS: usize = 256;

/// What may wait for the stream: as many messages as a person may have under way, and what the session asks beside them.
const OUTGOING: usize = 2 * MAX_UNACKNOWLEDGED;

/// A stream that lasted this long was no mistake: the next pause begins small again.
const STABLE: Duration = Duration::from_secs(60);

/// Starts the task which keeps a connection up.
pub(super) fn start(
    connector: Connector,
    jid: BareJid,
    credential: Credential,
    wire: Wire,
    features: Features,
) -> Connection {
    let (events, events_of) = mpsc::channel(EVENTS);
    let (outgoing, outgoing_of) = mpsc::channel(OUTGOING);
    let (closing, hurry) = (CancellationToken::new(), Arc::new(Notify::new()));
    // The same resource for the whole life of the session: a stream that the server has not given up yet is replaced by
    // the next rather than seen beside it.
    let resource = random_resource(&connector.settings().resource_prefix);
    let driver = Box::new(Driver {
        owner: Owner { jid, vouches_for_archive_ids: false },
        connector,
        credential,
        resource,
        events,
        outgoing: outgoing_of,
        closing: closing.clone(),
        hurry: Arc::clone(&hurry),
        elsewhere: None,
        management: Management::default(),
        requests: Requests::default(),
        backlog: VecDeque::new(),
        in_doubt: Vec::new(),
        acknowledged: Vec::new(),
        account_info: None,
        claims: Claims::default(),
    });
    Connection::new(events_of, outgoing, closing, hurry, OwnedTask::spawn(driver.run(wire, features)))
}

fn random_resource(prefix: &str) -> String {
    format!("{prefix}-{:08x}", rand::random::<u32>())
}

struct Driver {
    owner: Owner,
    connector: Connector,
    credential: Credential,
    resource: String,
    events: mpsc::Sender<Box<StreamEvent>>,
    outgoing: mpsc::Receiver<Box<Outgoing>>,
    closing: CancellationToken,
    /// The owner knows that the server lets the person in.
    hurry: Arc<Notify>,
    /// Where the server said that the next stream is to be had.
    elsewhere: Option<String>,
    management: Management,
    requests: Requests,
    /// What waited for a stream and goes out on the next, whichever that is.
    backlog: VecDeque<Outgoing>,
    /// Messages of earlier streams whose fate is unknown, until the owner is told.
    in_doubt: Vec<MessageId>,
    /// Messages of which a server said on coming back that it has them, until the owner is told.
    acknowledged: Vec<MessageId>,
    /// The question under way about what the person's own account can do. Its answer may come after resuming.
    account_info: Option<String>,
    /// What others claim that they can do.
    claims: Claims,
}

/// The owner has let go: nobody is there to tell.
struct Abandoned;

impl Driver {
    /// Boxed: a task has room for what it is handed, and again for what it makes of it.
    async fn run(mut self: Box<Self>, wire: Wire, features: Features) {
        let mut stream = Some((wire, features));
        let mut failures = 0;
        let (closing, deadline) = (self.closing.clone(), self.connector.settings().deadlines.close);
        loop {
            let opened = tokio::select! {
                // Boxed because it is large, and a session spends its life in the stream that comes of it.
                opened = Box::pin(self.connect(stream.take())) => opened,
                // What was handed over has its chance to be said, but goodbye does not wait for a server for long.
                () = overdue(&closing, deadline) => return,
            };
            let over = match opened {
                Ok(opened) => {
                    let began = Instant::now();
                    let up = Up::new(Arc::clone(self.connector.traffic()), opened.is_resumed);
                    let over = match self.announce(&opened).await {
                        Ok(()) => Live::new(&mut self, opened).run().await,
                        Err(Abandoned) => return,
                    };
                    drop(up);
                    if let Over::Lost(reason) = over {
                        self.connector.traffic().count_lost(reason);
                    }
                    if began.elapsed() >= STABLE {
                        failures = 0;
                    }
                    // That was known of a time at which the stream was up anyway.
                    let _ = self.hurry.notified().now_or_never();
                    over
                }
                Err(error) => lost_by(error),
            };
            let reason = match over {
                Over::Closed => return,
                Over::Fatal(reason) => return self.end(reason).await,
                Over::Lost(reason) => reason,
            };
            if self.tell(StreamEvent::Suspended { reason }).await.is_err() {
                return;
            }
            failures += 1;
            let pause = backoff(failures, self.connector.settings().deadlines.backoff, rand::random());
            tracing::debug!(?reason, ?pause, "the XMPP stream was lost");
            tokio::select! {
                () = sleep_until(Instant::now() + pause) => {}
                () = self.hurry.notified() => failures = 0,
                () = self.closing.cancelled() => return,
            }
        }
    }

    /// Makes a stream carry stanzas: the one that there is, or a new one.
    async fn connect(&mut self, stream: Option<(Wire, Features)>) -> Result<Opened, ConnectError> {
        let (wire, features) = match stream {
            Some(stream) => stream,
            None => {
                self.connector
                    .negotiate(&self.owner.jid, &self.credential, Purpose::Return, self.elsewhere.take())
                    .await?
            }
        };
        self.open(wire, &features).await
    }

    /// Says what became of the stream before this one.
    async fn announce(&mut self, opened: &Opened) -> Result<(), Abandoned> {
        if opened.is_resumed {
            self.tell(StreamEvent::Resumed).await?;
        } else {
            for id in self.requests.lose_all() {
                self.tell(StreamEvent::Answered { id, result: Err(RequestError::Lost) }).await?;
            }
            let in_doubt = std::mem::take(&mut self.in_doubt);
            let (bound, offers) = (opened.bound.clone(), opened.offers);
            self.tell(StreamEvent::Reset { bound, in_doubt, offers }).await?;
            self.tell(StreamEvent::Facts(Box::new(opened.facts.clone()))).await?;
        }
        let acknowledged = std::mem::take(&mut self.acknowledged);
        self.tell_acknowledged(acknowledged).await
    }

    async fn end(mut self: Box<Self>, reason: EndReason) {
        for id in self.requests.lose_all() {
            if self.tell(StreamEvent::Answered { id, result: Err(RequestError::Lost) }).await.is_err() {
                return;
            }
        }
        // An owner that has let go has no use for the end.
        let _ = self.tell(StreamEvent::Ended { reason }).await;
    }

    async fn tell(&self, event: StreamEvent) -> Result<(), Abandoned> {
        self.events.send(Box::new(event)).await.map_err(|_| Abandoned)
    }

    async fn tell_acknowledged(&self, messages: Vec<MessageId>) -> Result<(), Abandoned> {
        for id in messages {
            self.tell(StreamEvent::Acknowledged { id }).await?;
        }
        Ok(())
    }
}

/// Waits until goodbye was said for longer than that takes.
async fn overdue(closing: &CancellationToken, deadline: Duration) {
    closing.cancelled().await;
    sleep_until(Instant::now() + deadline).await;
}

/// How a failure to come back is taken: what a later try can't mend is the end.
fn lost_by(error: ConnectError) -> Over {
    match error {
        ConnectError::WrongCredentials => Over::Fatal(EndReason::CredentialsRequired),
        ConnectError::AccountRefused | ConnectError::AccountDisabled => Over::Fatal(EndReason::Refused),
        ConnectError::Unreachable => Over::Lost(OfflineReason::Unreachable),
        ConnectError::Silent => Over::Lost(OfflineReason::Silent),
        // The gateway's keys, and not the person's: it is mended without them.
        ConnectError::NotTrusted
        | ConnectError::Untrusted
        | ConnectError::Downgraded
        | ConnectError::Incompatible(_) => Over::Lost(OfflineReason::Protocol),
    }
}

/// Full jitter: anything up to a bound that doubles with every failure. `draw` is in 0..1.
fn backoff(failures: u32, most: Duration, draw: f64) -> Duration {
    let bound = Duration::from_secs(1).saturating_mul(1 << failures.saturating_sub(1).min(16)).min(most);
    bound.mul_f64(draw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound() {
        let most = Duration::from_secs(60);
        for (failures, draw, secs) in
            [(1, 0.0, 0.0), (1, 1.0, 1.0), (2, 1.0, 2.0), (4, 0.5, 4.0), (99, 1.0, 60.0)]
        {
            assert_eq!(backoff(failures, most, draw), Duration::from_secs_f64(secs), "{failures} {draw}");
        }
    }

    #[test]
    fn only_what_can_mend_is_tried_again() {
        assert!(matches!(
            lost_by(ConnectError::WrongCredentials),
            Over::Fatal(EndReason::CredentialsRequired)
        ));
        assert!(matches!(lost_by(ConnectError::AccountRefused), Over::Fatal(EndReason::Refused)));
        assert!(matches!(lost_by(ConnectError::Unreachable), Over::Lost(OfflineReason::Unreachable)));
        assert!(matches!(lost_by(ConnectError::Silent), Over::Lost(OfflineReason::Silent)));
        assert!(matches!(lost_by(ConnectError::Untrusted), Over::Lost(OfflineReason::Protocol)));
    }
}
