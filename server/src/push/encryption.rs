//! How a push is encrypted for one browser: message encryption for Web Push (RFC 8291), in a body of one record of
//! encrypted content (RFC 8188).
//!
//! The primitives are the library's; what is put together here are two derivations and a header, and the vectors of both
//! documents say whether that is right (`docs/adr/0019`).

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use zeroize::Zeroizing;

/// The most bytes of what is encrypted: with the header, the tag and the delimiter they make up 4,096 (RFC 8291 section 4).
pub(super) const MAX_PLAINTEXT: usize = 3993;

/// What is shorter is filled up to a multiple of this, so that its length says little.
const BLOCK: usize = 256;

/// Bytes of the whole body at the most, and of its one record.
const RECORD: u32 = 4096;

/// Bytes of a point of P-256, uncompressed.
pub(super) const POINT_BYTES: usize = 65;
/// Bytes of a browser's secret.
pub(super) const SECRET_BYTES: usize = 16;
const SALT_BYTES: usize = 16;
const KEY_BYTES: usize = 16;

/// It can't be encrypted: it is too long, or the browser's key is no point of the curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the push can't be encrypted")]
pub(super) struct EncryptionError;

impl From<Unspecified> for EncryptionError {
    fn from(_: Unspecified) -> Self {
        EncryptionError
    }
}

/// Encrypts for whoever has the private half of `to`, and `secret`.
pub(super) fn encrypt(
    to: &[u8],
    secret: &[u8; SECRET_BYTES],
    plaintext: &[u8],
) -> Result<Vec<u8>, EncryptionError> {
    if plaintext.len() > MAX_PLAINTEXT {
        return Err(EncryptionError);
    }
    let length = plaintext.len().next_multiple_of(BLOCK).min(MAX_PLAINTEXT);
    let once = PrivateKey::generate(&ECDH_P256)?;
    let salt = rand::random::<[u8; SALT_BYTES]>();
    encrypt_with(&once, salt, to, secret, plaintext, length - plaintext.len())
}

/// A key that browsers can encrypt for is a point of the curve, and not at infinity.
pub(super) fn is_point(key: &[u8]) -> bool {
    let check = || {
        let once = PrivateKey::generate(&ECDH_P256)?;
        agree(&once, UnparsedPublicKey::new(&ECDH_P256, key), Unspecified, |_| Ok(()))
    };
    key.len() == POINT_BYTES && check().is_ok()
}

fn encrypt_with(
    once: &PrivateKey,
    salt: [u8; SALT_BYTES],
    to: &[u8],
    secret: &[u8; SECRET_BYTES],
    plaintext: &[u8],
    padding: usize,
) -> Result<Vec<u8>, EncryptionError> {
    let public = once.compute_public_key()?;
    let public = public.as_ref();
    // RFC 8291 section 3.4.
    let mut input = Zeroizing::new([0; 32]);
    agree(once, UnparsedPublicKey::new(&ECDH_P256, to), Unspecified, |shared| {
        let info: [&[u8]; 3] = [b"WebPush: info\0", to, public];
        derive(secret, shared, &info, &mut input[..])
    })?;
    record(&input[..], salt, public, plaintext, padding)
}

/// A body of one record (RFC 8188 section 2), which is the last.
fn record(
    input: &[u8],
    salt: [u8; SALT_BYTES],
    key_id: &[u8],
    plaintext: &[u8],
    padding: usize,
) -> Result<Vec<u8>, EncryptionError> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    derive(&salt, input, &[b"Content-Encoding: aes128gcm\0"], &mut key[..])?;
    let mut nonce = [0; NONCE_LEN];
    derive(&salt, input, &[b"Content-Encoding: nonce\0"], &mut nonce)?;
    let mut content = Vec::with_capacity(plaintext.len() + padding + 1 + AES_128_GCM.tag_len());
    content.extend_from_slice(plaintext);
    // What ends the last record, and padding after it.
    content.push(2);
    content.resize(content.len() + padding, 0);
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key[..])?);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut content)?;
    let id_length = u8::try_from(key_id.len()).map_err(|_| EncryptionError)?;
    Ok([&salt, &RECORD.to_be_bytes()[..], &[id_length], key_id, &content].concat())
}

/// HKDF (RFC 5869), by SHA-256.
fn derive(salt: &[u8], input: &[u8], info: &[&[u8]], out: &mut [u8]) -> Result<(), Unspecified> {
    struct Length(usize);
    impl KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    Salt::new(HKDF_SHA256, salt).extract(input).expand(info, Length(out.len()))?.fill(out)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text.replace(char::is_whitespace, "")).unwrap()
    }

    /// RFC 8188 section 3.1.
    #[test]
    fn a_record_is_that_of_the_example() {
        let (input, salt) = (bytes("yqdlZ-tYemfogSmv7Ws5PQ"), bytes("I1BsxtFttlv3u_Oo94xnmw"));
        let body = record(&input, salt.try_into().unwrap(), b"", b"I am the walrus", 0).unwrap();
        let expected = "I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg";
        assert_eq!(URL_SAFE_NO_PAD.encode(body), expected);
    }

    /// RFC 8291 section 5 and appendix A.
    #[test]
    fn a_push_is_that_of_the_example() {
        let once = bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw");
        let once = PrivateKey::from_private_key(&ECDH_P256, &once).unwrap();
        let to =
            bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
        let secret = bytes("BTBZMqHH6r4Tts7J_aSIgg").try_into().unwrap();
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let plaintext = b"When I grow up, I want to be a watermelon";
        let body = encrypt_with(&once, salt, &to, &secret, plaintext, 0).unwrap();
        let expected = bytes(
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz
            AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
        );
        assert_eq!(body, expected);
    }

    #[test]
    fn lengths_say_little_and_fit() {
        let to = PrivateKey::generate(&ECDH_P256).unwrap().compute_public_key().unwrap();
        for (length, whole) in [(0, 86 + 17), (1, 86 + 256 + 17), (256, 86 + 256 + 17), (3993, 4096)] {
            let body = encrypt(to.as_ref(), &[7; 16], &vec![b'a'; length]).unwrap();
            assert_eq!(body.len(), whole, "{length}");
        }
        assert_eq!(encrypt(to.as_ref(), &[7; 16], &[0; 3994]), Err(EncryptionError));
    }

    #[test]
    fn what_is_no_point_is_no_key() {
        let point = PrivateKey::generate(&ECDH_P256).unwrap().compute_public_key().unwrap();
        assert!(is_point(point.as_ref()));
        let mut off = point.as_ref().to_vec();
        off[64] ^= 1;
        let mut compressed = point.as_ref()[..33].to_vec();
        compressed[0] = 2;
        for key in [&[][..], &[4; 65], &[0; 65], &off, &compressed, &point.as_ref()[1..]] {
            assert!(!is_point(key), "{key:?}");
        }
    }
}
