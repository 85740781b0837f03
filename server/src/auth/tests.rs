//! Sign-ins and tokens together, with time as an argument.

use super::*;
use crate::keyring::Keyring;
use crate::store::Store;
use crate::task::OwnedTask;

impl Auth {
    /// With a store in memory, and the task that writes to it.
    pub(crate) async fn kept(now_ms: TimestampMs, settings: AuthSettings) -> (Self, OwnedTask<()>) {
        let keyring = Keyring::parse(&Keyring::new_key()).unwrap();
        let store = Store::in_memory().await.unwrap();
        let (auth, writer) = Auth::open(now_ms, settings, store, keyring).await.unwrap();
        (auth, OwnedTask::spawn(writer))
    }
}

/// What a gateway is set to that says nothing of it.
pub(super) fn settings() -> AuthSettings {
    AuthSettings {
        issuer: "http://localhost".to_owned(),
        signing_key_file: None,
        access: Duration::from_secs(900),
        refresh: Duration::from_secs(86_400),
        longest: Duration::from_secs(30 * 86_400),
        compat: Duration::from_secs(43_200),
        scopes: Scopes::ALL,
        factors: FactorPolicy::default(),
        passkeys: PasskeySettings::default(),
        rules: Vec::new(),
    }
}

fn auth() -> Auth {
    Auth::new(settings()).unwrap()
}

fn juliet() -> BareJid {
    "juliet@spark.test".parse().unwrap()
}

fn came() -> Came {
    Came::to_session(&juliet(), 1)
}

#[test]
fn a_token_serves_its_own_surface_until_it_runs_out_or_the_sign_in_ends() {
    let auth = auth();
    let now = 1_767_225_600_000;
    let sign_in = auth.sign_in(now, &came());
    let compat = auth.sign_in_compat(now, &came());
    let check =
        |token: &str, surface, at| auth.check(at, token, surface, None).map(|principal| principal.jid);

    assert_eq!(check(&sign_in.access_token, Surface::V1, now), Ok(juliet()));
    let session =
        auth.check(now, &sign_in.access_token, Surface::V1, None).map(|principal| principal.session);
    assert_eq!(session, Ok(Some(1)));
    assert_eq!(check(&sign_in.access_token, Surface::Compat, now), Err(TokenError::Foreign));
    assert_eq!(check(&compat, Surface::Compat, now + 43_199_000), Ok(juliet()));
    assert_eq!(check(&compat, Surface::V1, now), Err(TokenError::Foreign));
    assert_eq!(check(&sign_in.refresh_token, Surface::V1, now), Err(TokenError::Foreign));
    assert_eq!(check(&sign_in.access_token, Surface::V1, now + 906_000), Err(TokenError::Expired));

    let principal = auth.check(now, &sign_in.access_token, Surface::V1, None).unwrap();
    auth.end(&principal.sign_in);
    assert!(principal.ended.is_cancelled());
    assert_eq!(check(&sign_in.access_token, Surface::V1, now), Err(TokenError::Ended));
    assert_eq!(check(&compat, Surface::Compat, now), Ok(juliet()), "another sign-in is not touched");
    auth.end_all(now, &juliet());
    assert_eq!(check(&compat, Surface::Compat, now), Err(TokenError::Ended));
}

/// However often a token is made new, who has it showed once who they are, and that lasts as long as it did.
#[test]
fn a_token_that_is_made_new_is_good_for_no_longer() {
    let auth = auth();
    let begun = 1_767_225_600_500;
    let mut token = auth.sign_in_compat(begun, &came());
    for hour in 1..12 {
        let now = begun + hour * 3_600_000;
        let principal = auth.check(now, &token, Surface::Compat, None).unwrap();
        assert!(!principal.is_fresh(now) && principal.is_fresh(begun + 300_000));
        token = auth.renew_compat(now, &principal);
    }
    let end = begun + 43_200_000;
    assert!(auth.check(end, &token, Surface::Compat, None).is_ok());
    assert_eq!(auth.check(end + 6_000, &token, Surface::Compat, None).map(|_| ()), Err(TokenError::Expired));
}

#[test]
fn a_password_is_known_for_a_while() {
    let auth = auth();
    let now = 1_767_225_600_000;
    let (right, wrong) = (SecretString::from("right"), SecretString::from("wrong"));
    let known = |at, jid: &BareJid, password| auth.check_password(at, jid, password).map(|who| who.sign_in);
    assert_eq!(known(now, &juliet(), &right), None);
    let first = auth.sign_in_by_password(now, &came(), &right).unwrap();
    assert!(first.is_fresh(now) && first.may(Scope::Read, Object::Person));
    assert_eq!(known(now + KNOWN_MS, &juliet(), &right), Some(first.sign_in.clone()));
    assert_eq!(known(now, &juliet(), &wrong), None);
    assert_eq!(known(now, &"romeo@spark.test".parse().unwrap(), &right), None);
    assert_eq!(known(now + KNOWN_MS + 1, &juliet(), &right), None);
    // Found right once more: the sign-in before is not needed any more.
    let second = auth.sign_in_by_password(now, &came(), &right).unwrap();
    assert!(first.ended.is_cancelled() && !second.ended.is_cancelled());
    auth.end_others(now, &juliet(), &second.sign_in);
    assert!(!second.ended.is_cancelled());
    assert_eq!(known(now, &juliet(), &right), None, "there may be another password");
    let second = auth.sign_in_by_password(now, &came(), &right).unwrap();
    auth.end(&second.sign_in);
    assert_eq!(known(now, &juliet(), &right), None, "after a logout");
    let third = auth.sign_in_by_password(now, &came(), &right).unwrap();
    auth.sweep(now + KNOWN_MS + 1);
    assert!(third.ended.is_cancelled());
}

#[test]
fn tokens_of_others_are_refused() {
    let now = 1_767_225_600_000;
    let token = auth().sign_in(now, &came()).access_token;
    assert_eq!(
        auth().check(now, &token, Surface::V1, None).map(|_| ()),
        Err(TokenError::Foreign),
        "another gateway's"
    );
    let auth = auth();
    let token = auth.sign_in(now, &came()).access_token;
    let parts: Vec<&str> = token.split('.').collect();
    // RFC 7519 section 6.1: an unsecured token.
    let none = format!("eyJhbGciOiJub25lIn0.{}.", parts[1]);
    for bad in [
        "",
        "null",
        "a.b.c",
        &none,
        &format!("{}.{}.", parts[0], parts[1]),
        &format!("{}.{}.{}", parts[0], parts[1], "A".repeat(86)),
        &format!("{token}x"),
    ] {
        assert_eq!(auth.check(now, bad, Surface::V1, None).map(|_| ()), Err(TokenError::Foreign), "{bad}");
    }
}
