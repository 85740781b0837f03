//! One sign-in, and how it is written down.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::{BareJid, SignInId, TimestampMs};
use tokio_util::sync::CancellationToken;

use super::{Listed, Touched};
use crate::auth::{Kind, Scopes, Shown};
use crate::store::SignInRecord;

/// SHA-256 of a secret of 256 random bits: there is nothing to guess, so that it need not be slow.
pub(super) type Hash = [u8; 32];

#[derive(Debug)]
pub(super) struct Record {
    pub(super) jid: BareJid,
    /// The number of the session that it is for; none if it is for whichever the person has, and kept.
    pub(super) session: Option<u64>,
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) address: Option<IpAddr>,
    pub(super) scopes: Scopes,
    pub(super) secret: Hash,
    /// The secret before, and until when it may be used once more.
    pub(super) spent: Option<(Hash, TimestampMs)>,
    pub(super) began_at_ms: TimestampMs,
    /// By what the person showed who they are, and when they did last.
    pub(super) shown: Shown,
    pub(super) proved_at_ms: TimestampMs,
    pub(super) seen_at_ms: TimestampMs,
    pub(super) expires_at_ms: Option<TimestampMs>,
    /// The store knows when and from where it was used.
    pub(super) is_noted: bool,
    pub(super) ended: CancellationToken,
}

impl Record {
    /// What was kept, if it is one that we know.
    pub(super) fn read(kept: SignInRecord) -> Option<(SignInId, Record)> {
        let spent = kept.spent.and_then(|(hash, until)| Some((hash_of(&hash)?, until)));
        let record = Record {
            jid: kept.jid.parse().ok()?,
            session: None,
            kind: Kind::read(&kept.kind)?,
            name: kept.name,
            address: kept.address.parse().ok(),
            scopes: Scopes::from_words(&kept.scopes),
            secret: hash_of(&kept.secret?)?,
            spent,
            began_at_ms: kept.began_at_ms,
            shown: Shown::from_words(&kept.shown),
            // What was kept by a gateway that did not note it was shown when it began.
            proved_at_ms: kept.proved_at_ms.max(kept.began_at_ms),
            seen_at_ms: kept.seen_at_ms,
            expires_at_ms: kept.expires_at_ms,
            is_noted: true,
            ended: CancellationToken::new(),
        };
        Some((SignInId(kept.id), record))
    }

    pub(super) fn written(&self, id: &SignInId) -> SignInRecord {
        SignInRecord {
            id: id.0.clone(),
            jid: self.jid.as_str().to_owned(),
            kind: self.kind.word().to_owned(),
            name: self.name.clone(),
            address: self.address_text(),
            scopes: self.scopes.to_words(),
            secret: Some(URL_SAFE_NO_PAD.encode(self.secret)),
            spent: self.spent.map(|(hash, until)| (URL_SAFE_NO_PAD.encode(hash), until)),
            began_at_ms: self.began_at_ms,
            shown: self.shown.to_words(),
            proved_at_ms: self.proved_at_ms,
            seen_at_ms: self.seen_at_ms,
            expires_at_ms: self.expires_at_ms,
        }
    }

    /// As it is kept: nothing where it is not known.
    pub(super) fn address_text(&self) -> String {
        self.address.map(|address| address.to_string()).unwrap_or_default()
    }

    pub(super) fn touch(&mut self, now_ms: TimestampMs) -> Touched {
        if now_ms > self.seen_at_ms {
            self.seen_at_ms = now_ms;
            self.is_noted = false;
        }
        Touched {
            jid: self.jid.clone(),
            session: self.session,
            scopes: self.scopes,
            shown: self.shown,
            proved_at_ms: self.proved_at_ms,
            expires_at_ms: self.expires_at_ms,
            ended: self.ended.clone(),
        }
    }

    pub(super) fn listed(&self, id: &SignInId) -> Listed {
        Listed {
            id: id.clone(),
            kind: self.kind,
            name: self.name.clone(),
            address: self.address,
            scopes: self.scopes,
            began_at_ms: self.began_at_ms,
            seen_at_ms: self.seen_at_ms,
            expires_at_ms: self.expires_at_ms,
        }
    }

    /// It has run out. A token for scripts may lie unused until then: some run once a year.
    pub(super) fn is_over(&self, now_ms: TimestampMs, refresh_ms: i64, longest_ms: i64) -> bool {
        let is_long_ago = || now_ms - self.seen_at_ms > refresh_ms || now_ms - self.began_at_ms > longest_ms;
        self.expires_at_ms.is_some_and(|until| now_ms > until) || self.kind != Kind::Token && is_long_ago()
    }
}

fn hash_of(text: &str) -> Option<Hash> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}
