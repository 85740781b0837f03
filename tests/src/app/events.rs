//! A reader of server-sent events written for the tests: what the HTML standard says of the format, and no more, so
//! that a mistake which the SDK's reader would forgive shows here.

use std::collections::VecDeque;

use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, Response};
use serde_json::Value;

use super::within;

/// One block of the stream: what stands between two empty lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Event {
    pub(crate) id: Option<String>,
    /// The `event` field; empty if there was none.
    pub(crate) name: String,
    pub(crate) data: Option<String>,
    pub(crate) retry: Option<String>,
    pub(crate) comments: Vec<String>,
    /// The bytes, with the empty line that ends them.
    pub(crate) raw: String,
}

impl Event {
    /// Reads a block. Whatever is not of the form that the gateway promises is a failure.
    #[track_caller]
    pub(crate) fn parse(raw: &str) -> Event {
        let mut event = Event { raw: raw.to_owned(), ..Event::default() };
        assert!(!raw.contains('\r'), "a carriage return ends a line too: {raw:?}");
        for line in raw.trim_end_matches('\n').split('\n') {
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value).to_owned();
            let before = match field {
                "" => {
                    event.comments.push(value);
                    None
                }
                "id" => event.id.replace(value),
                "event" => Some(std::mem::replace(&mut event.name, value)).filter(|name| !name.is_empty()),
                "data" => event.data.replace(value),
                "retry" => event.retry.replace(value),
                _ => panic!("an unknown field: {raw:?}"),
            };
            assert_eq!(before, None, "a field comes twice: {raw:?}");
        }
        event
    }

    /// The data, which must be JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(self.data.as_deref().unwrap_or_default())
            .unwrap_or_else(|error| panic!("{:?} has no JSON: {error}", self.raw))
    }

    /// The offset of its position.
    #[track_caller]
    pub(crate) fn offset(&self) -> u64 {
        let id = self.id.as_deref().unwrap_or_else(|| panic!("{:?} has no id", self.raw));
        id.split_once('-').and_then(|(_, offset)| offset.parse().ok()).unwrap_or_else(|| panic!("{id}"))
    }
}

/// An open stream of events.
#[derive(Debug)]
pub(crate) struct Events {
    pub(crate) headers: HeaderMap,
    response: Response,
    pending: Vec<u8>,
    ready: VecDeque<Event>,
    /// The id of the last event that was taken and had one.
    pub(crate) last_id: Option<String>,
}

impl Events {
    /// Sends a request that must be answered with a stream.
    #[track_caller]
    pub(crate) fn open(request: RequestBuilder) -> impl Future<Output = Events> {
        within("the stream's beginning", async move {
            let response = request.send().await.unwrap();
            let (status, headers) = (response.status(), response.headers().clone());
            if status != 200 {
                panic!("{status} rather than a stream: {}", response.text().await.unwrap());
            }
            Events { headers, response, pending: Vec::new(), ready: VecDeque::new(), last_id: None }
        })
    }

    /// Sends a request to whom it may concern: `None` if there is no stream.
    pub(crate) async fn try_open(request: RequestBuilder) -> Option<Events> {
        let response = request.send().await.ok().filter(|response| response.status() == 200)?;
        let headers = response.headers().clone();
        Some(Events { headers, response, pending: Vec::new(), ready: VecDeque::new(), last_id: None })
    }

    /// The next block, comments among them; `None` at the stream's end.
    #[track_caller]
    pub(crate) fn next_block(&mut self) -> impl Future<Output = Option<Event>> {
        within("the next event", self.read())
    }

    /// The next event with data, for one who has other things to wait for; `None` at the stream's end.
    pub(crate) async fn next_whenever(&mut self) -> Option<Event> {
        loop {
            let event = self.read().await?;
            if event.data.is_some() {
                return Some(event);
            }
        }
    }

    async fn read(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                if let Some(id) = &event.id {
                    self.last_id = Some(id.clone());
                }
                return Some(event);
            }
            // A connection that breaks ends the stream as one that is closed does.
            let chunk = self.response.chunk().await.ok().flatten()?;
            self.pending.extend_from_slice(&chunk);
            while let Some(at) = self.pending.windows(2).position(|pair| pair == b"\n\n") {
                let block: Vec<u8> = self.pending.drain(..at + 2).collect();
                self.ready.push_back(Event::parse(std::str::from_utf8(&block).expect("UTF-8")));
            }
        }
    }

    /// The next event with data; comments are passed over.
    #[track_caller]
    pub(crate) fn next(&mut self) -> impl Future<Output = Option<Event>> {
        within("the next event", self.next_whenever())
    }

    /// The events up to the first that is the one, which comes last.
    #[track_caller]
    pub(crate) fn until(
        &mut self,
        what: &str,
        is_it: impl Fn(&Event) -> bool,
    ) -> impl Future<Output = Vec<Event>> {
        within(format!("the event for {what}"), async move {
            let mut seen = Vec::new();
            loop {
                let Some(event) = self.read().await else { panic!("the stream ended; seen: {seen:#?}") };
                if event.data.is_none() {
                    continue;
                }
                let found = is_it(&event);
                seen.push(event);
                if found {
                    return seen;
                }
            }
        })
    }

    /// The first event that is the one.
    #[track_caller]
    pub(crate) fn find(&mut self, what: &str, is_it: impl Fn(&Event) -> bool) -> impl Future<Output = Event> {
        let found = self.until(what, is_it);
        async move { found.await.pop().expect("the last is the one") }
    }

    /// Everything up to the end, which must come.
    #[track_caller]
    pub(crate) fn rest(&mut self) -> impl Future<Output = Vec<Event>> {
        within("the stream's end", async {
            let mut seen = Vec::new();
            while let Some(event) = self.read().await {
                seen.push(event);
            }
            seen
        })
    }
}
