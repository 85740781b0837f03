//! What a gateway has sealed in its store is secret. It is opened here with the keys that lie elsewhere, as `docs/adr/0010`
//! and `server::keyring` have it written, and noted.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use server::store::{Sealed, Store, Vault};

use super::secrets::note as note_secret;

/// Notes all of it, and the keys.
pub(super) async fn note(url: &str, keys: &str) {
    let keys: Vec<Vec<u8>> = keys.lines().map(|line| STANDARD.decode(line.trim()).unwrap()).collect();
    keys.iter().for_each(|key| note_secret("sealing key", key));
    let store = Store::open(url).await.unwrap();
    for vault in Vault::ALL {
        let mut after = String::new();
        loop {
            let page = store.sealed(vault, &after, 100).await.unwrap();
            let Some(last) = page.last() else { break };
            after = last.owner.clone();
            for Sealed { owner, sealed } in page {
                let opened = keys.iter().find_map(|key| open(key, vault, &owner, &sealed));
                note_opened(vault, &opened.unwrap_or_else(|| panic!("{vault:?} of {owner} can't be opened")));
            }
        }
    }
    store.close().await;
}

fn open(key: &[u8], vault: Vault, owner: &str, sealed: &str) -> Option<Vec<u8>> {
    let (purpose, whose) = match vault {
        Vault::Credentials => ("credential", owner),
        Vault::Totp => ("totp", owner),
        Vault::SigningKeys => ("signing-key", owner),
        Vault::Secrets => (owner, ""),
        Vault::PushKeys => ("push-key", owner),
        Vault::PushDevices => ("push-device", owner),
        Vault::Pushes => ("push", owner),
    };
    let (id, text) = sealed.split_once('.')?;
    let about = Aad::from(format!("sparkweb\0{purpose}\0{whose}\0{id}"));
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (nonce, rest) = bytes.split_first_chunk::<NONCE_LEN>()?;
    let (key, mut rest) = (RandomizedNonceKey::new(&AES_256_GCM_SIV, key).unwrap(), rest.to_vec());
    let length = key.open_in_place(Nonce::assume_unique_for_key(*nonce), about, &mut rest).ok()?.len();
    rest.truncate(length);
    Some(rest)
}

fn note_opened(vault: Vault, secret: &[u8]) {
    let json: Value = serde_json::from_slice(secret).unwrap_or_default();
    let note_text = |kind, value: &Value| {
        if let Some(text) = value.as_str() {
            note_secret(kind, text);
        }
    };
    match vault {
        Vault::Credentials => {
            note_text("password", &json["password"]);
            note_text("FAST token", &json["token"]["secret"]);
            let salted: Option<Vec<u8>> = serde_json::from_value(json["salted"].clone()).unwrap();
            note_secret("key of a password", salted.unwrap_or_default());
        }
        Vault::Totp => note_secret("secret of an app", secret),
        Vault::SigningKeys => note_private_key("signing key", secret),
        Vault::Secrets => note_secret("other key of the gateway's", secret),
        Vault::PushKeys => note_private_key("push key", secret),
        Vault::PushDevices => {
            note_text("address of a device", &json["endpoint"]);
            note_text("secret of a device", &json["auth"]);
        }
        // What people write may be a word that stands anywhere.
        Vault::Pushes => {}
    }
}

/// A private key in PKCS #8, and the number in it: 32 bytes, of Ed25519 and P-256 alike.
fn note_private_key(kind: &str, der: &[u8]) {
    note_secret(kind, der);
    let at = der.windows(2).position(|header| header == [0x04, 0x20]).expect("the key has 32 bytes") + 2;
    note_secret(kind, &der[at..at + 32]);
}
