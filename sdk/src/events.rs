//! The event stream as the gateway sends it: opened, read, and given up when it falls silent.

use protocol::{EndReason, Event, Position};

use crate::browser::Stream;
use crate::http::Http;
use crate::sse::Parser;
use crate::{Error, json};

/// An event, out of its JSON. What this version can't read it passes over, as it does with what it does not know.
pub(crate) fn read(text: &str) -> Event {
    json::read(text).unwrap_or(Event::Unknown)
}

/// How a stream ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It broke off or closed.
    Closed {
        /// How long to wait before connecting anew, in milliseconds, if the gateway said so.
        retry_ms: Option<u32>,
    },
    /// It could not be opened.
    Failed(Error),
    /// The gateway can't serve it just now.
    Unavailable {
        /// In how many seconds to try again.
        retry_after_secs: u32,
    },
    /// The sign-in is over.
    SignedOut(EndReason),
}

/// Something that the stream told.
pub(crate) struct Told {
    /// Where the reader is after it; `None` if it is about the stream itself.
    pub(crate) position: Option<Position>,
    /// What.
    pub(crate) event: Event,
    /// The same as it came, to be handed on to other tabs.
    pub(crate) json: String,
}

/// A stream being read; dropping it closes it.
pub(crate) struct EventStream {
    stream: Stream,
    parser: Parser,
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.stream.close();
    }
}

impl EventStream {
    /// Opens the stream after a position.
    pub(crate) async fn open(http: &Http, after: Option<Position>) -> Result<Self, Error> {
        // Whoever no longer waits for it closes it too.
        let opening = EventStream { stream: Stream::new(), parser: Parser::default() };
        http.events(after, &opening.stream).await?;
        Ok(opening)
    }

    /// Waits for something to come; it may be a heartbeat, which holds no event.
    pub(crate) async fn next(&mut self) -> Result<Vec<Told>, Ended> {
        let chunk = self.stream.chunk().await;
        let closed = Ended::Closed { retry_ms: self.parser.retry_ms() };
        let Some(chunk) = chunk else { return Err(closed) };
        let Ok(frames) = self.parser.push(&chunk) else { return Err(closed) };
        let events = frames.into_iter().map(|frame| {
            let position = frame.id.as_deref().and_then(|id| id.parse().ok());
            Told { position, event: read(&frame.data), json: frame.data }
        });
        Ok(events.collect())
    }
}
