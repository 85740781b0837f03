//! Tokens by the vectors of the specifications, and those of whoever would have another algorithm, key or use taken for
//! ours (RFC 8725).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto;
use rustls_pki_types::PrivatePkcs8KeyDer;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::*;

const ISSUER: &str = "https://chat.example.com";
const NOW: i64 = 1_767_225_600;

/// RFC 8037 appendix A.1: a key.
const D: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
/// A.2: what is public of it.
const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
/// A.3: its thumbprint (RFC 7638).
const THUMBPRINT: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
/// A.4: what it signs.
const SIGNED: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
const SIGNATURE: &str =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

/// A key of 32 bytes as PKCS #8 has it (RFC 8410 section 7).
fn pair_of(secret: &str) -> KeyPair {
    const BEFORE: [u8; 16] = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];
    let der = [&BEFORE[..], &URL_SAFE_NO_PAD.decode(secret).unwrap()].concat();
    KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(der), &PKCS_ED25519).unwrap()
}

fn tokens() -> Tokens {
    Tokens::of(ISSUER, &[pair_of(D)]).unwrap()
}

#[test]
fn keys_and_signatures_are_those_of_rfc_8037() {
    let tokens = tokens();
    let public = &tokens.public_keys()[0];
    let x = URL_SAFE_NO_PAD.encode(&public.bytes);
    assert_eq!(x, X);
    let thumbprint = Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#));
    assert_eq!(URL_SAFE_NO_PAD.encode(thumbprint), THUMBPRINT);
    let keys = tokens.keys();
    let signature = crypto::sign(SIGNED.as_bytes(), &keys.signing, Algorithm::EdDSA).unwrap();
    assert_eq!(signature, SIGNATURE);
    let key = &keys.checking[&public.id];
    assert_eq!(crypto::verify(SIGNATURE, SIGNED.as_bytes(), key, Algorithm::EdDSA), Ok(true));
    assert_eq!(crypto::verify(SIGNATURE, b"another", key, Algorithm::EdDSA), Ok(false));
    // Well signed by our key, and no token of ours: it says neither for what it is nor by which key.
    let whole = format!("{SIGNED}.{SIGNATURE}");
    assert_eq!(tokens.verify(&whole, &[Audience::Access], NOW * 1000).map(drop), Err(TokenError::Foreign));
}

/// Well-formed tokens of the specifications, by algorithms and keys that are none of ours.
#[test]
fn the_examples_of_other_specifications_are_refused() {
    const FRODO: &str = "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUg\
        cm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9m\
        ZiB0by4";
    const JOE: &str =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let tokens = tokens();
    for (which, header, payload, signature) in [
        (
            "RFC 7515 A.1, RFC 7519 3.1: HS256",
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9",
            JOE,
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        ),
        ("RFC 7515 A.5, RFC 7519 6.1: unsecured", "eyJhbGciOiJub25lIn0", JOE, ""),
        (
            "RFC 7520 4.1: RS256",
            "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9",
            FRODO,
            "MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-\
             BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9\
             UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84\
             ogoree7vjbU5y18kDquDg",
        ),
        (
            "RFC 7520 4.3: ES512",
            "eyJhbGciOiJFUzUxMiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9",
            FRODO,
            "AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPBu_u_sDDyYjnA\
             MDxXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2",
        ),
        (
            "RFC 7520 4.4: HS256",
            "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9",
            FRODO,
            "s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0",
        ),
    ] {
        let compact = format!("{header}.{payload}.{signature}");
        let flattened =
            json!({ "protected": header, "payload": payload, "signature": signature }).to_string();
        let detached = format!("{header}..{signature}");
        for token in [compact, flattened, detached] {
            let checked = tokens.verify(&token, &[Audience::Access], NOW * 1000).map(drop);
            assert_eq!(checked, Err(TokenError::Foreign), "{which}");
        }
    }
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A token by hand.
fn jws(header: &Value, claims: &Value, key: &EncodingKey, algorithm: Algorithm) -> String {
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = crypto::sign(signed.as_bytes(), key, algorithm).unwrap();
    format!("{signed}.{signature}")
}

/// What a good token says.
fn good() -> (Value, Value) {
    let header = json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": id_of(&pair_of(D)) });
    let claims = json!({
        "iss": ISSUER, "aud": "sparkweb:v1", "sub": "juliet@spark.test", "sid": "s", "jti": "j",
        "scope": "read", "amr": ["pwd"], "auth_time": NOW, "iat": NOW, "nbf": NOW, "exp": NOW + 900,
    });
    (header, claims)
}

/// The object with some of its members otherwise, or without them.
fn with(object: &Value, changes: &Value) -> Value {
    let mut object = object.clone();
    for (key, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(object.as_object_mut().unwrap().remove(key)),
            value => object[key] = value.clone(),
        }
    }
    object
}

#[track_caller]
fn check(case: &str, token: &str, expected: Result<(), TokenError>) {
    assert_eq!(tokens().verify(token, &[Audience::Access], NOW * 1000).map(drop), expected, "{case}");
}

const FOREIGN: Result<(), TokenError> = Err(TokenError::Foreign);

/// Each is signed by our key, as if somebody had come by it for something else.
#[test]
fn what_is_well_signed_must_still_be_ours_for_this_and_now() {
    let (header, claims) = good();
    let ours = EncodingKey::from_ed_der(&pair_of(D).serialize_der());
    let signed = |header: &Value, claims: &Value| jws(header, claims, &ours, Algorithm::EdDSA);
    check("as it is", &signed(&header, &claims), Ok(()));
    for (changes, expected) in [
        // The header: RFC 7515 section 4.1, RFC 8725 sections 3.1 and 3.11.
        (json!({ "alg": "none" }), FOREIGN),
        (json!({ "alg": "None" }), FOREIGN),
        (json!({ "alg": "" }), FOREIGN),
        (json!({ "alg": null }), FOREIGN),
        (json!({ "alg": ["EdDSA"] }), FOREIGN),
        (json!({ "alg": "HS256" }), FOREIGN),
        (json!({ "alg": "ES256" }), FOREIGN),
        (json!({ "alg": "RS256" }), FOREIGN),
        (json!({ "alg": "PS512" }), FOREIGN),
        (json!({ "kid": null }), FOREIGN),
        (json!({ "kid": "" }), FOREIGN),
        (json!({ "kid": "0000000000000000" }), FOREIGN),
        (json!({ "kid": "../../../dev/null" }), FOREIGN),
        (json!({ "kid": 1 }), FOREIGN),
        (json!({ "typ": null }), FOREIGN),
        (json!({ "typ": "JWT" }), FOREIGN),
        (json!({ "typ": "AT+JWT" }), FOREIGN),
        (json!({ "typ": "sparkweb-compat+jwt" }), FOREIGN),
        (json!({ "typ": "sparkweb-embed+jwt" }), FOREIGN),
        (json!({ "crit": ["exp"], "exp": 0 }), FOREIGN),
        (json!({ "crit": ["b64"], "b64": false }), FOREIGN),
        (json!({ "crit": [] }), FOREIGN),
    ] {
        check(&format!("header {changes}"), &signed(&with(&header, &changes), &claims), expected);
    }
    for (changes, expected) in [
        // What it says: RFC 7519 section 4.1, RFC 9068 section 4.
        (json!({ "iss": null }), FOREIGN),
        (json!({ "iss": "https://chat.example.com/" }), FOREIGN),
        (json!({ "iss": [ISSUER] }), FOREIGN),
        (json!({ "aud": null }), FOREIGN),
        (json!({ "aud": "sparkweb:compat" }), FOREIGN),
        (json!({ "aud": "sparkweb:v1 " }), FOREIGN),
        (json!({ "aud": ["sparkweb:v1"] }), FOREIGN),
        (json!({ "aud": ["elsewhere", "sparkweb:v1"] }), FOREIGN),
        (json!({ "sub": null }), FOREIGN),
        (json!({ "sub": 1 }), FOREIGN),
        (json!({ "sid": null }), FOREIGN),
        (json!({ "scope": null }), FOREIGN),
        (json!({ "exp": null }), FOREIGN),
        (json!({ "exp": "soon" }), FOREIGN),
        (json!({ "exp": (NOW + 900).to_string() }), FOREIGN),
        (json!({ "exp": 1e300 }), FOREIGN),
        (json!({ "exp": NOW - LEEWAY_SECS }), Ok(())),
        (json!({ "exp": NOW - LEEWAY_SECS - 1 }), Err(TokenError::Expired)),
        (json!({ "exp": -1 }), FOREIGN),
        (json!({ "exp": i64::MAX }), Ok(())),
        (json!({ "exp": i64::MIN }), FOREIGN),
        (json!({ "nbf": null }), FOREIGN),
        (json!({ "nbf": "now" }), FOREIGN),
        (json!({ "nbf": NOW + LEEWAY_SECS }), Ok(())),
        (json!({ "nbf": NOW + LEEWAY_SECS + 1 }), FOREIGN),
        (json!({ "nbf": i64::MAX }), FOREIGN),
        (json!({ "nbf": i64::MIN }), FOREIGN),
        (json!({ "nbf": 0 }), Ok(())),
        (json!({ "another": { "claim": [] } }), Ok(())),
        // What is bound goes by another type.
        (json!({ "aud": "sparkweb:embed" }), FOREIGN),
        (json!({ "bounds": {} }), FOREIGN),
        (json!({ "bounds": { "conversations": ["romeo@spark.test"] } }), FOREIGN),
    ] {
        check(&format!("claims {changes}"), &signed(&header, &with(&claims, &changes)), expected);
    }
}

/// What is bound is not to be taken for what is not, by us or by a gateway that knows of no bounds.
#[test]
fn a_token_that_was_exchanged_says_for_what_it_is() {
    let (header, claims) = good();
    let ours = EncodingKey::from_ed_der(&pair_of(D).serialize_der());
    let header = with(&header, &json!({ "typ": "sparkweb-embed+jwt" }));
    let claims =
        with(&claims, &json!({ "aud": "sparkweb:embed", "bounds": { "origin": "https://a.example" } }));
    let verify = |header: &Value, claims: &Value, audiences: &[Audience]| {
        let token = jws(header, claims, &ours, Algorithm::EdDSA);
        tokens().verify(&token, audiences, NOW * 1000).map(|claims| claims.bounds.unwrap().origin.clone())
    };
    let both = &[Audience::Access, Audience::Embed];
    assert_eq!(verify(&header, &claims, both), Ok(Some("https://a.example".to_owned())));
    assert_eq!(verify(&header, &claims, &[Audience::Access]), Err(TokenError::Foreign));
    assert_eq!(verify(&header, &claims, &[Audience::Compat]), Err(TokenError::Foreign));
    for changes in [
        json!({ "bounds": null }),
        json!({ "bounds": { "origin": 1 } }),
        json!({ "bounds": { "conversations": ["@"] } }),
        json!({ "bounds": { "of_another_version": true } }),
        json!({ "aud": "sparkweb:v1" }),
        json!({ "aud": ["sparkweb:embed"] }),
    ] {
        assert_eq!(verify(&header, &with(&claims, &changes), both), Err(TokenError::Foreign), "{changes}");
    }
}

/// Whoever knows what is public, and has a key of their own.
#[test]
fn no_key_is_taken_but_ours_and_for_nothing_but_its_algorithm() {
    let (header, claims) = good();
    let pair = pair_of(D);
    // What is public, in all the forms in which a library might take it for a shared secret (RFC 8725 section 2.1).
    let spki = pair.subject_public_key_info();
    let pem = pair.public_key_pem();
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": X }).to_string();
    for (form, secret) in [
        ("bytes", pair.der_bytes()),
        ("base64url", X.as_bytes()),
        ("SPKI", &spki),
        ("PEM", pem.as_bytes()),
        ("JWK", jwk.as_bytes()),
        ("nothing", b""),
    ] {
        let key = EncodingKey::from_secret(secret);
        for (word, algorithm) in
            [("HS256", Algorithm::HS256), ("HS384", Algorithm::HS384), ("HS512", Algorithm::HS512)]
        {
            let token = jws(&with(&header, &json!({ "alg": word })), &claims, &key, algorithm);
            check(&format!("{word} with the public key as {form}"), &token, FOREIGN);
            check(&format!("{form} as EdDSA"), &jws(&header, &claims, &key, algorithm), FOREIGN);
        }
    }
    // A key of their own, and the header says where it is to be had.
    let theirs = new_pair().unwrap();
    let key = EncodingKey::from_ed_der(&theirs.serialize_der());
    let x = URL_SAFE_NO_PAD.encode(theirs.der_bytes());
    for changes in [
        json!({}),
        json!({ "kid": id_of(&theirs) }),
        json!({ "jwk": { "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "x": x } }),
        json!({ "kid": id_of(&theirs), "jwk": { "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "x": x } }),
        json!({ "jku": "https://evil.test/jwks.json" }),
        json!({ "x5u": "https://evil.test/key.pem" }),
        json!({ "x5c": ["MIIB"] }),
    ] {
        let token = jws(&with(&header, &changes), &claims, &key, Algorithm::EdDSA);
        check(&format!("another key, {changes}"), &token, FOREIGN);
    }
}

#[test]
fn a_token_has_one_form() {
    let (header, claims) = good();
    let ours = EncodingKey::from_ed_der(&pair_of(D).serialize_der());
    let token = jws(&header, &claims, &ours, Algorithm::EdDSA);
    let [head, body, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("{token}") };
    let bytes: [u8; 64] = URL_SAFE_NO_PAD.decode(signature).unwrap().try_into().unwrap();
    // The last character has four bits that say nothing.
    let last = signature.chars().last().unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let next = alphabet.chars().nth(alphabet.find(last).unwrap() + 1).unwrap();
    let odd = format!("{}{next}", &signature[..signature.len() - 1]);
    // RFC 8032 section 5.1.7: the same point with the group's order added to S.
    let order = "7dP1XBpjEljWnPei3vneFAAAAAAAAAAAAAAAAAAAABA";
    let mut carry = 0;
    let mut twin = bytes;
    for (byte, add) in twin[32..].iter_mut().zip(URL_SAFE_NO_PAD.decode(order).unwrap()) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
    }
    let twin = URL_SAFE_NO_PAD.encode(twin);
    for (case, token) in [
        ("no signature", format!("{head}.{body}")),
        ("an empty one", format!("{head}.{body}.")),
        ("one more part", format!("{token}.")),
        ("five parts, as of what is encrypted", format!("{head}.{body}.{signature}.a.b")),
        ("padding", format!("{token}==")),
        ("blanks", format!(" {token}")),
        ("a line break", format!("{token}\n")),
        ("other bits behind the last", format!("{head}.{body}.{odd}")),
        ("the signature's twin", format!("{head}.{body}.{twin}")),
        ("zeros", format!("{head}.{body}.{}", "A".repeat(86))),
        ("a shorter signature", format!("{head}.{body}.{}", URL_SAFE_NO_PAD.encode(&bytes[..63]))),
        ("another head", format!("{}.{body}.{signature}", part(&with(&header, &json!({ "cty": "x" }))))),
        ("another body", format!("{head}.{}.{signature}", part(&with(&claims, &json!({ "sub": "a@b" }))))),
    ] {
        check(case, &token, FOREIGN);
    }
    check("as it is", &token, Ok(()));
}

#[test]
fn another_key_signs_and_the_one_before_checks() {
    let (old, new) = (pair_of(D), new_pair().unwrap());
    let tokens = tokens();
    let jid: BareJid = "juliet@spark.test".parse().unwrap();
    let sign = |tokens: &Tokens| {
        let sign_in = SignInId("s".to_owned());
        let life = Duration::from_secs(900);
        tokens.sign(&Claims::new(Audience::Access, NOW * 1000, life, &jid, &sign_in, Scopes::ALL))
    };
    let verify = |token: &str| tokens.verify(token, &[Audience::Access], NOW * 1000).map(|claims| claims.sub);
    let kid = |token: &str| decode_header(token).unwrap().kid.unwrap();
    let first = sign(&tokens);
    tokens.take(Keys::of(&[new, pair_of(D)]).unwrap());
    let second = sign(&tokens);
    assert_ne!(kid(&first), kid(&second));
    assert_eq!((verify(&first), verify(&second)), (Ok("juliet@spark.test".into()), verify(&first)));
    tokens.take(Keys::of(&[new_pair().unwrap(), old]).unwrap());
    assert_eq!((verify(&first).is_ok(), verify(&second)), (true, Err(TokenError::Foreign)));
}
