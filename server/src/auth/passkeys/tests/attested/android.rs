//! Android's key store, which certifies a key with what it knows of it (WebAuthn Level 3, section 8.4).

use super::*;
use crate::auth::passkeys::tests::maker::android::{
    Description, ENCRYPT, GENERATED, IMPORTED, SIGN, SOFTWARE, STRONG_BOX, VERIFY, all_applications,
    extension, key_size, origin, purpose,
};

/// A statement whose certificate has these extensions.
fn android(signed: &Signed<'_>, extensions: Vec<rcgen::CustomExtension>) -> Members {
    Members::from([
        ("alg", Cbor::Integer(ES256)),
        ("sig", signed.by_itself(&signed.packed())),
        ("x5c", Maker::vouch(signed, |of| of.custom_extensions = extensions)),
    ])
}

fn right(signed: &Signed<'_>) -> Members {
    android(signed, vec![Description::new(signed.client_hash).extension()])
}

/// One that says otherwise of its key.
fn knows(change: fn(&mut Description)) -> Box<dyn FnOnce(&mut Said)> {
    says("android-key", move |it| {
        let mut description = Description::new(it.client_hash);
        change(&mut description);
        android(it, vec![description.extension()])
    })
}

/// One that is right, and then changed.
fn sent(change: fn(Members, &Signed<'_>) -> Members) -> Box<dyn FnOnce(&mut Said)> {
    says("android-key", move |it| change(right(it), it))
}

/// One by a key that was not made along with it.
fn by_other(algorithm: &'static rcgen::SignatureAlgorithm, alg: i128) -> Box<dyn FnOnce(&mut Said)> {
    says("android-key", move |it| {
        let extension = Description::new(it.client_hash).extension();
        packed(alg, &Maker::with(algorithm, |of| of.custom_extensions.push(extension)), it)
    })
}

#[tokio::test]
async fn a_key_store_speaks_for_its_keys() {
    check(vec![
        ("nothing is wrong", sent(|it, _| it), Ok(())),
        ("of a kind that has a name", named(sent(|it, _| it)), Ok(())),
        (
            "of software",
            knows(|it| {
                it.security_level = SOFTWARE;
                it.software_enforced = std::mem::take(&mut it.tee_enforced);
            }),
            Ok(()),
        ),
        ("in both lists", knows(|it| it.software_enforced = it.tee_enforced.clone()), Ok(())),
        ("signs and checks", knows(|it| it.tee_enforced[0] = purpose(&[SIGN, VERIFY])), Ok(())),
        (
            "more is known",
            knows(|it| {
                it.tee_enforced.insert(1, key_size());
                it.software_enforced.push(key_size());
            }),
            Ok(()),
        ),
        (
            "with no other certificate",
            sent(|mut it, _| {
                let Some(Cbor::Array(chain)) = it.get_mut("x5c") else { return it };
                chain.truncate(1);
                it
            }),
            Ok(()),
        ),
    ])
    .await;
}

/// The section takes these, and the library doesn't: it has no name for hardware apart from the processor, and wants of one list
/// what may be in two.
#[tokio::test]
async fn some_keys_are_refused_that_need_not_be() {
    let refused = Err(PasskeyError::Refused);
    check(vec![
        ("in hardware of its own", knows(|it| it.security_level = STRONG_BOX), refused),
        ("in two lists", knows(|it| it.software_enforced.push(it.tee_enforced.remove(0))), refused),
    ])
    .await;
}

#[tokio::test]
async fn a_key_store_is_not_believed_otherwise() {
    let refused = Err(PasskeyError::Refused);
    check(vec![
        ("no algorithm", sent(|it, _| without(it, "alg")), refused),
        ("another algorithm", sent(|it, _| and(it, "alg", Cbor::Integer(RS256))), refused),
        ("that of a longer curve", sent(|it, _| and(it, "alg", Cbor::Integer(ES384))), refused),
        ("one that there is not", sent(|it, _| and(it, "alg", Cbor::Integer(0))), refused),
        ("an algorithm in words", sent(|it, _| and(it, "alg", Cbor::Text("ES256".into()))), refused),
        ("no signature", sent(|it, _| without(it, "sig")), refused),
        ("a signature in words", sent(|it, _| and(it, "sig", Cbor::Text("signed".into()))), refused),
        ("a signature of no bytes", sent(|it, _| and(it, "sig", Cbor::Bytes(Vec::new()))), refused),
        (
            "over other data",
            sent(|members, it| and(members, "sig", it.by_itself(&other(it.packed())))),
            refused,
        ),
        ("over the data alone", sent(|members, it| and(members, "sig", it.by_itself(it.data))), refused),
        ("by another key", sent(|members, it| and(members, "sig", Maker::new().sign(&it.packed()))), refused),
        ("by another key, and for it", by_other(&PKCS_ECDSA_P256_SHA256, ES256), refused),
        ("by one of another curve, and for it", by_other(&PKCS_ECDSA_P384_SHA384, ES384), refused),
        (
            "its own behind another's",
            sent(|mut it, _| {
                let Some(Cbor::Array(chain)) = it.get_mut("x5c") else { return it };
                chain.reverse();
                it
            }),
            refused,
        ),
        ("a member that the format has not", sent(|it, _| and(it, "ver", Cbor::Null)), refused),
    ])
    .await;
    check(without_certificate(sent)).await;
}

#[tokio::test]
async fn a_key_store_has_to_know_what_is_asked() {
    let refused = Err(PasskeyError::Refused);
    check(vec![
        ("another question", knows(|it| it.challenge[0] ^= 1), refused),
        ("a part of the question", knows(|it| it.challenge.truncate(31)), refused),
        ("no question", knows(|it| it.challenge.clear()), refused),
        (
            "the data for the question",
            says("android-key", |it| android(it, vec![Description::new(it.data).extension()])),
            refused,
        ),
        ("for all parties", knows(|it| it.tee_enforced.push(all_applications())), refused),
        ("for all parties, by software", knows(|it| it.software_enforced.push(all_applications())), refused),
        ("from elsewhere", knows(|it| it.tee_enforced[1] = origin(IMPORTED)), refused),
        (
            "from elsewhere, by software",
            knows(|it| {
                it.software_enforced = vec![purpose(&[SIGN]), origin(IMPORTED)];
            }),
            refused,
        ),
        ("from nowhere", knows(|it| drop(it.tee_enforced.remove(1))), refused),
        ("to encrypt", knows(|it| it.tee_enforced[0] = purpose(&[ENCRYPT])), refused),
        ("to check", knows(|it| it.tee_enforced[0] = purpose(&[VERIFY])), refused),
        ("to do nothing", knows(|it| it.tee_enforced[0] = purpose(&[])), refused),
        ("for it is not said what", knows(|it| drop(it.tee_enforced.remove(0))), refused),
        ("nothing is known", knows(|it| it.tee_enforced.clear()), refused),
        ("a level that there is not", knows(|it| it.security_level = 7), refused),
        ("no extension", says("android-key", |it| android(it, Vec::new())), refused),
        ("one of no bytes", says("android-key", |it| android(it, vec![extension(Vec::new())])), refused),
        (
            "what is no description",
            says("android-key", |it| android(it, vec![extension(vec![0x30, 0x00])])),
            refused,
        ),
        (
            "two of them",
            says("android-key", |it| {
                let one = || Description::new(it.client_hash).extension();
                android(it, vec![one(), one()])
            }),
            refused,
        ),
        ("more behind it", knows(|it| it.rest = vec![0x05, 0x00]), refused),
        ("a member more", knows(|it| it.more = vec![0x05, 0x00]), refused),
        // What comes behind what can't be read is not passed over.
        (
            "for all parties, behind what can't be read",
            knows(|it| it.tee_enforced.extend([vec![0x01, 0x02, 0, 0], all_applications()])),
            refused,
        ),
        (
            "for all parties, behind what ends too soon",
            knows(|it| it.tee_enforced.extend([vec![0xa3, 0x7f], all_applications()])),
            refused,
        ),
        ("what is no field", knows(|it| it.tee_enforced.push(vec![0x30, 3, 2, 1, 0])), refused),
        ("a field that is made of nothing", knows(|it| it.tee_enforced.push(vec![0xa3, 0])), refused),
        (
            "a field that is longer than it need be",
            knows(|it| it.tee_enforced.push(vec![0xa3, 0x81, 3, 2, 1, 0])),
            refused,
        ),
        (
            "one whose number is longer",
            knows(|it| it.tee_enforced.push(vec![0xbf, 0x03, 3, 2, 1, 0])),
            refused,
        ),
        (
            "one whose number begins with nothing",
            knows(|it| it.tee_enforced.push(vec![0xbf, 0x80, 0x85, 0x3f, 3, 2, 1, 0])),
            refused,
        ),
        // Of two, one would be taken.
        (
            "from elsewhere and from there",
            knows(|it| it.tee_enforced = vec![purpose(&[SIGN]), origin(IMPORTED), origin(GENERATED)]),
            refused,
        ),
        (
            "from there and elsewhere",
            knows(|it| {
                let (tag, value) = (&origin(GENERATED)[..3], &origin(GENERATED)[4..]);
                it.tee_enforced[1] = [tag, &[6], value, &[2, 1, IMPORTED]].concat();
            }),
            refused,
        ),
    ])
    .await;
}
