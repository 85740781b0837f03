//! Sign-ins whose secret is good by itself, with no token that runs out in between: those in a cookie, and those for scripts.

use protocol::{SignInId, TimestampMs};

use super::sign_ins::Touched;
use super::{Auth, Principal, TokenError};

impl Auth {
    /// Puts a sign-in of the API v1 into a cookie, or another secret into its cookie: gives what goes into it. Its refresh
    /// token is worth nothing any more.
    ///
    /// # Errors
    /// [`TokenError::Foreign`] of a sign-in of another kind.
    pub fn put_into_cookie(&self, now_ms: TimestampMs, principal: &Principal) -> Result<String, TokenError> {
        self.0.sign_ins.put_into_cookie(now_ms, &principal.sign_in).ok_or(TokenError::Foreign)
    }

    /// For how many seconds a cookie is good that nobody uses.
    pub fn cookie_secs(&self) -> u64 {
        self.0.settings.refresh.as_secs()
    }

    /// Who comes with this cookie.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn check_cookie(&self, now_ms: TimestampMs, cookie: &str) -> Result<Principal, TokenError> {
        self.0.sign_ins.by_cookie(now_ms, cookie).map(|found| self.by_itself(found))
    }

    /// Who comes with a secret that is good by itself: they may what they are entitled to now, and no more.
    pub(super) fn by_itself(&self, (sign_in, touched): (SignInId, Touched)) -> Principal {
        let scopes = touched.scopes.within(self.entitled(&touched.jid));
        Principal {
            jid: touched.jid,
            sign_in,
            session: touched.session,
            scopes,
            bounds: None,
            proved_at_ms: touched.proved_at_ms,
            shown: touched.shown,
            expires_at_ms: touched.expires_at_ms.unwrap_or(TimestampMs::MAX),
            ended: touched.ended,
        }
    }
}
