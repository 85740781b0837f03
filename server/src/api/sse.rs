//! Event streams (the HTML standard's server-sent events): positions, replay, heartbeats, and when they end.
//!
//! Both surfaces are written by the same [`Streams`]; a [`Dialect`] says how an event looks.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName};
use axum::response::{IntoResponse, Response};
use futures::stream;
use protocol::{BareJid, EndReason, Event, Position};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::compat::events as compat;
use super::error::ApiError;
use super::sight;
use crate::auth::{Auth, Object, Principal, Scope};
use crate::clock;
use crate::events::{Frame, Start, Subscription, SubscriptionEnd};
use crate::session::{Attachment, Session};

/// What the log calls an event of those who may see stanzas.
const STANZA_RECEIVED: &str = "stanza_received";

/// After how long a browser's own client comes back (milliseconds), and how much more at the most, so that not all of
/// them come at once.
const RETRY_MS: u32 = 1000;
const RETRY_JITTER_MS: u32 = 2000;
/// When to come back to a gateway that is stopping (seconds): a restart takes about as long.
const RESTART_SECS: std::ops::Range<u32> = 2..5;
/// The longest life of a stream: what lives for days hides its failures.
const MAX_AGE: Duration = Duration::from_secs(12 * 60 * 60);
/// Bytes of events that are written at one go, unless one alone has more.
const GATHERED_BYTES: usize = 16 * 1024;

/// How events look on a stream.
#[derive(Debug, Clone)]
pub(super) enum Dialect {
    /// Of the API v1: the event as it is.
    V1,
    /// Of the plugin's contract.
    Compat {
        /// What `onConnect` says of the person.
        username: String,
        /// The name they go by.
        name: String,
    },
}

/// All open streams.
#[derive(Debug, Clone)]
pub(crate) struct Streams(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    heartbeat: Duration,
    per_person: usize,
    closing: CancellationToken,
    auth: Auth,
    open: Mutex<HashMap<BareJid, Vec<(u64, CancellationToken)>>>,
}

impl Streams {
    pub(super) fn new(
        heartbeat: Duration,
        per_person: usize,
        closing: CancellationToken,
        auth: Auth,
    ) -> Self {
        Streams(Arc::new(Shared {
            heartbeat,
            per_person: per_person.max(1),
            closing,
            auth,
            open: Mutex::default(),
        }))
    }

    /// How many are open.
    pub(super) fn count(&self) -> usize {
        let open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.values().map(Vec::len).sum()
    }

    /// A stream of somebody's events after `position`, or one which says that this is not possible just now.
    pub(super) fn open(
        &self,
        principal: &Principal,
        session: &Session,
        position: Option<Position>,
        dialect: Dialect,
    ) -> Response {
        if self.0.closing.is_cancelled() {
            return unavailable(rand::random_range(RESTART_SECS));
        }
        let place = self.take_place(session.jid());
        // What the person may do may have been changed since the token was looked at, and the streams that were there then
        // have been closed already.
        let entitled = self.0.auth.entitled(&principal.jid);
        if !entitled.contains(Scope::Read) {
            place.replaced.cancel();
        }
        let (start, subscription) = session.subscribe(position);
        let left =
            Duration::from_millis(u64::try_from(principal.expires_at_ms - clock::now_ms()).unwrap_or(0));
        let questions = matches!(dialect, Dialect::V1).then(|| session.questions());
        let stream = EventStream {
            first: Some(opening(&dialect, start, position)),
            dialect,
            sees_stanzas: principal.may(Scope::Raw, Object::Person) && entitled.contains(Scope::Raw),
            who: principal.clone(),
            passed: None,
            subscription,
            questions,
            heartbeat: self.0.heartbeat,
            next_beat: Instant::now() + jittered(self.0.heartbeat),
            ends_at: Instant::now() + left.min(MAX_AGE),
            closing: self.0.closing.clone(),
            place,
            is_over: false,
            _attachment: session.attach(Some(&principal.sign_in)),
        };
        respond(Body::from_stream(stream::unfold(stream, |mut stream| async move {
            let chunk = stream.next().await?;
            Some((Ok::<_, std::convert::Infallible>(chunk), stream))
        })))
    }

    /// Closes all of somebody's: whoever listens comes back, and is let hear what they may by then.
    pub(super) fn close(&self, jid: &BareJid) {
        let open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, replaced) in open.get(jid).into_iter().flatten() {
            replaced.cancel();
        }
    }

    /// Counts a stream in; the oldest of too many makes room.
    fn take_place(&self, jid: &BareJid) -> Place {
        let replaced = CancellationToken::new();
        let number = rand::random();
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        let streams = open.entry(jid.clone()).or_default();
        while streams.len() >= self.0.per_person {
            streams.remove(0).1.cancel();
        }
        streams.push((number, replaced.clone()));
        Place { streams: self.clone(), jid: jid.clone(), number, replaced }
    }
}

/// A stream's place among those of its person; given back when dropped.
struct Place {
    streams: Streams,
    jid: BareJid,
    number: u64,
    replaced: CancellationToken,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(streams) = open.get_mut(&self.jid) {
            streams.retain(|(number, _)| *number != self.number);
            if streams.is_empty() {
                open.remove(&self.jid);
            }
        }
    }
}

struct EventStream {
    first: Option<Bytes>,
    dialect: Dialect,
    who: Principal,
    sees_stanzas: bool,
    /// Where the reader is after what was not for them, which no event has told them.
    passed: Option<Position>,
    subscription: Subscription,
    /// Where is asked who looks, of those who can say so.
    questions: Option<watch::Receiver<()>>,
    heartbeat: Duration,
    next_beat: Instant,
    ends_at: Instant,
    closing: CancellationToken,
    place: Place,
    is_over: bool,
    /// While somebody listens, somebody is there.
    _attachment: Attachment,
}

impl EventStream {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        if self.is_over {
            return None;
        }
        loop {
            let result = tokio::select! {
                // What ends the stream comes first: nothing is shown to whom nothing is to be shown any more.
                biased;
                () = self.who.ended.cancelled() => return self.finish(EndReason::SignedOut),
                () = self.closing.cancelled() => return self.finish(EndReason::Shutdown),
                () = self.place.replaced.cancelled() => return None,
                () = sleep_until(self.ends_at) => return None,
                result = self.subscription.next() => result,
                // After all that happened before: whoever answers has had it.
                () = asked(&mut self.questions) => {
                    return Some(Bytes::from(own_frame(None, &Event::ActivityAsked)));
                }
                () = sleep_until(self.next_beat) => {
                    self.next_beat = Instant::now() + jittered(self.heartbeat);
                    return Some(self.beat());
                }
            };
            match result {
                Ok(frame) => {
                    let mut text = self.render(&frame);
                    // A burst goes out in a few pieces: each costs whoever is on the way more than the events in it do.
                    while text.len() < GATHERED_BYTES
                        && let Some(frame) = self.subscription.next_waiting()
                    {
                        text.push_str(&self.render(&frame));
                    }
                    if !text.is_empty() {
                        return Some(Bytes::from(text));
                    }
                }
                // The reader comes back by its position and is told then what it missed.
                Err(SubscriptionEnd::Lagged) => return None,
                Err(SubscriptionEnd::Closed(reason)) => return self.finish(reason),
            }
        }
    }

    /// An event as this reader gets it; nothing if it is none of theirs.
    fn render(&mut self, logged: &Frame) -> String {
        // Stanzas are for those who may see them as they are.
        let is_hidden = !self.sees_stanzas && logged.name == STANZA_RECEIVED;
        let text = match self.dialect {
            _ if is_hidden => None,
            Dialect::Compat { .. } => return compat::render(logged.position, &logged.event()),
            Dialect::V1 if self.who.is_bound() => {
                let seen = sight::event(&self.who, logged.event());
                seen.map(|event| own_frame(Some(logged.position), &event))
            }
            Dialect::V1 => Some(frame(Some(logged.position), logged.name, &logged.json)),
        };
        self.passed = text.is_none().then_some(logged.position);
        text.unwrap_or_default()
    }

    /// That the stream is there, and where the reader is by now: whoever comes back is not to find that what is kept begins
    /// after the last event that was for them. An id without an event is taken note of, and tells nothing (the HTML
    /// standard, section 9.2.6).
    fn beat(&mut self) -> Bytes {
        match self.passed.take().filter(|_| matches!(self.dialect, Dialect::V1)) {
            Some(position) => Bytes::from(format!("id: {position}\n:\n\n")),
            None => Bytes::from_static(b":\n\n"),
        }
    }

    /// The last word of a stream whose sign-in, or whose session, is no more.
    fn finish(&mut self, reason: EndReason) -> Option<Bytes> {
        self.is_over = true;
        if reason == EndReason::Shutdown {
            // The gateway goes, and the person stays: whoever listens is to come back.
            return Some(Bytes::from(not_now(rand::random_range(RESTART_SECS))));
        }
        match &self.dialect {
            Dialect::V1 => Some(Bytes::from(own_frame(None, &Event::SignedOut { reason }))),
            Dialect::Compat { .. } => None,
        }
    }
}

/// Waits for a question.
async fn asked(questions: &mut Option<watch::Receiver<()>>) {
    if let Some(questions) = questions
        && questions.changed().await.is_ok()
    {
        return;
    }
    // Nobody asks who can't say, and of a session that is over nobody asks any more.
    std::future::pending::<()>().await;
}

/// Anything within a fifth of it.
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(0.8 + 0.4 * rand::random::<f64>())
}

/// What a stream begins with.
fn opening(dialect: &Dialect, start: Start, asked: Option<Position>) -> Bytes {
    let mut text = format!("retry: {}\n", RETRY_MS + rand::random_range(0..RETRY_JITTER_MS));
    match dialect {
        Dialect::V1 => {
            // A stream that goes on from a position must not move it before the missed events have come.
            let id = (!start.recovered).then_some(start.head);
            let ready =
                Event::Ready { recovered: start.recovered, position: start.head, reason: start.reason };
            text.push_str(&own_frame(id, &ready));
        }
        Dialect::Compat { username, name } => {
            // Its pages name no position the first time, and the one that was taken for them has to be told: a stream that
            // breaks before anything happened goes on from there.
            let id = asked.filter(|_| start.recovered).unwrap_or(start.head);
            text.push_str(&compat::on_connect(id, username, name));
        }
    }
    Bytes::from(text)
}

/// An event of the stream rather than the log.
fn own_frame(id: Option<Position>, event: &Event) -> String {
    let json = serde_json::to_string(event).unwrap_or_default();
    frame(id, event.name(), &json)
}

/// One event on the wire. `json` has no line break: serde_json writes none.
pub(super) fn frame(id: Option<Position>, name: &str, json: &str) -> String {
    let mut text = String::with_capacity(json.len() + 64);
    if let Some(id) = id {
        let _ = writeln!(text, "id: {id}");
    }
    let _ = write!(text, "event: {name}\ndata: {json}\n\n");
    text
}

/// From where a reader goes on: the header, which its client writes, before the query, which it began with.
pub(super) fn position(headers: &HeaderMap, query: Option<&str>) -> Option<Position> {
    let header =
        headers.get("last-event-id").and_then(|value| value.to_str().ok()).filter(|value| !value.is_empty());
    // One that is no position is one that we don't know: epoch 0 was never given out.
    header.or(query).map(|text| text.trim().parse().unwrap_or(Position { epoch: 0, offset: 0 }))
}

/// A stream, or why there is none: where waiting helps, that is said on a stream, since a refusal by status would end a
/// browser's client for good.
pub(super) fn or_unavailable(result: Result<Response, ApiError>) -> Result<Response, ApiError> {
    result.or_else(|error| error.is_passing().map(unavailable).ok_or(error))
}

fn unavailable(retry_after_secs: u32) -> Response {
    respond(Body::from(not_now(retry_after_secs)))
}

/// Not now: said to both kinds of readers, those that know the event and those that keep to `retry` alone.
fn not_now(retry_after_secs: u32) -> String {
    let event = own_frame(None, &Event::Unavailable { retry_after_secs });
    format!("retry: {}\n{event}", retry_after_secs.saturating_mul(1000))
}

fn respond(body: Body) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-store, no-transform"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, body).into_response()
}

#[cfg(test)]
mod tests;
