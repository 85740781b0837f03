//! The event stream as the gateway sends it: opened, read, and given up when it falls silent.

use futures_util::future::{Either, select};
use protocol::{EndReason, Event, Position};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStreamDefaultReader};

use crate::browser::{self, sleep};
use crate::http::Http;
use crate::sse::Parser;
use crate::{Error, json};

/// How long the gateway may take to open a stream, in milliseconds.
const OPEN_MS: u32 = 30_000;
/// After how much silence a stream is dead, in milliseconds: three heartbeats.
const SILENT_MS: u32 = 45_000;

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
    reader: ReadableStreamDefaultReader,
    parser: Parser,
    _abort: AbortOnDrop,
}

struct AbortOnDrop(AbortController);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl EventStream {
    /// Opens the stream after a position.
    pub(crate) async fn open(http: &Http, after: Option<Position>) -> Result<Self, Error> {
        let abort = AbortOnDrop(AbortController::new().map_err(|_| Error::network())?);
        let response = {
            let signal = abort.0.signal();
            let (open, late) = (std::pin::pin!(http.events(after, &signal)), std::pin::pin!(sleep(OPEN_MS)));
            match select(open, late).await {
                Either::Left((response, _)) => response?,
                Either::Right(_) => return Err(Error::network()),
            }
        };
        let is_stream =
            response.headers().get("content-type").is_some_and(|t| t.starts_with("text/event-stream"));
        let body = response.body().filter(|_| is_stream).ok_or_else(Error::bad_answer)?;
        let reader = ReadableStreamDefaultReader::new(&body).map_err(|_| Error::bad_answer())?;
        Ok(EventStream { reader, parser: Parser::default(), _abort: abort })
    }

    /// Waits for something to come; it may be a heartbeat, which holds no event.
    pub(crate) async fn next(&mut self) -> Result<Vec<Told>, Ended> {
        let chunk = {
            let (read, late) = (JsFuture::from(self.reader.read()), std::pin::pin!(sleep(SILENT_MS)));
            match select(read, late).await {
                Either::Left((Ok(result), _)) => browser::chunk(&result),
                Either::Left((Err(_), _)) | Either::Right(_) => None,
            }
        };
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
