//! A device with passkeys and the browser before it, of the library `passkey`, which shares nothing with the one that checks
//! them: spoken to in lines of JSON.
//!
//! A program of its own, since the library asks `serde_json` for maps in another order, and Cargo gives that to everything which
//! is built along with it.
//!
//! `{"do": "make", "origin": "https://…", "options": {"publicKey": …}}` is answered by a credential as a browser's `toJSON` has
//! it, and so is `{"do": "show", …}`; what can't be done by `{"error": "…"}`. With `"is_verified": false` nobody puts in a PIN.

use std::io::{BufRead, Write};

use anyhow::{Context, Result};
use passkey::authenticator::{
    Authenticator, CredentialStore, DiscoverabilitySupport, StoreInfo, UiHint, UserCheck,
    UserValidationMethod,
};
use passkey::client::{Client, DefaultClientData};
use passkey::crypto::rust_crypto::RustCryptoBackend;
use passkey::types::Passkey;
use passkey::types::ctap2::make_credential::{
    Options, PublicKeyCredentialRpEntity, PublicKeyCredentialUserEntity,
};
use passkey::types::ctap2::{Aaguid, Ctap2Error, StatusCode};
use passkey_types::webauthn::PublicKeyCredentialDescriptor;
use serde_json::{Value, json};
use url::Url;

/// All that the device has, the newest first.
#[derive(Default)]
struct Keys(Vec<Passkey>);

/// Whoever holds the device is there, and says who they are if they are asked to.
#[derive(Clone, Copy)]
struct Holder {
    is_verified: bool,
}

#[async_trait::async_trait]
impl CredentialStore for Keys {
    type PasskeyItem = Passkey;

    async fn find_credentials(
        &self,
        ids: Option<&[PublicKeyCredentialDescriptor]>,
        rp_id: &str,
        _user_handle: Option<&[u8]>,
    ) -> Result<Vec<Passkey>, StatusCode> {
        let is_asked_for =
            |key: &&Passkey| ids.is_none_or(|ids| ids.iter().any(|id| id.id == key.credential_id));
        let found: Vec<Passkey> =
            self.0.iter().filter(|key| key.rp_id == rp_id).filter(is_asked_for).cloned().collect();
        if found.is_empty() { Err(Ctap2Error::NoCredentials.into()) } else { Ok(found) }
    }

    async fn save_credential(
        &mut self,
        key: Passkey,
        _user: PublicKeyCredentialUserEntity,
        _rp: PublicKeyCredentialRpEntity,
        _options: Options,
    ) -> Result<(), StatusCode> {
        self.0.insert(0, key);
        Ok(())
    }

    async fn update_credential(&mut self, changed: &Passkey) -> Result<(), StatusCode> {
        let found = self.0.iter_mut().find(|key| key.credential_id == changed.credential_id);
        *found.ok_or(Ctap2Error::NoCredentials)? = changed.clone();
        Ok(())
    }

    async fn get_info(&self) -> StoreInfo {
        StoreInfo { discoverability: DiscoverabilitySupport::Full }
    }
}

#[async_trait::async_trait]
impl UserValidationMethod for Holder {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _hint: UiHint<'a, Passkey>,
        _presence: bool,
        _verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence: true, verification: self.is_verified })
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        self.is_verified.then_some(true)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut keys = Keys::default();
    for line in std::io::stdin().lock().lines() {
        let asked: Value = serde_json::from_str(&line?).context("a line that is no JSON")?;
        let answer = match answer(&mut keys, &asked).await {
            Ok(credential) => credential,
            Err(error) => json!({ "error": format!("{error:#}") }),
        };
        let mut out = std::io::stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

async fn answer(keys: &mut Keys, asked: &Value) -> Result<Value> {
    let origin: Url = asked["origin"].as_str().context("no origin")?.parse()?;
    let mut options = asked["options"].clone();
    // What browsers take for "any" this library takes for "none".
    if options["publicKey"]["allowCredentials"].as_array().is_some_and(Vec::is_empty) {
        options["publicKey"]["allowCredentials"] = Value::Null;
    }
    let holder = Holder { is_verified: asked["is_verified"].as_bool().unwrap_or(true) };
    let mut device = Authenticator::new(Aaguid::new_empty(), std::mem::take(keys), holder, RustCryptoBackend);
    device.set_make_credentials_with_signature_counter(true);
    let mut client = Client::new(device).allows_insecure_localhost(true);
    let done = match asked["do"].as_str() {
        Some("make") => {
            let options = serde_json::from_value(options)?;
            let made = client.register(&origin, options, DefaultClientData).await;
            made.map(serde_json::to_value)
        }
        _ => {
            let options = serde_json::from_value(options)?;
            let shown = client.authenticate(&origin, options, DefaultClientData).await;
            shown.map(serde_json::to_value)
        }
    };
    *keys = std::mem::take(client.authenticator_mut().store_mut());
    Ok(done.map_err(|error| anyhow::anyhow!("{error:?}"))??)
}
