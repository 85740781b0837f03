//! SASL (RFC 6120 section 6): which mechanism, and going through with it.
//!
//! The strongest mechanism that both sides have is used, and no other after it: falling back on failure would hand a
//! man in the middle the weaker one. The server's own proof is checked, so that success means that it knew the
//! password too. ANONYMOUS is not among the mechanisms: it would "succeed" with any password.

mod hash;
mod mechanism;
mod sha512;

use std::time::Duration;

use futures::SinkExt;
use minidom::Element;
use sasl::common::ChannelBinding;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

pub(super) use hash::{Hash, Salted};
pub(super) use mechanism::{Choice, Strength};

use super::connector::ConnectError;
use super::connector::shown::Shown;
use super::connector::wire::{self, Wire};
use super::credential::{Credential, Salt};
use super::element::{Build, element};
use super::features::Features;
use super::namespaces as ns;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

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
}

/// Proves the password to the server, and has the server prove that it knows it. Says by which mechanism.
pub(super) async fn authenticate(
    wire: &mut Wire,
    features: &Features,
    binding: ChannelBinding,
    terms: Terms,
    Comer { domain, username, credential, proof }: Comer<'_>,
    shown: &Shown,
) -> Result<&'static str, ConnectError> {
    let choice =
        Choice::new(features, &binding, terms.allow_plain, &proof).ok_or_else(|| no_way_in(&proof))?;
    let offered = Strength::offered(features, &binding, terms.allow_plain);
    if let Some(offered) = offered.filter(|_| !terms.accept_weaker) {
        shown.check(domain, offered)?;
    }
    let mut mechanism = choice
        .begin(username, &proof, binding)
        .map_err(|_| ConnectError::Incompatible("the mechanism could not be started"))?;

    let initial = mechanism.initial();
    let nonce = nonce_of(&initial);
    let asked = Instant::now();
    send(wire, "auth", Some(choice.name()), &initial).await?;
    let mut is_proved = choice.hash().is_none();
    let mut salt = None;
    loop {
        let answer = wire::next(wire).await?;
        if !answer.has_ns(ns::SASL) {
            return Err(ConnectError::Incompatible("the server spoke of something else while signing in"));
        }
        match answer.name() {
            "challenge" => {
                let challenge = payload(&answer)?;
                if challenge.starts_with(b"v=") {
                    // The server's proof came as a challenge, with success to follow (RFC 5802 section 5).
                    mechanism.success(&challenge).map_err(|_| FORGED)?;
                    is_proved = true;
                    send(wire, "response", None, &[]).await?;
                    continue;
                }
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
                send(wire, "response", None, &response).await?;
            }
            "success" => {
                let proof = payload(&answer)?;
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
                if let Some(offered) = offered {
                    shown.note(domain, offered, terms.accept_weaker);
                }
                return Ok(choice.name());
            }
            "failure" => {
                let error = failure(&answer);
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
            _ => return Err(ConnectError::Incompatible("the server's answer to signing in is unknown")),
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
        Salted::Yes(..) => ConnectError::WrongCredentials,
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

async fn send(wire: &mut Wire, name: &str, mechanism: Option<&str>, data: &[u8]) -> Result<(), ConnectError> {
    // An empty initial response is "=", to tell it from none at all (RFC 6120 section 6.4.2).
    let text = if data.is_empty() && mechanism.is_some() { "=".to_owned() } else { BASE64.encode(data) };
    let nonza = element(name, ns::SASL).with_some("mechanism", mechanism).content(text);
    wire.stream.send(&nonza).await.map_err(|_| ConnectError::Unreachable)
}

fn payload(element: &Element) -> Result<Vec<u8>, ConnectError> {
    let text = element.text();
    if text == "=" {
        return Ok(Vec::new());
    }
    BASE64.decode(text.trim()).map_err(|_| ConnectError::Incompatible("the server's challenge is not base64"))
}

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

/// RFC 6120 section 6.5.
fn failure(element: &Element) -> ConnectError {
    let condition = element.children().find(|child| child.name() != "text").map(Element::name);
    match condition {
        Some("not-authorized" | "invalid-authzid" | "credentials-expired") => ConnectError::WrongCredentials,
        Some("account-disabled") => ConnectError::AccountDisabled,
        Some("temporary-auth-failure") => ConnectError::Unreachable,
        Some(
            "aborted" | "bad-protocol" | "incorrect-encoding" | "invalid-mechanism" | "malformed-request",
        ) => ConnectError::Incompatible("the server did not go through with signing in"),
        Some("encryption-required" | "mechanism-too-weak") => {
            ConnectError::Incompatible("the server demands a stronger way to sign in")
        }
        // RFC 6120 section 6.5: an unknown condition means that it failed, and not why.
        _ => ConnectError::WrongCredentials,
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

    #[test]
    fn failures_are_told_apart() {
        for (condition, expected) in [
            ("<not-authorized/>", ConnectError::WrongCredentials),
            ("<account-disabled/><text>gone</text>", ConnectError::AccountDisabled),
            ("<text>sorry</text><temporary-auth-failure/>", ConnectError::Unreachable),
            ("<brand-new/>", ConnectError::WrongCredentials),
            ("", ConnectError::WrongCredentials),
        ] {
            let element: Element =
                format!("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{condition}</failure>")
                    .parse()
                    .unwrap();
            assert_eq!(failure(&element), expected, "{condition}");
        }
    }
}
