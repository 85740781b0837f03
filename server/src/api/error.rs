//! What goes wrong, as HTTP says it: the one place that maps codes to statuses, titles and log levels.

mod auth;
mod push;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use protocol::{ErrorCode, ExchangeErrorCode, Problem};

use super::tries;
use crate::auth::Standing;
use crate::session::RegisterError;
use crate::session::{RoomError, RoomRefusal, SendError, SessionError, SignInError, room_code};
use crate::upload::UploadError;

/// A failure on its way out.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    code: ErrorCode,
    detail: String,
    retry_after_secs: Option<u32>,
    standing: Option<Standing>,
    oauth: Option<ExchangeErrorCode>,
}

impl ApiError {
    /// `detail` says what went wrong this time and what to do about it; it holds nothing secret.
    pub(crate) fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        ApiError { code, detail: detail.into(), retry_after_secs: None, standing: None, oauth: None }
    }

    /// Says besides what was done all the same, in a sentence.
    pub(super) fn adding(mut self, done: &str) -> Self {
        self.detail = format!("{} {done}", self.detail);
        self
    }

    pub(super) fn retry_after(mut self, secs: u32) -> Self {
        self.retry_after_secs = Some(secs);
        self
    }

    /// Says besides how many tries are left.
    pub(super) fn standing(mut self, standing: Standing) -> Self {
        self.standing = Some(standing);
        self
    }

    /// Says it besides in a word that OAuth's clients know.
    pub(super) fn in_oauth(mut self, word: ExchangeErrorCode) -> Self {
        self.oauth = Some(word);
        self
    }

    pub(super) fn code(&self) -> ErrorCode {
        self.code
    }

    #[cfg(test)]
    pub(super) fn detail(&self) -> &str {
        &self.detail
    }

    /// Waiting may help: an event stream says so in its own way.
    pub(crate) fn is_passing(&self) -> Option<u32> {
        self.retry_after_secs
    }
}

/// The status and the title of each code, and whether it is the gateway's fault.
pub(super) fn table(code: ErrorCode) -> (StatusCode, &'static str) {
    use ErrorCode as E;
    match code {
        E::MalformedBody => (StatusCode::BAD_REQUEST, "The body is not of the form that this takes"),
        E::MalformedParameter => (StatusCode::BAD_REQUEST, "A part of the path or query is not of its form"),
        E::MalformedJid => (StatusCode::BAD_REQUEST, "The address is not a JID"),
        E::UnsupportedCharacter => {
            (StatusCode::BAD_REQUEST, "The text has a character that XMPP can't carry")
        }
        E::EmptyMessage => (StatusCode::BAD_REQUEST, "The message is empty"),
        E::MessageTooLong => (StatusCode::PAYLOAD_TOO_LARGE, "The message is too long"),
        E::RequestTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The request is too large"),
        E::MessageIdReused => (StatusCode::CONFLICT, "The message id was used for another message"),
        E::NotSignedIn => (StatusCode::UNAUTHORIZED, "Nobody is signed in"),
        E::InvalidToken => (StatusCode::UNAUTHORIZED, "The token is not taken"),
        E::TokenExpired => (StatusCode::UNAUTHORIZED, "The token has run out"),
        E::WrongCredentials => (StatusCode::UNAUTHORIZED, "Name or password are wrong"),
        E::WrongCode => (StatusCode::UNPROCESSABLE_ENTITY, "The code is not taken"),
        E::PasskeyRefused => (StatusCode::UNPROCESSABLE_ENTITY, "The passkey is not taken"),
        E::ProofNotAccepted => (StatusCode::UNPROCESSABLE_ENTITY, "Another proof is asked for"),
        E::SecondFactorNeeded => (StatusCode::FORBIDDEN, "More than a password is asked for"),
        E::FreshProofNeeded => (StatusCode::FORBIDDEN, "Show once more who you are"),
        E::AccountRefused => (StatusCode::FORBIDDEN, "The account can't be used here"),
        E::TooManyRequests => (StatusCode::TOO_MANY_REQUESTS, "Too many tries"),
        E::Forbidden => (StatusCode::FORBIDDEN, "The token does not allow this"),
        E::NotFound => (StatusCode::NOT_FOUND, "There is no such thing"),
        E::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "Not by this method"),
        E::Blocked => (StatusCode::CONFLICT, "You have blocked them"),
        E::XmppUnreachable => (StatusCode::BAD_GATEWAY, "The XMPP server can't be reached"),
        E::XmppTimeout => (StatusCode::GATEWAY_TIMEOUT, "The XMPP server does not answer"),
        E::XmppIncompatible => (StatusCode::BAD_GATEWAY, "The XMPP server can't be used"),
        E::XmppRefused => (StatusCode::BAD_GATEWAY, "The XMPP server refused"),
        E::Unsupported => (StatusCode::NOT_IMPLEMENTED, "The XMPP server has no such feature"),
        E::RoomPasswordRequired => (StatusCode::FORBIDDEN, "The room wants a password"),
        E::RoomMembersOnly => (StatusCode::FORBIDDEN, "The room is for members"),
        E::RoomBanned => (StatusCode::FORBIDDEN, "The person is banned from the room"),
        E::RoomNickTaken => (StatusCode::CONFLICT, "The nickname is taken"),
        E::RoomNickRefused => (StatusCode::CONFLICT, "The room does not take the nickname"),
        E::RoomFull => (StatusCode::CONFLICT, "The room is full"),
        E::RoomGone => (StatusCode::GONE, "The room is no more"),
        E::NotInRoom => (StatusCode::CONFLICT, "The person is not in the room"),
        E::PresenceOffline => (StatusCode::CONFLICT, "The person is hidden"),
        E::OccupantGone => (StatusCode::CONFLICT, "They are not in the room under this nickname"),
        E::RoomNotAllowed => (StatusCode::FORBIDDEN, "The room does not allow it"),
        E::SessionOffline => (StatusCode::SERVICE_UNAVAILABLE, "The session's connection is down"),
        E::SessionEnded => (StatusCode::UNAUTHORIZED, "The session has ended"),
        E::Overloaded => (StatusCode::SERVICE_UNAVAILABLE, "Too much is under way"),
        E::PreconditionFailed => (StatusCode::PRECONDITION_FAILED, "It is not what the request says"),
        E::StoreUnavailable => (StatusCode::SERVICE_UNAVAILABLE, "Nothing can be written down"),
        E::PushEndpointRefused => {
            (StatusCode::UNPROCESSABLE_ENTITY, "The gateway does not push to this address")
        }
        E::NotOwnMessage => (StatusCode::FORBIDDEN, "The message is somebody else's"),
        E::MessageRetracted => (StatusCode::CONFLICT, "The message was taken back"),
        E::AccountExists => (StatusCode::CONFLICT, "Somebody has this name"),
        E::AlreadyExists => (StatusCode::CONFLICT, "There is one by this name"),
        E::RegistrationIncomplete => (StatusCode::UNPROCESSABLE_ENTITY, "The XMPP server wants to know more"),
        E::FileTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The file is too large"),
        E::RangeNotSatisfiable => (StatusCode::RANGE_NOT_SATISFIABLE, "The file has no such part"),
        E::UploadFailed => (StatusCode::BAD_GATEWAY, "The file could not be uploaded"),
        E::Internal | E::Unknown => (StatusCode::INTERNAL_SERVER_ERROR, "The gateway failed"),
    }
}

/// The word that a code is in JSON.
pub(super) fn word(code: ErrorCode) -> String {
    // Of a plain enum it can always be had.
    let word = serde_json::to_value(code).ok().and_then(|value| value.as_str().map(str::to_owned));
    word.unwrap_or_else(|| "unknown".to_owned())
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, title) = table(self.code);
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(detail = self.detail, "a request failed");
        }
        let problem = Problem {
            kind: format!("/sparkweb/problems/{}", word(self.code)),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: self.detail,
            code: self.code,
            retry_after_secs: self.retry_after_secs,
            request_id: None,
        };
        let mut response = status.into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(secs) = self.retry_after_secs {
            headers.insert(RETRY_AFTER, HeaderValue::from(secs));
        }
        if let Some(standing) = self.standing {
            tries::write(standing, headers);
        }
        // RFC 6750 section 3; not for a wrong password, which no token would mend.
        match self.code {
            ErrorCode::NotSignedIn => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(r#"Bearer realm="sparkweb""#));
            }
            ErrorCode::InvalidToken | ErrorCode::TokenExpired | ErrorCode::SessionEnded => {
                let challenge = HeaderValue::from_static(r#"Bearer realm="sparkweb", error="invalid_token""#);
                headers.insert(WWW_AUTHENTICATE, challenge);
            }
            _ => {}
        }
        if let Some(word) = self.oauth {
            response.extensions_mut().insert(word);
        }
        // The outermost layer knows the request's id, and writes the body.
        response.extensions_mut().insert(problem);
        response
    }
}

impl From<SignInError> for ApiError {
    fn from(error: SignInError) -> Self {
        use crate::session::ConnectError as C;
        match error {
            SignInError::Address(why) => {
                ApiError::new(ErrorCode::MalformedJid, format!("The name can't be used: {why}."))
            }
            SignInError::TooManySessions => {
                ApiError::new(ErrorCode::Overloaded, "The gateway is full: try again later.").retry_after(60)
            }
            SignInError::Connect(error) => match error {
                // Of an account that may not be used the same is said, lest strangers find out who has one.
                C::WrongCredentials | C::AccountDisabled => {
                    ApiError::new(ErrorCode::WrongCredentials, "Name or password are wrong: check both.")
                }
                C::AccountRefused => ApiError::new(
                    ErrorCode::AccountRefused,
                    "The XMPP server refuses this account: ask who runs it.",
                ),
                C::Downgraded => ApiError::new(
                    ErrorCode::XmppIncompatible,
                    "The XMPP server offers weaker ways to sign in than it did before, so that no password is sent: ask who runs the gateway.",
                ),
                C::Unreachable => ApiError::new(
                    ErrorCode::XmppUnreachable,
                    "The XMPP server can't be reached: try again soon.",
                )
                .retry_after(10),
                C::Silent => {
                    ApiError::new(ErrorCode::XmppTimeout, "The XMPP server does not answer: try again soon.")
                        .retry_after(30)
                }
                C::Untrusted => ApiError::new(
                    ErrorCode::XmppIncompatible,
                    "The XMPP server could not show that it is the right one: ask who runs this gateway.",
                ),
                C::NotTrusted => ApiError::new(
                    ErrorCode::XmppIncompatible,
                    "The XMPP server does not take this gateway's word for people: ask who runs the gateway.",
                ),
                C::Incompatible(why) => ApiError::new(
                    ErrorCode::XmppIncompatible,
                    format!("The XMPP server can't be used: {why}. Ask who runs this gateway."),
                ),
            },
        }
    }
}

impl From<SessionError> for ApiError {
    fn from(error: SessionError) -> Self {
        use crate::session::{RequestError as R, StanzaError as S};
        match error {
            SessionError::Address(why) => {
                ApiError::new(ErrorCode::MalformedJid, format!("The address can't be used: {why}."))
            }
            SessionError::Ended => {
                ApiError::new(ErrorCode::SessionEnded, "The session has ended: sign in again.")
            }
            SessionError::Overloaded => {
                ApiError::new(ErrorCode::Overloaded, "Too much is under way in this session: wait a moment.")
                    .retry_after(1)
            }
            SessionError::Offline => ApiError::new(
                ErrorCode::SessionOffline,
                "The connection to the XMPP server is down and is being brought back: try again soon.",
            )
            .retry_after(5),
            SessionError::StatusTooLong => {
                ApiError::new(ErrorCode::RequestTooLarge, "The status has more than 1,024 bytes: shorten it.")
            }
            SessionError::UnsupportedCharacter => ApiError::new(ErrorCode::UnsupportedCharacter, UNSUPPORTED),
            SessionError::Markup(why) => {
                ApiError::new(ErrorCode::MalformedBody, format!("The XML can't be used: {why}."))
            }
            SessionError::NoSuchService => {
                ApiError::new(ErrorCode::Unsupported, "The XMPP server has no service for this.")
            }
            SessionError::FileTooLarge { max } => ApiError::new(
                ErrorCode::FileTooLarge,
                format!("{max} bytes are the most that the XMPP server takes of a file."),
            ),
            SessionError::TooLong { what, max } => ApiError::new(
                ErrorCode::RequestTooLarge,
                format!("The {what} has more than {max} bytes: shorten it."),
            ),
            SessionError::TooMany { what, max } => ApiError::new(
                ErrorCode::RequestTooLarge,
                format!("There are more than {max} {what}: leave some out."),
            ),
            SessionError::PictureTooLarge { max } => ApiError::new(
                ErrorCode::RequestTooLarge,
                format!("The XMPP server takes pictures of at most {max} bytes: make it smaller."),
            ),
            SessionError::NoPicture => {
                ApiError::new(ErrorCode::NotFound, "They have no picture, as far as the session knows.")
            }
            SessionError::NotAContact => {
                ApiError::new(ErrorCode::NotFound, "Nobody of that address is in the contact list.")
            }
            SessionError::NoSuchRequest => ApiError::new(
                ErrorCode::NotFound,
                "Nobody of that address asks to see the person's presence: the request was answered or taken back.",
            ),
            SessionError::Request(R::TimedOut) => ApiError::new(
                ErrorCode::XmppTimeout,
                "The XMPP server did not answer in time: try again soon.",
            )
            .retry_after(5),
            SessionError::Request(R::Lost) => ApiError::new(
                ErrorCode::SessionOffline,
                "The connection to the XMPP server was lost before it answered: try again soon.",
            )
            .retry_after(5),
            SessionError::Request(R::Unwritable) => {
                ApiError::new(ErrorCode::UnsupportedCharacter, UNSUPPORTED)
            }
            SessionError::Request(R::Malformed) => {
                ApiError::new(ErrorCode::NotFound, "The XMPP server has nothing usable by that name.")
            }
            SessionError::Request(R::Refused(S::ItemNotFound)) => {
                ApiError::new(ErrorCode::NotFound, "The XMPP server knows nothing by that name.")
            }
            SessionError::Request(R::Refused(S::Conflict)) => ApiError::new(
                ErrorCode::AlreadyExists,
                "The XMPP server has something by that name already: choose another.",
            ),
            SessionError::Request(R::Refused(S::Unsupported)) => {
                ApiError::new(ErrorCode::Unsupported, "The XMPP server has no such feature.")
            }
            SessionError::Request(R::Refused(S::Forbidden)) => {
                ApiError::new(ErrorCode::XmppRefused, "The XMPP server does not allow it.")
            }
            SessionError::Request(R::Refused(S::Unreachable)) => {
                ApiError::new(ErrorCode::XmppUnreachable, "The other side's server can't be reached.")
                    .retry_after(30)
            }
            SessionError::Request(R::Refused(S::Other)) => {
                ApiError::new(ErrorCode::XmppRefused, "The XMPP server refused the request.")
            }
        }
    }
}

impl From<RoomError> for ApiError {
    fn from(error: RoomError) -> Self {
        match error {
            RoomError::NotJoined => {
                ApiError::new(ErrorCode::NotInRoom, "The person is not in this room: join it first.")
            }
            RoomError::Hidden => ApiError::new(
                ErrorCode::PresenceOffline,
                "Your presence is `offline`, and whoever hides is in no room: set another presence, and join again.",
            ),
            RoomError::Nick => ApiError::new(
                ErrorCode::MalformedParameter,
                "Room or nickname can't be used: a room is `name@service`, a nickname has 1 to 1,023 bytes.",
            ),
            RoomError::TooLong => {
                ApiError::new(ErrorCode::RequestTooLarge, "The text has more than 1,024 bytes: shorten it.")
            }
            RoomError::Form(why) => {
                ApiError::new(ErrorCode::MalformedBody, format!("The form can't be used: {why}."))
            }
            RoomError::NoSuchMessage => ApiError::new(
                ErrorCode::NotFound,
                "The room's archive has no such message, as far as it was looked at.",
            ),
            RoomError::TooMany => {
                ApiError::new(ErrorCode::Overloaded, "There are 1,000 already: take one away first.")
            }
            RoomError::Refused(refusal) => {
                let detail = match &refusal {
                    RoomRefusal::PasswordRequired => "The room wants a password: send it, or the right one.",
                    RoomRefusal::MembersOnly => "The room is for members: ask its owner to make you one.",
                    RoomRefusal::Banned => "The room has banned this person.",
                    RoomRefusal::NickTaken => "Somebody else has this nickname: take another.",
                    RoomRefusal::NickRefused => "The room does not take this nickname: take another.",
                    RoomRefusal::Full => "The room is full: try again later.",
                    RoomRefusal::Gone { .. } => "The room is no more.",
                    RoomRefusal::NotFound => "There is no such room: create it, or check its name.",
                    RoomRefusal::NotAllowed => "The room or its service does not allow this.",
                    RoomRefusal::Unreachable => "The room's server can't be reached: try again soon.",
                    RoomRefusal::Other => "The room refused.",
                };
                ApiError::new(room_code(&refusal), detail)
            }
            RoomError::Session(error) => error.into(),
        }
    }
}

const UNSUPPORTED: &str =
    "The text has a control character (such as NUL) that XMPP can't carry: take it out.";

impl From<RegisterError> for ApiError {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Connect(error) => SignInError::Connect(error).into(),
            RegisterError::NotOffered => {
                ApiError::new(ErrorCode::Unsupported, "The XMPP server makes no accounts for those who ask.")
            }
            RegisterError::Exists => {
                ApiError::new(ErrorCode::AccountExists, "Somebody has this name: choose another.")
            }
            RegisterError::Incomplete(name) => ApiError::new(
                ErrorCode::RegistrationIncomplete,
                format!("The XMPP server wants to know \"{name}\" of whoever registers: register there."),
            ),
            RegisterError::Refused => ApiError::new(
                ErrorCode::XmppRefused,
                "The XMPP server does not take this name and password: choose others.",
            ),
            RegisterError::NotNow => ApiError::new(
                ErrorCode::Overloaded,
                "The XMPP server makes no more accounts for now: try again in some minutes.",
            ),
        }
    }
}

impl From<UploadError> for ApiError {
    fn from(error: UploadError) -> Self {
        let failed = |detail: String| ApiError::new(ErrorCode::UploadFailed, detail);
        match error {
            UploadError::Busy => ApiError::new(
                ErrorCode::Overloaded,
                "Too many files are being uploaded: wait until one is done.",
            )
            .retry_after(5),
            UploadError::Incomplete => ApiError::new(
                ErrorCode::MalformedBody,
                "The file that came has not as many bytes as were named: send it again.",
            ),
            UploadError::Slow => failed("The file took too long: send it again.".to_owned()),
            UploadError::Unreachable => {
                failed("The XMPP server's upload service can't be reached: try again soon.".to_owned())
                    .retry_after(30)
            }
            UploadError::NotPublic => failed(
                "The XMPP server's upload service is where the gateway does not go (`fetch.networks`): ask who runs it."
                    .to_owned(),
            ),
            UploadError::Untrusted => failed(
                "The XMPP server's upload service could not show that it is the right one: ask who runs this gateway."
                    .to_owned(),
            ),
            UploadError::Refused(status) => {
                failed(format!("The XMPP server's upload service answered {status} to the file."))
            }
        }
    }
}

impl From<SendError> for ApiError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Empty => {
                ApiError::new(ErrorCode::EmptyMessage, "The message has no text: write some.")
            }
            SendError::TooLong { len, max } => ApiError::new(
                ErrorCode::MessageTooLong,
                format!("The message has {len} bytes, and {max} are the most: shorten or split it."),
            ),
            SendError::TooLongInXml { len, max } => ApiError::new(
                ErrorCode::MessageTooLong,
                format!(
                    "The message takes {len} bytes in XML, where & takes five, < and > four, and {max} are the most: split it."
                ),
            ),
            SendError::UnsupportedCharacter => ApiError::new(ErrorCode::UnsupportedCharacter, UNSUPPORTED),
            SendError::IdReused => ApiError::new(
                ErrorCode::MessageIdReused,
                "This id was used for another message: make a new one for each message.",
            ),
            SendError::TooManyPending => ApiError::new(
                ErrorCode::Overloaded,
                "Too many messages wait for the XMPP server: wait a moment.",
            )
            .retry_after(2),
            SendError::Content(why) => {
                ApiError::new(ErrorCode::MalformedBody, format!("The message can't be sent: {why}."))
            }
            SendError::NoSuchMessage => ApiError::new(
                ErrorCode::NotFound,
                "The session knows of no such message in this conversation: load the page of history that has it.",
            ),
            SendError::NotOwn => ApiError::new(
                ErrorCode::NotOwnMessage,
                "The message is somebody else's: only its author corrects it or takes it back.",
            ),
            SendError::Retracted => {
                ApiError::new(ErrorCode::MessageRetracted, "The message was taken back: send another.")
            }
            SendError::Blocked => ApiError::new(
                ErrorCode::Blocked,
                "You have blocked whom this is for, and they would not get it: unblock them first.",
            ),
            SendError::NotInRoom => ApiError::new(
                ErrorCode::NotInRoom,
                "An address with '/…' is that of somebody in a room, and you are not in this room: join it first.",
            ),
            SendError::OccupantGone => ApiError::new(
                ErrorCode::OccupantGone,
                "Whom this is for is not in the room under this nickname: find them among those who are there.",
            ),
            SendError::Session(error) => error.into(),
        }
    }
}
