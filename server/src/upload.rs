//! Files through the gateway: from whoever sends one to the upload service of the XMPP server (XEP-0363).
//!
//! It knows HTTP as a client, and how much of it may be under way. It knows no stanza and no person: where a file goes
//! was found out by others, and nothing that an upload service answers leads anywhere else. What passes is never kept.

mod client;
mod measured;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use protocol::{BareJid, UploadSlot};
use rustls::ClientConfig;
use tokio::time::timeout;

use self::measured::Measured;
use crate::network::Network;
use crate::places::{Place, Places};

/// Where files may be brought, besides the public internet.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// The XMPP server's host: what is there with it may be its upload service.
    pub server: String,
    /// Networks that may be reached.
    pub networks: Vec<Network>,
}

/// How uploads are bounded.
#[derive(Debug, Clone)]
pub struct UploadSettings {
    /// The most bytes of a file.
    pub max_bytes: u64,
    /// The most files of one person at once.
    pub per_person: usize,
    /// How long to wait for the upload service to take a connection.
    pub connect: Duration,
    /// How long a file may take beyond what its size allows for.
    pub base: Duration,
    /// The bytes a second that are not too slow.
    pub slowest: u64,
    /// Where they may be brought.
    pub reach: Reach,
}

impl Default for UploadSettings {
    fn default() -> Self {
        UploadSettings {
            max_bytes: 100 * 1024 * 1024,
            per_person: 4,
            connect: Duration::from_secs(10),
            base: Duration::from_secs(60),
            slowest: 16 * 1024,
            reach: Reach::default(),
        }
    }
}

/// Why a file did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UploadError {
    /// As many files of this person as may be are on their way.
    #[error("too many files are on their way")]
    Busy,
    /// Fewer bytes came than were named, or more.
    #[error("the file is not of the size that was named")]
    Incomplete,
    /// It took too long.
    #[error("the file took too long")]
    Slow,
    /// The upload service can't be reached, or went away.
    #[error("the upload service can't be reached")]
    Unreachable,
    /// The upload service is where the gateway does not go.
    #[error("the upload service is at an address that is not public, and not the XMPP server's")]
    NotPublic,
    /// The upload service can't show that it is the one it should be.
    #[error("the upload service's certificate is not to be trusted")]
    Untrusted,
    /// The upload service answered with this status.
    #[error("the upload service answered {0}")]
    Refused(u16),
}

/// Uploads under way. Cheap to clone.
#[derive(Clone)]
pub struct Uploads(Arc<Shared>);

struct Shared {
    tls: Arc<ClientConfig>,
    settings: UploadSettings,
    places: Places,
}

impl std::fmt::Debug for Uploads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Uploads").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

impl Uploads {
    /// With the trust of this TLS configuration.
    pub fn new(tls: Arc<ClientConfig>, settings: UploadSettings) -> Self {
        Uploads(Arc::new(Shared { tls, places: Places::new(settings.per_person), settings }))
    }

    /// The most bytes of a file.
    pub fn max_bytes(&self) -> u64 {
        self.0.settings.max_bytes
    }

    /// Counts an upload in.
    ///
    /// # Errors
    /// [`UploadError::Busy`].
    pub fn begin(&self, jid: &BareJid) -> Result<Place, UploadError> {
        self.0.places.take(jid).ok_or(UploadError::Busy)
    }

    /// Puts a file, of exactly this size, where its slot says.
    ///
    /// # Errors
    /// [`UploadError`].
    pub async fn put<B>(
        &self,
        _place: &Place,
        slot: &UploadSlot,
        media_type: &str,
        size: u64,
        body: B,
    ) -> Result<(), UploadError>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
    {
        let Shared { tls, settings, .. } = &*self.0;
        let within = settings.base + Duration::from_secs(size / settings.slowest.max(1));
        let (body, outcome) = Measured::new(body, size);
        let put = client::put(tls, settings, slot, media_type, size, body);
        let result = timeout(within, put).await.unwrap_or(Err(UploadError::Slow));
        // Whoever broke off explains what the other side could not take.
        if outcome.is_off() { Err(UploadError::Incomplete) } else { result }
    }
}
