//! An XML stream (RFC 6120 section 4) of whole elements.
//!
//! Elements are taken as trees, not as types: what one of them holds is for its reader to make out, and nothing in it
//! can break the stream. Between the transport and the parser stands the firewall.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures::{Sink, SinkExt, StreamExt};
use minidom::Element;
use protocol::BareJid;
use tokio_xmpp::xmlstream::{ReadError, StreamHeader, Timeouts, XmlStream, initiate_stream};
use xso::exports::rxml;

use super::super::element::element;
use super::super::features::Features;
use super::super::firewall::{Firewall, Rules};
use super::super::namespaces as ns;
use super::super::transport::Transport;
use super::{ConnectError, Deadlines};

/// Bytes of a host and a port: a name of the DNS has 253.
const MAX_PLACE: usize = 300;

type Io = Firewall<Box<dyn Transport>>;

/// Why a stream did not come about.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It failed.
    Failed(ConnectError),
    /// It is to be had at another place, which the server names.
    Elsewhere(String),
}

impl From<ConnectError> for Refusal {
    fn from(error: ConnectError) -> Self {
        Refusal::Failed(error)
    }
}

/// A stream, and what waits to be written to it.
pub(in super::super) struct Wire {
    /// Boxed: a wire is handed from hand to hand, and each has room for it.
    pub(in super::super) stream: Box<XmlStream<Io, Element>>,
    queue: VecDeque<Element>,
    is_dirty: bool,
}

pub(super) fn timeouts(deadlines: &Deadlines) -> Timeouts {
    Timeouts { read_timeout: deadlines.idle, response_timeout: deadlines.alive }
}

impl Wire {
    /// Opens a stream to `domain` and reads what the server offers on it.
    pub(super) async fn open(
        transport: Box<dyn Transport>,
        domain: &str,
        rules: &Arc<Rules>,
        timeouts: Timeouts,
    ) -> Result<(Wire, Features), Refusal> {
        Wire::open_for(None, transport, domain, rules, timeouts).await
    }

    /// The same, for somebody: what a server offers may depend on who it is (RFC 6120 section 4.7.1).
    pub(super) async fn open_for(
        from: Option<&BareJid>,
        transport: Box<dyn Transport>,
        domain: &str,
        rules: &Arc<Rules>,
        timeouts: Timeouts,
    ) -> Result<(Wire, Features), Refusal> {
        let from = from.map(|jid| Cow::Borrowed(jid.as_str()));
        let header = StreamHeader { from, ..header(domain) };
        Wire::begin(Firewall::new(transport, Arc::clone(rules)), header, timeouts).await
    }

    /// Begins the stream anew, as after SASL (RFC 6120 section 6.4.6).
    pub(super) async fn restart(self, domain: &str, timeouts: Timeouts) -> Result<(Wire, Features), Refusal> {
        Wire::begin(self.stream.into_inner().restart(), header(domain), timeouts).await
    }

    async fn begin(
        io: Io,
        header: StreamHeader<'_>,
        timeouts: Timeouts,
    ) -> Result<(Wire, Features), Refusal> {
        let pending =
            initiate_stream(io, ns::CLIENT, header, timeouts).await.map_err(|error| broken(&error))?;
        let mut wire =
            Wire { stream: Box::new(pending.skip_features()), queue: VecDeque::new(), is_dirty: false };
        let features = wire.features().await?;
        Ok((wire, features))
    }

    /// What the server offers from here on.
    pub(super) async fn features(&mut self) -> Result<Features, Refusal> {
        let first = read(self).await?;
        if let Some(place) = elsewhere(&first) {
            return Err(Refusal::Elsewhere(place));
        }
        if is_error(&first) {
            return Err(stream_error(&first).into());
        }
        let features = Features::from_element(&first);
        Ok(features.ok_or(ConnectError::Incompatible("the server did not say what it offers"))?)
    }

    /// Asks for TLS and hears that it may begin.
    pub(super) async fn start_tls(&mut self) -> Result<(), ConnectError> {
        self.stream.send(&element("starttls", ns::TLS)).await.map_err(|error| broken(&error))?;
        if next(self).await?.is("proceed", ns::TLS) {
            Ok(())
        } else {
            Err(ConnectError::Incompatible("the server offered TLS and then refused it"))
        }
    }

    /// The bytes below. What was received and not yet parsed is thrown away: it came before TLS, so that anybody on the
    /// way may have put it there.
    pub(super) fn into_transport(self) -> Box<dyn Transport> {
        self.stream.into_inner().into_inner()
    }

    /// Puts an element behind what waits to be written.
    pub(in super::super) fn push(&mut self, element: Element) {
        self.queue.push_back(element);
    }

    /// How many elements wait to be written.
    pub(in super::super) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Writes what waits and reads what comes, whichever can be done: neither ever waits for the other, so that two
    /// sides which both have much to say can't lock each other. Safe to drop half-way.
    pub(in super::super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Element, ReadError>> {
        // A failure to write is met again by the next read, which is where it is dealt with; unless nothing comes.
        if let Poll::Ready(Err(error)) = self.poll_write(context) {
            return Poll::Ready(Err(ReadError::HardError(error)));
        }
        match ready!(self.stream.poll_next_unpin(context)) {
            Some(result) => Poll::Ready(result),
            None => Poll::Ready(Err(ReadError::StreamFooterReceived)),
        }
    }

    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut sink = Pin::new(&mut self.stream);
        while let Some(element) = self.queue.front() {
            ready!(<_ as Sink<&Element>>::poll_ready(sink.as_mut(), context))?;
            sink.as_mut().start_send(element)?;
            self.queue.pop_front();
            self.is_dirty = true;
        }
        if self.is_dirty {
            ready!(<_ as Sink<&Element>>::poll_flush(sink, context))?;
            self.is_dirty = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Writes what waits, and the end of the stream.
    pub(in super::super) async fn close(mut self) -> io::Result<()> {
        while let Some(element) = self.queue.pop_front() {
            self.stream.feed(&element).await?;
        }
        <_ as SinkExt<&Element>>::flush(&mut self.stream).await?;
        self.stream.shutdown().await
    }
}

/// The next element, while negotiating: a stream error, an end, or something that is no XML ends it.
pub(in super::super) async fn next(wire: &mut Wire) -> Result<Element, ConnectError> {
    let element = read(wire).await?;
    if is_error(&element) { Err(stream_error(&element)) } else { Ok(element) }
}

/// The next element, of whatever kind.
async fn read(wire: &mut Wire) -> Result<Element, ConnectError> {
    loop {
        return match wire.stream.next().await {
            Some(Ok(element)) => Ok(element),
            Some(Err(ReadError::SoftTimeout)) => continue,
            Some(Err(ReadError::HardError(error))) => Err(broken(&error)),
            Some(Err(ReadError::ParseError(_))) => Err(ConnectError::Incompatible("the server sent no XMPP")),
            Some(Err(ReadError::StreamFooterReceived)) | None => Err(ConnectError::Unreachable),
        };
    }
}

fn header(domain: &str) -> StreamHeader<'_> {
    StreamHeader { to: Some(Cow::Borrowed(domain)), from: None, id: None }
}

fn broken(error: &io::Error) -> ConnectError {
    match kind(error) {
        io::ErrorKind::InvalidData => ConnectError::Incompatible("the server sent no XMPP"),
        io::ErrorKind::TimedOut => ConnectError::Silent,
        _ => ConnectError::Unreachable,
    }
}

/// What is wrong with a stream that can't be read any further. The parser calls it bad data, too, when the bytes end.
pub(in super::super) fn kind(error: &io::Error) -> io::ErrorKind {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rxml::Error>());
    if matches!(inner, Some(rxml::Error::InvalidEof(_))) {
        io::ErrorKind::UnexpectedEof
    } else {
        error.kind()
    }
}

/// What a stream error means before the session is up (RFC 6120 section 4.9.3).
fn stream_error(error: &Element) -> ConnectError {
    match condition(error) {
        Some("host-unknown" | "host-gone" | "not-authorized" | "policy-violation") => {
            ConnectError::AccountRefused
        }
        Some("unsupported-version" | "invalid-namespace" | "unsupported-encoding" | "bad-format") => {
            ConnectError::Incompatible("the server does not speak this XMPP")
        }
        _ => ConnectError::Unreachable,
    }
}

/// It says that the stream is over, and why.
pub(in super::super) fn is_error(element: &Element) -> bool {
    element.is("error", ns::STREAM)
}

/// The place to which a server sends us on, where it does (RFC 6120 section 4.9.3.19).
pub(in super::super) fn elsewhere(error: &Element) -> Option<String> {
    error
        .get_child("see-other-host", ns::XMPP_STREAMS)
        .filter(|_| is_error(error))
        .map(Element::text)
        .filter(|place| place.len() <= MAX_PLACE)
}

/// The condition that a stream error names.
pub(in super::super) fn condition(error: &Element) -> Option<&str> {
    error.children().find(|child| child.has_ns(ns::XMPP_STREAMS) && child.name() != "text").map(Element::name)
}
