//! Where the keys of issuers come from.

use futures::future::BoxFuture;

use super::KeySource;
use crate::fetch::{FetchError, Fetcher};

/// What keys are asked for as (RFC 7517 section 8.5).
const JWK_SET: &str = "application/jwk-set+json, application/json";
/// The most bytes of them.
const MAX_BYTES: usize = 128 * 1024;

/// Gets what a source of keys has, or nothing.
type Get = dyn Fn(&KeySource) -> BoxFuture<'static, Option<Vec<u8>>> + Send + Sync;

/// Where keys come from.
pub(super) struct Source(Box<Get>);

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").finish_non_exhaustive()
    }
}

impl Source {
    /// From files and addresses.
    pub(super) fn new(fetcher: Fetcher) -> Self {
        Source::of(move |source| {
            let (source, fetcher) = (source.clone(), fetcher.clone());
            Box::pin(async move { get(&source, &fetcher).await })
        })
    }

    /// From nowhere.
    pub(super) fn nothing() -> Self {
        Source::of(|_| Box::pin(async { None }))
    }

    pub(super) fn of(
        get: impl Fn(&KeySource) -> BoxFuture<'static, Option<Vec<u8>>> + Send + Sync + 'static,
    ) -> Self {
        Source(Box::new(get))
    }

    pub(super) async fn get(&self, source: &KeySource) -> Option<Vec<u8>> {
        (self.0)(source).await
    }
}

async fn get(source: &KeySource, fetcher: &Fetcher) -> Option<Vec<u8>> {
    let got = match source {
        KeySource::File(path) | KeySource::Secret(path) => {
            tokio::fs::read(path).await.map_err(|error| error.to_string())
        }
        KeySource::Url(url) => fetched(url, fetcher).await.map_err(|error| error.to_string()),
    };
    got.inspect_err(|why| tracing::warn!(why, "the keys of an issuer can't be had")).ok()
}

async fn fetched(url: &str, fetcher: &Fetcher) -> Result<Vec<u8>, FetchError> {
    let answer = fetcher.get(url, JWK_SET, MAX_BYTES).await?;
    // What is no JWK Set is found out by whoever reads it: an answer of an error has none.
    Ok(if answer.status == 200 { answer.body.to_vec() } else { Vec::new() })
}
