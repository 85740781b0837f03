//! TPMs, of which Windows makes its passkeys (WebAuthn Level 3, section 8.3).

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, PKCS_RSA_SHA256, SignatureAlgorithm};
use sha2::{Digest, Sha256, Sha384};

use super::*;
use crate::auth::passkeys::tests::maker::tpm::*;

/// One that says otherwise, before it is signed.
fn tpm(change: impl FnOnce(&mut Tpm, &Signed<'_>) + 'static) -> Box<dyn FnOnce(&mut Said)> {
    says("tpm", |it| {
        let mut tpm = Tpm::new(it);
        change(&mut tpm, it);
        tpm.members()
    })
}

/// One whose certificate is another than section 8.3.1 wants it.
fn aik(
    algorithm: &'static SignatureAlgorithm,
    change: impl FnOnce(&mut CertificateParams) + 'static,
) -> Box<dyn FnOnce(&mut Said)> {
    tpm(move |it, _| {
        it.aik = Maker::with(algorithm, |params| {
            for_tpms(params);
            change(params);
        });
    })
}

fn certified(change: fn(&mut CertificateParams)) -> Box<dyn FnOnce(&mut Said)> {
    aik(&PKCS_ECDSA_P256_SHA256, change)
}

/// One that is right, and then changed.
fn sent(change: fn(Members) -> Members) -> Box<dyn FnOnce(&mut Said)> {
    says("tpm", move |it| change(Tpm::new(it).members()))
}

/// Bytes with one more.
fn more(value: &Cbor) -> Cbor {
    let Cbor::Bytes(bytes) = value else { panic!("no bytes") };
    Cbor::Bytes([&bytes[..], &[0]].concat())
}

#[tokio::test]
async fn a_tpm_speaks_for_its_keys() {
    check(vec![
        ("nothing is wrong", tpm(|_, _| {}), Ok(())),
        ("of a kind that has a name", named(tpm(|_, _| {})), Ok(())),
        (
            "a certificate for this kind of device",
            named(certified(|it| it.custom_extensions.push(for_model(MODEL, false)))),
            Ok(()),
        ),
        (
            "of a longer curve",
            tpm(|it, signed| {
                it.aik = Maker::with(&PKCS_ECDSA_P384_SHA384, for_tpms);
                it.alg = ES384;
                it.attest.extra_data = Sha384::digest(signed.packed()).to_vec();
            }),
            Ok(()),
        ),
        (
            "by RSA",
            tpm(|it, _| {
                it.aik = Maker::with(&PKCS_RSA_SHA256, for_tpms);
                it.alg = RS256;
            }),
            Ok(()),
        ),
        (
            "a key that signs by its own hash alone",
            tpm(|it, _| it.public.scheme = vec![ECDSA, SHA256]),
            Ok(()),
        ),
        ("a longer name", tpm(|it, _| it.public.name_alg = SHA384), Ok(())),
        (
            "what is not looked at",
            tpm(|it, _| {
                it.public.object_attributes = 0x0006_0472;
                it.public.auth_policy = vec![7; 32];
                it.attest.qualified_signer = vec![7; 34];
                it.attest.qualified_name = vec![7; 34];
            }),
            Ok(()),
        ),
        (
            "with others behind",
            says("tpm", |it| {
                let tpm = Tpm::new(it);
                let chain = tpm.aik.chain(&[&Maker::new()]);
                and(tpm.members(), "x5c", chain)
            }),
            Ok(()),
        ),
        ("a maker in small letters", by("id:51434f4d"), Ok(())),
        // The list of makers goes on.
        ("a maker who is not on the list", by("id:00000000"), Ok(())),
        (
            "a usage that is critical",
            certified(|it| {
                it.extended_key_usages.clear();
                let mut usage = rcgen::CustomExtension::from_oid_content(
                    &[2, 5, 29, 37],
                    vec![0x30, 7, 6, 5, 0x67, 0x81, 5, 8, 3],
                );
                usage.set_criticality(true);
                it.custom_extensions.push(usage);
            }),
            Ok(()),
        ),
    ])
    .await;
}

/// Of a TPM that this maker has made.
fn by(maker: &'static str) -> Box<dyn FnOnce(&mut Said)> {
    aik(&PKCS_ECDSA_P256_SHA256, |it| it.custom_extensions = vec![other_name(maker, true)])
}

/// What is made is of RSA, as it is by most TPMs. The tests' device can't sign with it.
#[tokio::test]
async fn a_tpm_speaks_for_a_key_of_rsa() {
    let refused = Err(PasskeyError::Refused);
    let key = rcgen::KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    // `RSAPublicKey` (RFC 8017 section A.1.1).
    let modulus = rcgen::PublicKeyData::der_bytes(&key)[9..265].to_vec();
    let cose =
        [&[0xa4, 1, 3, 3, 0x39, 1, 0, 0x20, 0x59, 1, 0][..], &modulus, &[0x21, 0x43, 1, 0, 1]].concat();
    let parameters = |bits: u16, exponent: u32| [&bits.to_be_bytes()[..], &exponent.to_be_bytes()].concat();
    for (what, scheme, parameters, modulus, expected) in [
        ("nothing is wrong", vec![NULL], parameters(2048, 0), modulus.clone(), Ok(())),
        ("its scheme and exponent", vec![RSASSA, SHA256], parameters(2048, 65537), modulus.clone(), Ok(())),
        ("a scheme of the other kind", vec![ECDSA, SHA256], parameters(2048, 0), modulus.clone(), refused),
        ("another hash", vec![RSASSA, SHA1], parameters(2048, 0), modulus.clone(), refused),
        ("another exponent", vec![NULL], parameters(2048, 3), modulus.clone(), refused),
        ("another length", vec![NULL], parameters(1024, 0), modulus.clone(), refused),
        ("another key", vec![NULL], parameters(2048, 0), other(modulus.clone()), refused),
        ("no key", vec![NULL], parameters(0, 0), Vec::new(), refused),
    ] {
        let bench = Bench::new().await;
        let asked = bench.passkeys.begin_enrolment(NOW, &juliet(), "", OF).unwrap();
        let cose = cose.clone();
        let made = read(&Device::new(PAGE).make(&asked, |said| {
            said.public_key = cose;
            tpm(move |it, _| {
                it.public.kind = RSA;
                (it.public.scheme, it.public.parameters) = (scheme, parameters);
                it.public.unique = vec![modulus];
            })(said);
        }));
        let outcome = bench.passkeys.finish_enrolment(NOW, &juliet(), OF, &made, "Key");
        assert_eq!(outcome.map(|_| ()), expected, "{what}");
    }
}

#[tokio::test]
async fn a_tpm_sends_all_of_it() {
    let refused = Err(PasskeyError::Refused);
    let mut cases: Vec<Case> = Vec::new();
    for name in ["ver", "alg", "x5c", "sig", "certInfo", "pubArea"] {
        cases.push((name, says("tpm", |it| without(Tpm::new(it).members(), name)), refused));
        cases.push((name, says("tpm", |it| and(Tpm::new(it).members(), name, Cbor::Bool(true))), refused));
        let empty = if name == "x5c" { Cbor::Array(Vec::new()) } else { Cbor::Bytes(Vec::new()) };
        cases.push((name, says("tpm", |it| and(Tpm::new(it).members(), name, empty)), refused));
    }
    cases.extend([
        ("another version", sent(|it| and(it, "ver", Cbor::Text("1.2".into()))), refused),
        ("a later version", sent(|it| and(it, "ver", Cbor::Text("2.0.1".into()))), refused),
        ("a version in bytes", sent(|it| and(it, "ver", Cbor::Bytes(b"2.0".to_vec()))), refused),
        (
            "a number for a certificate",
            sent(|it| and(it, "x5c", Cbor::Array(vec![Cbor::Integer(7)]))),
            refused,
        ),
        (
            "what is no certificate",
            sent(|it| and(it, "x5c", Cbor::Array(vec![Cbor::Bytes(vec![0x30, 0])]))),
            refused,
        ),
        (
            "behind what is no certificate",
            sent(|mut it| {
                let Some(Cbor::Array(chain)) = it.get_mut("x5c") else { return it };
                chain.push(Cbor::Bytes(vec![0x30, 0]));
                it
            }),
            refused,
        ),
        ("a member that the format has not", sent(|it| and(it, "ecdaaKeyId", Cbor::Bytes(vec![7]))), refused),
    ]);
    check(cases).await;
}

#[tokio::test]
async fn a_tpm_signs_what_it_sends() {
    let refused = Err(PasskeyError::Refused);
    check(vec![
        ("other bytes", tpm(|it, _| it.signs = Some(b"other bytes".to_vec())), refused),
        ("the data", tpm(|it, signed| it.signs = Some(signed.packed())), refused),
        (
            "and more is sent",
            sent(|it| {
                let info = more(&it["certInfo"]);
                and(it, "certInfo", info)
            }),
            refused,
        ),
        (
            "and a signature with more behind",
            sent(|it| {
                let sig = more(&it["sig"]);
                and(it, "sig", sig)
            }),
            refused,
        ),
        (
            "by another key",
            says("tpm", |it| {
                and(Tpm::new(it).members(), "x5c", Maker::with(&PKCS_ECDSA_P256_SHA256, for_tpms).chain(&[]))
            }),
            refused,
        ),
        (
            "by the key itself",
            says("tpm", |it| {
                let members = Tpm::new(it).members();
                let Cbor::Bytes(info) = &members["certInfo"] else { panic!("no bytes") };
                let sig = it.by_itself(info);
                and(members, "sig", sig)
            }),
            refused,
        ),
        (
            "its own certificate behind another's",
            says("tpm", |it| {
                let tpm = Tpm::new(it);
                let chain = Maker::with(&PKCS_ECDSA_P256_SHA256, for_tpms).chain(&[&tpm.aik]);
                and(tpm.members(), "x5c", chain)
            }),
            refused,
        ),
        ("an algorithm that is not the certificate's", tpm(|it, _| it.alg = RS256), refused),
        (
            "that of a longer curve",
            tpm(|it, signed| {
                it.alg = ES384;
                it.attest.extra_data = Sha384::digest(signed.packed()).to_vec();
            }),
            refused,
        ),
        ("a curve that is not the algorithm's", aik(&PKCS_ECDSA_P384_SHA384, |_| {}), refused),
        (
            "a key of another kind",
            tpm(|it, _| {
                it.aik = Maker::with(&PKCS_ED25519, for_tpms);
                it.alg = -8;
            }),
            refused,
        ),
        // RSA with SHA-1, which Windows still asks some TPMs for.
        (
            "a hash that is broken",
            tpm(|it, _| {
                it.aik = Maker::with(&PKCS_RSA_SHA256, for_tpms);
                it.alg = -65535;
            }),
            refused,
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_tpm_speaks_of_this_key_and_of_these_data() {
    let refused = Err(PasskeyError::Refused);
    check(vec![
        ("what it has not made up", tpm(|it, _| it.attest.magic ^= 1), refused),
        ("what it says of something else", tpm(|it, _| it.attest.kind = ATTEST_QUOTE), refused),
        (
            "other data",
            tpm(|it, signed| it.attest.extra_data = Sha256::digest(other(signed.packed())).to_vec()),
            refused,
        ),
        (
            "the data alone",
            tpm(|it, signed| it.attest.extra_data = Sha256::digest(signed.data).to_vec()),
            refused,
        ),
        (
            "data by another hash",
            tpm(|it, signed| it.attest.extra_data = Sha384::digest(signed.packed()).to_vec()),
            refused,
        ),
        ("data that are not hashed", tpm(|it, signed| it.attest.extra_data = signed.packed()), refused),
        ("no data", tpm(|it, _| it.attest.extra_data.clear()), refused),
        ("more behind", tpm(|it, _| it.attest.rest.push(0)), refused),
        (
            "another area",
            tpm(|it, _| {
                let mut another = it.public.clone();
                another.object_attributes ^= 1;
                it.attest.name = Some(another.name());
            }),
            refused,
        ),
        ("a handle", tpm(|it, _| it.attest.name = Some(vec![0x81, 0, 0, 1])), refused),
        ("nothing", tpm(|it, _| it.attest.name = Some(Vec::new())), refused),
        (
            "the area by another hash than it asks for",
            tpm(|it, _| {
                it.public.name_alg = SHA384;
                it.attest.name = Some(it.public.name_by(SHA256));
            }),
            refused,
        ),
        ("the area by a hash that is broken", tpm(|it, _| it.public.name_alg = SHA1), refused),
        (
            "the area by no hash",
            tpm(|it, _| {
                it.public.name_alg = NULL;
                it.attest.name = Some(NULL.to_be_bytes().to_vec());
            }),
            refused,
        ),
        ("another key", tpm(|it, _| it.public.unique[0][0] ^= 1), refused),
        ("the same up to its other half", tpm(|it, _| it.public.unique[1][31] ^= 1), refused),
        ("a half of it", tpm(|it, _| it.public.unique[1].clear()), refused),
        ("a key with noughts before", tpm(|it, _| it.public.unique[0].insert(0, 0)), refused),
        (
            "a key of another curve",
            tpm(|it, _| it.public.parameters = Public::curve(NIST_P384, NULL)),
            refused,
        ),
        (
            "a curve that there is not",
            tpm(|it, _| it.public.parameters = Public::curve(0x7777, NULL)),
            refused,
        ),
        (
            "a key of another kind",
            tpm(|it, _| {
                it.public.kind = RSA;
                it.public.parameters = vec![8, 0, 0, 0, 0, 0];
                it.public.unique.truncate(1);
            }),
            refused,
        ),
        ("what is no key", tpm(|it, _| it.public.kind = 0x0008), refused),
        ("a key that encrypts", tpm(|it, _| it.public.symmetric = AES), refused),
        (
            "a key that agrees on keys",
            tpm(|it, _| it.public.parameters = Public::curve(NIST_P256, 0x0020)),
            refused,
        ),
        ("a scheme of the other kind", tpm(|it, _| it.public.scheme = vec![RSASSA, SHA256]), refused),
        ("a key that signs by another hash", tpm(|it, _| it.public.scheme = vec![ECDSA, SHA1]), refused),
        ("more behind the key", tpm(|it, _| it.public.rest.push(0)), refused),
    ])
    .await;
}

/// Section 8.3.1.
#[tokio::test]
async fn a_tpm_has_a_certificate_of_its_own() {
    let refused = Err(PasskeyError::Refused);
    let names = |of: &'static [(u8, &'static str)]| {
        aik(&PKCS_ECDSA_P256_SHA256, move |it| it.custom_extensions = vec![parts(of, true)])
    };
    check(vec![
        ("of somebody", certified(|it| it.distinguished_name.push(DnType::CommonName, "Capulet")), refused),
        ("no other name", certified(|it| it.custom_extensions.clear()), refused),
        (
            "one that need not be looked at",
            certified(|it| it.custom_extensions = vec![other_name("id:49465800", false)]),
            refused,
        ),
        (
            "one that is a host",
            certified(|it| it.custom_extensions = vec![alternative(b"\x82\x09tpm.tests", true)]),
            refused,
        ),
        ("two of them", certified(|it| it.custom_extensions.push(other_name("id:49465800", true))), refused),
        ("a name that is none", by("Infineon"), refused),
        ("a number alone", by("49465800"), refused),
        ("a short number", by("id:494658"), refused),
        ("a long number", by("id:4946580000"), refused),
        ("a number that is none", by("id:4946580G"), refused),
        ("no maker", names(&[(2, "SLB 9670"), (3, "id:13")]), refused),
        ("no part", names(&[(1, "id:49465800"), (3, "id:13")]), refused),
        ("a part of no name", names(&[(1, "id:49465800"), (2, ""), (3, "id:13")]), refused),
        ("no firmware", names(&[(1, "id:49465800"), (2, "SLB 9670")]), refused),
        ("for nothing", certified(|it| it.extended_key_usages.clear()), refused),
        (
            "for something else",
            certified(|it| it.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]),
            refused,
        ),
        ("an authority's", certified(|it| it.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)), refused),
        ("no word of what it is", certified(|it| it.is_ca = IsCa::NoCa), refused),
        (
            "for another kind of device",
            certified(|it| it.custom_extensions.push(for_model(MODEL, false))),
            refused,
        ),
        (
            "for this kind, and for another",
            named(certified(|it| {
                it.custom_extensions.extend([for_model(MODEL, false), for_model([0; 16], false)]);
            })),
            refused,
        ),
    ])
    .await;
}
