//! Tries at a password, as HTTP counts them: whoever fails is told how many are left, in the words of
//! draft-ietf-httpapi-ratelimit-headers-10.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use protocol::BareJid;

use super::error::ApiError;
use crate::auth::{Limits, Policy, Standing};
use crate::clock;

/// How somebody stands (section 4 of the draft).
pub(super) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// By which rules (section 3 of the draft).
pub(super) const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The tries at one name from one address.
pub(super) struct Tries<'a> {
    limits: &'a Limits,
    jid: &'a BareJid,
    address: IpAddr,
}

impl<'a> Tries<'a> {
    pub(super) fn new(limits: &'a Limits, jid: &'a BareJid, address: IpAddr) -> Self {
        Tries { limits, jid, address }
    }

    /// May there be another now?
    pub(super) fn check(&self) -> Result<(), ApiError> {
        Ok(self.limits.check(clock::now_ms(), self.jid, self.address)?)
    }

    /// One counts as failed.
    pub(super) fn failed(&self) {
        self.limits.failed(clock::now_ms(), self.jid, self.address);
    }

    /// One was right.
    pub(super) fn succeeded(&self) {
        self.limits.succeeded(self.jid, self.address);
    }

    /// A failure that says how many are left.
    pub(super) fn told(&self, error: ApiError) -> ApiError {
        error.standing(self.limits.standing(clock::now_ms(), self.jid, self.address))
    }
}

/// Writes how somebody stands into the headers of an answer.
pub(super) fn write(standing: Standing, headers: &mut HeaderMap) {
    let Standing { policy, left, more_in_secs } = standing;
    let limit = format!("\"{}\";r={left};t={more_in_secs}", name(policy));
    let policies = Policy::ALL
        .map(|policy| format!("\"{}\";q={};w={}", name(policy), policy.tries(), Policy::WINDOW_SECS))
        .join(", ");
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
    }
}
