//! Avatars as pictures: what kind they are, and whether they are the one that was asked for.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use protocol::AvatarHash;
use sha1::{Digest, Sha1};

use super::Avatar;

/// The largest picture in bytes. XEP-0084 section 5.1 recommends 8 KiB; people publish more.
const MAX_BYTES: usize = 512 * 1024;

/// Decodes a picture. `None` if it is too large, of no kind that a browser shows, or not the one of that hash: whoever
/// publishes it could put anything there.
pub(super) fn decode(base64: &str, hash: &AvatarHash) -> Option<Avatar> {
    if base64.len() > MAX_BYTES * 3 / 2 {
        return None;
    }
    let compact: String = base64.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = BASE64.decode(compact).ok()?;
    let is_it = hex(&Sha1::digest(&bytes)).eq_ignore_ascii_case(&hash.0);
    let media_type = media_type(&bytes)?;
    (bytes.len() <= MAX_BYTES && is_it).then(|| Avatar { media_type, bytes: Bytes::from(bytes) })
}

/// By the first bytes. SVG is left out: it can hold scripts.
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// Bytes in lower-case hex.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A hash as it comes over the wire, or `None` if it is none.
pub(super) fn hash(text: &str) -> Option<AvatarHash> {
    let text = text.trim();
    (text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit()))
        .then(|| AvatarHash(text.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_picture_that_was_asked_for_is_taken() {
        let picture = b"\x89PNG\r\n\x1a\nrest";
        let good = AvatarHash(hex(&Sha1::digest(picture)));
        let encoded = BASE64.encode(picture);
        let with_breaks = format!("\n  {}\n{}\n", &encoded[..8], &encoded[8..]);
        let avatar = decode(&with_breaks, &good).unwrap();
        assert_eq!((avatar.media_type, &avatar.bytes[..]), ("image/png", &picture[..]));

        let other = AvatarHash("0".repeat(40));
        let script = b"<svg xmlns='http://www.w3.org/2000/svg'/>";
        for (what, base64, hash) in [
            ("another hash", encoded.clone(), other),
            ("no base64", "!".to_owned(), good),
            ("a script", BASE64.encode(script), AvatarHash(hex(&Sha1::digest(script)))),
        ] {
            assert_eq!(decode(&base64, &hash), None, "{what}");
        }
    }

    #[test]
    fn hashes_are_checked_for_form() {
        assert_eq!(hash(&"AB".repeat(20)), Some(AvatarHash("ab".repeat(20))));
        for bad in ["", "ab", "../../etc/passwd", &"g".repeat(40), &"a".repeat(41)] {
            assert_eq!(hash(bad), None, "{bad}");
        }
    }
}
