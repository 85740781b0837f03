//! Names of things: messages, archive entries, avatars, sign-ins, and places in the event log.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest id of a message in bytes of UTF-8. XMPP sets no bound; ours are UUIDs, others' are cut off nowhere near this.
pub const MAX_ID_BYTES: usize = 256;

/// An id goes into stanzas: a character that XML 1.0 can't carry (section 2.2) would break the stream.
fn is_id(text: &str) -> bool {
    (1..=MAX_ID_BYTES).contains(&text.len())
        && !text.contains(|c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))
}

/// A message's id as its author gave it: `@id` of the stanza, which equals the `origin-id` (XEP-0359) of what we send.
///
/// Whoever sends makes the id (a UUIDv7 is best), and it doubles as the idempotency key: the same id with the same
/// body is the same message, however often it is posted. 1 to 256 bytes, no control characters and no U+FFFE or U+FFFF.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, type = "string"))]
#[serde(transparent)]
pub struct MessageId(String);

/// Why a string is not a message id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageIdError;

impl fmt::Display for MessageIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a message id has 1 to 256 bytes and no control characters")
    }
}

impl std::error::Error for MessageIdError {}

impl MessageId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A UUID that sorts by when it was made (version 7, RFC 9562 section 5.7), out of the time and ten random bytes.
    pub fn uuid_v7(now_ms: crate::TimestampMs, random: [u8; 10]) -> Self {
        let [_, _, time @ ..] = now_ms.to_be_bytes();
        let mut bytes = [0_u8; 16];
        bytes[..6].copy_from_slice(&time);
        bytes[6..].copy_from_slice(&random);
        bytes[6] = 0x70 | (bytes[6] & 0x0f);
        bytes[8] = 0x80 | (bytes[8] & 0x3f);
        let mut text = String::with_capacity(36);
        for (index, byte) in bytes.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
            }
        }
        MessageId(text)
    }

    /// When it was made, if it is a UUIDv7 (RFC 9562 section 5.7): by the clock of whoever made it.
    pub fn made_at_ms(&self) -> Option<crate::TimestampMs> {
        let bytes = self.0.as_bytes();
        let is_uuid_v7 = bytes.len() == 36
            && bytes.get(14) == Some(&b'7')
            && bytes.iter().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => *byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            });
        if !is_uuid_v7 {
            return None;
        }
        let (high, low) = (self.0.get(..8)?, self.0.get(9..13)?);
        Some(crate::TimestampMs::from_str_radix(high, 16).ok()? << 16 | i64::from_str_radix(low, 16).ok()?)
    }
}

impl FromStr for MessageId {
    type Err = MessageIdError;

    fn from_str(text: &str) -> Result<Self, MessageIdError> {
        if is_id(text) { Ok(MessageId(text.to_owned())) } else { Err(MessageIdError) }
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for MessageId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A message's id in the archive (XEP-0313), and the cursor of paging through history. Opaque.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, type = "string"))]
#[serde(transparent)]
pub struct ArchiveId(pub String);

impl FromStr for ArchiveId {
    type Err = MessageIdError;

    /// For what a client hands in; what a server says is taken as it is.
    fn from_str(text: &str) -> Result<Self, MessageIdError> {
        if is_id(text) { Ok(ArchiveId(text.to_owned())) } else { Err(MessageIdError) }
    }
}

/// The SHA-1 of an avatar's bytes in hex, by which clients cache it (XEP-0084 section 4.2, XEP-0153 section 3).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, type = "string"))]
#[serde(transparent)]
pub struct AvatarHash(pub String);

/// One sign-in: what a sign-out ends, and the `sid` of every token made for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, type = "string"))]
#[serde(transparent)]
pub struct SignInId(pub String);

/// One passkey of a person, as they manage it. Not what the device calls it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, type = "string"))]
#[serde(transparent)]
pub struct PasskeyId(pub String);

/// A place in a person's event log: `<epoch>-<offset>` on the wire, the `id:` of a server-sent event.
///
/// The offset grows by one with every event. The epoch changes only when continuity is lost; positions of different
/// epochs can't be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export, type = "string"))]
pub struct Position {
    /// Which unbroken run of events this is.
    pub epoch: u64,
    /// How many events of the run came up to and including this one.
    pub offset: u64,
}

/// Why a string is not a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PositionError;

impl fmt::Display for PositionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a position looks like 18f3a2-42: an epoch in hex, a dash, a decimal offset")
    }
}

impl std::error::Error for PositionError {}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{}", self.epoch, self.offset)
    }
}

impl FromStr for Position {
    type Err = PositionError;

    fn from_str(text: &str) -> Result<Self, PositionError> {
        let (epoch, offset) = text.split_once('-').ok_or(PositionError)?;
        // `from_str_radix` would let a sign through.
        if !epoch.bytes().all(|b| b.is_ascii_hexdigit()) || !offset.bytes().all(|b| b.is_ascii_digit()) {
            return Err(PositionError);
        }
        Ok(Position {
            epoch: u64::from_str_radix(epoch, 16).map_err(|_| PositionError)?,
            offset: offset.parse().map_err(|_| PositionError)?,
        })
    }
}

impl Serialize for Position {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_read_as_they_are_written() {
        let position = Position { epoch: 0x18f3a2, offset: 42 };
        assert_eq!(position.to_string(), "18f3a2-42");
        assert_eq!("18f3a2-42".parse(), Ok(position));
        for bad in
            ["", "-", "1-", "-1", "+1-2", "1-+2", "x-1", "1-2-3", "1", "1-99999999999999999999999", "1 -2"]
        {
            assert_eq!(bad.parse::<Position>(), Err(PositionError), "{bad:?}");
        }
    }

    #[test]
    fn uuids_sort_by_time() {
        for (now_ms, random, expected) in [
            // RFC 9562 appendix A.6.
            (
                0x017F_22E2_79B0,
                [0xC, 0xC3, 0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F],
                "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
            ),
            (0, [0xff; 10], "00000000-0000-7fff-bfff-ffffffffffff"),
        ] {
            let id = MessageId::uuid_v7(now_ms, random);
            assert_eq!((id.as_str(), id.made_at_ms()), (expected, Some(now_ms)));
        }
    }

    #[test]
    fn message_ids_are_bounded() {
        assert!("0198c0de-0000-7000-8000-000000000000".parse::<MessageId>().is_ok());
        assert!("é😀\u{fffd}".parse::<MessageId>().is_ok());
        for bad in ["", "a\nb", "\0", "a\u{fffe}", "a\u{ffff}", &"x".repeat(257)] {
            assert!(bad.parse::<MessageId>().is_err(), "{bad:?}");
            assert!(bad.parse::<ArchiveId>().is_err(), "{bad:?}");
        }
    }
}
