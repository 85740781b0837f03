//! Passkeys of a device that another library plays, from one gateway to the next on the same store.

use protocol::{BareJid, RequestOptions};
use serde::de::DeserializeOwned;
use serde_json::Value;
use server::auth::{Auth, PasskeyError};
use server::config::Config;
use server::keyring::Keyring;
use server::store::Store;
use server::task::OwnedTask;

use crate::app::{DOMAIN, Device};

const NOW: i64 = 1_767_225_600_000;

fn person(name: &str) -> BareJid {
    format!("{name}@{DOMAIN}").parse().unwrap()
}

/// As it comes from a browser.
fn read<T: DeserializeOwned>(credential: &Value) -> T {
    serde_json::from_str(&credential.to_string()).unwrap()
}

async fn open(store: &Store, keys: &secrecy::SecretString, public_url: &str) -> (Auth, OwnedTask<()>) {
    let mut config = Config::for_server(DOMAIN, "localhost:1").unwrap();
    config.public_url = Some(public_url.to_owned());
    let keyring = Keyring::parse(keys).unwrap();
    let (auth, writer) = Auth::open(NOW, config.auth(), store.clone(), keyring).await.unwrap();
    (auth, OwnedTask::spawn(writer))
}

async fn enrol(auth: &Auth, device: &mut Device, name: &str) -> String {
    let passkeys = auth.passkeys().unwrap();
    let asked = passkeys.begin_enrolment(NOW, &person(name), name, "a sign-in").unwrap();

    let made = device.make(&asked.public_key).await;
    let made = passkeys.finish_enrolment(NOW, &person(name), "a sign-in", &read(&made), "Key").unwrap();
    auth.saved().await.unwrap();
    made.id.0
}

async fn sign_in(
    auth: &Auth,
    device: &mut Device,
    named: Option<&str>,
) -> Result<(String, String), PasskeyError> {
    let passkeys = auth.passkeys().unwrap();
    let asked = passkeys.begin_sign_in(NOW, named.map(person).as_ref(), "a sign-in").unwrap();

    let shown = device.show(&asked.public_key).await;
    let verified = passkeys.finish_sign_in(NOW, "a sign-in", &read(&shown))?;
    auth.saved().await.unwrap();
    assert!(verified.user_verified);
    Ok((verified.jid.to_string(), verified.passkey.0))
}

#[tokio::test]
async fn a_device_of_another_library_is_understood_and_after_a_restart_too() {
    for public_url in ["https://chat.example.com", "http://localhost:7070"] {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("store.db").display());
        let keys = Keyring::new_key();
        let (mut first, mut second) = (Device::start(public_url), Device::start(public_url));
        let store = Store::open(&url).await.unwrap();
        let (auth, writer) = open(&store, &keys, public_url).await;
        let hers = enrol(&auth, &mut first, "juliet").await;
        let his = enrol(&auth, &mut second, "romeo").await;
        let juliet = Ok((person("juliet").to_string(), hers));
        assert_eq!(sign_in(&auth, &mut first, None).await, juliet);
        assert_eq!(sign_in(&auth, &mut first, Some("juliet")).await, juliet);
        drop((auth, writer));
        store.close().await;

        let store = Store::open(&url).await.unwrap();
        let (auth, _writer) = open(&store, &keys, public_url).await;
        assert_eq!(sign_in(&auth, &mut first, None).await, juliet);
        let romeo = Ok((person("romeo").to_string(), his.clone()));
        assert_eq!(sign_in(&auth, &mut second, Some("romeo")).await, romeo);
        // Nobody is asked for their PIN, whatever the gateway wants.
        second.is_verified = false;
        let passkeys = auth.passkeys().unwrap();
        let asked = passkeys.begin_sign_in(NOW, None, "a sign-in").unwrap();
        let options = RequestOptions { user_verification: "discouraged".to_owned(), ..asked.public_key };
        let shown = second.show(&options).await;
        let refused = passkeys.finish_sign_in(NOW, "a sign-in", &read(&shown));
        assert_eq!(refused.map(|_| ()), Err(PasskeyError::NotVerified));
        second.is_verified = true;
        assert!(passkeys.remove(&person("romeo"), &protocol::PasskeyId(his)));
        assert_eq!(sign_in(&auth, &mut second, None).await, Err(PasskeyError::Unknown));
    }
}
