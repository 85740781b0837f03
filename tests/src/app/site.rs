//! A site of a test's own, over TLS, which the gateway is set to trust and let go to.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use https::{Answer, Https};
use server::config::Config;

pub(crate) use https::Asked;

/// A site that answers by a script.
#[derive(Debug)]
pub(crate) struct Site {
    server: Https,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// An answer with this status line, headers and body, after which the connection ends.
pub(crate) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n");
    [head.as_bytes(), body].concat()
}

impl Site {
    /// Starts one at `localhost`. What its handler gives is all of an answer, as it goes over the wire.
    pub(crate) async fn start(handler: impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let noted = Arc::clone(&asked);
        let server = Https::start(move |asked| {
            let answer = handler(&asked);
            noted.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
            std::future::ready(Answer::Last(answer))
        })
        .await;
        Site { server, asked }
    }

    /// An address on it.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.server.port)
    }

    /// Has a gateway trust it and go there: what `localhost` is, and this port. `folder` is for a file.
    pub(crate) fn known_to(&self, config: &mut Config, folder: &Path) {
        let file = folder.join("trusted.pem");
        let before = config.xmpp.ca_file.take().map(|file| std::fs::read_to_string(file).unwrap());
        std::fs::write(&file, [before.unwrap_or_default(), self.server.certificate.clone()].concat())
            .unwrap();
        config.xmpp.ca_file = Some(file);
        config.fetch.networks.push("127.0.0.1".parse().unwrap());
        config.fetch.ports.push(self.server.port);
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
