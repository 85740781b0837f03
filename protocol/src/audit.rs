//! The audit log: who did what, and whether they were let.

use serde::{Deserialize, Serialize};

use crate::{BareJid, ErrorCode, TimestampMs};

/// What is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuditKind {
    /// Somebody signed in. The object is the sign-in.
    SignedIn,
    /// Somebody has shown something, and is asked for more. The object is the sign-in that waits.
    SignInPending,
    /// Somebody was not let in.
    SignInRefused,
    /// Somebody signed out. The object is the sign-in.
    SignedOut,
    /// Another sign-in of a person ended. The object is that sign-in.
    SignInEnded,
    /// All sign-ins of a person ended, or all but the one that is the object.
    SignInsEnded,
    /// A refresh token came that was spent: it is in two hands, and its sign-in, which is the object, ended.
    RefreshReused,
    /// A person made a token. The object is its sign-in.
    TokenMade,
    /// A token was traded for a narrower one. The object is their sign-in, the detail what the new one is for.
    TokenExchanged,
    /// A token came from elsewhere than where it is for: it is in hands that should not have it. The object is its sign-in.
    TokenMisplaced,
    /// A person made an account.
    AccountMade,
    /// Somebody wanted to make an account, and it was not made.
    AccountNotMade,
    /// A person removed their account.
    AccountRemoved,
    /// A person changed their password.
    PasswordChanged,
    /// A person has another factor. The object names it.
    FactorAdded,
    /// A person has a factor no more. The object names it.
    FactorRemoved,
    /// A code was right, and is worth nothing any more. The object says of what kind it was.
    CodeUsed,
    /// A person who is in has shown once more that it is they. The object says by what.
    ProvedAgain,
    /// A factor was not shown as it should have been. The object names it.
    FactorFailed,
    /// There may be a copy of a factor: it is good for nothing any more. The object names it.
    FactorBlocked,
    /// What a person's session is opened with is kept, sealed. The object says what it is: `password`,
    /// `scram_keys`, `fast`.
    CredentialKept,
    /// It was unsealed, to open a session or to see whether it is still the one; or the gateway has vouched for the person. The
    /// object says which: `password`, `scram_keys`, `fast`, `server_token`.
    CredentialUsed,
    /// It is kept no more.
    CredentialForgotten,
    /// Somebody asked for what they may not do. The object is the operation.
    Refused,
    /// An administrator did something. The object is to whom, the detail what.
    AdminActed,
    /// Tokens are signed with another key. The object is its id.
    KeyRotated,
    /// A key is taken no more. The object is its id.
    KeyRetired,
    /// What is kept is sealed by another key. The object is its id.
    SealingKeyChanged,
    /// One that this client does not know.
    #[serde(other)]
    #[cfg_attr(feature = "schema", schemars(skip))]
    Unknown,
}

impl AuditKind {
    /// Each that is known.
    pub const ALL: [AuditKind; 28] = [
        AuditKind::SignedIn,
        AuditKind::SignInPending,
        AuditKind::SignInRefused,
        AuditKind::SignedOut,
        AuditKind::SignInEnded,
        AuditKind::SignInsEnded,
        AuditKind::RefreshReused,
        AuditKind::TokenMade,
        AuditKind::TokenExchanged,
        AuditKind::TokenMisplaced,
        AuditKind::AccountMade,
        AuditKind::AccountNotMade,
        AuditKind::AccountRemoved,
        AuditKind::PasswordChanged,
        AuditKind::FactorAdded,
        AuditKind::FactorRemoved,
        AuditKind::CodeUsed,
        AuditKind::ProvedAgain,
        AuditKind::FactorFailed,
        AuditKind::FactorBlocked,
        AuditKind::CredentialKept,
        AuditKind::CredentialUsed,
        AuditKind::CredentialForgotten,
        AuditKind::Refused,
        AuditKind::AdminActed,
        AuditKind::KeyRotated,
        AuditKind::KeyRetired,
        AuditKind::SealingKeyChanged,
    ];

    /// The word for it in JSON.
    pub fn word(self) -> &'static str {
        match self {
            AuditKind::SignedIn => "signed_in",
            AuditKind::SignInPending => "sign_in_pending",
            AuditKind::SignInRefused => "sign_in_refused",
            AuditKind::SignedOut => "signed_out",
            AuditKind::SignInEnded => "sign_in_ended",
            AuditKind::SignInsEnded => "sign_ins_ended",
            AuditKind::RefreshReused => "refresh_reused",
            AuditKind::TokenMade => "token_made",
            AuditKind::TokenExchanged => "token_exchanged",
            AuditKind::TokenMisplaced => "token_misplaced",
            AuditKind::AccountMade => "account_made",
            AuditKind::AccountNotMade => "account_not_made",
            AuditKind::AccountRemoved => "account_removed",
            AuditKind::PasswordChanged => "password_changed",
            AuditKind::FactorAdded => "factor_added",
            AuditKind::FactorRemoved => "factor_removed",
            AuditKind::CodeUsed => "code_used",
            AuditKind::ProvedAgain => "proved_again",
            AuditKind::FactorFailed => "factor_failed",
            AuditKind::FactorBlocked => "factor_blocked",
            AuditKind::CredentialKept => "credential_kept",
            AuditKind::CredentialUsed => "credential_used",
            AuditKind::CredentialForgotten => "credential_forgotten",
            AuditKind::Refused => "refused",
            AuditKind::AdminActed => "admin_acted",
            AuditKind::KeyRotated => "key_rotated",
            AuditKind::KeyRetired => "key_retired",
            AuditKind::SealingKeyChanged => "sealing_key_changed",
            AuditKind::Unknown => "unknown",
        }
    }
}

/// An entry of the audit log.
///
/// Its `hash` is the SHA-256 over the 32 bytes of the hash before (zeros for the first) and the entry without `hash` in
/// the canonical form of RFC 8785, in lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditEntry {
    /// Its place in the log: the first has 1, the next one more.
    pub position: i64,
    /// By which the same is found in what the gateway logs.
    pub id: String,
    /// When it was.
    pub at_ms: TimestampMs,
    /// What it is.
    pub kind: AuditKind,
    /// Who did it, or as whom somebody wanted to come in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub jid: Option<BareJid>,
    /// To what it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub object: Option<String>,
    /// What else there is to say: what a token allows, what an administrator did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub detail: Option<String>,
    /// Why it was refused. Without it, it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub code: Option<ErrorCode>,
    /// From which address, as far as that can be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub address: Option<String>,
    /// By what means they had shown who they are, in the words of RFC 8176.
    pub amr: Vec<String>,
    /// The request's `X-Request-Id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub request_id: Option<String>,
    /// How often it happened: what comes again and again within a minute is counted in one entry.
    pub count: i64,
    /// By which it can be seen that nothing before it was changed.
    pub hash: String,
}

/// `GET /audit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditPage {
    /// The newest first.
    pub entries: Vec<AuditEntry>,
    /// `before` of the next page; without it this is the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub before: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_in_json() {
        for kind in AuditKind::ALL {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.word()));
        }
    }
}
