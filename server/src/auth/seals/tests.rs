//! Keys that are changed while something else changes.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use protocol::BareJid;
use secrecy::{ExposeSecret, SecretString};
use totp_rs::{Builder, Secret};

use super::*;
use crate::auth::tests::settings;
use crate::auth::{AuthError, PasskeySettings};
use crate::store::{PushChange, PushDeviceRecord, PushKeyRecord, PushPut};
use crate::task::OwnedTask;

const NOW: TimestampMs = 1_767_225_600_000;
/// More than are looked at at once.
const PEOPLE: usize = BATCH as usize * 2 + 7;

/// A key that is known by its number.
fn key(number: u8) -> SecretString {
    SecretString::from(STANDARD.encode([number; 32]))
}

fn ring(numbers: &[u8]) -> Keyring {
    let lines: Vec<String> = numbers.iter().map(|number| key(*number).expose_secret().to_owned()).collect();
    Keyring::parse(&SecretString::from(lines.join("\n"))).unwrap()
}

fn id(number: u8) -> String {
    ring(&[number]).ids().remove(0)
}

fn person(number: usize) -> BareJid {
    format!("p{number}@spark.test").parse().unwrap()
}

async fn open(store: &Store, numbers: &[u8]) -> Result<(Auth, OwnedTask<()>), AuthError> {
    let public_url = Some("https://chat.spark.test".to_owned());
    let passkeys =
        PasskeySettings { public_url, rp_name: "spark.test".to_owned(), ..PasskeySettings::default() };
    let settings = crate::auth::AuthSettings { passkeys, ..settings() };
    let (auth, writer) = Auth::open(NOW, settings, store.clone(), ring(numbers)).await?;
    Ok((auth, OwnedTask::spawn(writer)))
}

/// Credentials, an authenticator app, a signing key, the key of the decoys, the client's id, and what is of pushes: something in
/// each vault.
async fn filled(numbers: &[u8]) -> (Auth, Store, OwnedTask<()>) {
    let store = Store::in_memory().await.unwrap();
    let (auth, writer) = open(&store, numbers).await.unwrap();
    for number in 0..PEOPLE {
        auth.keep_credential(
            NOW,
            &person(number),
            &SecretString::from(format!("secret {number}")),
            "password",
        );
    }
    let totps = auth.0.totps.as_ref().unwrap();
    let new = totps.begin(NOW, &person(0), "spark.test").unwrap();
    totps.confirm(NOW, &person(0), &shown(&new.secret, NOW)).unwrap();
    auth.saved().await.unwrap();
    push_to_somebody(&store, &ring(numbers)).await;
    (auth, store, writer)
}

/// A device, the key by which it subscribed, and something that is to be pushed to it.
async fn push_to_somebody(store: &Store, keys: &Keyring) {
    let sealed = |purpose, owner| keys.seal(purpose, owner, b"a secret").unwrap();
    let key = PushKeyRecord {
        id: "key".to_owned(),
        public_key: String::new(),
        sealed: sealed(Purpose::PushKey, "key"),
        made_at_ms: NOW,
    };
    store.keep_push_key(&key).await.unwrap();
    let device = PushDeviceRecord {
        id: "device".to_owned(),
        jid: person(0).as_str().to_owned(),
        sign_in: None,
        name: String::new(),
        form: "v1".to_owned(),
        key_id: "key".to_owned(),
        host: String::new(),
        endpoint_hash: String::new(),
        sealed: sealed(Purpose::PushDevice, "device"),
        may_act: false,
        made_at_ms: NOW,
        seen_at_ms: NOW,
        pushed_at_ms: None,
        refused_at_ms: None,
    };
    store.keep_push_device(&device, 1).await.unwrap();
    let put = PushPut {
        device: "device".to_owned(),
        topic: "topic".to_owned(),
        host: String::new(),
        kind: "message".to_owned(),
        about: String::new(),
        sealed: sealed(Purpose::Push, "topic"),
        due_at_ms: NOW,
        pause_ms: 0,
        expires_at_ms: NOW,
        once: false,
    };
    store.note_pushes(NOW, person(0).as_str(), &[], &[PushChange::Put(put)]).await.unwrap();
}

fn shown(secret: &str, at_ms: TimestampMs) -> String {
    let totp = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap();
    totp.generate(u64::try_from(at_ms / 1000).unwrap()).to_string()
}

async fn counts(store: &Store) -> Vec<(String, u64)> {
    sealed_by(store).await.unwrap().into_iter().collect()
}

async fn rows(store: &Store) -> Vec<(Vault, Sealed)> {
    let (mut rows, mut walk) = (Vec::new(), Walk::new(store));
    while let Some((vault, page)) = walk.next().await.unwrap() {
        rows.extend(page.into_iter().map(|record| (vault, record)));
    }
    rows
}

async fn credential(auth: &Auth, number: usize) -> Option<String> {
    let found = auth.credential(NOW, &person(number), |_| None).await.unwrap();
    found.map(|secret| secret.expose_secret().to_owned())
}

#[tokio::test]
async fn everything_is_sealed_by_the_next_key_while_people_come_and_go() {
    let (auth, store, _writer) = filled(&[1]).await;
    let all = PEOPLE as u64 + 7;
    assert_eq!(counts(&store).await, [(id(1), all)]);
    let vaults: BTreeSet<Vault> = rows(&store).await.iter().map(|(vault, _)| *vault).collect();
    assert_eq!(vaults, BTreeSet::from(Vault::ALL));

    auth.change_sealing_keys(NOW, ring(&[2, 1])).await.unwrap();
    // On its way to the store as it is looked through: another password, somebody who leaves, somebody new.
    let (resealed, ()) = tokio::join!(auth.reseal(), async {
        for number in (0..PEOPLE).step_by(3) {
            auth.keep_credential(NOW, &person(number), &SecretString::from("another"), "password");
            auth.forget_credential(NOW, &person(number + 1));
            auth.keep_credential(NOW, &person(number + PEOPLE), &SecretString::from("new"), "password");
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(resealed.unwrap().broken, 0);
    auth.saved().await.unwrap();
    assert_eq!(counts(&store).await.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>(), [id(2)]);

    // The old key is destroyed.
    auth.change_sealing_keys(NOW, ring(&[2])).await.unwrap();
    for number in 0..PEOPLE {
        let expected = match number % 3 {
            0 => Some("another".to_owned()),
            1 => None,
            _ => Some(format!("secret {number}")),
        };
        assert_eq!(credential(&auth, number).await, expected, "{number}");
    }
    assert_eq!(credential(&auth, PEOPLE).await.as_deref(), Some("new"));
    assert_eq!(auth.reseal().await.unwrap(), Resealed::default(), "nothing is left");
    assert!(open(&store, &[1]).await.is_err(), "the old key opens nothing");
    open(&store, &[2]).await.unwrap();
}

/// An app is in memory too, and what is written of it later must not bring the old key back.
#[tokio::test]
async fn authenticator_apps_go_on() {
    let (auth, store, _writer) = filled(&[1]).await;
    let totps = auth.0.totps.as_ref().unwrap();
    let later = NOW + 60_000;
    let new = totps.begin(later, &person(1), "spark.test").unwrap();
    auth.change_sealing_keys(NOW, ring(&[2, 1])).await.unwrap();
    totps.confirm(later, &person(1), &shown(&new.secret, later)).unwrap();
    auth.reseal().await.unwrap();
    auth.change_sealing_keys(NOW, ring(&[2])).await.unwrap();
    for number in [0, 1] {
        totps.renew_recovery_codes(&person(number)).unwrap();
    }
    auth.saved().await.unwrap();
    assert_eq!(counts(&store).await, [(id(2), PEOPLE as u64 + 8)]);
    let after = later + 30_000;
    let app = crate::auth::totp::CodeKind::Totp;
    totps.check(after, &person(1), app, &shown(&new.secret, after)).unwrap();
}

#[tokio::test]
async fn keys_that_would_leave_something_closed_are_refused() {
    let (auth, store, _writer) = filled(&[1]).await;
    let before = rows(&store).await;
    let error = auth.change_sealing_keys(NOW, ring(&[2])).await.unwrap_err().to_string();
    let records = before.len();
    assert_eq!(error, format!("the key {} is not among them, which seals {records} records still", id(1)));
    assert_eq!(rows(&store).await, before);
    assert_eq!(credential(&auth, 5).await.as_deref(), Some("secret 5"));
    auth.keep_credential(NOW, &person(5), &SecretString::from("by the same"), "password");
    auth.saved().await.unwrap();
    assert_eq!(counts(&store).await, [(id(1), records as u64)]);

    // Nothing is sealed by the next one yet; what is on its way may be at any moment.
    auth.change_sealing_keys(NOW, ring(&[2, 1])).await.unwrap();
    let error = auth.change_sealing_keys(NOW, ring(&[1, 3])).await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("the key {} is not among them, which seals now", id(2))), "{error}");
    // Back, as long as both are there.
    auth.change_sealing_keys(NOW, ring(&[1, 2])).await.unwrap();
    assert_eq!(auth.reseal().await.unwrap(), Resealed::default());

    let kinds: Vec<String> =
        store.audit_from(0, None, None).await.unwrap().into_iter().map(|row| row.record.kind).collect();
    assert_eq!(kinds.iter().filter(|kind| *kind == "sealing_key_changed").count(), 2);
}

#[tokio::test]
async fn what_somebody_has_changed_in_the_store_holds_nothing_else_up() {
    let (auth, store, _writer) = filled(&[1]).await;
    let his = store.credential("p1@spark.test").await.unwrap().unwrap();
    store.keep_credential("p2@spark.test", &his, 2).await.unwrap();
    auth.change_sealing_keys(NOW, ring(&[2, 1])).await.unwrap();
    let resealed = auth.reseal().await.unwrap();
    assert_eq!(resealed, Resealed { records: PEOPLE as u64 + 6, broken: 1 });
    assert_eq!(counts(&store).await.iter().map(|(_, count)| *count).max(), Some(PEOPLE as u64 + 6));
    assert!(auth.change_sealing_keys(NOW, ring(&[2])).await.is_err(), "it may be mended still");
}

#[tokio::test]
async fn other_keys_at_the_start_change_nothing() {
    let (auth, store, writer) = filled(&[1]).await;
    drop((auth, writer));
    let before = rows(&store).await;
    for wrong in [&[2][..], &[2, 3]] {
        let error = open(&store, wrong).await.map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("can't be opened with the keys that are there"), "{error}");
        assert_eq!(rows(&store).await, before);
    }
    open(&store, &[2, 1]).await.unwrap();
    assert_eq!(counts(&store).await, [(id(2), before.len() as u64)]);
    open(&store, &[2]).await.unwrap();
}

#[tokio::test]
async fn a_store_that_fails_keeps_the_keys_as_they_are() {
    let (auth, store, _writer) = filled(&[1]).await;
    store.close().await;
    let changed = auth.change_sealing_keys(NOW, ring(&[2, 1])).await;
    assert!(matches!(changed, Err(RekeyError::Store(_))), "{changed:?}");
    assert_eq!(auth.0.seals.as_ref().unwrap().keyring.ids(), [id(1)]);
    assert!(Auth::new(settings()).unwrap().change_sealing_keys(NOW, ring(&[2])).await.is_err(), "no store");
}
