//! Coming in by what a site says that is trusted (RFC 7523).

use protocol::{BareJid, ErrorCode, SignInStep};

use super::ApiState;
use super::door;
use super::error::ApiError;
use super::peer::Visitor;
use crate::auth::{Act, AssertionError, Begun, Came, Entry, Shown, Vouched};
use crate::clock;
use crate::session::normalise;

/// Lets somebody in by an assertion, as far as that gets them. Where nothing is kept that opens their session, they are
/// asked for the password, which is kept from then on.
pub(super) async fn come_in(
    state: &ApiState,
    assertion: &str,
    visitor: Visitor,
) -> Result<SignInStep, ApiError> {
    let jid = vouched(state, assertion, &visitor).await.inspect_err(|error| {
        // Whose it was to be nobody knows who could be believed.
        state.auth.audit(clock::now_ms(), Entry::of_gateway(Act::SignInRefused(error.code())));
    })?;
    let opened = door::let_in_again(state, &jid).await.inspect_err(|error| {
        let refused = Entry::of(&jid, Act::SignInRefused(error.code()));
        state.auth.audit(clock::now_ms(), refused.shown_by(SHOWN));
    })?;
    let now_ms = clock::now_ms();
    Ok(match opened {
        Some(session) => {
            let came = door::came(state, &session, visitor);
            state.auth.come_in(now_ms, &Came { shown: SHOWN, ..came })
        }
        None => {
            let remember = visitor.is_kept;
            let came = door::came_by(jid, SHOWN, visitor, None);
            SignInStep::Pending(state.auth.ask_for_password(now_ms, &came, remember))
        }
    })
}

/// What they have shown.
const SHOWN: Shown = Shown::ASSERTION;

/// Whose an assertion is, which is thereby used up. Those that are not taken are counted by where they come from.
async fn vouched(state: &ApiState, assertion: &str, visitor: &Visitor) -> Result<BareJid, ApiError> {
    if !state.issuers.are_there() {
        let detail = "This gateway trusts no site to say who somebody is: sign in by another way.";
        return Err(ApiError::new(ErrorCode::Unsupported, detail));
    }
    let one = loop {
        match state.auth.limits().begin_from(clock::now_ms(), visitor.address) {
            Begun::Try(one) => break one,
            Begun::Wait(freed) => freed.await,
            Begun::Refused(why) => return Err(why.into()),
        }
    };
    match state.issuers.check(clock::now_ms(), assertion).await {
        Ok(Vouched { jid, issuer }) => {
            one.excused();
            let ours = ours(&jid, &state.settings.domain);
            ours.inspect_err(|_| tracing::info!(issuer, "an assertion means nobody here"))
        }
        Err(error @ (AssertionError::NoKeys | AssertionError::Full)) => {
            one.excused();
            Err(error.into())
        }
        Err(error) => {
            one.failed(clock::now_ms());
            tracing::info!(%error, "an assertion is not taken");
            Err(error.into())
        }
    }
}

/// An address in the one form that it has: two names that are told apart elsewhere are not to be one person here.
fn ours(jid: &BareJid, domain: &str) -> Result<BareJid, ApiError> {
    let normal = normalise(jid).ok().filter(|normal| normal == jid);
    let ours = normal.filter(|jid| jid.domain().eq_ignore_ascii_case(domain) && jid.local().is_some());
    ours.ok_or_else(|| AssertionError::Nobody.into())
}

impl From<AssertionError> for ApiError {
    fn from(error: AssertionError) -> Self {
        use AssertionError as A;
        match error {
            A::Foreign(_) | A::Time(_) | A::Replayed => {
                ApiError::new(ErrorCode::InvalidToken, format!("The assertion is not taken: {error}."))
            }
            A::Expired => ApiError::new(
                ErrorCode::TokenExpired,
                "The assertion has run out: get another one from the site.",
            ),
            A::Nobody => ApiError::new(
                ErrorCode::AccountRefused,
                "The assertion means nobody who has an account here: ask who runs the gateway.",
            ),
            A::NoKeys => {
                let detail = "The keys of the assertion's issuer can't be had at the moment: try again soon.";
                ApiError::new(ErrorCode::Overloaded, detail).retry_after(30)
            }
            A::Full => {
                let detail = "Too many assertions came of late: try again soon.";
                ApiError::new(ErrorCode::Overloaded, detail).retry_after(60)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_names_are_not_one_person() {
        for (text, expected) in [
            ("juliet@spark.test", true),
            ("Juliet@spark.test", false),
            ("juliet@Spark.Test", false),
            ("ＪＵＬＩＥＴ@spark.test", false),
            ("jul\u{ad}iet@spark.test", false),
            ("juliet@elsewhere.test", false),
            ("juliet@spark.test.", false),
            ("spark.test", false),
        ] {
            assert_eq!(ours(&text.parse().unwrap(), "spark.test").is_ok(), expected, "{text}");
        }
    }
}
