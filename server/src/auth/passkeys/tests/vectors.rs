//! The test vectors of WebAuthn Level 3, section 16, as whoever follows the standard has them too: keys that are made, and then
//! used. Some of them nobody has to take; of each that is refused it is said why.

use std::collections::HashMap;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_cbor_2::Value as Cbor;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::device::{attestation, text};
use super::maker::android::{Description, GENERATED, SIGN, SOFTWARE, origin, purpose};
use super::maker::{Maker, Members, Signed};
use super::*;

const VECTORS: &str = include_str!("vectors.txt");

type Outcome = Result<(), PasskeyError>;

/// What becomes of a vector: of the key, by the library alone with the name of its error, and by all of it; and where it was
/// taken, of whoever comes in with it, and of whoever shows it beside a password.
struct Case {
    name: &'static str,
    library: Result<(), &'static str>,
    made: Outcome,
    comes_in: Outcome,
    proves: Outcome,
}

impl Case {
    /// One that is taken.
    const fn new(name: &'static str) -> Self {
        Case { name, library: Ok(()), made: Ok(()), comes_in: Ok(()), proves: Ok(()) }
    }

    /// One whose key is not.
    const fn refused(name: &'static str, library: &'static str, made: PasskeyError) -> Self {
        Case { library: Err(library), made: Err(made), ..Case::new(name) }
    }
}

fn cases() -> Vec<Case> {
    use PasskeyError::{NotVerified, Page, Refused};
    // Who holds the device was not checked: that does beside a password, if it was not checked either when the key was made.
    let plain = |name| Case { comes_in: Err(NotVerified), ..Case::new(name) };
    let once_verified = |name| Case { proves: Err(NotVerified), ..plain(name) };
    vec![
        plain("none.ES256"),
        once_verified("packed-self.ES256"),
        // Inside of another page.
        Case::refused("none.ES256.crossOrigin", "CredentialCrossOrigin", Page),
        Case::refused("none.ES256.topOrigin", "CredentialCrossOrigin", Page),
        Case::new("none.ES256.long-credential-id"),
        Case::new("packed.ES256"),
        Case::new("packed.ES384"),
        // These are not asked for, nor can the library do them.
        Case::refused("packed.ES512", "CredentialAlteredAlgFromRequest", Refused),
        Case::refused("packed.EdDSA", "SshPublicKeyEDUnsupported", Refused),
        Case::refused("packed.Ed448", "COSEKeyInvalidAlgorithm", Refused),
        // A key of 3482 bits: the library takes those of 2048.
        Case::refused("packed.RS256", "COSEKeyRSANEInvalid", Refused),
        // The library takes nothing that a TPM says.
        Case { library: Err("COSEKeyInvalidType"), ..Case::new("tpm.ES256") },
        // It is not said where the key is from nor what it is for.
        Case::refused("android-key.ES256", "AttestationStatementX5CInvalid", Refused),
        plain("apple.ES256"),
        // Of a kind that has a name, of which such a device can't know (section 6.1.2).
        Case { library: Ok(()), ..Case::refused("fido-u2f.ES256", "", Refused) },
    ]
}

/// One of the vectors.
struct Vector(HashMap<&'static str, Vec<u8>>);

impl Vector {
    fn all() -> Vec<(&'static str, Vector)> {
        let mut all: Vec<(&str, Vector)> = Vec::new();
        for line in VECTORS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                all.push((name, Vector(HashMap::new())));
                continue;
            }
            let (name, value) = line.split_once(" = ").unwrap();
            let value = (0..value.len()).step_by(2).map(|at| u8::from_str_radix(&value[at..at + 2], 16));
            all.last_mut().unwrap().1.0.insert(name, value.collect::<Result<_, _>>().unwrap());
        }
        all
    }

    fn of(name: &str) -> Vector {
        let (_, vector) = Vector::all().into_iter().find(|(other, _)| *other == name).unwrap();
        vector
    }

    /// A key that was made for this challenge.
    fn made(&self) -> CreatedCredential {
        read(&self.credential(&json!({
            "clientDataJSON": self.text("registration.clientDataJSON"),
            "attestationObject": self.text("registration.attestationObject"),
        })))
    }

    fn shown(&self) -> ShownCredential {
        read(&self.credential(&json!({
            "clientDataJSON": self.text("authentication.clientDataJSON"),
            "authenticatorData": self.text("authentication.authenticatorData"),
            "signature": self.text("authentication.signature"),
        })))
    }

    fn credential(&self, response: &Value) -> Value {
        let id = self.text("credential_id");
        json!({ "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {}, "response": response })
    }

    fn text(&self, name: &str) -> String {
        text(&self.0[name])
    }

    fn object(&self) -> (Members, Vec<u8>) {
        let object = serde_cbor_2::from_slice(&self.0["registration.attestationObject"]).unwrap();
        let Cbor::Map(object) = object else { panic!("no object") };
        let part = |name: &str| object[&Cbor::Text(name.to_owned())].clone();
        let (Cbor::Map(statement), Cbor::Bytes(data)) = (part("attStmt"), part("authData")) else {
            panic!("no object")
        };
        let names = ["alg", "sig", "x5c"].into_iter();
        let statement = names
            .filter_map(|name| Some((name, statement.get(&Cbor::Text(name.to_owned()))?.clone())))
            .collect();
        (statement, data)
    }

    fn set_object(&mut self, format: &str, statement: Members, data: &[u8]) {
        self.0.insert("registration.attestationObject", attestation(format, statement, data));
    }
}

/// The gateway whose pages are at example.org, alone or inside of these.
async fn bench(top_origins: &[&str]) -> Bench {
    let settings = PasskeySettings {
        public_url: Some("https://example.org".to_owned()),
        rp_name: "spark.test".to_owned(),
        top_origins: top_origins.iter().map(|&origin| origin.to_owned()).collect(),
        ..PasskeySettings::default()
    };
    Bench::of(&settings, &Store::in_memory().await.unwrap(), &Keyring::new_key()).await
}

/// The state of a question, as if it had been put with this challenge.
fn with<T: Serialize + DeserializeOwned>(state: &T, challenge: &[u8]) -> T {
    let mut state = serde_json::to_value(state).unwrap();
    for inner in ["rs", "ast"] {
        if let Some(inner) = state.get_mut(inner) {
            inner["challenge"] = json!(text(challenge));
        }
    }
    serde_json::from_value(state).unwrap()
}

impl Bench {
    /// What was asked last is asked with this challenge.
    fn ask(&self, asked: &str, challenge: &[u8]) {
        let ceremonies = &self.passkeys.ceremonies;
        let purpose = match ceremonies.take(NOW, asked).unwrap() {
            Purpose::Enrolment { jid, of, handle, state } => {
                Purpose::Enrolment { jid, of, handle, state: with(&state, challenge) }
            }
            Purpose::SignIn { named, of, state } => {
                Purpose::SignIn { named, of, state: with(&state, challenge) }
            }
            Purpose::Proof { jid, of, state } => Purpose::Proof { jid, of, state: with(&state, challenge) },
        };
        ceremonies.begin(NOW, challenge, purpose);
    }

    /// What the library says of a key that was made, and what we do.
    fn makes(&self, vector: &Vector) -> (Result<(), String>, Outcome) {
        let challenge = &vector.0["registration.challenge"];
        let ask = || {
            let asked = self.passkeys.begin_enrolment(NOW, &juliet(), "", OF).unwrap();
            self.ask(&asked.public_key.challenge, challenge);
        };
        ask();
        let made = vector.made();
        let Some(Purpose::Enrolment { state, .. }) = self.passkeys.ceremonies.take(NOW, &text(challenge))
        else {
            panic!("not asked")
        };
        let webauthn = &self.passkeys.party.webauthn;
        let library = webauthn.finish_securitykey_registration(&wire::created(&made).unwrap(), &state);
        ask();
        let ours = self.passkeys.finish_enrolment(NOW, &juliet(), OF, &made, "Key");
        (library.map(|_| ()).map_err(|error| format!("{error:?}")), ours.map(|_| ()))
    }

    /// What becomes of whoever comes in with it, and of whoever proves with it that it is them.
    fn shows(&self, vector: &Vector) -> (Outcome, Outcome) {
        let challenge = &vector.0["authentication.challenge"];
        let asked = self.passkeys.begin_sign_in(NOW, Some(&juliet()), OF).unwrap();
        self.ask(&asked.public_key.challenge, challenge);
        let comes_in = self.passkeys.finish_sign_in(NOW, OF, &vector.shown());
        let proves = self.passkeys.begin_proof(NOW, &juliet(), OF).and_then(|asked| {
            self.ask(&asked.public_key.challenge, challenge);
            self.passkeys.finish_proof(NOW, &juliet(), OF, &vector.shown())
        });
        (comes_in.map(|_| ()), proves.map(|_| ()))
    }

    /// Whether the key has signed what a vector shows, whatever else is to be said of that.
    fn has_signed(&self, vector: &Vector) -> bool {
        let client_hash = Sha256::digest(&vector.0["authentication.clientDataJSON"]);
        let signed = [&vector.0["authentication.authenticatorData"][..], &client_hash].concat();
        let book = self.passkeys.lock();
        let key = &book.people[&juliet()].keys[0].credential.cred;
        key.verify_signature(&vector.0["authentication.signature"], &signed).unwrap()
    }
}

#[tokio::test]
async fn each_vector_is_taken_or_refused_as_it_should_be() {
    let cases = cases();
    let mut named: Vec<_> = cases.iter().map(|case| case.name).collect();
    let mut there: Vec<_> = Vector::all().into_iter().map(|(name, _)| name).collect();
    named.sort_unstable();
    there.sort_unstable();
    assert_eq!(named, there);
    for case in cases {
        let vector = Vector::of(case.name);
        let bench = bench(&[]).await;
        let (library, made) = bench.makes(&vector);
        assert_eq!(library, case.library.map_err(str::to_owned), "{}", case.name);
        assert_eq!(made, case.made, "{}", case.name);
        if made.is_err() {
            assert_eq!(bench.passkeys.list(&juliet()), [], "{}", case.name);
            continue;
        }
        assert_eq!(bench.shows(&vector), (case.comes_in, case.proves), "{}", case.name);
        assert!(bench.has_signed(&vector), "{}", case.name);
    }
}

/// A page inside of another one that was named: a key is used there. Made it is not, which the library refuses in each.
#[tokio::test]
async fn a_key_is_used_inside_of_a_page_that_was_named() {
    use PasskeyError::Page;
    for (name, top_origins, expected) in [
        ("none.ES256.topOrigin", &["https://example.com"][..], Ok(())),
        ("none.ES256.topOrigin", &["https://example.net"], Err(Page)),
        ("none.ES256.topOrigin", &[], Err(Page)),
        // Inside of which is not said.
        ("none.ES256.crossOrigin", &["https://example.com"], Err(Page)),
    ] {
        let mut vector = Vector::of(name);
        let bench = bench(top_origins).await;
        assert_eq!(bench.makes(&vector), (Err("CredentialCrossOrigin".to_owned()), Err(Page)), "{name}");
        // Nothing of it is signed: the same key, made in a page that is inside of none.
        let client_data = json!({
            "type": "webauthn.create",
            "challenge": vector.text("registration.challenge"),
            "origin": "https://example.org",
        });
        vector.0.insert("registration.clientDataJSON", client_data.to_string().into_bytes());
        assert_eq!(bench.makes(&vector), (Ok(()), Ok(())), "{name}");
        assert_eq!(bench.shows(&vector), (expected, expected), "{name} {top_origins:?}");
        assert!(bench.has_signed(&vector), "{name}");
    }
}

/// But for the lists it is right: with them, and the vector's key, it is taken, and what it signs too.
#[tokio::test]
async fn what_the_vector_of_android_lacks_is_lists() {
    let point =
        |data: &[u8]| [&[4], &data[data.len() - 67..data.len() - 35], &data[data.len() - 32..]].concat();
    for (lists, expected) in [
        (Vec::new(), Err(PasskeyError::Refused)),
        (vec![purpose(&[SIGN])], Err(PasskeyError::Refused)),
        (vec![purpose(&[SIGN]), origin(GENERATED)], Ok(())),
    ] {
        let mut vector = Vector::of("android-key.ES256");
        let (mut statement, data) = vector.object();
        let own = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_ASN1_SIGNING,
            &vector.0["private_key"],
            &point(&data),
        );
        let client_hash = Sha256::digest(&vector.0["registration.clientDataJSON"]);
        let id = &vector.0["credential_id"];
        let signed = Signed { data: &data, client_hash: &client_hash, id, own: &own.unwrap() };
        let mut description = Description::new(&client_hash);
        (description.security_level, description.tee_enforced) = (SOFTWARE, lists);
        let vouched = Maker::vouch(&signed, |of| of.custom_extensions.push(description.extension()));
        statement.insert("x5c", vouched);
        vector.set_object("android-key", statement, &data);
        let bench = bench(&[]).await;
        assert_eq!(bench.makes(&vector).1, expected);
        if expected.is_ok() {
            assert!(bench.has_signed(&vector));
            let not_verified = Err(PasskeyError::NotVerified);
            assert_eq!(bench.shows(&vector), (not_verified, not_verified));
        }
    }
}

/// But for the name of its kind it is right: that is not signed, and without it is taken.
#[tokio::test]
async fn what_the_vector_of_u2f_has_too_much_is_a_name() {
    let mut vector = Vector::of("fido-u2f.ES256");
    let (statement, mut data) = vector.object();
    data[37..53].fill(0);
    vector.set_object("fido-u2f", statement, &data);
    let bench = bench(&[]).await;
    assert_eq!(bench.makes(&vector), (Ok(()), Ok(())));
    assert_eq!(bench.shows(&vector), (Err(PasskeyError::NotVerified), Ok(())));
    assert!(bench.has_signed(&vector));
}
