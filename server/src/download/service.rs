//! Where the XMPP server's own upload service has its files.
//!
//! The XMPP server is often on the same machine as the gateway, or behind the same wall, and so are other things. Whoever
//! names an address is let to the files of the service and to nothing that is beside them.

use protocol::TimestampMs;
use url::Url;

use crate::fetch::Fetcher;

/// For how long what names stand for is good.
const FRESH_MS: i64 = 10 * 60_000;

/// The service.
#[derive(Debug)]
pub(super) struct Service {
    /// One of its files, which need not be there.
    file: Url,
    /// What the paths of its files begin with.
    folder: String,
    fetcher: Fetcher,
    since_ms: TimestampMs,
}

impl Service {
    /// By the address of a file of it. `None` if it has none that can be asked.
    pub(super) async fn new(now_ms: TimestampMs, fetcher: &Fetcher, file: Url, server: &str) -> Option<Self> {
        let fetcher = fetcher.of_service(&file, server).await.ok()?;
        Some(Service { folder: folder(&file), file, fetcher, since_ms: now_ms })
    }

    /// The address is of one of its files.
    pub(super) fn is_of(&self, url: &Url) -> bool {
        let path = url.path().to_ascii_lowercase();
        // What a server may take for a slash could lead out of the folder.
        let climbs = path.contains("%2f") || path.contains("%5c");
        url.origin() == self.file.origin() && url.path().starts_with(&self.folder) && !climbs
    }

    /// What was found out of it is not too long ago.
    pub(super) fn is_fresh(&self, now_ms: TimestampMs) -> bool {
        now_ms - self.since_ms < FRESH_MS
    }

    pub(super) fn file(&self) -> &Url {
        &self.file
    }

    pub(super) fn fetcher(&self) -> &Fetcher {
        &self.fetcher
    }
}

/// The part of the path that files have in common. Of a service for itself that may be nothing: a file's own part has a
/// random word and a name. With more than those, it begins with the service's.
fn folder(file: &Url) -> String {
    let segments: Vec<&str> = file.path_segments().map(Iterator::collect).unwrap_or_default();
    match segments.as_slice() {
        [first, _, _, ..] => format!("/{first}/"),
        _ => "/".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::fetch::FetchSettings;
    use crate::trial_tls::certificate;

    async fn service(file: &str) -> Service {
        let tls: Arc<_> = certificate().1;
        let fetcher = Fetcher::new(&tls, FetchSettings::default()).unwrap();
        Service::new(0, &fetcher, Url::parse(file).unwrap(), "localhost").await.unwrap()
    }

    #[tokio::test]
    async fn a_service_has_its_own_files_and_nothing_beside_them() {
        let is_of = |service: &Service, url: &str| service.is_of(&Url::parse(url).unwrap());
        let prosody = service("http://localhost:5280/file_share/0f3a-1c/a.png").await;
        for (url, expected) in [
            ("http://localhost:5280/file_share/1234/b.png", true),
            ("http://localhost:5280/file_share/1234/%E2%82%AC.png?x=/", true),
            ("http://localhost:5280/metrics", false),
            ("http://localhost:5280/", false),
            ("http://localhost:5280/file_share", false),
            ("http://localhost:5280/file_shared/1234/b.png", false),
            ("http://localhost:5280/file_share/../metrics", false),
            ("http://localhost:5280/file_share/%2e%2e/metrics", false),
            ("http://localhost:5280/file_share/..%2fmetrics", false),
            ("http://localhost:5280/file_share/..%5Cmetrics", false),
            ("http://localhost:5280/file_share\\..\\metrics", false),
            ("https://localhost:5280/file_share/1234/b.png", false),
            ("http://localhost:5281/file_share/1234/b.png", false),
            ("http://127.0.0.1:5280/file_share/1234/b.png", false),
        ] {
            assert_eq!(is_of(&prosody, url), expected, "{url}");
        }
        let alone = service("https://upload.example.com/0f3a-1c/a.png").await;
        assert!(is_of(&alone, "https://upload.example.com/5678/b.png"));
        assert!(!is_of(&alone, "https://www.example.com/5678/b.png"));
        assert!(alone.is_fresh(FRESH_MS - 1) && !alone.is_fresh(FRESH_MS));
    }
}
