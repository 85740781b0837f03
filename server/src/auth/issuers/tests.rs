//! Assertions of a site that is trusted, and of those who would be taken for it (RFC 8725).

mod cookbook;
mod getting;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{EncodingKey, crypto};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PKCS_RSA_SHA256, PublicKeyData};
use serde_json::{Value, json};

use super::*;

const NOW: i64 = 1_767_225_600;
const STARTED_MS: TimestampMs = (NOW - 1000) * 1000;
const ISSUER: &str = "https://id.example";
const US: &str = "https://chat.example";

/// How an issuer signs.
struct Signer {
    kid: &'static str,
    algorithm: Algorithm,
    key: EncodingKey,
    jwk: Value,
    /// What is public of the key.
    pem: String,
}

impl Signer {
    fn new(kid: &'static str, algorithm: Algorithm) -> Self {
        let pair = KeyPair::generate_for(match algorithm {
            Algorithm::ES256 => &PKCS_ECDSA_P256_SHA256,
            Algorithm::EdDSA => &PKCS_ED25519,
            _ => &PKCS_RSA_SHA256,
        });
        let pair = pair.unwrap();
        let pem = pair.serialize_pem();
        let key = match algorithm {
            Algorithm::ES256 => EncodingKey::from_ec_pem(pem.as_bytes()),
            Algorithm::EdDSA => EncodingKey::from_ed_pem(pem.as_bytes()),
            _ => EncodingKey::from_rsa_pem(pem.as_bytes()),
        };
        let key = key.unwrap();
        let mut jwk = match algorithm {
            // The library reads no seed of what PKCS #8 has of one.
            Algorithm::EdDSA => {
                let x = URL_SAFE_NO_PAD.encode(pair.der_bytes());
                json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "x": x })
            }
            _ => serde_json::to_value(Jwk::from_encoding_key(&key, algorithm).unwrap()).unwrap(),
        };
        jwk["kid"] = kid.into();
        Signer { kid, algorithm, key, jwk, pem: pair.public_key_pem() }
    }

    fn header(&self) -> Value {
        json!({ "alg": self.algorithm, "typ": "JWT", "kid": self.kid })
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        jws(header, claims, &self.key, self.algorithm)
    }
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn jws(header: &Value, claims: &Value, key: &EncodingKey, algorithm: Algorithm) -> String {
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = crypto::sign(signed.as_bytes(), key, algorithm).unwrap();
    format!("{signed}.{signature}")
}

fn claims() -> Value {
    json!({ "iss": ISSUER, "sub": "juliet", "aud": US, "jti": "1", "iat": NOW, "exp": NOW + 60 })
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

fn settings(algorithms: &[Algorithm]) -> IssuerSettings {
    IssuerSettings {
        issuer: ISSUER.to_owned(),
        audience: US.to_owned(),
        keys: KeySource::File("jwks.json".into()),
        algorithms: algorithms.to_vec(),
        people: People::Template(String::new(), "@spark.test".to_owned()),
        longest: Duration::from_secs(300),
        typ: None,
    }
}

fn set(keys: &[&Value]) -> Vec<u8> {
    json!({ "keys": keys }).to_string().into_bytes()
}

/// Those that are trusted, whose keys are these.
fn trusting(settings: Vec<IssuerSettings>, keys: &[u8]) -> Issuers {
    let keys = keys.to_vec();
    let source = Source::of(move |_| {
        let keys = keys.clone();
        Box::pin(async move { Some(keys) })
    });
    Issuers::new(STARTED_MS, settings, source)
}

/// Who is meant by an assertion at a gateway that has seen none.
async fn ask(settings: IssuerSettings, keys: &[u8], assertion: &str) -> Result<String, AssertionError> {
    let issuers = trusting(vec![settings], keys);
    let vouched = issuers.check(NOW * 1000, assertion).await;
    vouched.map(|vouched| vouched.jid.to_string())
}

fn is_foreign(answer: &Result<String, AssertionError>) -> bool {
    matches!(answer, Err(AssertionError::Foreign(_)))
}

#[tokio::test]
async fn an_assertion_says_who_comes() {
    for algorithm in [Algorithm::ES256, Algorithm::EdDSA, Algorithm::RS256, Algorithm::PS256] {
        let signer = Signer::new("k1", algorithm);
        let other = Signer::new("k2", Algorithm::EdDSA);
        let (keys, good) = (set(&[&other.jwk, &signer.jwk]), signer.sign(&signer.header(), &claims()));
        let asked = ask(settings(&[algorithm]), &keys, &good).await;
        assert_eq!(asked, Ok("juliet@spark.test".to_owned()), "{algorithm:?}");
        assert!(is_foreign(&ask(settings(&[Algorithm::ES384]), &keys, &good).await), "{algorithm:?}");
    }
}

/// The keys and signatures of RFC 7515, appendices A.2 and A.3.
#[test]
fn keys_are_read_as_the_specification_has_them() {
    const SIGNED: &str =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let rsa = json!({
        "kty": "RSA", "e": "AQAB",
        "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ\
              S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2\
              R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD\
              TW9gb54h4FRWyuXpoQ",
    });
    let ec = json!({
        "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    });
    let file = KeySource::File("jwks.json".into());
    let keys = Keys::read(&file, &set(&[&rsa, &ec])).unwrap();
    for (algorithm, header, signature) in [
        (
            Algorithm::RS256,
            "eyJhbGciOiJSUzI1NiJ9",
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQ\
             jbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsq\
             tFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
        ),
        (
            Algorithm::ES256,
            "eyJhbGciOiJFUzI1NiJ9",
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        ),
    ] {
        let key = keys.find(None, algorithm).unwrap();
        let message = format!("{header}.{SIGNED}");
        assert_eq!(crypto::verify(signature, message.as_bytes(), key, algorithm), Ok(true), "{algorithm:?}");
    }
    assert!(keys.find(None, Algorithm::PS256).is_some() && keys.find(None, Algorithm::EdDSA).is_none());
}

#[test]
fn a_key_is_for_what_it_says() {
    let signer = Signer::new("k1", Algorithm::ES256);
    let file = KeySource::File("jwks.json".into());
    let found = |keys: &[&Value], kid: Option<&str>, algorithm| {
        Keys::read(&file, &set(keys)).is_some_and(|keys| keys.find(kid, algorithm).is_some())
    };
    let k1 = Some("k1");
    assert!(found(&[&signer.jwk], k1, Algorithm::ES256));
    for changes in [
        json!({ "use": "enc" }),
        json!({ "key_ops": ["sign"] }),
        json!({ "alg": "ES384" }),
        json!({ "alg": "none" }),
        json!({ "kty": "oct", "k": "c2VjcmV0", "crv": null, "x": null, "y": null }),
        json!({ "kty": "unheard-of" }),
        json!({ "crv": "P-384", "alg": null }),
        json!({ "crv": "secp256k1" }),
        json!({ "x": null }),
        json!({ "x": "!" }),
        json!({ "kid": "k2" }),
    ] {
        assert!(!found(&[&with(&signer.jwk, &changes)], k1, Algorithm::ES256), "{changes}");
        // It is as if it were not there.
        assert!(found(&[&with(&signer.jwk, &changes), &signer.jwk], k1, Algorithm::ES256), "{changes}");
    }
    assert!(!found(&[&signer.jwk], k1, Algorithm::HS256));
    let other = Signer::new("k2", Algorithm::ES256);
    assert!(found(&[&signer.jwk], None, Algorithm::ES256));
    assert!(!found(&[&signer.jwk, &other.jwk], None, Algorithm::ES256), "nobody says which");
    assert!(!found(&[&signer.jwk, &with(&other.jwk, &json!({ "kid": "k1" }))], k1, Algorithm::ES256));
    for bytes in [&b"nonsense"[..], b"[]", b"{}", b"{\"keys\":{}}"] {
        assert!(Keys::read(&file, bytes).is_none());
    }
    let many = vec![&signer.jwk; 101];
    assert!(Keys::read(&file, &set(&many)).is_none());
    let secret = KeySource::Secret("a".into());
    assert!(Keys::read(&secret, b"0123456789abcdef0123456789abcde\n").is_none(), "too short to be one");
    assert!(Keys::read(&secret, b"0123456789abcdef0123456789abcdef\n").is_some());
}

/// Each is well signed, as if the issuer had made it for something else, or somebody had come by it.
#[tokio::test]
async fn what_is_well_signed_must_still_be_for_us_and_now() {
    use AssertionError::{Expired, Nobody};
    let signer = Signer::new("k1", Algorithm::ES256);
    let keys = set(&[&signer.jwk]);
    let ask_with = async |header: Value, claims: Value| {
        ask(settings(&[Algorithm::ES256]), &keys, &signer.sign(&header, &claims)).await
    };
    for changes in [
        json!({ "typ": "at+jwt" }),
        json!({ "typ": "logout+jwt" }),
        json!({ "typ": "sparkweb-embed+jwt" }),
        json!({ "crit": ["exp"], "exp": 0 }),
        json!({ "crit": [] }),
        json!({ "kid": "k2" }),
        json!({ "kid": "../../../../dev/null" }),
        json!({ "kid": "' OR 1=1" }),
        json!({ "kid": "" }),
        json!({ "alg": "none" }),
        json!({ "alg": "HS256" }),
        json!({ "alg": "RS256" }),
        json!({ "alg": "ES384" }),
        json!({ "alg": null }),
    ] {
        let answer = ask_with(with(&signer.header(), &changes), claims()).await;
        assert!(is_foreign(&answer), "{changes}: {answer:?}");
    }
    let juliet = Ok("juliet@spark.test".to_owned());
    for changes in [json!({ "typ": null }), json!({ "typ": "jwt" }), json!({ "kid": null })] {
        assert_eq!(ask_with(with(&signer.header(), &changes), claims()).await, juliet, "{changes}");
    }
    for changes in [
        json!({ "iss": null }),
        json!({ "iss": "https://id.example/" }),
        json!({ "iss": "https://evil.example" }),
        json!({ "iss": [ISSUER] }),
        json!({ "aud": null }),
        json!({ "aud": "https://other.example" }),
        json!({ "aud": "https://chat.example/" }),
        json!({ "aud": [] }),
        json!({ "aud": [US, "https://other.example"] }),
        json!({ "aud": { "a": US } }),
        json!({ "sub": null }),
        json!({ "sub": 1 }),
        json!({ "sub": ["juliet"] }),
        json!({ "jti": null }),
        json!({ "jti": "" }),
        json!({ "jti": "x".repeat(257) }),
        json!({ "exp": null }),
        json!({ "exp": "1767225660" }),
        json!({ "exp": { "at": NOW + 60 } }),
        json!({ "iat": null }),
        json!({ "nbf": "now" }),
    ] {
        let answer = ask_with(signer.header(), with(&claims(), &changes)).await;
        assert!(is_foreign(&answer), "{changes}: {answer:?}");
    }
    for changes in [
        json!({ "aud": [US] }),
        json!({ "nbf": NOW }),
        json!({ "nbf": NOW + 5 }),
        json!({ "iat": NOW + 5 }),
        json!({ "iat": 1_767_225_600.25, "exp": 1_767_225_660.5 }),
        json!({ "exp": NOW - 5, "iat": NOW - 60 }),
        json!({ "exp": NOW + 300 }),
        json!({ "preferred_username": "romeo", "jid": "romeo@spark.test", "username": "romeo" }),
    ] {
        assert_eq!(ask_with(signer.header(), with(&claims(), &changes)).await, juliet, "{changes}");
    }
    let expired =
        ask_with(signer.header(), with(&claims(), &json!({ "exp": NOW - 6, "iat": NOW - 60 }))).await;
    assert_eq!(expired, Err(Expired));
    for changes in [
        json!({ "iat": NOW + 6 }),
        json!({ "nbf": NOW + 6 }),
        json!({ "exp": NOW + 301 }),
        json!({ "exp": NOW, "iat": NOW }),
        json!({ "exp": NOW + 1, "iat": NOW + 2 }),
        json!({ "exp": 1e300 }),
        json!({ "exp": i64::MAX }),
        json!({ "exp": -1 }),
        json!({ "iat": i64::MIN }),
        // Before the gateway was there.
        json!({ "iat": NOW - 1001, "exp": NOW - 702 }),
    ] {
        let answer = ask_with(signer.header(), with(&claims(), &changes)).await;
        assert!(matches!(answer, Err(AssertionError::Time(_) | Expired)), "{changes}: {answer:?}");
    }
    for sub in [
        "",
        "@spark.test",
        "romeo@evil.test",
        "romeo@spark.test/x",
        "ro meo",
        "d\\27artagnan",
        "a\u{0}b",
        "a<b",
    ] {
        let answer = ask_with(signer.header(), with(&claims(), &json!({ "sub": sub }))).await;
        assert_eq!(answer, Err(Nobody), "{sub}");
    }
    let typed = IssuerSettings { typ: Some("sparkweb+jwt".to_owned()), ..settings(&[Algorithm::ES256]) };
    for (typ, is_taken) in [(json!("sparkweb+jwt"), true), (json!("JWT"), false), (Value::Null, false)] {
        let token = signer.sign(&with(&signer.header(), &json!({ "typ": typ })), &claims());
        assert_eq!(ask(typed.clone(), &keys, &token).await.is_ok(), is_taken, "{typ}");
    }
}

/// Whoever knows what is public, and has a key of their own.
#[tokio::test]
async fn no_key_is_taken_but_the_issuers_and_for_nothing_but_its_algorithm() {
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        let (signer, theirs) = (Signer::new("k1", algorithm), Signer::new("k1", algorithm));
        let keys = set(&[&signer.jwk]);
        // What is public as a shared secret (RFC 8725 section 2.1), where a shared secret is not taken and where it is, by
        // some mistake.
        for allowed in [vec![algorithm], vec![algorithm, Algorithm::HS256]] {
            for secret in [signer.pem.as_bytes(), signer.jwk.to_string().as_bytes(), &keys, b""] {
                let key = EncodingKey::from_secret(secret);
                let header = with(&signer.header(), &json!({ "alg": "HS256" }));
                let token = jws(&header, &claims(), &key, Algorithm::HS256);
                let answer = ask(settings(&allowed), &keys, &token).await;
                assert!(is_foreign(&answer), "{algorithm:?}: {answer:?}");
            }
        }
        for changes in [
            json!({}),
            json!({ "jwk": theirs.jwk }),
            json!({ "jku": "https://evil.example/jwks.json" }),
            json!({ "x5u": "https://evil.example/key.pem" }),
            json!({ "x5c": ["MIIB"] }),
        ] {
            let token = theirs.sign(&with(&signer.header(), &changes), &claims());
            let answer = ask(settings(&[algorithm]), &keys, &token).await;
            assert!(is_foreign(&answer), "{algorithm:?} {changes}: {answer:?}");
        }
        let good = signer.sign(&signer.header(), &claims());
        let [head, body, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!("{good}") };
        for token in [
            format!("{head}.{body}."),
            format!("{head}.{body}"),
            format!("{head}.{}.{signature}", part(&with(&claims(), &json!({ "sub": "romeo" })))),
            format!("{}.{body}.", part(&json!({ "alg": "none" }))),
            format!("{good}.{signature}"),
            format!(" {good}"),
            format!("{good}\n"),
            json!({ "protected": head, "payload": body, "signature": signature }).to_string(),
            "x".repeat(9000),
            String::new(),
        ] {
            assert!(is_foreign(&ask(settings(&[algorithm]), &keys, &token).await), "{token}");
        }
    }
    // An issuer that is trusted is so with its own keys and people alone.
    let (one, other) = (Signer::new("k1", Algorithm::ES256), Signer::new("k1", Algorithm::ES256));
    let other_settings = IssuerSettings {
        issuer: "https://other.example".to_owned(),
        keys: KeySource::File("other.json".into()),
        ..settings(&[Algorithm::ES256])
    };
    let (keys, others) = (set(&[&one.jwk]), set(&[&other.jwk]));
    let source = Source::of(move |source| {
        let is_other = *source == KeySource::File("other.json".into());
        let keys = if is_other { others.clone() } else { keys.clone() };
        Box::pin(async move { Some(keys) })
    });
    let both = vec![settings(&[Algorithm::ES256]), other_settings];
    let issuers = Issuers::new(STARTED_MS, both, source);
    let token = other.sign(&other.header(), &claims());
    assert!(matches!(issuers.check(NOW * 1000, &token).await, Err(AssertionError::Foreign(_))));
    let token = other.sign(&other.header(), &with(&claims(), &json!({ "iss": "https://other.example" })));
    assert!(issuers.check(NOW * 1000, &token).await.is_ok());
}

#[tokio::test]
async fn who_is_meant_the_settings_say() {
    let signer = Signer::new("k1", Algorithm::ES256);
    let keys = set(&[&signer.jwk]);
    let table = [("00u1".to_owned(), "juliet@spark.test".parse().unwrap())];
    for (people, changes, expected) in [
        (People::Table(table.clone().into()), json!({ "sub": "00u1" }), Ok("juliet@spark.test")),
        (People::Table(table.into()), json!({ "sub": "00U1" }), Err(AssertionError::Nobody)),
        (People::Claim("jid".to_owned()), json!({ "jid": "romeo@spark.test" }), Ok("romeo@spark.test")),
        (
            People::Claim("jid".to_owned()),
            json!({ "jid": ["romeo@spark.test"] }),
            Err(AssertionError::Nobody),
        ),
        (People::Claim("jid".to_owned()), json!({}), Err(AssertionError::Nobody)),
        (
            People::Claim("jid".to_owned()),
            json!({ "jid": "romeo@spark.test/x" }),
            Err(AssertionError::Nobody),
        ),
        // Which form is the right one, others know.
        (
            People::Template("u-".to_owned(), "@spark.test".to_owned()),
            json!({ "sub": "Juliet" }),
            Ok("u-Juliet@spark.test"),
        ),
    ] {
        let settings = IssuerSettings { people, ..settings(&[Algorithm::ES256]) };
        let token = signer.sign(&signer.header(), &with(&claims(), &changes));
        let answer = ask(settings, &keys, &token).await;
        assert_eq!(answer.as_deref().map_err(Clone::clone), expected, "{changes}");
    }
}

#[tokio::test]
async fn an_assertion_is_good_once() {
    let signer = Signer::new("k1", Algorithm::ES256);
    let keys = set(&[&signer.jwk]);
    let issuers = trusting(vec![settings(&[Algorithm::ES256])], &keys);
    let check = async |at, changes: Value| {
        let token = signer.sign(&signer.header(), &with(&claims(), &changes));
        issuers.check(at * 1000, &token).await.map(|vouched| vouched.issuer)
    };
    assert_eq!(check(NOW, json!({})).await, Ok(ISSUER.to_owned()));
    assert_eq!(check(NOW, json!({})).await, Err(AssertionError::Replayed));
    // As long as it would be taken, with all that clocks may be off.
    assert_eq!(check(NOW + 65, json!({})).await, Err(AssertionError::Replayed));
    assert_eq!(check(NOW + 66, json!({})).await, Err(AssertionError::Expired));
    // By the same name, whatever else it says.
    assert_eq!(check(NOW, json!({ "sub": "romeo" })).await, Err(AssertionError::Replayed));
    assert!(check(NOW, json!({ "jti": "2" })).await.is_ok());
}
