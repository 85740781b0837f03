//! An answer as it came.

use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, Response};
use serde_json::Value;

use super::{secrets, within};

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
        let body = String::from_utf8(body.into()).expect("the answer is UTF-8");
        secrets::note_those_of(&body);
        for value in headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok()) {
            secrets::note(
                "cookie",
                value.split(';').next().and_then(|pair| pair.split_once('=')).unwrap_or_default().1,
            );
        }
        Answer { status, headers, body }
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

    /// A failure on one line: status, code, and the sentence that says what to do. It must be a problem document
    /// (RFC 9457) in every part.
    #[track_caller]
    pub(crate) fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.shown());
        let problem = self.json();
        let text = |key: &str| problem[key].as_str().unwrap_or_else(|| panic!("no {key}: {}", self.body));
        assert_eq!(problem["status"], self.status, "{}", self.body);
        assert_eq!(text("type"), format!("/sparkweb/problems/{}", text("code")), "{}", self.body);
        assert_eq!(text("request_id"), self.header("x-request-id"), "{}", self.body);
        assert!(!text("title").is_empty(), "{}", self.body);
        let retry_after = problem["retry_after_secs"].as_u64().map(|secs| secs.to_string());
        assert_eq!(self.header("retry-after"), retry_after.as_deref().unwrap_or_default(), "{}", self.body);
        let detail = text("detail");
        assert!(detail.contains(' ') && detail.ends_with('.'), "not a sentence: {detail}");
        format!("{} {}: {detail}", self.status, text("code"))
    }

    /// Status, headers and body as text, for a snapshot: what differs from one time to the next is left out.
    pub(crate) fn shown(&self) -> String {
        let id = self.header("x-request-id");
        let body = if id.is_empty() { self.body.clone() } else { self.body.replace(id, "…") };
        format!("{}\n{}\n{body}\n", self.status, show_headers(&self.headers))
    }
}

/// Headers, sorted, without those that tell the time or the length, and without how many tries are left.
pub(crate) fn show_headers(headers: &HeaderMap) -> String {
    let mut lines: Vec<String> = headers
        .iter()
        .filter(|(name, _)| *name != "date" && *name != "content-length")
        .map(|(name, value)| {
            let value = value.to_str().unwrap();
            match name.as_str() {
                "x-request-id" => format!("{name}: …\n"),
                "ratelimit" => {
                    format!("{name}: {}\n", value.replace(|digit: char| digit.is_ascii_digit(), ""))
                }
                _ => format!("{name}: {value}\n"),
            }
        })
        .collect();
    lines.sort();
    lines.concat()
}
