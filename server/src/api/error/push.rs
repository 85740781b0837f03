//! What goes wrong with pushing.

use protocol::ErrorCode;

use super::ApiError;
use crate::push::PushError;

impl From<PushError> for ApiError {
    fn from(error: PushError) -> Self {
        match error {
            PushError::Store(error) => {
                tracing::error!(%error, "devices can't be read or written");
                let detail = "The gateway can't look at devices at the moment: try again soon.";
                ApiError::new(ErrorCode::StoreUnavailable, detail).retry_after(5)
            }
            PushError::Seal(_) | PushError::Key => {
                tracing::error!(%error, "devices can't be used");
                ApiError::new(ErrorCode::Internal, "The gateway failed. It was logged.")
            }
            PushError::Endpoint => ApiError::new(
                ErrorCode::PushEndpointRefused,
                "The address is of no push service that this gateway pushes to: ask who runs it to add the host to `push.hosts`.",
            ),
            PushError::Keys => ApiError::new(
                ErrorCode::MalformedBody,
                "The keys can't be used: send p256dh and auth as the browser's subscription has them.",
            ),
            PushError::UnknownKey => ApiError::new(
                ErrorCode::MalformedBody,
                "The subscription is by another key: get `/push/key`, and subscribe anew with it.",
            ),
            PushError::Name => ApiError::new(
                ErrorCode::MalformedBody,
                "The name must have 1 to 128 bytes and no control characters.",
            ),
            PushError::Unknown => ApiError::new(
                ErrorCode::NotFound,
                "There is no such device: it may have been removed. Add it anew.",
            ),
            PushError::Settings(why) => {
                ApiError::new(ErrorCode::MalformedBody, format!("The settings can't be used: {why}."))
            }
            PushError::Token => ApiError::new(
                ErrorCode::InvalidToken,
                "The token was used, or what it was for is no more: open the page instead.",
            ),
            PushError::TokenExpired => {
                ApiError::new(ErrorCode::TokenExpired, "The token has run out: open the page instead.")
            }
        }
    }
}
