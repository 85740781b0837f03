//! Avatars as pictures: what kind they are, and whether they are the one that was asked for.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use protocol::AvatarHash;
use sha1::{Digest, Sha1};

use super::Avatar;

mod size;

/// The largest picture in bytes. XEP-0084 section 5.1 recommends 8 KiB; people publish more.
const MAX_BYTES: usize = protocol::MAX_AVATAR_BYTES;

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

/// A picture that can be an avatar.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// `image/png`, `image/jpeg`, `image/gif` or `image/webp`, by the bytes.
    pub media_type: &'static str,
    /// It.
    pub bytes: Bytes,
    /// The SHA-1 of the bytes.
    pub hash: AvatarHash,
    /// Width and height, where the head of the file tells.
    pub size: Option<(u16, u16)>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {} bytes", self.media_type, self.bytes.len())
    }
}

impl Picture {
    /// `None` if the bytes are no picture that a browser shows, or too many.
    pub fn new(bytes: Bytes) -> Option<Picture> {
        let media_type = media_type(&bytes).filter(|_| bytes.len() <= MAX_BYTES)?;
        let (hash, size) = (hash_of(&bytes), size::of(&bytes));
        Some(Picture { media_type, bytes, hash, size })
    }

    /// As it stands in a stanza.
    pub(super) fn base64(&self) -> String {
        BASE64.encode(&self.bytes)
    }

    /// How many bytes the stanzas take which carry a picture of so many bytes.
    pub fn stanza_bytes(bytes: usize) -> usize {
        // What stands around the picture in the largest of them is far less.
        bytes.div_ceil(3) * 4 + 4096
    }
}

/// The hash by which a picture is known.
pub(super) fn hash_of(bytes: &[u8]) -> AvatarHash {
    AvatarHash(hex(&Sha1::digest(bytes)))
}

/// The hash of a picture that stands in a vCard, if it is one.
pub(super) fn hash_of_base64(base64: &str) -> Option<AvatarHash> {
    if base64.len() > MAX_BYTES * 3 / 2 {
        return None;
    }
    let compact: String = base64.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = BASE64.decode(compact).ok()?;
    media_type(&bytes).map(|_| hash_of(&bytes))
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
