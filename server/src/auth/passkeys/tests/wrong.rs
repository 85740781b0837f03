//! What must be refused: the groups of the FIDO conformance tests for servers, as far as they are the gateway's to refuse.

use serde_json::json;

use super::device::{BACKED_UP, ELIGIBLE, PRESENT, Said, VERIFIED, text};
use super::*;

/// -36 in CBOR (RFC 9053 section 2.1).
const ES512: [u8; 2] = [0x38, 0x23];

/// `{"x": true}` in CBOR.
const EXTENSION: [u8; 4] = [0xa1, 0x61, b'x', 0xf5];

type Change = fn(&mut Said);
type Spoil = fn(&mut Value);

/// What is wrong, how it comes to be so, and what becomes of it.
type Case = (&'static str, (Change, Spoil), Result<(), PasskeyError>);

/// What is said otherwise before it is signed.
fn said(change: Change) -> (Change, Spoil) {
    (change, |_| {})
}

/// What is changed on its way.
fn sent(spoil: Spoil) -> (Change, Spoil) {
    (|_| {}, spoil)
}

/// Turns over a bit of a value that is sent.
fn flip(value: &mut Value, at: usize) {
    let mut sent = device::bytes(value);
    sent[at] ^= 1;
    *value = json!(text(&sent));
}

fn more(value: &mut Value) {
    let mut sent = device::bytes(value);
    sent.push(0);
    *value = json!(text(&sent));
}

fn less(value: &mut Value) {
    let mut sent = device::bytes(value);
    sent.pop();
    *value = json!(text(&sent));
}

/// What is no credential at all is refused where it is read.
fn parse<T: serde::de::DeserializeOwned>(sent: &Value) -> Option<T> {
    serde_json::from_str(&sent.to_string()).ok()
}

#[tokio::test]
async fn what_is_made_wrong_is_no_passkey() {
    use PasskeyError::{Ceremony, Malformed, Page, Refused};
    let cases: [Case; 41] = [
        ("nothing is wrong", said(|_| {}), Ok(())),
        ("more is said", said(|it| it.client_data["more"] = json!({ "a": [1] })), Ok(())),
        ("the type of a sign-in", said(|it| it.client_data["type"] = json!("webauthn.get")), Err(Refused)),
        ("no type", said(|it| it.client_data["type"] = Value::Null), Err(Malformed)),
        ("another challenge", said(|it| it.client_data["challenge"] = json!("AAAA")), Err(Ceremony)),
        ("no challenge", said(|it| it.client_data["challenge"] = json!("")), Err(Ceremony)),
        (
            "a challenge in no base64url",
            said(|it| it.client_data["challenge"] = json!("a+b/")),
            Err(Ceremony),
        ),
        ("another origin", said(|it| it.client_data["origin"] = json!("https://evil.example")), Err(Page)),
        (
            "below the origin",
            said(|it| it.client_data["origin"] = json!("https://a.chat.example.com")),
            Err(Page),
        ),
        (
            "another port",
            said(|it| it.client_data["origin"] = json!("https://chat.example.com:8443")),
            Err(Page),
        ),
        ("no TLS", said(|it| it.client_data["origin"] = json!("http://chat.example.com")), Err(Page)),
        ("inside of another page", said(|it| it.client_data["crossOrigin"] = json!(true)), Err(Page)),
        (
            "inside of one that is named",
            said(|it| it.client_data["topOrigin"] = json!("https://x.example")),
            Err(Page),
        ),
        ("no JSON", said(|it| it.client_text = Some(b"{".to_vec())), Err(Malformed)),
        ("no UTF-8", said(|it| it.client_text = Some(b"{\"type\":\"\xff\"}".to_vec())), Err(Malformed)),
        ("another party", said(|it| it.rp_id = "evil.example".to_owned()), Err(Page)),
        ("nobody present", said(|it| it.flags &= !PRESENT), Err(Refused)),
        ("backed up and can't be", said(|it| it.flags |= BACKED_UP), Err(Refused)),
        ("no key", said(|it| it.flags &= !(1 << 6)), Err(Malformed)),
        ("extensions that are not there", said(|it| it.flags |= 1 << 7), Err(Malformed)),
        ("a short name", said(|it| it.id.truncate(15)), Err(Malformed)),
        ("a long name", said(|it| it.id.resize(1024, 7)), Err(Malformed)),
        ("the longest name", said(|it| it.id.resize(1023, 7)), Ok(())),
        ("more behind the key", said(|it| it.rest = vec![0]), Err(Malformed)),
        ("extensions", said(|it| (it.flags, it.rest) = (it.flags | 1 << 7, EXTENSION.to_vec())), Ok(())),
        ("extensions that are not told of", said(|it| it.rest = EXTENSION.to_vec()), Err(Malformed)),
        (
            "extensions that are cut",
            said(|it| (it.flags, it.rest) = (it.flags | 1 << 7, EXTENSION[..3].to_vec())),
            Err(Malformed),
        ),
        (
            "more behind extensions",
            said(|it| (it.flags, it.rest) = (it.flags | 1 << 7, [&EXTENSION[..], &[0]].concat())),
            Err(Malformed),
        ),
        ("a key that is cut", said(|it| it.public_key.truncate(40)), Err(Malformed)),
        ("a point off the curve", said(|it| it.public_key[20] ^= 1), Err(Refused)),
        (
            "an algorithm that was not asked for",
            said(|it| drop(it.public_key.splice(4..5, ES512))),
            Err(Refused),
        ),
        ("an unknown format", said(|it| it.format = "my-own"), Err(Refused)),
        ("a format that needs a statement", said(|it| it.format = "packed"), Err(Refused)),
        ("another id", sent(|it| it["id"] = json!("AAAAAAAAAAAAAAAAAAAAAA")), Err(Malformed)),
        (
            "ids that are not the key's",
            sent(|it| {
                it["id"] = json!("AAAAAAAAAAAAAAAAAAAAAA");
                it["rawId"] = json!("AAAAAAAAAAAAAAAAAAAAAA");
            }),
            Err(Malformed),
        ),
        ("another type", sent(|it| it["type"] = json!("password")), Err(Malformed)),
        ("an id with padding", sent(|it| it["rawId"] = json!("AAAAAAAAAAAAAAAAAAAAAA==")), Err(Malformed)),
        ("no response", sent(|it| it["response"] = Value::Null), Err(Malformed)),
        (
            "an attestation with more behind",
            sent(|it| more(&mut it["response"]["attestationObject"])),
            Err(Malformed),
        ),
        (
            "an attestation that is cut",
            sent(|it| less(&mut it["response"]["attestationObject"])),
            Err(Malformed),
        ),
        (
            "an attestation of another type",
            sent(|it| flip(&mut it["response"]["attestationObject"], 0)),
            Err(Malformed),
        ),
    ];
    for (what, (change, spoil), expected) in cases {
        let bench = Bench::new().await;
        let mut device = Device::new(PAGE);
        let asked = bench.passkeys.begin_enrolment(NOW, &juliet(), "", OF).unwrap();

        let mut made = device.make(&asked, change);
        spoil(&mut made);
        let outcome = match parse(&made) {
            Some(made) => bench.passkeys.finish_enrolment(NOW, &juliet(), OF, &made, "Key").map(|_| ()),
            None => Err(Malformed),
        };
        assert_eq!(outcome, expected, "{what}");
        assert_eq!(bench.passkeys.list(&juliet()).len(), usize::from(expected.is_ok()), "{what}");
    }
}

#[tokio::test]
async fn a_passkey_is_one_persons_and_made_once() {
    let bench = Bench::new().await;
    let mut device = Device::new(PAGE);
    let mut id = Vec::new();
    for (jid, expected) in [
        (juliet(), Ok(())),
        (romeo(), Err(PasskeyError::Exists)),
        (juliet(), Err(PasskeyError::Refused)), // it was among those that were not to be made again
    ] {
        let asked = bench.passkeys.begin_enrolment(NOW, &jid, "", OF).unwrap();

        let made = read(&device.make(&asked, |said| {
            if id.is_empty() {
                id.clone_from(&said.id);
            }
            said.id.clone_from(&id);
        }));
        let outcome = bench.passkeys.finish_enrolment(NOW, &jid, OF, &made, "Key").map(|_| ());
        assert_eq!(outcome, expected, "{jid}");
    }
    assert_eq!(bench.passkeys.list(&romeo()), []);
}

#[tokio::test]
async fn what_is_shown_wrong_lets_nobody_in_and_blocks_nothing() {
    use PasskeyError::{Ceremony, Malformed, NotVerified, Page, Refused, Unknown};
    let cases: [Case; 38] = [
        ("nothing is wrong", said(|_| {}), Ok(())),
        ("more is said", said(|it| it.client_data["more"] = json!({ "a": [1] })), Ok(())),
        (
            "the type of an enrolment",
            said(|it| it.client_data["type"] = json!("webauthn.create")),
            Err(Refused),
        ),
        ("another challenge", said(|it| it.client_data["challenge"] = json!("AAAA")), Err(Ceremony)),
        ("another origin", said(|it| it.client_data["origin"] = json!("https://evil.example")), Err(Page)),
        (
            "below the origin",
            said(|it| it.client_data["origin"] = json!("https://a.chat.example.com")),
            Err(Page),
        ),
        (
            "with somebody before it",
            said(|it| it.client_data["origin"] = json!("https://j@chat.example.com")),
            Err(Page),
        ),
        (
            "with a path behind it",
            said(|it| it.client_data["origin"] = json!("https://chat.example.com/")),
            Err(Page),
        ),
        ("inside of another page", said(|it| it.client_data["crossOrigin"] = json!(true)), Err(Page)),
        (
            "inside of one that is named",
            said(|it| it.client_data["topOrigin"] = json!("https://x.example")),
            Err(Page),
        ),
        ("no JSON", said(|it| it.client_text = Some(b"{".to_vec())), Err(Malformed)),
        ("no UTF-8", said(|it| it.client_text = Some(b"{\"type\":\"\xff\"}".to_vec())), Err(Malformed)),
        ("another party", said(|it| it.rp_id = "evil.example".to_owned()), Err(Page)),
        ("nobody present", said(|it| it.flags &= !PRESENT), Err(Refused)),
        ("nobody verified", said(|it| it.flags &= !VERIFIED), Err(NotVerified)),
        ("more behind the data", said(|it| it.rest = vec![0]), Err(Malformed)),
        ("extensions that are not there", said(|it| it.flags |= 1 << 7), Err(Malformed)),
        ("extensions", said(|it| (it.flags, it.rest) = (it.flags | 1 << 7, EXTENSION.to_vec())), Ok(())),
        (
            "more behind extensions",
            said(|it| (it.flags, it.rest) = (it.flags | 1 << 7, [&EXTENSION[..], &[0]].concat())),
            Err(Malformed),
        ),
        ("somebody else's handle", said(|it| it.handle = Some(vec![7; 16])), Err(Unknown)),
        ("a handle of another length", said(|it| it.handle = Some(vec![7])), Err(Unknown)),
        ("an empty handle", said(|it| it.handle = Some(Vec::new())), Err(Unknown)),
        ("no handle", said(|it| it.handle = None), Err(Unknown)),
        ("a key that nobody has", said(|it| it.id = vec![7; 32]), Err(Unknown)),
        ("another signature", sent(|it| flip(&mut it["response"]["signature"], 40)), Err(Refused)),
        ("a signature that is cut", sent(|it| less(&mut it["response"]["signature"])), Err(Refused)),
        ("no signature", sent(|it| it["response"]["signature"] = json!("")), Err(Refused)),
        (
            "another counter than is signed",
            sent(|it| flip(&mut it["response"]["authenticatorData"], 33)),
            Err(Refused),
        ),
        (
            "another party than is signed",
            sent(|it| flip(&mut it["response"]["authenticatorData"], 0)),
            Err(Page),
        ),
        (
            // Before the signature is looked at, the library says of these that the key contradicts itself.
            "another eligibility than is signed",
            sent(|it| flip_bits(&mut it["response"]["authenticatorData"], ELIGIBLE)),
            Err(Refused),
        ),
        (
            "another backup than is signed",
            sent(|it| flip_bits(&mut it["response"]["authenticatorData"], BACKED_UP)),
            Err(Refused),
        ),
        (
            "another text than is signed",
            sent(|it| more_text(&mut it["response"]["clientDataJSON"])),
            Err(Refused),
        ),
        ("data that are cut", sent(|it| less(&mut it["response"]["authenticatorData"])), Err(Malformed)),
        ("no data", sent(|it| it["response"]["authenticatorData"] = json!("")), Err(Malformed)),
        ("another id", sent(|it| it["id"] = json!("AAAAAAAAAAAAAAAAAAAAAA")), Err(Malformed)),
        ("another type", sent(|it| it["type"] = json!("password")), Err(Malformed)),
        ("no response", sent(|it| it["response"] = Value::Null), Err(Malformed)),
        (
            "a signature in no base64url",
            sent(|it| it["response"]["signature"] = json!("a+b/")),
            Err(Malformed),
        ),
    ];
    let bench = Bench::new().await;
    let mut device = Device::new(PAGE);
    bench.enrol(&mut device, &juliet(), "Key").unwrap();
    for (what, (change, spoil), expected) in cases {
        let asked = bench.passkeys.begin_sign_in(NOW, None, OF).unwrap();

        let mut shown = device.show(&asked, change);
        spoil(&mut shown);
        let outcome = match parse(&shown) {
            Some(shown) => bench.passkeys.finish_sign_in(NOW, OF, &shown).map(|_| ()),
            None => Err(Malformed),
        };
        assert_eq!(outcome, expected, "{what}");
        assert!(bench.sign_in(&mut device, None).is_ok(), "after {what}");
    }
}

/// By name, an old page may leave out whose it is.
#[tokio::test]
async fn whose_a_passkey_is_need_not_be_said_twice() {
    let bench = Bench::new().await;
    let mut device = Device::new(PAGE);
    bench.enrol(&mut device, &juliet(), "Key").unwrap();
    for (handle, expected) in [
        (json!(""), Ok(())),
        (Value::Null, Ok(())),
        (json!(text(&[7; 16])), Err(PasskeyError::Unknown)),
        (json!(text(juliet().as_str().as_bytes())), Err(PasskeyError::Unknown)),
    ] {
        let asked = bench.passkeys.begin_sign_in(NOW, Some(&juliet()), OF).unwrap();

        let mut shown = device.show(&asked, |_| {});
        shown["response"]["userHandle"] = handle.clone();
        let outcome = bench.passkeys.finish_sign_in(NOW, OF, &read(&shown)).map(|_| ());
        assert_eq!(outcome, expected, "{handle}");
    }
    let asked = bench.passkeys.begin_sign_in(NOW, Some(&juliet()), OF).unwrap();

    let mut shown = device.show(&asked, |_| {});
    shown["response"].as_object_mut().unwrap().remove("userHandle");
    assert!(bench.passkeys.finish_sign_in(NOW, OF, &read(&shown)).is_ok(), "it may be absent");
}

/// A device that says otherwise of itself than when the passkey was made, and signs it, is not the one that made it.
#[tokio::test]
async fn a_passkey_that_contradicts_itself_is_blocked() {
    for (at_first, later) in [
        (PRESENT | VERIFIED, PRESENT | VERIFIED | ELIGIBLE),
        (PRESENT | VERIFIED | ELIGIBLE, PRESENT | VERIFIED),
        (PRESENT | VERIFIED, PRESENT | VERIFIED | BACKED_UP),
    ] {
        let bench = Bench::new().await;
        let mut device = Device::new(PAGE);
        device.flags = at_first;
        bench.enrol(&mut device, &juliet(), "Key").unwrap();
        device.flags = later;
        assert_eq!(bench.sign_in(&mut device, None), Err(PasskeyError::Copied), "{later:b}");
        device.flags = at_first;
        assert_eq!(bench.sign_in(&mut device, None), Err(PasskeyError::Blocked));
    }
    // What may change is whether it is backed up now.
    let bench = Bench::new().await;
    let mut device = Device::new(PAGE);
    device.flags |= ELIGIBLE;
    bench.enrol(&mut device, &juliet(), "Key").unwrap();
    device.flags |= BACKED_UP;
    assert!(bench.sign_in(&mut device, None).is_ok());
    assert!(bench.passkeys.list(&juliet())[0].is_backed_up);
}

fn flip_bits(value: &mut Value, bits: u8) {
    let mut sent = device::bytes(value);
    sent[32] ^= bits;
    *value = json!(text(&sent));
}

/// The same document, with a space behind.
fn more_text(value: &mut Value) {
    let mut sent = device::bytes(value);
    sent.push(b' ');
    *value = json!(text(&sent));
}
