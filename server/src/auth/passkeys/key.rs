//! One passkey, and how it is written down.

use protocol::{BareJid, PasskeyId, PasskeyInfo, TimestampMs};
use webauthn_rs::prelude::{AuthenticationResult, Credential, ParsedAttestation};
use webauthn_rs_proto::{AllowCredentials, AuthenticatorTransport};

use super::{PUBLIC_KEY, PasskeyError};
use crate::store::PasskeyRecord;

/// The most ways to reach a device that are noted.
const MAX_TRANSPORTS: usize = 8;

#[derive(Debug)]
pub(super) struct Key {
    pub(super) id: PasskeyId,
    pub(super) name: String,
    pub(super) credential: Credential,
    pub(super) made_at_ms: TimestampMs,
    pub(super) used_at_ms: Option<TimestampMs>,
    pub(super) blocked_at_ms: Option<TimestampMs>,
}

impl Key {
    /// What was kept, if it is one that we know.
    pub(super) fn read(kept: PasskeyRecord) -> Option<(BareJid, Key)> {
        let key = Key {
            id: PasskeyId(kept.id),
            name: kept.name,
            credential: serde_json::from_str(&kept.credential).ok()?,
            made_at_ms: kept.made_at_ms,
            used_at_ms: kept.used_at_ms,
            blocked_at_ms: kept.blocked_at_ms,
        };
        Some((kept.jid.parse().ok()?, key))
    }

    pub(super) fn written(&self, jid: &BareJid) -> Result<PasskeyRecord, PasskeyError> {
        Ok(PasskeyRecord {
            id: self.id.0.clone(),
            jid: jid.as_str().to_owned(),
            name: self.name.clone(),
            credential: serde_json::to_string(&self.credential).map_err(|_| PasskeyError::Malformed)?,
            made_at_ms: self.made_at_ms,
            used_at_ms: self.used_at_ms,
            blocked_at_ms: self.blocked_at_ms,
        })
    }

    /// Notes what a device says of itself each time (WebAuthn Level 3, section 7.2, step 24).
    pub(super) fn note(&mut self, now_ms: TimestampMs, result: &AuthenticationResult) {
        self.credential.counter = result.counter();
        self.credential.backup_state = result.backup_state();
        self.used_at_ms = Some(now_ms);
    }

    pub(super) fn asked_for(&self) -> AllowCredentials {
        AllowCredentials {
            type_: PUBLIC_KEY.to_owned(),
            id: self.credential.cred_id.clone(),
            transports: self.credential.transports.clone(),
        }
    }

    pub(super) fn info(&self) -> PasskeyInfo {
        let transports = self.credential.transports.iter().flatten().map(ToString::to_string).collect();
        PasskeyInfo {
            id: self.id.clone(),
            name: self.name.clone(),
            made_at_ms: self.made_at_ms,
            used_at_ms: self.used_at_ms,
            is_backed_up: self.credential.backup_state,
            is_blocked: self.blocked_at_ms.is_some(),
            transports,
        }
    }
}

/// What is kept of a key that a device made: nothing of who made the device, which nobody asked for, and how it says that it
/// can be reached, which a browser wants to be told again (section 7.1, step 26).
pub(super) fn kept_of(credential: Credential, transports: Option<&[AuthenticatorTransport]>) -> Credential {
    let mut kept: Vec<AuthenticatorTransport> = Vec::new();
    for transport in transports.into_iter().flatten() {
        let is_known = !matches!(transport, AuthenticatorTransport::Unknown | AuthenticatorTransport::Test);
        if is_known && !kept.contains(transport) && kept.len() < MAX_TRANSPORTS {
            kept.push(transport.clone());
        }
    }
    let transports = Some(kept).filter(|kept| !kept.is_empty());
    Credential { attestation: ParsedAttestation::default(), transports, ..credential }
}
