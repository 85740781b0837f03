//! Tries at a password, and to register, as HTTP counts them: whoever fails is told how many are left, in the words of
//! draft-ietf-httpapi-ratelimit-headers-10.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use protocol::BareJid;

use super::error::ApiError;
use crate::auth::{Begun, Limits, Policy, Standing, Try};
use crate::clock;
use crate::session::{ConnectError, SignInError};

/// How somebody stands (section 4 of the draft).
pub(super) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// By which rules (section 3 of the draft).
pub(super) const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The tries at one name from one address, or those of one address to register.
pub(super) struct Tries<'a> {
    limits: &'a Limits,
    /// At whose name.
    jid: Option<&'a BareJid>,
    address: IpAddr,
}

impl<'a> Tries<'a> {
    pub(super) fn new(limits: &'a Limits, jid: &'a BareJid, address: IpAddr) -> Self {
        Tries { limits, jid: Some(jid), address }
    }

    pub(super) fn to_register(limits: &'a Limits, address: IpAddr) -> Self {
        Tries { limits, jid: None, address }
    }

    /// Another one, if there may be one now. Waits for those that are under way where it depends on them.
    pub(super) async fn begin(&self) -> Result<Try<'a>, ApiError> {
        loop {
            let begun = match self.jid {
                Some(jid) => self.limits.begin(clock::now_ms(), jid, self.address),
                None => self.limits.begin_to_register(clock::now_ms(), self.address),
            };
            match begun {
                Begun::Try(one) => return Ok(one),
                Begun::Wait(freed) => freed.await,
                Begun::Refused(why) => return Err(why.into()),
            }
        }
    }

    /// What came of one. A password that is not the right one counts, and whoever sent it is told what is left.
    pub(super) fn counted<T>(&self, one: Try<'_>, checked: Result<T, SignInError>) -> Result<T, ApiError> {
        match checked {
            Ok(found) => {
                one.succeeded(clock::now_ms());
                Ok(found)
            }
            Err(
                error @ SignInError::Connect(
                    ConnectError::WrongCredentials
                    | ConnectError::AccountDisabled
                    | ConnectError::AccountRefused,
                ),
            ) => {
                one.failed(clock::now_ms());
                Err(self.told(error.into()))
            }
            Err(error) => {
                one.excused();
                Err(error.into())
            }
        }
    }

    /// A failure that says how many are left.
    pub(super) fn told(&self, error: ApiError) -> ApiError {
        error.standing(match self.jid {
            Some(jid) => self.limits.standing(clock::now_ms(), jid, self.address),
            None => self.limits.standing_to_register(clock::now_ms(), self.address),
        })
    }
}

/// Writes how somebody stands into the headers of an answer.
pub(super) fn write(standing: Standing, headers: &mut HeaderMap) {
    let Standing { policy, left, more_in_secs, among } = standing;
    let limit = format!("\"{}\";r={left};t={more_in_secs}", name(policy));
    let policies: Vec<String> = among
        .iter()
        .map(|policy| format!("\"{}\";q={};w={}", name(*policy), policy.tries(), Policy::WINDOW_SECS))
        .collect();
    let policies = policies.join(", ");
    for (header, value) in [(RATE_LIMIT, limit), (RATE_LIMIT_POLICY, policies)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(header, value);
        }
    }
}

fn name(policy: Policy) -> &'static str {
    match policy {
        Policy::Pair => "name-and-address",
        Policy::Account => "name",
        Policy::Address => "address",
        Policy::Registration => "registration",
    }
}
