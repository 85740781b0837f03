//! An answer as it came.

use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, Response};
use serde_json::Value;

use super::within;

/// Status, headers and body of an answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// Sends a request and reads the whole answer.
    #[track_caller]
    pub(crate) fn of(request: RequestBuilder) -> impl Future<Output = Answer> {
        within("the answer", async move { Self::read(request.send().await.unwrap()).await })
    }

    async fn read(response: Response) -> Answer {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.unwrap();
        Answer { status, headers, body: String::from_utf8(body.into()).expect("the answer is UTF-8") }
    }

    /// The value of a header, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body, which must be JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{} with no JSON: {error}\n{}", self.status, self.body))
    }

    /// Status, headers and body as text, for a snapshot: what differs from one time to the next is left out.
    pub(crate) fn shown(&self) -> String {
        let mut headers: Vec<String> = self
            .headers
            .iter()
            .filter(|(name, _)| *name != "date" && *name != "content-length")
            .map(|(name, value)| {
                let value = if name == "x-request-id" { "…" } else { value.to_str().unwrap() };
                format!("{name}: {value}\n")
            })
            .collect();
        headers.sort();
        let id = self.header("x-request-id");
        let body = if id.is_empty() { self.body.clone() } else { self.body.replace(id, "…") };
        format!("{}\n{}\n{body}\n", self.status, headers.concat())
    }
}
