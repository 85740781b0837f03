//! A picture of a page, told by its bytes.

use bytes::Bytes;
use imagesize::ImageType;

/// What is asked for.
pub(super) const ACCEPT: &str = "image/avif,image/webp,image/png,image/jpeg,image/gif";

/// The most points of a picture: whoever looks at it has to unpack it.
const MAX_POINTS: usize = 25_000_000;

/// A picture that browsers show, and that does nothing there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// What it is.
    pub media_type: &'static str,
    /// The picture itself.
    pub bytes: Bytes,
}

impl Picture {
    /// None if it is no picture, one of a kind that can do more than be looked at, or one that is too large to unpack.
    pub(super) fn read(bytes: Bytes) -> Option<Self> {
        let media_type = match imagesize::image_type(&bytes).ok()? {
            ImageType::Png => "image/png",
            ImageType::Jpeg => "image/jpeg",
            ImageType::Gif => "image/gif",
            ImageType::Webp => "image/webp",
            ImageType::Heif(imagesize::Compression::Av1) => "image/avif",
            _ => return None,
        };
        let size = imagesize::blob_size(&bytes).ok()?;
        let points = size.width.checked_mul(size.height)?;
        (1..=MAX_POINTS).contains(&points).then_some(Picture { media_type, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The beginning of a PNG of this size (PNG specification, sections 5.2 and 11.2.1).
    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
        bytes
    }

    #[test]
    fn a_picture_is_told_by_its_bytes() {
        let gif = b"GIF89a\x01\0\x01\0\x80\0\0".to_vec();
        for (bytes, expected) in [
            (png(10, 10), Some("image/png")),
            (gif, Some("image/gif")),
            (png(5000, 5000), Some("image/png")),
            (png(5001, 5000), None),
            (png(u32::MAX, u32::MAX), None),
            (png(0, 10), None),
            (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec(), None),
            (b"<!doctype html><script>alert(1)</script>".to_vec(), None),
            (b"BM\0\0\0\0".to_vec(), None),
            (Vec::new(), None),
        ] {
            let read = Picture::read(bytes.clone().into()).map(|picture| picture.media_type);
            assert_eq!(read, expected, "{:?}", String::from_utf8_lossy(&bytes));
        }
    }
}
