//! SASL (RFC 6120 section 6, or XEP-0388): which mechanism, and going through with it.
//!
//! The strongest mechanism that both sides have is used, and no other after it: falling back on failure would hand a
//! man in the middle the weaker one. The server's own proof is checked, so that success means that it knew the
//! password too. ANONYMOUS is not among the mechanisms: it would "succeed" with any password.
//!
//! SASL2 is used where the server gives tokens by it (`docs/adr/0018`), and offers nothing weaker by it.

mod fast;
mod hash;
mod mechanism;
mod profile;
mod sha512;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use sasl::common::ChannelBinding;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

pub(super) use fast::{Ht, Token};
pub(super) use hash::{Hash, Salted};
pub(super) use mechanism::{Choice, Strength};
use profile::{Profile, Said};

use super::connector::ConnectError;
use super::connector::shown::Shown;
use super::connector::wire::Wire;
use super::credential::{Credential, Salt};
use super::features::Features;

/// Fewer iterations than this are too weak to be a server of good faith (RFC 7677 section 4), more are a burden by which
/// a server could stall us.
const ITERATIONS: std::ops::RangeInclusive<u32> = 4_096..=1_000_000;

/// What is good enough.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// The password itself may be handed over.
    pub(super) allow_plain: bool,
    /// A server may offer less than it did before.
    pub(super) accept_weaker: bool,
}

/// Who comes, and with what.
pub(super) struct Comer<'a> {
    pub(super) domain: &'a str,
    pub(super) username: &'a str,
    pub(super) credential: &'a Credential,
    pub(super) proof: Salted,
    /// As which client tokens are asked for and shown, if they are.
    pub(super) agent: Option<&'a str>,
}

/// What came of it.
pub(super) struct Outcome {
    pub(super) mechanism: &'static str,
    /// The stream goes on as it is, and does not begin anew.
    pub(super) goes_on: bool,
    /// The server gave a token.
    pub(super) token: Option<Token>,
}

/// Proves the password to the server, and has the server prove that it knows it; or a token.
pub(super) async fn authenticate(
    wire: &mut Wire,
    features: &Features,
    binding: ChannelBinding,
    terms: Terms,
    comer: Comer<'_>,
    shown: &Shown,
) -> Result<Outcome, ConnectError> {
    let domain = comer.domain;
    let offered = Strength::offered(features, &binding, terms.allow_plain);
    if let Some(offered) = offered.filter(|_| !terms.accept_weaker) {
        shown.check(domain, offered)?;
    }
    let outcome = match &comer.proof {
        Salted::Fast(token) => show_token(wire, &binding, &comer, token).await?,
        _ => prove(wire, features, binding, terms, comer, shown).await?,
    };
    if let Some(offered) = offered {
        shown.note(domain, offered, terms.accept_weaker);
    }
    Ok(outcome)
}

/// By which profile, and which mechanism of it: SASL2 if there is a token to be had or there is nothing else, and never for
/// something weaker.
fn choose<'a>(
    features: &Features,
    binding: &ChannelBinding,
    allow_plain: bool,
    comer: &Comer<'a>,
) -> Option<(Choice, Profile<'a>)> {
    let of = |mechanisms| Choice::new(mechanisms, features, binding, allow_plain, &comer.proof);
    let sasl = of(&features.mechanisms);
    let sasl2 = features.sasl2.as_ref().and_then(|sasl2| of(&sasl2.mechanisms));
    let agent = comer.agent;
    let is_asked = agent.is_some() && comer.credential.wants_token();
    let asks_for = is_asked.then(|| Ht::strongest(features, binding)).flatten();
    match (sasl, sasl2) {
        (Some(sasl), Some(sasl2)) if asks_for.is_some() && sasl2.strength() >= sasl.strength() => {
            Some((sasl2, Profile::Sasl2 { agent, asks_for }))
        }
        (Some(sasl), _) => Some((sasl, Profile::Sasl)),
        (None, sasl2) => Some((sasl2?, Profile::Sasl2 { agent, asks_for })),
    }
}

/// A token that the server gave before. One that it refuses is not a wrong password: there may be one still.
async fn show_token(
    wire: &mut Wire,
    binding: &ChannelBinding,
    comer: &Comer<'_>,
    token: &Token,
) -> Result<Outcome, ConnectError> {
    const NOT_POSSIBLE: ConnectError = ConnectError::Incompatible("a token can't be shown here");
    let initial = token.initial(comer.username, binding).ok_or(NOT_POSSIBLE)?;
    let (profile, mechanism) = (Profile::Sasl2 { agent: comer.agent, asks_for: None }, token.mechanism);
    profile.begin(wire, mechanism.name(), &initial, Some(token.element())).await?;
    match profile.next(wire).await? {
        Said::Challenge(_) => Err(ConnectError::Incompatible("the server's challenge makes no sense")),
        Said::Failure(error) => Err(error),
        Said::Success(answer, success) => {
            if !token.is_answered(&answer, binding) {
                return Err(FORGED);
            }
            let token = Token::given(mechanism, &success);
            Ok(Outcome { mechanism: mechanism.name(), goes_on: true, token })
        }
    }
}

async fn prove(
    wire: &mut Wire,
    features: &Features,
    binding: ChannelBinding,
    terms: Terms,
    comer: Comer<'_>,
    shown: &Shown,
) -> Result<Outcome, ConnectError> {
    let chosen = choose(features, &binding, terms.allow_plain, &comer);
    let (choice, profile) = chosen.ok_or_else(|| no_way_in(&comer.proof))?;
    let Comer { domain, username, credential, proof, .. } = comer;
    let mut mechanism = choice
        .begin(username, &proof, binding)
        .map_err(|_| ConnectError::Incompatible("the mechanism could not be started"))?;

    let initial = mechanism.initial();
    let nonce = nonce_of(&initial);
    let asked = Instant::now();
    profile.begin(wire, choice.name(), &initial, None).await?;
    let mut is_proved = choice.hash().is_none();
    let mut salt = None;
    loop {
        match profile.next(wire).await? {
            Said::Challenge(challenge) if challenge.starts_with(b"v=") => {
                // The server's proof came as a challenge, with success to follow (RFC 5802 section 5).
                mechanism.success(&challenge).map_err(|_| FORGED)?;
                is_proved = true;
                profile.respond(wire, &[]).await?;
            }
            Said::Challenge(challenge) => {
                if let Some(hash) = choice.hash() {
                    let seen = check_challenge(hash, &challenge, nonce.as_deref())?;
                    if let Salted::Yes(known, _) = &proof
                        && *known != seen
                    {
                        // Another salt is another password, or the server's having forgotten how it salted this one.
                        return Err(ConnectError::WrongCredentials);
                    }
                    shown.note_iterations(domain, hash, seen.iterations);
                    salt = Some(seen);
                }
                // Key derivation takes tens of milliseconds of processor time.
                let (back, response) = tokio::task::spawn_blocking(move || {
                    let response = mechanism.response(&challenge);
                    (mechanism, response)
                })
                .await
                .map_err(|_| ConnectError::Incompatible("key derivation failed"))?;
                mechanism = back;
                let response = response
                    .map_err(|_| ConnectError::Incompatible("the server's challenge makes no sense"))?;
                profile.respond(wire, &response).await?;
            }
            Said::Success(proof, success) => {
                if !proof.is_empty() {
                    mechanism.success(&proof).map_err(|_| FORGED)?;
                    is_proved = true;
                }
                if !is_proved {
                    return Err(FORGED);
                }
                if let Some(salt) = salt {
                    let credential = credential.clone();
                    // As above. If it fails, the password is kept for longer.
                    let _ = tokio::task::spawn_blocking(move || credential.salted(salt)).await;
                }
                let (goes_on, token) = match profile {
                    Profile::Sasl => (false, None),
                    Profile::Sasl2 { asks_for, .. } => {
                        (true, asks_for.and_then(|mechanism| Token::given(mechanism, &success)))
                    }
                };
                return Ok(Outcome { mechanism: choice.name(), goes_on, token });
            }
            Said::Failure(error) => {
                if proof.is_token() {
                    return Err(not_trusted(error));
                }
                if let (Some(hash), None, Salted::No(password)) = (choice.hash(), &salt, proof)
                    && matches!(error, ConnectError::WrongCredentials | ConnectError::AccountDisabled)
                {
                    let iterations = shown.iterations(domain, hash);
                    take_as_long(hash, iterations, password, asked.elapsed()).await;
                }
                return Err(error);
            }
        }
    }
}

/// Servers say at once that there is no such account (Prosody and ejabberd do), where of one that there is they first ask
/// for the proof. So that whoever guesses at names does not see it in how long it takes, it takes as long.
async fn take_as_long(hash: Hash, iterations: u32, password: SecretString, round_trip: Duration) {
    let salt = Salt { hash, salt: vec![0; 16], iterations };
    // What comes of it is nothing to anybody.
    let _ = tokio::task::spawn_blocking(move || hash.derive(password.expose_secret(), &salt)).await;
    pause(round_trip).await;
}

#[expect(clippy::disallowed_methods, reason = "what would be waited for is not asked for")]
async fn pause(round_trip: Duration) {
    tokio::time::sleep(round_trip).await;
}

/// None of what the server offers can be done with what there is.
fn no_way_in(proof: &Salted) -> ConnectError {
    match proof {
        Salted::No(_) => ConnectError::Incompatible("the server offers no way to sign in that can be used"),
        // With the password there may be one.
        Salted::Yes(..) | Salted::Fast(_) => ConnectError::WrongCredentials,
        Salted::Token(_) => ConnectError::NotTrusted,
    }
}

/// What a failure means to whom it was not the person's own password: they are not asked for another.
fn not_trusted(error: ConnectError) -> ConnectError {
    match error {
        ConnectError::WrongCredentials | ConnectError::Incompatible(_) => ConnectError::NotTrusted,
        error => error,
    }
}

/// The server could not show that it knows the password: it is not the one it claims to be.
const FORGED: ConnectError = ConnectError::Untrusted;

fn nonce_of(initial: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(initial).ok()?;
    text.split(',').find_map(|part| part.strip_prefix("r=")).map(str::to_owned)
}

/// What `sasl` leaves to us of RFC 5802 section 5.1: the nonce must begin with ours, the iterations must be within reason.
/// Says how the password is salted.
fn check_challenge(hash: Hash, challenge: &[u8], nonce: Option<&str>) -> Result<Salt, ConnectError> {
    let text = std::str::from_utf8(challenge)
        .map_err(|_| ConnectError::Incompatible("the server's challenge is not text"))?;
    let value = |key: &str| text.split(',').find_map(|part| part.strip_prefix(key));
    let is_ours = match (value("r="), nonce) {
        (Some(server), Some(client)) => server.len() > client.len() && server.starts_with(client),
        _ => false,
    };
    if !is_ours {
        return Err(ConnectError::Untrusted);
    }
    let salt = value("s=")
        .and_then(|salt| BASE64.decode(salt).ok())
        .ok_or(ConnectError::Incompatible("the server's challenge makes no sense"))?;
    match value("i=").and_then(|count| count.parse::<u32>().ok()) {
        Some(iterations) if ITERATIONS.contains(&iterations) => Ok(Salt { hash, salt, iterations }),
        _ => Err(ConnectError::Incompatible("the server's iteration count is out of reason")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_of_bad_faith_are_refused() {
        for (challenge, expected) in [
            (
                "r=abcXYZ,s=c2FsdA==,i=4096",
                Ok(Salt { hash: Hash::Sha1, salt: b"salt".to_vec(), iterations: 4096 }),
            ),
            (
                "r=abcXYZ,s=c2FsdA==,i=1000000",
                Ok(Salt { hash: Hash::Sha1, salt: b"salt".to_vec(), iterations: 1_000_000 }),
            ),
            ("r=abcXYZ,s=?,i=4096", Err(ConnectError::Incompatible("the server's challenge makes no sense"))),
            ("r=abc,s=c2FsdA==,i=4096", Err(ConnectError::Untrusted)),
            ("r=xyzabc,s=c2FsdA==,i=4096", Err(ConnectError::Untrusted)),
            ("s=c2FsdA==,i=4096", Err(ConnectError::Untrusted)),
            (
                "r=abcXYZ,s=c2FsdA==,i=4294967295",
                Err(ConnectError::Incompatible("the server's iteration count is out of reason")),
            ),
            (
                "r=abcXYZ,s=c2FsdA==,i=1",
                Err(ConnectError::Incompatible("the server's iteration count is out of reason")),
            ),
        ] {
            assert_eq!(
                check_challenge(Hash::Sha1, challenge.as_bytes(), Some("abc")),
                expected,
                "{challenge}"
            );
        }
    }
}
