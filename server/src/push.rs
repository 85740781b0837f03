//! Web Push: telling people what happens while nobody looks (RFC 8030, 8291, 8292).
//!
//! Sessions say what happens (`events::Notices`). What of it is pushed, and when, is a pure decision; it is written down
//! along with how far it was looked at, and sent from there, so that a gateway that ends at any moment neither loses a push
//! nor repeats all of them (`docs/adr/0020`). It knows no session, and no XMPP: what to do about an act, `api` sees to.

mod acts;
mod attention;
mod content;
mod counts;
mod decision;
mod devices;
mod encryption;
mod endpoint;
mod hearing;
mod outcome;
mod pace;
mod quiet;
mod sender;
mod vapid;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use protocol::{BareJid, TimestampMs};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

pub use acts::{Act, Redeemed};
use attention::{Attention, Due, Gaze};
use counts::Counters;
pub use counts::PushCounts;
pub use devices::Subscribing;
pub use endpoint::HostRule;
use pace::Pace;
use vapid::Vapid;

use crate::events::{Notices, NoticesOf};
use crate::fetch::Fetcher;
use crate::keyring::{Keyring, SealError};
use crate::store::{Store, StoreError};

/// How long what was pushed is remembered, so that it can be withdrawn (milliseconds).
const REMEMBERED_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// How pushing is bounded, and by whom it is.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The push services that are pushed to.
    pub hosts: Vec<HostRule>,
    /// Whom push services can ask about what is pushed: `mailto:` or `https:` (RFC 8292 section 2.1).
    pub subject: String,
    /// For how long nobody must have looked before anything is pushed.
    pub unseen: Duration,
    /// How long after one push of a conversation the next comes at the earliest.
    pub pause: Duration,
    /// How long a push is worth something: until then its push service tries, and so does the gateway.
    pub life: Duration,
    /// The most pushes to one person in a minute; what is more comes later.
    pub per_minute: u32,
    /// The most pushes to one host at a time.
    pub per_host: usize,
    /// How long a push may be under way. Whoever pushed it then is taken to be no more.
    pub lease: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            hosts: HostRule::known(),
            subject: "mailto:postmaster@localhost".to_owned(),
            unseen: Duration::from_secs(10),
            pause: Duration::from_secs(10),
            life: Duration::from_secs(24 * 60 * 60),
            per_minute: 60,
            per_host: 32,
            lease: Duration::from_secs(15),
        }
    }
}

/// Why something can't be done.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is sealed can't be opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A key can't be made or used.
    #[error("a key for push services can't be used")]
    Key,
    /// The address is of no push service that is pushed to.
    #[error("the address is of no push service that this gateway pushes to")]
    Endpoint,
    /// What is to be encrypted for is no key, or no secret.
    #[error("the browser's keys can't be used")]
    Keys,
    /// It subscribed by a key that is none of this gateway's.
    #[error("the subscription is by a key that this gateway does not have")]
    UnknownKey,
    /// The name is empty, too long, or has control characters in it.
    #[error("the device's name can't be used")]
    Name,
    /// There is no such device.
    #[error("there is no such device")]
    Unknown,
    /// What is to be set makes no sense.
    #[error("{0}")]
    Settings(&'static str),
    /// The token is not for an act that can be done.
    #[error("the token is none, was used, or has ended with what it was for")]
    Token,
    /// It has run out.
    #[error("the token has run out")]
    TokenExpired,
}

/// Asks somebody's pages whether they are looked at. Their session says what they answer.
pub struct Ask(Box<dyn Fn(&BareJid) + Send + Sync>);

impl Ask {
    /// By this.
    pub fn by(ask: impl Fn(&BareJid) + Send + Sync + 'static) -> Self {
        Ask(Box::new(ask))
    }
}

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask").finish_non_exhaustive()
    }
}

/// Web Push. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Push(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    store: Store,
    keyring: Arc<Keyring>,
    fetcher: Fetcher,
    settings: Settings,
    vapid: Vapid,
    notices: Notices,
    ask: Ask,
    /// Who looks, of those of whom something is known.
    attention: Mutex<HashMap<BareJid, Attention>>,
    /// When each was noted to have been there last.
    visits: Mutex<HashMap<BareJid, TimestampMs>>,
    pace: Pace,
    counters: Counters,
    /// There is something to send.
    wake: Notify,
}

impl Push {
    /// With what is in the store. What is said at `notices`, answers too, is heard by [`Push::hear`].
    ///
    /// # Errors
    /// [`PushError`].
    pub async fn open(
        now_ms: TimestampMs,
        settings: Settings,
        store: Store,
        keyring: Arc<Keyring>,
        fetcher: Fetcher,
        notices: Notices,
        ask: Ask,
    ) -> Result<Self, PushError> {
        let vapid = Vapid::open(&store, &keyring, now_ms, settings.subject.clone()).await?;
        let pace = Pace::new(settings.per_minute);
        let push = Push(Arc::new(Shared {
            store,
            keyring,
            fetcher,
            settings,
            vapid,
            notices,
            ask,
            attention: Mutex::default(),
            visits: Mutex::default(),
            pace,
            counters: Counters::default(),
            wake: Notify::new(),
        }));
        push.sweep(now_ms).await?;
        Ok(push)
    }

    /// Hears what sessions say, for as long as there are any.
    pub async fn hear(self, notices: NoticesOf) {
        hearing::hear(self, notices).await;
    }

    /// Sends what is to be sent, until `closing` is cancelled and what is under way then has ended.
    pub async fn send(self, closing: CancellationToken) {
        sender::send(self, closing).await;
    }

    /// Forgets devices whose sign-in is no more and what is of no use any more, and takes up what was done with the keys
    /// beside the gateway.
    ///
    /// # Errors
    /// [`PushError`].
    pub async fn sweep(&self, now_ms: TimestampMs) -> Result<(), PushError> {
        self.0.store.forget_orphaned_push_devices().await?;
        self.0.pace.sweep(now_ms);
        self.0.store.sweep_pushes(now_ms, now_ms.saturating_sub(REMEMBERED_MS)).await?;
        self.0.store.forget_unused_push_keys().await?;
        self.0.vapid.look(&self.0.store, &self.0.keyring).await?;
        let people = self.0.store.push_people().await?;
        self.0.notices.want(people.iter().filter_map(|(jid, _)| jid.parse().ok()).collect());
        Ok(())
    }

    /// Who has devices, and when each was there last, the last of all first.
    ///
    /// # Errors
    /// [`PushError::Store`].
    pub async fn people(&self) -> Result<Vec<(BareJid, TimestampMs)>, PushError> {
        let people = self.0.store.push_people().await?;
        Ok(people.into_iter().filter_map(|(jid, seen)| Some((jid.parse().ok()?, seen))).collect())
    }

    /// Who has devices, as far as that is known without asking.
    pub fn has_devices(&self, jid: &BareJid) -> bool {
        self.0.notices.wants(jid)
    }

    /// What came of pushes since the start.
    pub fn counts(&self) -> PushCounts {
        self.0.counters.read()
    }

    /// How much waits to be pushed.
    ///
    /// # Errors
    /// [`PushError::Store`].
    pub async fn waiting(&self) -> Result<i64, PushError> {
        Ok(self.0.store.pushes_waiting().await?)
    }

    /// Whether somebody is said to look.
    fn gaze(&self, now_ms: TimestampMs, jid: &BareJid) -> Gaze {
        self.attentions().get(jid).copied().unwrap_or_default().gaze(now_ms)
    }

    /// Takes note of what is said of whether somebody looks.
    fn attend(&self, jid: &BareJid, note: impl FnOnce(&mut Attention)) {
        note(self.attentions().entry(jid.clone()).or_default());
    }

    /// What becomes of what is due and was noted then. Whoever may look is asked.
    fn due(&self, now_ms: TimestampMs, jid: &BareJid, noted_at_ms: TimestampMs) -> Due {
        let unseen_ms = self.unseen_ms();
        let (due, asks) =
            self.attentions().entry(jid.clone()).or_default().due(now_ms, noted_at_ms, unseen_ms);
        if asks {
            (self.0.ask.0)(jid);
        }
        due
    }

    fn unseen_ms(&self) -> i64 {
        i64::try_from(self.0.settings.unseen.as_millis()).unwrap_or(i64::MAX)
    }

    fn attentions(&self) -> MutexGuard<'_, HashMap<BareJid, Attention>> {
        // Each entry is whole between any two statements that hold the lock.
        self.0.attention.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes a key by which push services know the gateway from now on, and says which. Devices that subscribed by the one
/// before keep it.
///
/// # Errors
/// [`PushError`].
pub async fn rotate_key(store: &Store, keyring: &Keyring, now_ms: TimestampMs) -> Result<String, PushError> {
    vapid::make(store, keyring, now_ms).await
}
