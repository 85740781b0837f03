//! Sign-ins that ask for more than a password, with time as an argument.

use std::collections::HashSet;

use secrecy::SecretString;
use totp_rs::{Builder, Secret};

use super::*;
use crate::auth::tests::settings;
use crate::auth::{AuthSettings, FactorPolicy, FactorRule, SecondFactor, Surface, TokenError, Where, Who};
use crate::keyring::Keyring;
use crate::store::Store;
use crate::task::OwnedTask;

const START: TimestampMs = 1_767_225_600_000;

fn juliet() -> BareJid {
    "juliet@spark.test".parse().unwrap()
}

fn by_password() -> Came {
    Came { session: None, ..Came::to_session(&juliet(), 1) }
}

struct Gateway {
    auth: Auth,
    _writer: OwnedTask<()>,
}

async fn gateway(store: &Store, key: &SecretString, factors: impl Into<FactorPolicy>) -> Gateway {
    let factors = factors.into();
    let settings = AuthSettings { issuer: "https://chat.example.com".to_owned(), factors, ..settings() };
    let (auth, writer) =
        Auth::open(START, settings, store.clone(), Keyring::parse(key).unwrap()).await.unwrap();
    Gateway { auth, _writer: OwnedTask::spawn(writer) }
}

/// What an app shows that has this secret.
fn shown(secret: &str, at_ms: TimestampMs) -> String {
    let totp = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap();
    totp.generate(u64::try_from(at_ms / 1000).unwrap()).to_string()
}

fn set_up(auth: &Auth, at_ms: TimestampMs) -> (String, Vec<String>) {
    let secret = auth.begin_totp(at_ms, &juliet()).unwrap().secret;
    let codes = auth.confirm_totp(at_ms, (&juliet(), Shown::PASSWORD), &shown(&secret, at_ms)).unwrap();
    (secret, codes)
}

fn done(step: SignInStep) -> SignIn {
    match step {
        SignInStep::Done(sign_in) => sign_in,
        SignInStep::Pending(pending) => panic!("asked for {:?}", pending.accepts),
    }
}

fn asked(step: SignInStep) -> PendingSignIn {
    match step {
        SignInStep::Pending(pending) => pending,
        SignInStep::Done(_) => panic!("in"),
    }
}

#[tokio::test]
async fn an_app_is_asked_for_once_it_is_set_up_and_after_a_restart() {
    let (store, key) = (Store::in_memory().await.unwrap(), Keyring::new_key());
    let first = gateway(&store, &key, SecondFactor::WhenSetUp).await;
    done(first.auth.come_in(START, &by_password()));
    assert!(first.auth.is_enough(&by_password()));
    let (secret, _) = set_up(&first.auth, START);
    assert!(!first.auth.is_enough(&by_password()));
    first.auth.saved().await.unwrap();

    let second = gateway(&store, &key, SecondFactor::WhenSetUp).await;
    let auth = &second.auth;
    let pending = asked(auth.come_in(START, &by_password()));
    assert_eq!(pending.accepts, [ProofKind::Totp, ProofKind::RecoveryCode]);
    let prove = |token: &str, kind, code: &str| {
        auth.prove_by_code(START, &pending.id, token, kind, code).map(|step| done(step).jid)
    };
    let token = pending.pending_token.as_str();
    assert_eq!(
        prove(token, ProofKind::Totp, &shown(&secret, START)),
        Err(ProofError::Code(CodeError::Wrong)),
        "it confirmed, before the restart"
    );
    let code = shown(&secret, START + 30_000);
    assert_eq!(prove("a guess", ProofKind::Totp, &code), Err(ProofError::NotPending(NotPending)));
    assert_eq!(prove(token, ProofKind::Password, &code), Err(ProofError::NotAsked));
    assert_eq!(prove(token, ProofKind::Totp, &code), Ok(juliet()));
    assert_eq!(prove(token, ProofKind::Totp, &code), Err(ProofError::NotPending(NotPending)), "once");

    auth.remove_totp(START, &juliet()).unwrap();
    done(auth.come_in(START, &by_password()));
}

#[tokio::test]
async fn a_token_says_by_what_its_owner_came_and_when_they_last_showed_it() {
    let (store, key) = (Store::in_memory().await.unwrap(), Keyring::new_key());
    let Gateway { auth, _writer } = gateway(&store, &key, SecondFactor::WhenSetUp).await;
    let sign_in = done(auth.come_in(START, &by_password()));
    let check = |token: &str, at| auth.check(at, token, Surface::V1, None).unwrap();
    let principal = check(&sign_in.access_token, START);
    assert!(principal.is_fresh(START + 300_000) && !principal.is_fresh(START + 300_001));
    assert_eq!(claims(&sign_in.access_token)["amr"], serde_json::json!(["pwd"]));
    assert_eq!(claims(&sign_in.access_token)["acr"], "aal1");

    let later = START + 600_000;
    assert_eq!(auth.asked_again(&juliet()), [ProofKind::Password]);
    auth.proved_again(later, &principal, Means::Password).unwrap();
    assert!(check(&sign_in.access_token, later).is_fresh(later), "the same token, of the same sign-in");
    let (secret, codes) = set_up(&auth, later);
    assert_eq!(auth.asked_again(&juliet()), [ProofKind::Totp, ProofKind::RecoveryCode]);
    let again = auth.prove_again_by_code(later, &principal, ProofKind::Password, "x");
    assert_eq!(again, Err(ProofError::NotAsked));
    auth.prove_again_by_code(later, &principal, ProofKind::RecoveryCode, &codes[0]).unwrap();
    let code = shown(&secret, later + 30_000);
    auth.prove_again_by_code(later + 30_000, &principal, ProofKind::Totp, &code).unwrap();
    let (next, _) = auth.refresh(later + 60_000, &sign_in.refresh_token).unwrap();
    let claims = claims(&next.access_token);
    assert_eq!(claims["amr"], serde_json::json!(["pwd", "otp", "mfa"]));
    assert_eq!(claims["acr"], "aal2");
    assert_eq!(claims["auth_time"], (later + 30_000) / 1000);
    auth.end(&principal.sign_in);
    assert!(auth.proved_again(later, &principal, Means::Password).is_err());
}

#[tokio::test]
async fn whoever_must_set_up_an_app_may_do_nothing_else_until_they_have() {
    let (store, key) = (Store::in_memory().await.unwrap(), Keyring::new_key());
    let Gateway { auth, _writer } = gateway(&store, &key, SecondFactor::Required).await;
    assert!(!auth.is_enough(&by_password()), "nor may scripts and old pages");
    let sign_in = done(auth.come_in(START, &by_password()));
    assert!(sign_in.must_set_up);
    let may = |token: &str| auth.check(START, token, Surface::V1, None).map(|who| who.scopes.to_words());
    assert_eq!(may(&sign_in.access_token), Ok("sign-ins".to_owned()));
    set_up(&auth, START);
    assert_eq!(may(&sign_in.access_token), Ok("sign-ins".to_owned()), "that token still");
    let (next, _) = auth.refresh(START, &sign_in.refresh_token).unwrap();
    assert!(!next.must_set_up);
    assert_eq!(may(&next.access_token), Ok(Scopes::ALL.to_words()));
    assert_eq!(asked(auth.come_in(START, &by_password())).accepts[0], ProofKind::Totp);

    // Where nothing can be set up everybody would be shut out.
    let bare = Auth::new(auth.0.settings.clone()).unwrap();
    assert!(!done(bare.come_in(START, &by_password())).must_set_up);
    assert_eq!(bare.begin_totp(START, &juliet()).map(drop), Err(FactorError::Unavailable));
}

#[tokio::test]
async fn what_came_in_by_a_password_alone_goes_when_an_app_is_set_up() {
    let (store, key) = (Store::in_memory().await.unwrap(), Keyring::new_key());
    let Gateway { auth, _writer } = gateway(&store, &key, SecondFactor::WhenSetUp).await;
    let password = SecretString::from("wherefore");
    let known = auth.sign_in_by_password(START, &by_password(), &password).unwrap();
    set_up(&auth, START);
    assert!(known.ended.is_cancelled());
    assert!(auth.check_password(START, &juliet(), &password).is_none());
    assert_eq!(auth.begin_totp(START, &juliet()).map(drop), Err(FactorError::AlreadySetUp));
    let codes = auth.renew_recovery_codes(START, &juliet()).unwrap();
    assert_eq!(codes.len(), 10);
    assert_eq!(auth.totp(&juliet()).map(|totp| totp.recovery_codes), Some(10));
    let sign_in = auth.sign_in(START, &by_password());
    let other = auth.check(START, &sign_in.access_token, Surface::V1, None).map(|who| who.jid);
    assert_eq!(other, Ok::<_, TokenError>(juliet()));
}

fn claims(token: &str) -> serde_json::Value {
    use base64::Engine;
    let payload = token.split('.').nth(1).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[tokio::test]
async fn what_becomes_of_factors_is_written_down() {
    let store = Store::in_memory().await.unwrap();
    let Gateway { auth, _writer } = gateway(&store, &Keyring::new_key(), SecondFactor::default()).await;
    let (secret, codes) = set_up(&auth, START);
    let pending = asked(auth.come_in(START, &by_password()));
    let prove = |kind, code: &str| {
        auth.prove_by_code(START + 30_000, &pending.id, &pending.pending_token, kind, code)
    };
    assert!(prove(ProofKind::Totp, "000000").is_err());
    let done = done(prove(ProofKind::RecoveryCode, &codes[0]).unwrap());
    let principal = auth.check(START + 30_000, &done.access_token, Surface::V1, None).unwrap();
    let code = shown(&secret, START + 60_000);
    auth.prove_again_by_code(START + 60_000, &principal, ProofKind::Totp, &code).unwrap();
    auth.remove_totp(START, &juliet()).unwrap();
    auth.saved().await.unwrap();
    let written: Vec<String> = store
        .audit_from(0, None, None)
        .await
        .unwrap()
        .into_iter()
        .map(|row| {
            let object = row.record.object.filter(|object| *object != pending.id.0 && *object != done.id.0);
            let [object, code] = [object, row.record.code].map(|text| text.unwrap_or_default());
            format!("{} {object} {code} [{}]", row.record.kind, row.record.amr.join(" "))
        })
        .collect();
    assert_eq!(
        written,
        [
            "factor_added totp  [pwd]",
            "sign_in_pending   [pwd]",
            "factor_failed totp wrong_code [pwd]",
            "code_used recovery-code  [pwd]",
            "signed_in   [pwd otp mfa]",
            "code_used totp  [pwd otp mfa]",
            "proved_again totp  [pwd otp mfa]",
            "factor_removed totp  []",
        ]
    );
}

/// What is asked of somebody, and what they were let in for before it was.
#[tokio::test]
async fn more_is_asked_of_some_and_in_some_places() {
    let (store, key) = (Store::in_memory().await.unwrap(), Keyring::new_key());
    let everybody = gateway(&store, &key, SecondFactor::WhenSetUp).await;
    let before = done(everybody.auth.come_in(START, &by_password()));
    let principal = everybody.auth.check(START, &before.access_token, Surface::V1, None).unwrap();
    let (_, script) = everybody.auth.make_token(START, &principal, "Backup".to_owned(), Scopes::ALL, None);
    let nurse = Came { jid: "nurse@spark.test".parse().unwrap(), ..by_password() };
    let spared = done(everybody.auth.come_in(START, &nurse));
    everybody.auth.saved().await.unwrap();

    let rule = |who, place, asks| FactorRule { who, place, asks };
    let from_partner =
        Where::From { origins: HashSet::from(["https://partner.example".to_owned()]), no_page: false };
    let rules = vec![
        rule(Who::Person(juliet()), Where::Anywhere, SecondFactor::Required),
        rule(Who::Everyone, from_partner, SecondFactor::Passkey),
    ];
    let some = gateway(&store, &key, FactorPolicy { base: SecondFactor::WhenSetUp, rules }).await;
    let auth = &some.auth;
    let check = |token: &str| auth.check(START, token, Surface::V1, None).map(|who| who.scopes);
    for token in [&before.access_token, &script] {
        assert_eq!(check(token).unwrap_err(), TokenError::Ended, "it was not enough for what is asked now");
    }
    assert!(check(&spared.access_token).is_ok());
    assert!(auth.is_enough(&nurse) && !auth.is_enough(&by_password()));
    let partner = Some("https://partner.example".to_owned());
    assert!(!auth.is_enough(&Came { origin: partner.clone(), ..nurse.clone() }));

    let sign_in = done(auth.come_in(START, &by_password()));
    let at_partner = done(auth.come_in(START, &Came { origin: partner, ..by_password() }));
    for one in [&sign_in, &at_partner] {
        assert!(one.must_set_up);
        assert_eq!(check(&one.access_token).unwrap(), SET_UP_ALONE);
    }
    // An app is enough for the one, and which of the two is asked for a passkey is not known any more.
    set_up(auth, START);
    assert!(auth.refresh(START, &sign_in.refresh_token).unwrap().0.must_set_up);
    let pending = asked(auth.come_in(START, &by_password()));
    assert_eq!(pending.accepts, [ProofKind::Totp, ProofKind::RecoveryCode]);
}
