//! Files that somebody shares, on their way to whoever reads: they are asked for where they are (XEP-0066, XEP-0363,
//! XEP-0447), so that neither sees the other's address, and the upload service needs no CORS.
//!
//! It knows where the XMPP server's own upload service has its files, since those may be where nobody else's are asked for.
//! What passes is never kept, and never says that it is something that runs.

mod named;
mod part;
mod service;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use futures::stream::try_unfold;
use protocol::{BareJid, TimestampMs};
use url::Url;

pub use self::part::{Given, Part};
use self::service::Service;
use crate::fetch::{FetchError, Fetcher, Headers, Opened, Patience};
use crate::places::{Place, Places};
use crate::turns::Turns;

/// How often an address may lead elsewhere.
const MAX_HOPS: usize = 3;

/// How downloads are bounded.
#[derive(Debug, Clone)]
pub struct DownloadSettings {
    /// Files are fetched at all.
    pub enabled: bool,
    /// The most bytes of a file.
    pub max_bytes: u64,
    /// The most files of one person at once.
    pub per_person: usize,
    /// How many of one person's in a minute.
    pub per_minute: u32,
    /// How long they may take.
    pub patience: Patience,
    /// The XMPP server's host: what is there with it may be its upload service.
    pub server: String,
}

impl Default for DownloadSettings {
    fn default() -> Self {
        DownloadSettings {
            enabled: true,
            max_bytes: 100 * 1024 * 1024,
            per_person: 6,
            per_minute: 240,
            patience: Patience { idle: Duration::from_secs(10), within: Duration::from_secs(15 * 60) },
            server: String::new(),
        }
    }
}

/// Why there is no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DownloadError {
    /// The gateway fetches no files.
    #[error("this gateway fetches no files")]
    Off,
    /// Whoever asks has asked for too many.
    #[error("too many files were asked for")]
    TooMany,
    /// As many files of this person as may be are on their way.
    #[error("too many files are on their way")]
    Busy,
    /// The address is none that may be asked.
    #[error("the address is none that the gateway asks: {0}")]
    Address(&'static str),
    /// The file is longer than it may be.
    #[error("the file has more than {max} bytes")]
    TooLong {
        /// The most that it may have.
        max: u64,
    },
    /// There is no such part of the file.
    #[error("the file has no such part")]
    NoSuchPart {
        /// How many bytes it has, where that is said.
        whole: Option<u64>,
    },
    /// There is none. Why, whoever asks is not told: they would learn what the gateway can reach.
    #[error("there is no file at this address")]
    Nothing,
}

impl From<FetchError> for DownloadError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Address(why) => DownloadError::Address(why),
            _ => DownloadError::Nothing,
        }
    }
}

/// What somebody asks for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Where it is.
    pub address: &'a str,
    /// The most bytes that it may have, if fewer than the gateway lets pass. Of a part, the whole may not have more.
    pub at_most: Option<u64>,
    /// The part that is wanted, if not all of it.
    pub part: Option<Part>,
    /// What the file must still be for a part to be of use (`If-Range`): else all of it is wanted.
    pub if_range: Option<&'a str>,
}

impl Wanted<'_> {
    /// How it is asked for.
    fn headers(&self) -> Headers {
        let mut headers = Headers::new();
        let Some(part) = self.part else { return headers };
        for (name, said) in
            [("range", Some(part.to_string())), ("if-range", self.if_range.map(str::to_owned))]
        {
            if let Some(value) = said.and_then(|said| said.parse().ok()) {
                headers.insert(name, value);
            }
        }
        headers
    }

    /// What to ask for in the place of a part of which this is the answer: Prosody's service knows ranges as a way to go on
    /// to the end, and passes over all others.
    fn instead(&self, answer: &Opened) -> Option<Self> {
        let part = self.part.filter(|part| matches!(part, Part::From { first: 1.., last: Some(_) }))?;
        let is_passed_over = answer.status() == 200 && self.if_range.is_none() && has_parts(answer);
        is_passed_over.then_some(Wanted { part: Some(part.to_the_end()), ..*self })
    }
}

/// There are parts of what this is the answer for.
fn has_parts(answer: &Opened) -> bool {
    answer.status() == 206 || named::has_parts(answer.header("accept-ranges"))
}

/// A file that is there, or a part of one.
#[derive(Debug)]
pub struct File {
    /// What it is: nothing that a browser would run.
    pub media_type: String,
    /// What to call it.
    pub name: String,
    /// How many bytes there are of what comes, where that is said.
    pub length: Option<u64>,
    /// Which part of it comes, if not all of it.
    pub part: Option<Given>,
    /// Parts of it can be had.
    pub has_parts: bool,
    /// By what it is told from what it was or will be (`ETag`, `Last-Modified`), where that is said.
    pub tag: Option<String>,
    /// See [`File::tag`].
    pub modified: Option<String>,
    body: Body,
}

/// What comes of a file, and the place that it takes meanwhile.
#[derive(Debug)]
struct Body {
    opened: Opened,
    /// How many bytes may come yet.
    left: u64,
    /// So many have to come, and what comes after them is nobody's.
    is_part: bool,
    max: u64,
    _place: Place,
}

impl Body {
    async fn next(&mut self) -> Result<Option<Bytes>, DownloadError> {
        if self.is_part && self.left == 0 {
            return Ok(None);
        }
        let Some(mut bytes) = self.opened.next().await? else {
            return if self.is_part { Err(DownloadError::Nothing) } else { Ok(None) };
        };
        if self.is_part {
            bytes.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
        }
        let left = self.left.checked_sub(bytes.len() as u64);
        self.left = left.ok_or(DownloadError::TooLong { max: self.max })?;
        Ok(Some(bytes))
    }
}

impl File {
    /// What an answer gives to whom wants this.
    fn of(
        opened: Opened,
        url: &Url,
        wanted: &Wanted<'_>,
        max: u64,
        place: Place,
    ) -> Result<Self, DownloadError> {
        let (content_range, length) = (opened.header("content-range"), opened.length());
        let has_parts = has_parts(&opened);
        let part = match (opened.status(), wanted.part) {
            (206, Some(part)) => {
                let given = Given::of_part(part, content_range, length);
                // Several at once are what nobody asked for.
                let is_one = !named::is_of_several(opened.header("content-type"));
                Some(given.filter(|_| is_one).ok_or(DownloadError::Nothing)?)
            }
            // Of a service that has none, nobody is to think that there are: they would ask for more, further on.
            (200, Some(part)) if has_parts && wanted.if_range.is_none() => {
                length.and_then(|length| Given::of_whole(part, length))
            }
            _ => None,
        };
        let is_missing = opened.status() == 416;
        let whole = if is_missing {
            part::length_of_whole(content_range)
        } else {
            part.map_or(length, |part| Some(part.least_whole()))
        };
        if whole.is_some_and(|whole| whole > max) {
            return Err(DownloadError::TooLong { max });
        }
        if is_missing {
            return Err(DownloadError::NoSuchPart { whole });
        }
        let length = part.map_or(length, |part| Some(part.len()));
        Ok(File {
            media_type: named::media_type(opened.header("content-type")),
            name: named::name(url),
            length,
            part,
            has_parts,
            tag: named::tag(opened.header("etag")),
            modified: named::date(opened.header("last-modified")),
            body: Body {
                opened,
                left: part.map_or(max, Given::len),
                is_part: part.is_some(),
                max,
                _place: place,
            },
        })
    }

    /// The file itself, or the part of it. It fails where there is more of it than may be, or where it breaks off.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, DownloadError>> + Send + 'static {
        try_unfold(self.body, |mut body| async move {
            let bytes = body.next().await?;
            Ok(bytes.map(|bytes| (bytes, body)))
        })
    }
}

/// Downloads. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Downloads(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    fetcher: Fetcher,
    settings: DownloadSettings,
    turns: Turns,
    places: Places,
    /// The XMPP server's own upload service, once it is known where its files are.
    service: RwLock<Option<Arc<Service>>>,
}

impl Downloads {
    /// With what fetches.
    pub fn new(fetcher: Fetcher, settings: DownloadSettings) -> Self {
        let (turns, places) = (Turns::new(settings.per_minute), Places::new(settings.per_person));
        Downloads(Arc::new(Shared { fetcher, settings, turns, places, service: RwLock::default() }))
    }

    /// Gets a file for somebody, as far as its headers. `ask` is asked for the address of a file at the XMPP server's own
    /// upload service, where that is not known yet and may be what is meant.
    ///
    /// # Errors
    /// [`DownloadError`].
    pub async fn open<F>(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        wanted: Wanted<'_>,
        ask: impl FnOnce() -> F,
    ) -> Result<File, DownloadError>
    where
        F: Future<Output = Option<String>>,
    {
        let shared = &*self.0;
        if !shared.settings.enabled {
            return Err(DownloadError::Off);
        }
        let url = Url::parse(wanted.address).map_err(|_| DownloadError::Address("it is no URL"))?;
        if !shared.turns.take(now_ms, jid) {
            return Err(DownloadError::TooMany);
        }
        let place = shared.places.take(jid).ok_or(DownloadError::Busy)?;
        let opened = match shared.follow(now_ms, url.clone(), &wanted).await {
            Err(error @ (FetchError::Address(_) | FetchError::NotPublic)) if shared.service().is_none() => {
                let told = ask().await.ok_or(error)?;
                self.learn(now_ms, &told).await;
                shared.follow(now_ms, url.clone(), &wanted).await
            }
            opened => opened,
        };
        let mut opened = opened?;
        if let Some(instead) = wanted.instead(&opened) {
            opened = shared.follow(now_ms, url.clone(), &instead).await?;
        }
        let max = shared.settings.max_bytes.min(wanted.at_most.unwrap_or(u64::MAX));
        File::of(opened, &url, &wanted, max, place)
    }

    /// Takes down where the XMPP server's upload service has its files, by the address of one, as the service told it.
    pub async fn learn(&self, now_ms: TimestampMs, address: &str) {
        let Some(url) = Url::parse(address).ok() else { return };
        let shared = &*self.0;
        if !shared.service().is_some_and(|known| known.is_of(&url)) {
            shared.look_at(now_ms, url).await;
        }
    }
}

impl Shared {
    fn service(&self) -> Option<Arc<Service>> {
        self.service.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn look_at(&self, now_ms: TimestampMs, file: Url) -> Option<Arc<Service>> {
        let service = Service::new(now_ms, &self.fetcher, file, &self.settings.server).await.map(Arc::new);
        self.service.write().unwrap_or_else(PoisonError::into_inner).clone_from(&service);
        service
    }

    /// The XMPP server's own service, if the address is of a file of it.
    async fn service_of(&self, now_ms: TimestampMs, url: &Url) -> Option<Arc<Service>> {
        let known = self.service().filter(|known| known.is_of(url))?;
        if known.is_fresh(now_ms) { Some(known) } else { self.look_at(now_ms, known.file().clone()).await }
    }

    /// Asks wherever the address leads. Each on the way is looked at as the first one.
    async fn follow(
        &self,
        now_ms: TimestampMs,
        mut url: Url,
        wanted: &Wanted<'_>,
    ) -> Result<Opened, FetchError> {
        for _ in 0..=MAX_HOPS {
            let service = self.service_of(now_ms, &url).await;
            let fetcher = service.as_ref().map_or(&self.fetcher, |service| service.fetcher());
            let opened = fetcher.open(&url, wanted.headers(), self.settings.patience).await?;
            match opened.status() {
                200 => return Ok(opened),
                206 | 416 if wanted.part.is_some() => return Ok(opened),
                301 | 302 | 303 | 307 | 308 => {
                    let to = opened.header("location").ok_or(FetchError::Unreachable)?;
                    url = url.join(to).map_err(|_| FetchError::Unreachable)?;
                }
                _ => return Err(FetchError::Unreachable),
            }
        }
        Err(FetchError::Unreachable)
    }
}
