//! What pages are about, in small: who writes of a page shows its title, a sentence and a picture with the link.
//!
//! The gateway fetches the page, so that whoever reads of it is not seen by it. It says which of its pictures is shown, and
//! gives that out itself, for the same reason. What was fetched is kept for a while in memory.

mod page;
mod picture;

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use protocol::{BareJid, Preview, TimestampMs};
use tokio::sync::Semaphore;
use url::Url;

use self::page::Page;
pub use self::picture::Picture;
use crate::fetch::{FetchError, Fetched, Fetcher};
use crate::turns::Turns;

/// The most of a page that is read (bytes). What a page says of itself is at its beginning.
const MAX_PAGE_BYTES: usize = 1 << 20;

/// The longest picture (bytes).
const MAX_PICTURE_BYTES: usize = 4 << 20;

/// How often a page may lead elsewhere.
const MAX_HOPS: usize = 3;

/// The most pages and pictures on their way at once.
const MAX_UNDER_WAY: usize = 16;

/// How previews are bounded.
#[derive(Debug, Clone, Copy)]
pub struct PreviewSettings {
    /// Pages are fetched at all.
    pub enabled: bool,
    /// The most memory for what was fetched (bytes).
    pub cache_bytes: u64,
    /// For how long it is kept.
    pub kept: Duration,
    /// How many pages of one person's choice are fetched in a minute.
    pub per_minute: u32,
}

impl Default for PreviewSettings {
    fn default() -> Self {
        let kept = Duration::from_secs(60 * 60);
        PreviewSettings { enabled: true, cache_bytes: 32 << 20, kept, per_minute: 30 }
    }
}

/// Why there is no preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PreviewError {
    /// The gateway fetches no pages.
    #[error("this gateway fetches no pages")]
    Off,
    /// Whoever asks has asked for too many.
    #[error("too many pages were asked for")]
    TooMany,
    /// The address is none that may be asked.
    #[error("the address is none that the gateway asks: {0}")]
    Address(&'static str),
    /// There is nothing to show of it. Why, whoever asks is not told: they would learn what the gateway can reach.
    #[error("there is nothing to show of this address")]
    Nothing,
}

impl From<FetchError> for PreviewError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Address(why) => PreviewError::Address(why),
            _ => PreviewError::Nothing,
        }
    }
}

/// Previews. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Previews(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    fetcher: Fetcher,
    settings: PreviewSettings,
    turns: Turns,
    under_way: Semaphore,
    /// What there was, by address; nothing too, so that it is not asked for again at once.
    pages: Cache<Url, Option<Arc<Page>>>,
    pictures: Cache<Url, Option<Arc<Picture>>>,
}

impl Previews {
    /// With what fetches.
    pub fn new(fetcher: Fetcher, settings: PreviewSettings) -> Self {
        let pages = Cache::builder()
            .max_capacity(settings.cache_bytes / 4)
            .weigher(|url: &Url, page: &Option<Arc<Page>>| {
                let bytes = page.as_ref().map_or(0, |page| page.bytes());
                u32::try_from(url.as_str().len() + bytes).unwrap_or(u32::MAX)
            })
            .time_to_live(settings.kept);
        let pictures = Cache::builder()
            .max_capacity(settings.cache_bytes / 4 * 3)
            .weigher(|url: &Url, picture: &Option<Arc<Picture>>| {
                let bytes = picture.as_ref().map_or(0, |picture| picture.bytes.len());
                u32::try_from(url.as_str().len() + bytes).unwrap_or(u32::MAX)
            })
            .time_to_live(settings.kept);
        Previews(Arc::new(Shared {
            fetcher,
            turns: Turns::new(settings.per_minute),
            under_way: Semaphore::new(MAX_UNDER_WAY),
            pages: pages.build(),
            pictures: pictures.build(),
            settings,
        }))
    }

    /// What a page says of itself.
    ///
    /// # Errors
    /// [`PreviewError`].
    pub async fn of(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        address: &str,
    ) -> Result<Preview, PreviewError> {
        let page = self.page(now_ms, jid, address).await?;
        Ok(page.preview(address))
    }

    /// The picture that a page shows of itself.
    ///
    /// # Errors
    /// [`PreviewError`].
    pub async fn picture(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        address: &str,
    ) -> Result<Arc<Picture>, PreviewError> {
        let page = self.page(now_ms, jid, address).await?;
        let url = page.picture.clone().ok_or(PreviewError::Nothing)?;
        let shared = &self.0;
        let fetched = shared.pictures.get_with(url.clone(), async {
            let (_, fetched) = shared.fetch(url, picture::ACCEPT, MAX_PICTURE_BYTES).await.ok()?;
            Picture::read(fetched.body).map(Arc::new)
        });
        fetched.await.ok_or(PreviewError::Nothing)
    }

    async fn page(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        address: &str,
    ) -> Result<Arc<Page>, PreviewError> {
        let shared = &self.0;
        if !shared.settings.enabled {
            return Err(PreviewError::Off);
        }
        let mut url = shared.fetcher.address(address).map_err(PreviewError::from)?;
        // What is behind it is the page's own matter.
        url.set_fragment(None);
        if let Some(page) = shared.pages.get(&url).await {
            return page.ok_or(PreviewError::Nothing);
        }
        if !shared.turns.take(now_ms, jid) {
            return Err(PreviewError::TooMany);
        }
        // Several who ask at once wait for the same answer.
        let fetched = shared.pages.get_with(url.clone(), async {
            let (url, fetched) = shared.fetch(url, page::ACCEPT, MAX_PAGE_BYTES).await.ok()?;
            // Reading a page takes milliseconds of processor time.
            let read = tokio::task::spawn_blocking(move || page::read(&url, &fetched));
            read.await.ok().flatten().map(Arc::new)
        });
        fetched.await.ok_or(PreviewError::Nothing)
    }
}

impl Shared {
    /// Fetches, wherever the address leads, and says where it led. Each address on the way is looked at as the first one.
    async fn fetch(
        &self,
        mut url: Url,
        accept: &'static str,
        max_bytes: usize,
    ) -> Result<(Url, Fetched), PreviewError> {
        let _place = self.under_way.acquire().await.map_err(|_| PreviewError::Nothing)?;
        for _ in 0..=MAX_HOPS {
            let fetched = self.fetcher.get(url.as_str(), accept, max_bytes).await?;
            match fetched.status {
                200 => return Ok((url, fetched)),
                301 | 302 | 303 | 307 | 308 => {
                    let to = fetched.header("location").ok_or(PreviewError::Nothing)?;
                    url = url.join(to).map_err(|_| PreviewError::Nothing)?;
                }
                _ => return Err(PreviewError::Nothing),
            }
        }
        Err(PreviewError::Nothing)
    }
}
