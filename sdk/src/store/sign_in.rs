//! The sign-in of a gateway, shared by all tabs: `localStorage`, because every tab hears of a change to it. Or of one tab,
//! and gone with it, where the person does not want to stay signed in.

use protocol::{SignIn, TimestampMs};
use serde::Serialize;

use crate::{browser, json};

/// Get the next access token when the one at hand is good for less than this.
const MARGIN_MS: TimestampMs = 30_000;

/// A sign-in as it is kept. No `Debug`: it holds tokens.
#[derive(Clone, Serialize)]
pub(crate) struct Kept {
    /// As the gateway gave it.
    pub(crate) sign_in: SignIn,
    /// Until when the access token is good, by this browser's clock.
    pub(crate) expires_at_ms: TimestampMs,
}

impl Kept {
    /// A sign-in that was given just now.
    pub(crate) fn new(sign_in: SignIn, now_ms: TimestampMs) -> Self {
        let expires_at_ms = now_ms.saturating_add(TimestampMs::from(sign_in.expires_in_secs) * 1000);
        Kept { sign_in, expires_at_ms }
    }

    /// The access token needs to be renewed before it is used. One that allows nothing but setting up a second factor
    /// always does: the next may allow everything.
    pub(crate) fn is_stale(&self, now_ms: TimestampMs) -> bool {
        self.sign_in.must_set_up || now_ms >= self.expires_at_ms - MARGIN_MS
    }
}

/// Where the sign-in of one gateway is kept.
#[derive(Clone)]
pub(crate) struct SignIns {
    key: String,
}

impl SignIns {
    pub(crate) fn of(gateway: &str) -> Self {
        SignIns { key: ["sparkweb:", gateway, ":sign-in"].concat() }
    }

    /// The key under which it is kept, which `storage` events name.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    pub(crate) fn get(&self) -> Option<Kept> {
        json::read(&browser::get_item(&self.key)?)
    }

    /// Keeps it for all tabs and for long (`lasts`), for this tab alone, or as the one before was kept.
    pub(crate) fn set(&self, kept: &Kept, lasts: Option<bool>) {
        if let Ok(text) = serde_json::to_string(kept) {
            browser::keep_sign_in(&self.key, &text, lasts);
        }
    }

    pub(crate) fn remove(&self) {
        browser::remove_item(&self.key);
    }
}
