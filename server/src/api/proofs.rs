//! Showing who one is, as HTTP says it: the same for both surfaces.

use protocol::{BareJid, ErrorCode};
use secrecy::SecretString;

use super::ApiState;
use super::error::ApiError;
use super::tries::Tries;
use crate::auth::{
    Act, Came, CodeError, Entry, FactorError, Means, NotPending, PasskeyError, PasskeysUnavailable,
    Principal, ProofError,
};
use crate::clock;

/// What can't be undone, and what others could come in by, is for whoever has shown of late who they are: a token alone
/// may have been found.
pub(super) fn must_be_fresh(principal: &Principal) -> Result<(), ApiError> {
    if principal.is_fresh(clock::now_ms()) {
        return Ok(());
    }
    let detail = "This is for whoever has shown within the last 5 minutes who they are: prove it by \
                  `POST /sign-ins/current/proofs`, or log in again, and repeat it.";
    Err(ApiError::new(ErrorCode::FreshProofNeeded, detail))
}

/// Whether what somebody has shown is enough where nothing more can be asked for.
pub(super) fn must_be_enough(state: &ApiState, came: &Came) -> Result<(), ApiError> {
    if state.auth.is_enough(came) {
        return Ok(());
    }
    let refused = Entry::of(&came.jid, Act::SignInRefused(ErrorCode::SecondFactorNeeded));
    state.auth.audit(clock::now_ms(), refused.shown_by(came.shown));
    let detail = "This account is asked for more than a password, which this way in can't take: sign in by \
                  `POST /sparkweb/api/v1/sign-ins`, or use a token that was made for a script.";
    Err(ApiError::new(ErrorCode::SecondFactorNeeded, detail))
}

/// The XMPP server checks the password of somebody whose session it leaves alone, under the same limits as for signing in.
pub(super) async fn check_password(
    state: &ApiState,
    jid: &BareJid,
    password: String,
    address: std::net::IpAddr,
) -> Result<(), ApiError> {
    let tries = Tries::new(state.auth.limits(), jid, address);
    let one = tries.begin().await?;
    let checked = tries.counted(one, state.sessions.check_password(jid, SecretString::from(password)).await);
    checked.inspect_err(|error| {
        let failed = Act::FactorFailed(Means::Password, error.code());
        state.auth.audit(clock::now_ms(), Entry::of(jid, failed));
    })
}

impl From<CodeError> for ApiError {
    fn from(error: CodeError) -> Self {
        match error {
            CodeError::NotSetUp => {
                ApiError::new(ErrorCode::NotFound, "There is no authenticator app, or it waited too long.")
            }
            CodeError::Wrong => ApiError::new(
                ErrorCode::WrongCode,
                "The code is wrong, has run out, or was used already: wait for the next one.",
            ),
            CodeError::TooMany { retry_after_secs } => {
                let detail = format!("Too many codes were wrong: wait {retry_after_secs} s and try again.");
                ApiError::new(ErrorCode::TooManyRequests, detail).retry_after(retry_after_secs)
            }
            CodeError::Seal(error) => {
                tracing::error!(%error, "the secret of an authenticator app can't be used");
                ApiError::new(ErrorCode::Internal, "The gateway failed. It was logged.")
            }
        }
    }
}

impl From<NotPending> for ApiError {
    fn from(_: NotPending) -> Self {
        let detail = "No such sign-in waits for a proof: it has run out, or is done. Begin again.";
        ApiError::new(ErrorCode::NotFound, detail)
    }
}

impl From<ProofError> for ApiError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::NotPending(error) => error.into(),
            ProofError::Code(error) => error.into(),
            ProofError::Passkey(error) => error.into(),
            ProofError::NotAsked => ApiError::new(
                ErrorCode::ProofNotAccepted,
                "Another proof is asked for: `accepts` of the answer before says which.",
            ),
        }
    }
}

impl From<PasskeyError> for ApiError {
    fn from(error: PasskeyError) -> Self {
        use PasskeyError as P;
        let (code, detail) = match error {
            P::Malformed => (ErrorCode::MalformedBody, "This is not what a browser makes of a passkey."),
            P::Name => (ErrorCode::MalformedBody, "name must be 1 to 100 bytes, without control characters."),
            P::NotVerified => (
                ErrorCode::PasskeyRefused,
                "The device has to check who holds it: by a PIN, a finger or a face.",
            ),
            P::Page => (ErrorCode::PasskeyRefused, "Passkeys of this gateway are not used on that page."),
            P::Exists => (ErrorCode::AlreadyExists, "This passkey is there already."),
            P::TooMany => (ErrorCode::AlreadyExists, "There are 20 passkeys already: remove one first."),
            // Who tries others' passkeys is not to learn which there are.
            P::Ceremony | P::Refused | P::Unknown | P::Blocked | P::Copied => (
                ErrorCode::PasskeyRefused,
                "The passkey is not taken: it is not good here, or the question that it answers was answered already \
                 or has run out. Get another question.",
            ),
        };
        ApiError::new(code, detail)
    }
}

impl From<&PasskeysUnavailable> for ApiError {
    fn from(why: &PasskeysUnavailable) -> Self {
        let detail = format!("This gateway has no passkeys: {why}.");
        ApiError::new(ErrorCode::Unsupported, detail)
    }
}

impl From<PasskeysUnavailable> for ApiError {
    fn from(why: PasskeysUnavailable) -> Self {
        (&why).into()
    }
}

impl From<FactorError> for ApiError {
    fn from(error: FactorError) -> Self {
        match error {
            FactorError::Code(error) => error.into(),
            FactorError::AlreadySetUp => {
                ApiError::new(ErrorCode::AlreadyExists, "An authenticator app is set up: remove it first.")
            }
            FactorError::Unavailable => ApiError::new(
                ErrorCode::Unsupported,
                "This gateway keeps nothing, and so no second factors: whoever runs it can give it a store.",
            ),
        }
    }
}
