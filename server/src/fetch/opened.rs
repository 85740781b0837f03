//! An answer that is read as it comes, by whoever passes it on.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT, HeaderValue};
use reqwest::{Method, Request, Response};
use tokio::time::timeout;
use url::Url;

use super::{FetchError, Fetcher, Headers, reason};

/// How long an answer may take that nobody can say the length of.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Until something comes of it, each time.
    pub idle: Duration,
    /// All of it.
    pub within: Duration,
}

/// An answer whose body is still to come.
#[derive(Debug)]
pub struct Opened {
    answer: Response,
    patience: Patience,
}

impl Fetcher {
    /// Asks for what is at an address, of whatever media type and with these headers, and gives the answer once its own
    /// are there.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn open(&self, url: &Url, headers: Headers, patience: Patience) -> Result<Opened, FetchError> {
        let mut asked = Request::new(Method::GET, self.address(url.as_str())?);
        *asked.headers_mut() = headers;
        asked.headers_mut().insert(ACCEPT, HeaderValue::from_static("*/*"));
        *asked.timeout_mut() = Some(patience.within);
        let answer = timeout(patience.idle, self.ask(asked)).await.map_err(|_| FetchError::Slow)??;
        Ok(Opened { answer, patience })
    }
}

impl Opened {
    /// The status.
    pub fn status(&self) -> u16 {
        self.answer.status().as_u16()
    }

    /// A header's text, if there is one and it is legible.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.answer.headers().get(name)?.to_str().ok()
    }

    /// How many bytes there are, where that is said.
    pub fn length(&self) -> Option<u64> {
        self.answer.content_length()
    }

    /// What comes next of the body; nothing at its end.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn next(&mut self) -> Result<Option<Bytes>, FetchError> {
        let part = timeout(self.patience.idle, self.answer.chunk()).await.map_err(|_| FetchError::Slow)?;
        part.map_err(|error| reason(&error))
    }
}
