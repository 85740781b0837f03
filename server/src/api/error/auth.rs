//! What goes wrong at the door.

use protocol::ErrorCode;

use super::ApiError;
use crate::auth::{AuditError, EntitlementsError, NotSaved, Policy, TokenError, TooManyTries};

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Foreign => {
                ApiError::new(ErrorCode::InvalidToken, "This gateway did not give this token out: sign in.")
            }
            TokenError::Expired => ApiError::new(
                ErrorCode::TokenExpired,
                "Get a new access token with the refresh token, or sign in again.",
            ),
            TokenError::Ended => {
                ApiError::new(ErrorCode::InvalidToken, "The sign-in has ended: sign in again.")
            }
            TokenError::Elsewhere => ApiError::new(
                ErrorCode::InvalidToken,
                "The token is for pages of another origin: get one that is for this.",
            ),
        }
    }
}

impl From<NotSaved> for ApiError {
    fn from(_: NotSaved) -> Self {
        ApiError::new(
            ErrorCode::StoreUnavailable,
            "The gateway can't write it down at the moment: try again soon.",
        )
        .retry_after(5)
    }
}

impl From<AuditError> for ApiError {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::NotKept => ApiError::new(
                ErrorCode::NotFound,
                "The audit log is kept in a store, and this gateway has none: it is in what the gateway logs.",
            ),
            AuditError::Store(error) => {
                tracing::error!(%error, "the audit log can't be read");
                ApiError::new(
                    ErrorCode::StoreUnavailable,
                    "The audit log can't be read at the moment: try again soon.",
                )
                .retry_after(5)
            }
        }
    }
}

impl From<TooManyTries> for ApiError {
    fn from(TooManyTries(standing): TooManyTries) -> Self {
        let secs = standing.more_in_secs;
        let what = match standing.among {
            Policy::REGISTRATIONS => "Too many tries came from this address",
            _ => "Too many passwords were wrong",
        };
        let detail = format!("{what}: wait {secs} s and try again.");
        ApiError::new(ErrorCode::TooManyRequests, detail).retry_after(secs).standing(standing)
    }
}

impl From<EntitlementsError> for ApiError {
    fn from(error: EntitlementsError) -> Self {
        match error {
            EntitlementsError::NotKept => ApiError::new(
                ErrorCode::NotFound,
                "What people may do is kept in a store, and this gateway has none: its settings alone count.",
            ),
            EntitlementsError::OwnAdmin => ApiError::new(
                ErrorCode::Forbidden,
                "You would be no administrator any more: have another one do that.",
            ),
        }
    }
}
