//! Sites that are trusted to say who somebody is, by a JWT of theirs (RFC 7523 section 3).
//!
//! Whose an assertion is follows from the issuer and what it calls the person (`iss` and `sub`) by a rule of the settings,
//! never from what else an assertion may say.

mod assertion;
mod keys;
mod replays;
mod source;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jsonwebtoken::{DecodingKey, decode_header};
use protocol::{BareJid, MAX_ASSERTION_BYTES, TimestampMs};

use self::assertion::Claims;
use self::keys::Keys;
use self::replays::{Replays, Seen};
use self::source::Source;
use crate::fetch::Fetcher;

pub use jsonwebtoken::Algorithm;

/// For how long keys are good that were got (milliseconds), after which they are got again.
const FRESH_MS: i64 = 10 * 60 * 1000;
/// For how long they are good at the most while they can't be got again.
const STALE_MS: i64 = 24 * 60 * 60 * 1000;
/// The pause between two times that keys are got: whoever makes up names of keys is not to have us ask for them.
const PAUSE_MS: i64 = 30 * 1000;

/// Where the keys of an issuer are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A JWK Set (RFC 7517) in a file.
    File(PathBuf),
    /// The same at an address.
    Url(String),
    /// A secret that the issuer has too, in a file.
    Secret(PathBuf),
}

/// Who is meant by what an issuer calls somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum People {
    /// The `sub`, with this before and that behind it.
    Template(String, String),
    /// Those of a table, and nobody else.
    Table(HashMap<String, BareJid>),
    /// Whoever this claim says: the issuer is trusted with all addresses.
    Claim(String),
}

/// An issuer that is trusted.
#[derive(Debug, Clone)]
pub struct IssuerSettings {
    /// What it calls itself: `iss`.
    pub issuer: String,
    /// What it calls this gateway: `aud`.
    pub audience: String,
    /// Where its keys are.
    pub keys: KeySource,
    /// How it may sign.
    pub algorithms: Vec<Algorithm>,
    /// Who is meant.
    pub people: People,
    /// The longest that an assertion may be good for, from when it was made.
    pub longest: Duration,
    /// Of which type assertions are: `typ`. Without it they are `JWT`, or of none.
    pub typ: Option<String>,
}

/// What an issuer has said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// As whom they come. Whether that is an address in normal form, and one of ours, others know.
    pub jid: BareJid,
    /// Which issuer says so.
    pub issuer: String,
}

/// Why somebody is not let in by an assertion.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssertionError {
    /// It is of nobody who is trusted, not for us, or not signed as it should be.
    #[error(
        "it is not of an issuer that is trusted, not for this gateway, or not signed as it should be: {0}"
    )]
    Foreign(&'static str),
    /// It has run out.
    #[error("it has run out")]
    Expired,
    /// It says when it is good in a way that is not taken.
    #[error("{0}")]
    Time(&'static str),
    /// It came before.
    #[error("it came before, and is good once")]
    Replayed,
    /// Nobody here is meant by it.
    #[error("nobody here is meant by what the issuer calls the person")]
    Nobody,
    /// The issuer's keys can't be had at the moment.
    #[error("the issuer's keys can't be had at the moment")]
    NoKeys,
    /// Too many came of late to remember more.
    #[error("too many assertions came of late")]
    Full,
}

/// Why the keys of an issuer can't be used.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// The file can't be read.
    #[error("the keys of {issuer} can't be read from {path}: {source}")]
    Unreadable {
        /// Whose.
        issuer: String,
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It holds none.
    #[error(
        "{path} is neither a JWK Set nor a secret of 32 bytes or more, whichever the keys of {issuer} should be"
    )]
    Unusable {
        /// Whose.
        issuer: String,
        /// Which file.
        path: PathBuf,
    },
}

/// Issuers that are trusted. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Issuers(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    source: Source,
    /// What was made before might have come before, of which nothing is known any more.
    since_ms: TimestampMs,
    issuers: Vec<Issuer>,
    replays: Mutex<Replays>,
}

#[derive(Debug)]
struct Issuer {
    settings: IssuerSettings,
    keys: Mutex<Held>,
    /// Whoever gets keys has it: others wait for what comes of it.
    turn: tokio::sync::Mutex<()>,
}

/// The keys of an issuer, and when they were got.
#[derive(Debug, Default)]
struct Held {
    keys: Arc<Keys>,
    got_at_ms: Option<TimestampMs>,
    tried_at_ms: Option<TimestampMs>,
}

impl Issuers {
    /// Nobody is trusted.
    pub fn nobody() -> Self {
        Issuers::new(0, Vec::new(), Source::nothing())
    }

    fn new(now_ms: TimestampMs, settings: Vec<IssuerSettings>, source: Source) -> Self {
        let issuer =
            |settings| Issuer { settings, keys: Mutex::default(), turn: tokio::sync::Mutex::default() };
        let issuers = settings.into_iter().map(issuer).collect();
        Issuers(Arc::new(Shared { source, since_ms: now_ms, issuers, replays: Mutex::default() }))
    }

    /// From now on, with what their files have. Assertions which were made before are not taken: which of them came before a
    /// restart is not known.
    ///
    /// # Errors
    /// [`IssuerError`].
    pub fn open(
        now_ms: TimestampMs,
        settings: Vec<IssuerSettings>,
        fetcher: Fetcher,
    ) -> Result<Self, IssuerError> {
        let issuers = Issuers::new(now_ms, settings, Source::new(fetcher));
        for one in &issuers.0.issuers {
            let (KeySource::File(path) | KeySource::Secret(path)) = &one.settings.keys else { continue };
            let (issuer, path) = (one.settings.issuer.clone(), path.clone());
            match std::fs::read(&path) {
                Ok(bytes) => match Keys::read(&one.settings.keys, &bytes) {
                    Some(keys) => {
                        let mut held = one.held();
                        (held.keys, held.got_at_ms) = (Arc::new(keys), Some(now_ms));
                    }
                    None => return Err(IssuerError::Unusable { issuer, path }),
                },
                Err(source) => return Err(IssuerError::Unreadable { issuer, path, source }),
            }
        }
        Ok(issuers)
    }

    /// Somebody is trusted to say who people are.
    pub fn are_there(&self) -> bool {
        !self.0.issuers.is_empty()
    }

    /// Who is meant by an assertion, which is thereby used up.
    ///
    /// # Errors
    /// [`AssertionError`].
    pub async fn check(&self, now_ms: TimestampMs, assertion: &str) -> Result<Vouched, AssertionError> {
        use AssertionError::Foreign;
        if assertion.len() > MAX_ASSERTION_BYTES {
            return Err(Foreign("it is too long"));
        }
        let header = decode_header(assertion).map_err(|_| Foreign("its header can't be read"))?;
        let issuer = assertion::issuer(assertion).ok_or(Foreign("it names no issuer"))?;
        let issuer = self.0.issuers.iter().find(|known| known.settings.issuer == issuer);
        let issuer = issuer.ok_or(Foreign("its issuer is not trusted"))?;
        let settings = &issuer.settings;
        assertion::check_header(&header, settings)?;
        let key = issuer.key(now_ms, header.kid.as_deref(), header.alg, &self.0.source).await?;
        let claims = Claims::verified(assertion, &key, header.alg)?;
        let until_ms = claims.check(now_ms, self.0.since_ms, settings)?;
        let jid = claims.who(&settings.people)?;
        let mut replays = self.0.replays.lock().unwrap_or_else(PoisonError::into_inner);
        match replays.see(now_ms, &settings.issuer, &claims.jti, until_ms) {
            Seen::First => Ok(Vouched { jid, issuer: settings.issuer.clone() }),
            Seen::Before => Err(AssertionError::Replayed),
            Seen::Full => Err(AssertionError::Full),
        }
    }
}

impl Issuer {
    /// The key of this name, got anew if it is not known or what is known is old.
    async fn key(
        &self,
        now_ms: TimestampMs,
        kid: Option<&str>,
        algorithm: Algorithm,
        source: &Source,
    ) -> Result<DecodingKey, AssertionError> {
        if let (Some(key), true) = self.known(now_ms, kid, algorithm) {
            return Ok(key);
        }
        let _turn = self.turn.lock().await;
        // Whoever had the turn before may have got it.
        if let (Some(key), true) = self.known(now_ms, kid, algorithm) {
            return Ok(key);
        }
        if self.may_get(now_ms) {
            let got = source.get(&self.settings.keys).await;
            let keys = got.and_then(|bytes| Keys::read(&self.settings.keys, &bytes));
            if let Some(keys) = keys {
                let mut held = self.held();
                held.keys = Arc::new(keys);
                held.got_at_ms = Some(now_ms);
            } else {
                tracing::warn!(issuer = self.settings.issuer, "an issuer has no keys that can be used");
            }
        }
        self.known(now_ms, kid, algorithm).0.ok_or_else(|| match self.held().got_at_ms {
            Some(at_ms) if now_ms - at_ms < STALE_MS => {
                AssertionError::Foreign("none of the issuer's keys is the one that it names")
            }
            _ => AssertionError::NoKeys,
        })
    }

    /// The key of this name, if it is known, and whether that may still be so.
    fn known(
        &self,
        now_ms: TimestampMs,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> (Option<DecodingKey>, bool) {
        let held = self.held();
        let age_ms = held.got_at_ms.map_or(i64::MAX, |at_ms| now_ms - at_ms);
        let key = held.keys.find(kid, algorithm).filter(|_| age_ms < STALE_MS).cloned();
        (key, age_ms < FRESH_MS)
    }

    /// Notes that keys are to be got, unless that was a moment ago.
    fn may_get(&self, now_ms: TimestampMs) -> bool {
        let mut held = self.held();
        let may = held.tried_at_ms.is_none_or(|at_ms| now_ms - at_ms >= PAUSE_MS);
        if may {
            held.tried_at_ms = Some(now_ms);
        }
        may
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        // What is held is consistent between any two statements that hold the lock.
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
