//! What an assertion says, and whether that is taken (RFC 7519 section 4, RFC 7523 section 3, RFC 8725).

use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode};
use protocol::{BareJid, TimestampMs};
use serde::Deserialize;
use serde_json::{Map, Number, Value};

use super::{AssertionError, IssuerSettings, People};
use crate::auth::tokens::LEEWAY_SECS;

/// How far clocks may be off (milliseconds).
const LEEWAY_MS: TimestampMs = LEEWAY_SECS * 1000;
/// The most bytes of what an assertion is called.
const MAX_ID_BYTES: usize = 256;

/// To know by whose keys it is to be checked: until it is, this is what somebody claims.
#[derive(Deserialize)]
struct Claimed {
    iss: String,
}

/// Who says to have made an assertion.
pub(super) fn issuer(assertion: &str) -> Option<String> {
    insecure_decode_claims::<Claimed>(assertion).ok().map(|claimed| claimed.iss)
}

/// Whether the header lets it be checked at all. Keys that it brings along, or says where to find, are looked at by nobody.
pub(super) fn check_header(header: &Header, settings: &IssuerSettings) -> Result<(), AssertionError> {
    let refused = |why| Err(AssertionError::Foreign(why));
    if !settings.algorithms.contains(&header.alg) {
        return refused("the issuer is not to sign in this way");
    }
    // RFC 7515 section 4.1.11: what has to be understood and is not. The library passes over it.
    if header.crit.is_some() {
        return refused("its header has something that must be understood and is not");
    }
    // RFC 8725 section 3.11: what was made for another use is not to be taken for this.
    let is_of_type = match (&settings.typ, header.typ.as_deref()) {
        (Some(wanted), given) => given.is_some_and(|given| given.eq_ignore_ascii_case(wanted)),
        (None, given) => given.is_none_or(|given| given.eq_ignore_ascii_case("JWT")),
    };
    if is_of_type { Ok(()) } else { refused("it is of another type") }
}

/// What an assertion says that is well signed.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: Number,
    iat: Number,
    #[serde(default)]
    nbf: Option<Number>,
    pub(super) jti: String,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// RFC 7519 section 4.1.3.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Claims {
    /// What it says, if it is signed by this key in this way.
    pub(super) fn verified(
        assertion: &str,
        key: &DecodingKey,
        algorithm: Algorithm,
    ) -> Result<Self, AssertionError> {
        // The library looks at the signature, and we at what is said: it would ask the machine's clock, and take one
        // audience of several.
        let mut validation = Validation::new(algorithm);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        let decoded = decode(assertion, key, &validation);
        decoded.map(|data| data.claims).map_err(|_| {
            AssertionError::Foreign(
                "its signature is wrong, or what it says is not of the form of an assertion",
            )
        })
    }

    /// Whether it is good now and for us. Gives until when it is.
    pub(super) fn check(
        &self,
        now_ms: TimestampMs,
        since_ms: TimestampMs,
        settings: &IssuerSettings,
    ) -> Result<TimestampMs, AssertionError> {
        use AssertionError::{Expired, Foreign, Time};
        if self.iss != settings.issuer {
            return Err(Foreign("it names two issuers"));
        }
        let is_for_us = match &self.aud {
            Audience::One(one) => *one == settings.audience,
            // Whoever else it is for could come with it.
            Audience::Several(all) => matches!(&**all, [one] if *one == settings.audience),
        };
        if !is_for_us {
            return Err(Foreign("it is not for this gateway, or not for it alone"));
        }
        if !(1..=MAX_ID_BYTES).contains(&self.jti.len()) {
            return Err(Foreign("jti must be 1 to 256 bytes"));
        }
        let instant = |number| millis(number).ok_or(Time("exp, iat and nbf must be seconds since 1970"));
        let (exp, iat) = (instant(&self.exp)?, instant(&self.iat)?);
        let nbf = self.nbf.as_ref().map(instant).transpose()?;
        if exp.saturating_add(LEEWAY_MS) < now_ms {
            return Err(Expired);
        }
        if iat.max(nbf.unwrap_or(iat)) > now_ms.saturating_add(LEEWAY_MS) {
            return Err(Time("it is good only later: look at the clocks"));
        }
        let longest = i64::try_from(settings.longest.as_millis()).unwrap_or(i64::MAX);
        if exp <= iat || exp.saturating_sub(iat) > longest {
            return Err(Time("it is good for longer than the gateway lets it be, or for no time"));
        }
        if iat < since_ms {
            return Err(Time("it was made before the gateway was started: get another one"));
        }
        Ok(exp.saturating_add(LEEWAY_MS))
    }

    /// Who is meant.
    pub(super) fn who(&self, people: &People) -> Result<BareJid, AssertionError> {
        let jid = match people {
            People::Template(before, behind) => {
                // What stands for another character would be another name than the one that was given (XEP-0106).
                let is_plain = !self.sub.is_empty() && !self.sub.contains(['\\', '@', '/']);
                is_plain.then(|| [before, &*self.sub, behind].concat().parse().ok()).flatten()
            }
            People::Table(table) => table.get(&self.sub).cloned(),
            People::Claim(name) => self.others.get(name).and_then(|value| value.as_str()?.parse().ok()),
        };
        jid.ok_or(AssertionError::Nobody)
    }
}

/// RFC 7519 section 2, NumericDate: seconds since 1970, maybe with a fraction.
fn millis(number: &Number) -> Option<TimestampMs> {
    /// Some 30,000 years, which a double says to the millisecond.
    const MAX_SECS: f64 = 1e12;
    let seconds = number.as_f64().filter(|seconds| (0.0..MAX_SECS).contains(seconds))?;
    #[expect(clippy::cast_possible_truncation, reason = "it is bounded")]
    let millis = (seconds * 1000.0).floor() as TimestampMs;
    Some(millis)
}
