//! Devices that say who made them, although nobody has asked: what is right is passed over, what is wrong is refused. Of
//! `packed` that by the key itself is handed on by browsers where no attestation was asked for.

mod android;
mod apple;
mod tpm;

use rcgen::{BasicConstraints, DnType, IsCa, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};
use serde_cbor_2::Value as Cbor;
use webauthn_rs::prelude::ParsedAttestationData;

use super::device::Said;
use super::maker::{Maker, Members, Signed, for_model};
use super::*;

const ES256: i128 = -7;
const ES384: i128 = -35;
const RS256: i128 = -257;
const MODEL: [u8; 16] = *b"a telephone of 7";

type Change = Box<dyn FnOnce(&mut Said)>;
/// Makes something else of a statement that is right.
type Spoil = fn(Members, &Signed<'_>) -> Members;
type Case = (&'static str, Change, Result<(), PasskeyError>);

/// A statement of this format that is made of what there is to sign.
fn says(format: &'static str, statement: impl FnOnce(&Signed<'_>) -> Members + 'static) -> Change {
    Box::new(move |it| (it.format, it.statement) = (format, Box::new(statement)))
}

/// The same of a kind of device that has a name.
fn named(change: Change) -> Change {
    Box::new(move |it| {
        change(it);
        it.model = MODEL;
    })
}

fn by_itself(signed: &Signed<'_>) -> Members {
    Members::from([("alg", Cbor::Integer(ES256)), ("sig", signed.by_itself(&signed.packed()))])
}

fn packed(alg: i128, maker: &Maker, signed: &Signed<'_>) -> Members {
    let (sig, x5c) = (maker.sign(&signed.packed()), maker.chain(&[]));
    Members::from([("alg", Cbor::Integer(alg)), ("sig", sig), ("x5c", x5c)])
}

fn u2f(maker: &Maker, signed: &Signed<'_>) -> Members {
    Members::from([("sig", maker.sign(&signed.u2f())), ("x5c", maker.chain(&[]))])
}

fn and(mut members: Members, name: &'static str, value: Cbor) -> Members {
    members.insert(name, value);
    members
}

fn without(mut members: Members, name: &str) -> Members {
    members.remove(name);
    members
}

/// Bytes with a bit of the first turned over.
fn other(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes[0] ^= 1;
    bytes
}

/// How a statement can have no certificate where its format wants one.
fn without_certificate(sent: fn(Spoil) -> Change) -> Vec<Case> {
    let refused = Err(PasskeyError::Refused);
    vec![
        ("no certificates", sent(|it, _| without(it, "x5c")), refused),
        ("no certificate", sent(|it, _| and(it, "x5c", Cbor::Array(Vec::new()))), refused),
        ("certificates in no list", sent(|it, _| and(it, "x5c", Cbor::Bytes(vec![7]))), refused),
        ("a number for one", sent(|it, _| and(it, "x5c", Cbor::Array(vec![Cbor::Integer(7)]))), refused),
        (
            "what is no certificate",
            sent(|it, _| and(it, "x5c", Cbor::Array(vec![Cbor::Bytes(vec![0x30, 0])]))),
            refused,
        ),
    ]
}

async fn check(cases: Vec<Case>) {
    for (what, change, expected) in cases {
        let bench = Bench::new().await;
        let mut device = Device::new(PAGE);
        let asked = bench.passkeys.begin_enrolment(NOW, &juliet(), "", OF).unwrap();
        let made = read(&device.make(&asked, change));
        let outcome = bench.passkeys.finish_enrolment(NOW, &juliet(), OF, &made, "Key");
        assert_eq!(outcome.as_ref().map(|_| ()).map_err(|error| *error), expected, "{what}");
        let Ok(made) = outcome else {
            assert_eq!(bench.passkeys.list(&juliet()), [], "{what}");
            continue;
        };
        assert_eq!(bench.sign_in(&mut device, None), verified(&juliet(), &made), "{what}");
        let book = bench.passkeys.lock();
        let kept = &book.people[&juliet()].keys[0].credential.attestation.data;
        assert!(matches!(kept, ParsedAttestationData::None), "{what}: nothing of it is kept");
    }
}

#[tokio::test]
async fn a_key_speaks_for_itself() {
    let refused = Err(PasskeyError::Refused);
    check(vec![
        ("nothing is wrong", says("packed", by_itself), Ok(())),
        (
            "over other data",
            says("packed", |it| and(by_itself(it), "sig", it.by_itself(&other(it.packed())))),
            refused,
        ),
        (
            "over the data alone",
            says("packed", |it| and(by_itself(it), "sig", it.by_itself(it.data))),
            refused,
        ),
        ("another algorithm", says("packed", |it| and(by_itself(it), "alg", Cbor::Integer(RS256))), refused),
        ("one that there is not", says("packed", |it| and(by_itself(it), "alg", Cbor::Integer(0))), refused),
        (
            "an algorithm in words",
            says("packed", |it| and(by_itself(it), "alg", Cbor::Text("ES256".into()))),
            refused,
        ),
        ("no algorithm", says("packed", |it| without(by_itself(it), "alg")), refused),
        ("no signature", says("packed", |it| without(by_itself(it), "sig")), refused),
        (
            "a signature of no bytes",
            says("packed", |it| and(by_itself(it), "sig", Cbor::Bytes(Vec::new()))),
            refused,
        ),
        (
            "by another key",
            says("packed", |it| and(by_itself(it), "sig", Maker::new().sign(&it.packed()))),
            refused,
        ),
        (
            "a member that the format has not",
            says("packed", |it| and(by_itself(it), "ver", Cbor::Null)),
            refused,
        ),
        (
            "another kind of attestation",
            says("packed", |it| and(by_itself(it), "ecdaaKeyId", Cbor::Bytes(vec![7]))),
            refused,
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_maker_speaks_for_it() {
    let refused = Err(PasskeyError::Refused);
    let by = |maker: Maker| says("packed", move |it| packed(ES256, &maker, it));
    let maker = |change: fn(&mut rcgen::CertificateParams)| Maker::with(&PKCS_ECDSA_P256_SHA256, change);
    check(vec![
        ("nothing is wrong", by(Maker::new()), Ok(())),
        (
            "a longer curve",
            says("packed", |it| packed(ES384, &Maker::with(&PKCS_ECDSA_P384_SHA384, |_| {}), it)),
            Ok(()),
        ),
        (
            "for this kind of device",
            named(by(maker(|it| it.custom_extensions.push(for_model(MODEL, false))))),
            Ok(()),
        ),
        (
            "with others behind",
            says("packed", |it| {
                let maker = Maker::new();
                and(packed(ES256, &maker, it), "x5c", maker.chain(&[&Maker::new()]))
            }),
            Ok(()),
        ),
        (
            "over other data",
            says("packed", |it| {
                let maker = Maker::new();
                and(packed(ES256, &maker, it), "sig", maker.sign(&other(it.packed())))
            }),
            refused,
        ),
        ("another algorithm", says("packed", |it| packed(RS256, &Maker::new(), it)), refused),
        ("that of a longer curve", says("packed", |it| packed(ES384, &Maker::new(), it)), refused),
        (
            "a key of another kind",
            says("packed", |it| packed(-8, &Maker::with(&PKCS_ED25519, |_| {}), it)),
            refused,
        ),
        (
            "a certificate for another key",
            says("packed", |it| and(packed(ES256, &Maker::new(), it), "x5c", Maker::new().chain(&[]))),
            refused,
        ),
        (
            "its own behind another's",
            says("packed", |it| {
                let maker = Maker::new();
                and(packed(ES256, &maker, it), "x5c", Maker::new().chain(&[&maker]))
            }),
            refused,
        ),
        (
            "a certificate, and signed by the key",
            says("packed", |it| and(by_itself(it), "x5c", Maker::new().chain(&[]))),
            refused,
        ),
        ("no certificate", says("packed", |it| and(by_itself(it), "x5c", Cbor::Array(Vec::new()))), refused),
        (
            "what is no certificate",
            says("packed", |it| and(by_itself(it), "x5c", Cbor::Array(vec![Cbor::Bytes(vec![0x30, 0])]))),
            refused,
        ),
        (
            "a member that the format has not",
            says("packed", |it| and(packed(ES256, &Maker::new(), it), "ver", Cbor::Text("2.0".into()))),
            refused,
        ),
        ("an authority's", by(maker(|it| it.is_ca = IsCa::Ca(BasicConstraints::Unconstrained))), refused),
        ("no word of what it is", by(maker(|it| it.is_ca = IsCa::NoCa)), refused),
        (
            "for something else",
            by(maker(|it| it.distinguished_name.push(DnType::OrganizationalUnitName, "Balconies"))),
            refused,
        ),
        ("of nobody", by(maker(|it| it.distinguished_name = rcgen::DistinguishedName::new())), refused),
        (
            "for another kind of device",
            by(maker(|it| it.custom_extensions.push(for_model(MODEL, false)))),
            refused,
        ),
        (
            "for this kind, and critical",
            named(by(maker(|it| it.custom_extensions.push(for_model(MODEL, true))))),
            refused,
        ),
    ])
    .await;
}

#[tokio::test]
async fn an_old_key_is_spoken_for() {
    let refused = Err(PasskeyError::Refused);
    let old = |statement: fn(&Maker, &Signed<'_>) -> Members| {
        says("fido-u2f", move |it| statement(&Maker::new(), it))
    };
    check(vec![
        ("nothing is wrong", old(u2f), Ok(())),
        ("over other data", old(|by, it| and(u2f(by, it), "sig", by.sign(&other(it.u2f())))), refused),
        ("over what newer ones sign", old(|by, it| and(u2f(by, it), "sig", by.sign(&it.packed()))), refused),
        ("an algorithm", old(|by, it| and(u2f(by, it), "alg", Cbor::Integer(ES256))), refused),
        (
            "a certificate for another key",
            old(|by, it| and(u2f(by, it), "x5c", Maker::new().chain(&[]))),
            refused,
        ),
        ("two certificates", old(|by, it| and(u2f(by, it), "x5c", by.chain(&[by]))), refused),
        ("no certificate", old(|by, it| without(u2f(by, it), "x5c")), refused),
        ("no signature", old(|by, it| without(u2f(by, it), "sig")), refused),
        ("a member that the format has not", old(|by, it| and(u2f(by, it), "ver", Cbor::Null)), refused),
        (
            "a longer curve",
            says("fido-u2f", |it| u2f(&Maker::with(&PKCS_ECDSA_P384_SHA384, |_| {}), it)),
            refused,
        ),
        ("a kind of device, of which it can't know", named(old(u2f)), refused),
    ])
    .await;
}

#[tokio::test]
async fn who_says_nothing_says_nothing() {
    let refused = Err(PasskeyError::Refused);
    let mut cases = vec![
        ("nothing", says("none", |_| Members::new()), Ok(())),
        ("something after all", says("none", by_itself), refused),
    ];
    for format in ["packed", "fido-u2f", "tpm", "android-key", "android-safetynet", "apple", "compound", ""] {
        cases.push((format, says(format, |_| Members::new()), refused));
    }
    check(cases).await;
}
