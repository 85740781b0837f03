//! How wide and high a picture is, by the head of its file.
//!
//! Nothing is decoded; what makes no sense has no size.

/// Width and height, both at least 1.
pub(super) fn of(bytes: &[u8]) -> Option<(u16, u16)> {
    let (width, height) = match bytes {
        [0x89, b'P', ..] => png(bytes)?,
        [0xff, 0xd8, rest @ ..] => jpeg(rest)?,
        [b'G', b'I', b'F', ..] => (little(bytes, 6, 2)?, little(bytes, 8, 2)?),
        [b'R', b'I', b'F', b'F', ..] => webp(bytes)?,
        _ => return None,
    };
    let side = |side: u32| u16::try_from(side).ok().filter(|side| *side > 0);
    Some((side(width)?, side(height)?))
}

/// Of the `IHDR` chunk, which is the first (PNG section 5.6).
fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    (bytes.get(12..16)? == b"IHDR").then_some(())?;
    Some((big(bytes, 16, 4)?, big(bytes, 20, 4)?))
}

/// Of the frame header (ITU T.81 section B.2.2), behind segments of other kinds.
fn jpeg(mut rest: &[u8]) -> Option<(u32, u32)> {
    loop {
        match rest {
            // A marker may be padded.
            [0xff, 0xff, ..] => rest = &rest[1..],
            // Frame headers are C0 to CF, but for C4 (Huffman tables), C8 (reserved) and CC (arithmetic coding).
            [0xff, 0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf, ..] => {
                return Some((big(rest, 7, 2)?, big(rest, 5, 2)?));
            }
            // The picture begins without one.
            [0xff, 0xd9 | 0xda, ..] => return None,
            [0xff, _, ..] => {
                let length = usize::try_from(big(rest, 2, 2)?).ok().filter(|length| *length >= 2)?;
                rest = rest.get(2 + length..)?;
            }
            _ => return None,
        }
    }
}

/// Of the first chunk (RFC 9649 sections 2.5 to 2.7).
fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    match bytes.get(12..16)? {
        b"VP8X" => Some((little(bytes, 24, 3)? + 1, little(bytes, 27, 3)? + 1)),
        b"VP8L" => {
            let bits = little(bytes, 21, 4)?;
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        b"VP8 " => Some((little(bytes, 26, 2)? & 0x3fff, little(bytes, 28, 2)? & 0x3fff)),
        _ => None,
    }
}

fn big(bytes: &[u8], at: usize, count: usize) -> Option<u32> {
    Some(bytes.get(at..at + count)?.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

fn little(bytes: &[u8], at: usize, count: usize) -> Option<u32> {
    Some(bytes.get(at..at + count)?.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_file_tells() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\0\x40";
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc4\0\x02\xff\xc2\0\x0b\x08\0\x20\0\x30\x01";
        let vp8x = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x3f\0\0\x1f\0\0";
        let vp8l = b"RIFF\0\0\0\0WEBPVP8L\x0a\0\0\0\x2f\x3f\xc0\x07\0";
        let vp8 = b"RIFF\0\0\0\0WEBPVP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a\x40\0\x20\0";
        for (bytes, expected) in [
            (&png[..], Some((256, 64))),
            (&jpeg[..], Some((48, 32))),
            (b"GIF89a\x10\0\x20\0", Some((16, 32))),
            (&vp8x[..], Some((64, 32))),
            (&vp8l[..], Some((64, 32))),
            (&vp8[..], Some((64, 32))),
            (&png[..20], None),
            (b"GIF89a\0\0\x20\0", None),
            (b"\xff\xd8\xff\xe0\0\0", None),
            (b"\xff\xd8\xff\xda\0\x04ab", None),
            (b"\xff\xd8", None),
            (b"RIFF", None),
            (b"BM", None),
            (b"", None),
        ] {
            assert_eq!(of(bytes), expected, "{bytes:?}");
        }
    }

    /// Whatever follows a promising beginning, nothing worse comes of it than no size.
    #[test]
    fn nothing_is_taken_on_trust() {
        let mut state = 1_u32;
        for beginning in [&b"\x89PNG\r\n\x1a\n"[..], b"\xff\xd8\xff", b"GIF89a", b"RIFF\0\0\0\0WEBPVP8 "] {
            for _ in 0..2000 {
                let mut bytes = beginning.to_vec();
                for _ in 0..40 {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    bytes.push(state.to_be_bytes()[0]);
                }
                let _ = of(&bytes);
            }
        }
    }
}
