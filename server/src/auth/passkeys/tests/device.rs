//! A device with passkeys and the browser before it, written from the specification (WebAuthn Level 3, sections 5 and 6), whose
//! every byte can be made wrong. Its signatures are another library's than those that are checked.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_cbor_2::Value as Cbor;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::maker::{Members, Signed};

pub(super) const PRESENT: u8 = 1;
pub(super) const VERIFIED: u8 = 1 << 2;
pub(super) const ELIGIBLE: u8 = 1 << 3;
pub(super) const BACKED_UP: u8 = 1 << 4;
const HAS_KEY: u8 = 1 << 6;

pub(super) struct Device {
    /// On which page it is used.
    pub(super) origin: &'static str,
    /// What it says of itself.
    pub(super) flags: u8,
    /// How much its counter goes on each time.
    pub(super) step: u32,
    keys: Vec<DeviceKey>,
}

struct DeviceKey {
    id: Vec<u8>,
    rp_id: String,
    handle: Vec<u8>,
    pair: EcdsaKeyPair,
    counter: u32,
}

/// What a browser and a device say, before it is signed and sent.
pub(super) struct Said {
    /// `clientDataJSON`, as a document; text takes its place.
    pub(super) client_data: Value,
    pub(super) client_text: Option<Vec<u8>>,
    pub(super) rp_id: String,
    pub(super) flags: u8,
    pub(super) counter: u32,
    pub(super) id: Vec<u8>,
    pub(super) handle: Option<Vec<u8>>,
    /// Behind the authenticator data.
    pub(super) rest: Vec<u8>,
    /// Of the key that is made, in COSE.
    pub(super) public_key: Vec<u8>,
    /// The kind of device, by its number.
    pub(super) model: [u8; 16],
    pub(super) format: &'static str,
    /// What the device, or its maker, says of it.
    pub(super) statement: Box<dyn FnOnce(&Signed<'_>) -> Members>,
}

impl Said {
    fn client_bytes(&self) -> Vec<u8> {
        self.client_text.clone().unwrap_or_else(|| self.client_data.to_string().into_bytes())
    }

    /// Section 6.1.
    fn authenticator_data(&self) -> Vec<u8> {
        let mut data = Sha256::digest(self.rp_id.as_bytes()).to_vec();
        data.push(self.flags);
        data.extend(self.counter.to_be_bytes());
        if self.flags & HAS_KEY != 0 {
            data.extend(self.model);
            data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
            data.extend(&self.id);
            data.extend(&self.public_key);
        }
        data.extend(&self.rest);
        data
    }
}

impl Device {
    pub(super) fn new(origin: &'static str) -> Self {
        Device { origin, flags: PRESENT | VERIFIED, step: 1, keys: Vec::new() }
    }

    /// Makes a passkey as it is asked to, but for what is changed before it is signed.
    pub(super) fn make(&mut self, options: &impl Serialize, change: impl FnOnce(&mut Said)) -> Value {
        let options = serde_json::to_value(options).unwrap();
        let options = &options["public_key"];
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let id = Sha256::digest(pair.public_key().as_ref()).to_vec();
        let rp_id = options["rp"]["id"].as_str().unwrap().to_owned();
        let mut said = Said {
            client_data: self.client_data("webauthn.create", options),
            client_text: None,
            rp_id: rp_id.clone(),
            flags: self.flags | HAS_KEY,
            counter: 0,
            id: id.clone(),
            handle: None,
            rest: Vec::new(),
            public_key: cose(pair.public_key().as_ref()),
            model: [0; 16],
            format: "none",
            statement: Box::new(|_| Members::new()),
        };
        change(&mut said);
        let handle = bytes(&options["user"]["id"]);
        let (data, client) = (said.authenticator_data(), said.client_bytes());
        let signed = Signed { data: &data, client_hash: &Sha256::digest(&client), id: &said.id, own: &pair };
        let attestation = attestation(said.format, (said.statement)(&signed), &data);
        self.keys.push(DeviceKey { id: said.id.clone(), rp_id, handle, pair, counter: said.counter });
        json!({
            "id": text(&said.id),
            "rawId": text(&said.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": { "credProps": { "rk": true } },
            "response": {
                "clientDataJSON": text(&client),
                "attestationObject": text(&attestation),
                "transports": ["internal", "hybrid", "internal", "by-pigeon"],
                "publicKeyAlgorithm": -7,
            },
        })
    }

    /// Shows one of its passkeys as it is asked to, but for what is changed before it is signed. The one that was made last, if
    /// it may choose.
    pub(super) fn show(&mut self, options: &impl Serialize, change: impl FnOnce(&mut Said)) -> Value {
        let options = serde_json::to_value(options).unwrap();
        let options = &options["public_key"];
        let client_data = self.client_data("webauthn.get", options);
        let allowed: Vec<Vec<u8>> =
            options["allowCredentials"].as_array().unwrap().iter().map(|one| bytes(&one["id"])).collect();
        let rp_id = options["rpId"].as_str().unwrap().to_owned();
        let may_be = |key: &&mut DeviceKey| allowed.is_empty() || allowed.contains(&key.id);
        let key = self.keys.iter_mut().rev().find(may_be).expect("it has none that is asked for");
        assert_eq!(key.rp_id, rp_id, "it is for another party");
        key.counter += self.step;
        let mut said = Said {
            client_data,
            client_text: None,
            rp_id,
            flags: self.flags,
            counter: key.counter,
            id: key.id.clone(),
            handle: Some(key.handle.clone()),
            rest: Vec::new(),
            public_key: Vec::new(),
            model: [0; 16],
            format: "none",
            statement: Box::new(|_| Members::new()),
        };
        change(&mut said);
        let (data, client) = (said.authenticator_data(), said.client_bytes());
        let signed = [&data[..], &Sha256::digest(&client)].concat();
        let signature = key.pair.sign(&SystemRandom::new(), &signed).unwrap();
        json!({
            "id": text(&said.id),
            "rawId": text(&said.id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": text(&client),
                "authenticatorData": text(&data),
                "signature": text(signature.as_ref()),
                "userHandle": said.handle.as_deref().map(text),
            },
        })
    }

    /// Where the counter of its last passkey stands.
    pub(super) fn set_counter(&mut self, counter: u32) {
        self.keys.last_mut().unwrap().counter = counter;
    }

    /// Section 5.8.1.
    fn client_data(&self, kind: &str, options: &Value) -> Value {
        json!({ "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false })
    }
}

pub(super) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn bytes(text: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap()
}

/// A point of P-256, uncompressed, as a COSE key for ES256 (RFC 9053 sections 2.1 and 7.1.1).
fn cose(point: &[u8]) -> Vec<u8> {
    let (x, y) = point[1..].split_at(32);
    [&[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20][..], x, &[0x22, 0x58, 0x20], y].concat()
}

/// An attestation object (section 6.5): `{"fmt": …, "attStmt": …, "authData": …}`.
pub(super) fn attestation(format: &str, statement: Members, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap().to_be_bytes();
    let mut object = vec![0xa3, 0x63];
    object.extend(b"fmt");
    object.push(0x60 + u8::try_from(format.len()).unwrap());
    object.extend(format.as_bytes());
    object.push(0x67);
    object.extend(b"attStmt");
    let members = statement.into_iter().map(|(name, value)| (Cbor::Text(name.to_owned()), value));
    object.extend(serde_cbor_2::to_vec(&Cbor::Map(members.collect())).unwrap());
    object.push(0x68);
    object.extend(b"authData");
    object.push(0x59);
    object.extend(length);
    object.extend(data);
    object
}
