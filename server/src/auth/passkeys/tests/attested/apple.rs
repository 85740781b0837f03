//! Devices of Apple, whose maker certifies the key that was made, for what was asked (WebAuthn Level 3, section 8.8).

use rcgen::CustomExtension;
use sha2::{Digest, Sha256};

use super::*;
use crate::auth::passkeys::tests::maker::der;

const OCTETS: &[u8] = &[0x04];
const SEQUENCE: &[u8] = &[0x30];
const FIRST: &[u8] = &[0xa1];

fn holds(content: Vec<u8>) -> CustomExtension {
    CustomExtension::from_oid_content(&[1, 2, 840, 113635, 100, 8, 2], content)
}

fn nonce(bytes: &[u8]) -> Vec<u8> {
    der(SEQUENCE, &[&der(FIRST, &[&der(OCTETS, &[bytes])])])
}

fn right(signed: &Signed<'_>) -> Vec<u8> {
    nonce(&Sha256::digest(signed.packed()))
}

/// One whose certificate has these extensions.
fn has(extensions: fn(&Signed<'_>) -> Vec<CustomExtension>) -> Box<dyn FnOnce(&mut Said)> {
    says("apple", move |it| {
        Members::from([("x5c", Maker::vouch(it, |of| of.custom_extensions = extensions(it)))])
    })
}

fn apple(signed: &Signed<'_>) -> Members {
    Members::from([("x5c", Maker::vouch(signed, |of| of.custom_extensions.push(holds(right(signed)))))])
}

/// One that is right, and then changed.
fn sent(change: fn(Members, &Signed<'_>) -> Members) -> Box<dyn FnOnce(&mut Said)> {
    says("apple", move |it| change(apple(it), it))
}

#[tokio::test]
async fn apple_speaks_for_its_devices() {
    let refused = Err(PasskeyError::Refused);
    check(vec![
        ("nothing is wrong", sent(|it, _| it), Ok(())),
        ("the algorithm of its key", sent(|it, _| and(it, "alg", Cbor::Integer(ES256))), Ok(())),
        (
            "with no other certificate",
            sent(|mut it, _| {
                let Some(Cbor::Array(chain)) = it.get_mut("x5c") else { return it };
                chain.truncate(1);
                it
            }),
            Ok(()),
        ),
        ("of a kind that has a name", named(sent(|it, _| it)), Ok(())),
        ("another algorithm", sent(|it, _| and(it, "alg", Cbor::Integer(RS256))), refused),
        ("an algorithm in words", sent(|it, _| and(it, "alg", Cbor::Text("ES256".into()))), refused),
        (
            "behind what is no certificate",
            sent(|mut it, _| {
                let Some(Cbor::Array(chain)) = it.get_mut("x5c") else { return it };
                chain.push(Cbor::Bytes(vec![0x30, 0]));
                it
            }),
            refused,
        ),
        (
            "a certificate of another key",
            says("apple", |it| {
                let holds = holds(right(it));
                let maker = Maker::with(&PKCS_ECDSA_P256_SHA256, |of| of.custom_extensions.push(holds));
                Members::from([("x5c", maker.chain(&[]))])
            }),
            refused,
        ),
        (
            "of another curve",
            says("apple", |it| {
                let holds = holds(right(it));
                let maker = Maker::with(&PKCS_ECDSA_P384_SHA384, |of| of.custom_extensions.push(holds));
                Members::from([("x5c", maker.chain(&[]))])
            }),
            refused,
        ),
        (
            "its own behind another's",
            sent(|mut it, _| {
                let Some(Cbor::Array(chain)) = it.get_mut("x5c") else { return it };
                chain.reverse();
                it
            }),
            refused,
        ),
        ("for other data", has(|it| vec![holds(nonce(&Sha256::digest(other(it.packed()))))]), refused),
        ("for the data alone", has(|it| vec![holds(nonce(&Sha256::digest(it.data)))]), refused),
        ("for the question alone", has(|it| vec![holds(nonce(it.client_hash))]), refused),
        ("for data that are not hashed", has(|it| vec![holds(nonce(&it.packed()[..32]))]), refused),
        ("for nothing", has(|_| Vec::new()), refused),
        ("of no bytes", has(|_| vec![holds(Vec::new())]), refused),
        ("in no sequence", has(|it| vec![holds(right(it)[2..].to_vec())]), refused),
        ("with no number", has(|it| vec![holds(der(SEQUENCE, &[&right(it)[4..]]))]), refused),
        (
            "under another number",
            has(|it| vec![holds(der(SEQUENCE, &[&der(&[0xa2], &[&right(it)[4..]])]))]),
            refused,
        ),
        (
            "more behind the extension",
            has(|it| vec![holds([&right(it)[..], &[0x05, 0x00]].concat())]),
            refused,
        ),
        ("more within it", has(|it| vec![holds(der(SEQUENCE, &[&right(it)[2..], &[0x05, 0x00]]))]), refused),
        ("the extension twice", has(|it| vec![holds(right(it)), holds(right(it))]), refused),
        ("a signature", sent(|members, it| and(members, "sig", it.by_itself(&it.packed()))), refused),
    ])
    .await;
    check(without_certificate(sent)).await;
}
