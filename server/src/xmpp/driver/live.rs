//! A stream that is up: reading, writing, counting, until it is over.

mod stanzas;

use std::collections::VecDeque;
use std::future::poll_fn;

use minidom::Element;
use protocol::{MessageId, OfflineReason};
use tokio::task::coop::consume_budget;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_xmpp::xmlstream::ReadError;

use super::ending::{self, Over};
use super::negotiate::{Opened, stanza};
use super::requests::random_id;
use super::{Abandoned, Driver, RequestError, StreamEvent};
use crate::xmpp::connector::wire::{self, Wire};
use crate::xmpp::element::{Build, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::{Answer, DiscoverInfo, Incoming, Info, Outgoing, Request, disco, write};

/// Elements that may wait to be written before more is taken from the owner.
const WRITE_AHEAD: usize = 32;

/// The stream that is up, with what belongs to it alone.
pub(super) struct Live<'a> {
    driver: &'a mut Driver,
    wire: Wire,
    client_state: bool,
    /// The server is to be told that nobody is there, once it owes us nothing.
    is_leaving: bool,
    is_resumed: bool,
    /// How much the server had acknowledged when the stream came up.
    acknowledged_before: u32,
    /// The ping under way by which arrival is told where there is no stream management: its id, and how many stanzas went
    /// before it.
    fence: Option<(String, usize)>,
    /// What could be answered without asking, until the owner is told.
    told: VecDeque<StreamEvent>,
    /// While a question is under way that comes first, and no longer than until then, nothing else is said.
    held_until: Option<Instant>,
}

impl<'a> Live<'a> {
    pub(super) fn new(driver: &'a mut Driver, opened: Opened) -> Self {
        Live {
            acknowledged_before: driver.management.acknowledged(),
            driver,
            wire: opened.wire,
            client_state: opened.client_state,
            is_leaving: false,
            is_resumed: opened.is_resumed,
            fence: None,
            told: VecDeque::new(),
            held_until: None,
        }
    }

    pub(super) async fn run(mut self) -> Over {
        if !self.is_resumed {
            let id = random_id();
            let question = write::account_info(self.driver.owner.jid.as_str(), &id);
            self.driver.account_info = Some(id);
            self.send_stanza(question, None);
        }
        loop {
            self.ask_for_acknowledgement();
            self.say_that_nobody_is_there();
            let deadline = self.driver.requests.deadline();
            let held_until = self.held_until.filter(|_| self.driver.requests.awaits_first());
            let may_send = held_until.is_none()
                && self.wire.waiting() < WRITE_AHEAD
                && !self.driver.management.is_full();
            let has_backlog = !self.driver.backlog.is_empty();
            let step = tokio::select! {
                () = self.driver.closing.cancelled() => Step::Close,
                read = poll_fn(|context| self.wire.poll(context)) => Step::Read(read),
                () = std::future::ready(()), if may_send && has_backlog => Step::Send(self.driver.backlog.pop_front()),
                outgoing = self.driver.outgoing.recv(), if may_send && !has_backlog => {
                    Step::Send(outgoing.map(|outgoing| *outgoing))
                }
                () = at(deadline) => Step::Expire,
                () = at(held_until) => Step::Release,
            };
            let result = match step {
                Step::Close => return self.close().await,
                Step::Read(Ok(element)) => {
                    let received = self.receive(&element).await;
                    // What was read lies there by the thousand, and much of it nobody is told: everybody else has their turn.
                    consume_budget().await;
                    received
                }
                Step::Read(Err(error)) => self.read_error(&error),
                // The owner is gone without a word: the task is about to be aborted with it.
                Step::Send(None) => Err(Over::Closed),
                Step::Send(Some(outgoing)) => {
                    self.send(&outgoing);
                    self.tell_known().await.map_err(|Abandoned| Over::Closed)
                }
                Step::Expire => self.expire().await,
                Step::Release => {
                    self.held_until = None;
                    Ok(())
                }
            };
            if let Err(over) = result {
                return over;
            }
        }
    }

    fn send(&mut self, outgoing: &Outgoing) {
        match outgoing {
            Outgoing::Request { id, request } => {
                // Whoever says what they can do by a hash that is known need not be asked.
                if let Some(info) = self.known_info(request) {
                    let answered =
                        StreamEvent::Answered { id: *id, result: Ok(Answer::Info(Box::new(info))) };
                    self.told.push_back(answered);
                    return;
                }
                let deadlines = self.driver.connector.settings().deadlines;
                let deadline = Instant::now() + deadlines.request;
                if request.question().comes_first() {
                    self.held_until = Some(Instant::now() + deadlines.step);
                }
                match self.driver.requests.insert(*id, request.clone(), deadline) {
                    Some(stanza) => self.send_stanza(stanza, None),
                    None => {
                        let result = Err(RequestError::Unwritable);
                        self.told.push_back(StreamEvent::Answered { id: *id, result });
                    }
                }
            }
            Outgoing::Inactive if self.client_state => self.is_leaving = true,
            Outgoing::Active if self.client_state => {
                self.is_leaving = false;
                // Not a stanza: it is not counted (XEP-0352 section 3).
                self.wire.push(element("active", ns::CSI));
            }
            Outgoing::Inactive | Outgoing::Active => {}
            Outgoing::Message(_)
            | Outgoing::Raw(_)
            | Outgoing::Presence { .. }
            | Outgoing::Subscription { .. }
            | Outgoing::Join { .. }
            | Outgoing::InRoom { .. }
            | Outgoing::Leave { .. }
            | Outgoing::Invitation(_) => {
                if let Some((stanza, message)) = stanza(outgoing) {
                    self.send_stanza(write::announcing(stanza, self.announced()), message);
                }
            }
        }
    }

    fn send_stanza(&mut self, stanza: Element, message: Option<MessageId>) {
        // Without management only messages need to be known for arrived; nothing is ever sent again.
        if self.driver.management.is_enabled() || message.is_some() {
            self.driver.management.note_sent(stanza.clone(), message);
        }
        self.wire.push(stanza);
    }

    /// Once what was sent is written, so that one question covers a burst.
    fn ask_for_acknowledgement(&mut self) {
        if !self.driver.management.ask() {
            return;
        }
        if self.driver.management.is_enabled() {
            self.wire.push(element("r", ns::SM));
        } else {
            let id = random_id();
            self.wire.push(write::ping(&id));
            self.fence = Some((id, self.driver.management.unacknowledged()));
        }
    }

    /// Whatever a server writes from then on it may hold back until something matters: Prosody even what it had written
    /// and not yet sent, so that an acknowledgement for which somebody waits would not come. A message that it wrote in that
    /// moment would lie there until the next one: the answer to a question is something that matters, and takes it along.
    fn say_that_nobody_is_there(&mut self) {
        if self.is_leaving && self.driver.management.unacknowledged() == 0 {
            self.is_leaving = false;
            self.wire.push(element("inactive", ns::CSI));
            if self.driver.management.is_enabled() {
                self.wire.push(element("r", ns::SM));
            }
        }
    }

    async fn receive(&mut self, received: &Element) -> Result<(), Over> {
        if received.has_ns(ns::CLIENT) {
            let verdict = self.driver.connector.rules().verdict(received);
            if verdict.is_none() && self.driver.connector.settings().tells_stanzas {
                let stanza = StreamEvent::Incoming(Incoming::Stanza(String::from(received)));
                self.driver.tell(stanza).await.map_err(|Abandoned| Over::Closed)?;
            }
            let told = match (received.name(), verdict) {
                (_, Some(offence)) => self.replaced(received, offence).await,
                ("message", None) => self.message(received).await,
                ("presence", None) => self.presence(received).await,
                ("iq", None) => self.iq(received).await,
                // Not a stanza: it is not counted (XEP-0198 section 4).
                _ => return Ok(()),
            };
            told.map_err(|Abandoned| Over::Closed)?;
            // Counted when its owner has it: what was not counted comes again after a loss.
            self.driver.management.count_handled();
            return Ok(());
        }
        if received.is("r", ns::SM) {
            let h = self.driver.management.handled().to_string();
            self.wire.push(element("a", ns::SM).with("h", h));
            return Ok(());
        }
        if received.is("a", ns::SM) {
            let Some(h) = received.attr("h").and_then(|h| h.parse().ok()) else { return Ok(()) };
            let Ok(messages) = self.driver.management.acknowledge(h) else {
                self.driver.management.forget_resumption();
                return Err(Over::Lost(OfflineReason::Protocol));
            };
            return self.driver.tell_acknowledged(messages).await.map_err(|Abandoned| Over::Closed);
        }
        if wire::is_error(received) {
            return Err(self.stream_error(received));
        }
        Ok(())
    }

    fn announced(&self) -> &'static disco::Announced {
        disco::announced(self.driver.connector.settings().announce_version)
    }

    /// What somebody can do, by the hash that their presence has (XEP-0115, XEP-0390).
    fn known_info(&self, request: &Request) -> Option<Info> {
        let Request::DiscoverInfo(DiscoverInfo { jid, node: None }) = request else { return None };
        self.driver.connector.known().get(self.driver.claims.get(jid)?)
    }

    /// Tells what was known without asking.
    async fn tell_known(&mut self) -> Result<(), Abandoned> {
        while let Some(event) = self.told.pop_front() {
            self.driver.tell(event).await?;
        }
        Ok(())
    }

    async fn expire(&mut self) -> Result<(), Over> {
        for id in self.driver.requests.expire(Instant::now()) {
            let event = StreamEvent::Answered { id, result: Err(RequestError::TimedOut) };
            self.driver.tell(event).await.map_err(|Abandoned| Over::Closed)?;
        }
        Ok(())
    }

    fn stream_error(&mut self, error: &Element) -> Over {
        let condition = wire::condition(error).unwrap_or_default();
        tracing::info!(person = %self.driver.owner.jid, condition, "the XMPP server ended a stream");
        if ending::is_about_what_was_sent(error) || self.is_of_no_use() {
            // What was not acknowledged would be sent again on a resumed stream, and would end that, too.
            self.driver.management.forget_resumption();
        }
        self.driver.elsewhere = wire::elsewhere(error);
        ending::of_stream_error(error)
    }

    /// The stream was resumed, and the server acknowledged nothing of what it was sent on it.
    fn is_of_no_use(&self) -> bool {
        let management = &self.driver.management;
        self.is_resumed
            && management.unacknowledged() > 0
            && management.acknowledged() == self.acknowledged_before
    }

    fn read_error(&mut self, error: &ReadError) -> Result<(), Over> {
        match error {
            // Silence: is the server there? Its answer to either counts as a sign of life.
            ReadError::SoftTimeout => {
                if self.driver.management.is_enabled() {
                    self.wire.push(element("r", ns::SM));
                } else {
                    self.wire.push(write::ping(&random_id()));
                }
                Ok(())
            }
            // One element that makes no sense. It was received, and coming again it would make no more sense.
            ReadError::ParseError(_) => {
                tracing::info!("a stanza could not be read and was passed over");
                self.driver.management.count_handled();
                Ok(())
            }
            ReadError::HardError(error) if wire::kind(error) == std::io::ErrorKind::InvalidData => {
                // What broke the parser is not acknowledged, so that a resumed stream would bring it again, for ever.
                self.driver.management.forget_resumption();
                Err(Over::Lost(OfflineReason::Protocol))
            }
            ReadError::HardError(error) if error.kind() == std::io::ErrorKind::TimedOut => {
                Err(Over::Lost(OfflineReason::Silent))
            }
            ReadError::HardError(_) | ReadError::StreamFooterReceived => {
                Err(Over::Lost(OfflineReason::Unreachable))
            }
        }
    }

    /// Sends what was handed over, says that nobody is there any more, and ends the stream.
    async fn close(mut self) -> Over {
        while let Some(outgoing) = self
            .driver
            .backlog
            .pop_front()
            .or_else(|| self.driver.outgoing.try_recv().ok().map(|outgoing| *outgoing))
        {
            self.send(&outgoing);
        }
        // An owner that closes awaits no answer.
        self.wire.push(write::presence(protocol::Availability::Offline, None));
        let deadline = self.driver.connector.settings().deadlines.close;
        // Whether it could be said or not, there is nothing left to do.
        let _ = timeout(deadline, self.wire.close()).await;
        Over::Closed
    }
}

enum Step {
    Close,
    Read(Result<Element, ReadError>),
    Send(Option<Outgoing>),
    Expire,
    Release,
}

async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
