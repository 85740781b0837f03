//! What is said of a file, as far as it is passed on. Pure.

use percent_encoding::percent_decode_str;
use url::Url;

/// What a file is that is nothing to be shown.
const ANY: &str = "application/octet-stream";

/// Pictures that do nothing but be looked at.
const PICTURES: [&str; 7] =
    ["image/apng", "image/avif", "image/bmp", "image/gif", "image/jpeg", "image/png", "image/webp"];

/// The longest media type and the longest name in bytes.
const MAX_TYPE_BYTES: usize = 64;
const MAX_NAME_BYTES: usize = 200;

/// The longest tag in bytes, and how long a date is (RFC 9110 section 5.6.7, the form in which dates are written).
const MAX_TAG_BYTES: usize = 128;
const DATE_BYTES: usize = "Sun, 06 Nov 1994 08:49:37 GMT".len();

/// What to call a file that has no name.
const NAMELESS: &str = "file";

/// The media type of what can be seen or heard and nothing else; for all others the one that says nothing.
pub(super) fn media_type(said: Option<&str>) -> String {
    let essence = said.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_heard = |sub: &str| {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte);
        !sub.is_empty() && sub.bytes().all(is_word) && !sub.contains("xml") && !sub.contains("html")
    };
    let sub = essence.strip_prefix("audio/").or_else(|| essence.strip_prefix("video/"));
    let is_shown =
        PICTURES.contains(&essence.as_str()) || essence.len() <= MAX_TYPE_BYTES && sub.is_some_and(is_heard);
    if is_shown { essence } else { ANY.to_owned() }
}

/// It is several parts in one body (RFC 9110 section 14.6).
pub(super) fn is_of_several(said: Option<&str>) -> bool {
    said.is_some_and(|said| said.trim_start().to_ascii_lowercase().starts_with("multipart/"))
}

/// By what `Accept-Ranges` says, parts of it can be had.
pub(super) fn has_parts(said: Option<&str>) -> bool {
    said.is_some_and(|said| said.split(',').any(|unit| unit.trim().eq_ignore_ascii_case("bytes")))
}

/// An `ETag`, if it is one.
pub(super) fn tag(said: Option<&str>) -> Option<String> {
    let said = said?;
    let opaque = said.strip_prefix("W/").unwrap_or(said).strip_prefix('"')?.strip_suffix('"')?;
    let is_one = said.len() <= MAX_TAG_BYTES && opaque.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x7e));
    is_one.then(|| said.to_owned())
}

/// A date, if it looks like one.
pub(super) fn date(said: Option<&str>) -> Option<String> {
    let is_of_dates = |byte: u8| byte.is_ascii_alphanumeric() || b", :".contains(&byte);
    said.filter(|said| said.len() == DATE_BYTES && said.ends_with(" GMT") && said.bytes().all(is_of_dates))
        .map(str::to_owned)
}

/// What the address calls the file: without what could make another name or another place of it.
pub(super) fn name(url: &Url) -> String {
    let last = url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
    let decoded = percent_decode_str(last).decode_utf8_lossy();
    let is_odd = |c: char| c.is_control() || turns(c) || r#"/\:*?"<>|"#.contains(c);
    let mut name: String = decoded.chars().map(|c| if is_odd(c) { '_' } else { c }).collect();
    // A name that is too long is cut before its ending, by which programs know what it is.
    if name.len() > MAX_NAME_BYTES {
        let ending = name.rfind('.').filter(|at| name.len() - at <= 16).map(|at| name.split_off(at));
        let ending = ending.unwrap_or_default();
        let mut end = name.len().min(MAX_NAME_BYTES - ending.len());
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        name.truncate(end);
        name.push_str(&ending);
    }
    // Files whose names begin with a dot are hidden.
    let name = name.trim().trim_start_matches('.');
    if name.is_empty() { NAMELESS.to_owned() } else { name.to_owned() }
}

/// It turns the direction of writing around, and would show `gpj.exe` as `exe.jpg`.
fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_says_that_it_runs() {
        for (said, expected) in [
            (Some("image/png"), "image/png"),
            (Some("IMAGE/JPEG; charset=utf-8"), "image/jpeg"),
            (Some("audio/ogg; codecs=opus"), "audio/ogg"),
            (Some("video/mp4"), "video/mp4"),
            (Some("video/x-matroska"), "video/x-matroska"),
            (Some("image/svg+xml"), ANY),
            (Some("image/x-unheard-of"), ANY),
            (Some("text/html"), ANY),
            (Some("text/html, image/png"), ANY),
            (Some("text/xml"), ANY),
            (Some("text/javascript"), ANY),
            (Some("application/xhtml+xml"), ANY),
            (Some("application/pdf"), ANY),
            (Some("application/wasm"), ANY),
            (Some("video/svg+xml"), ANY),
            (Some("audio/"), ANY),
            (Some("audio/a b"), ANY),
            (Some("audio/a,text/html"), ANY),
            (Some("multipart/x-mixed-replace; boundary=a"), ANY),
            (Some(""), ANY),
            (None, ANY),
        ] {
            assert_eq!(media_type(said), expected, "{said:?}");
        }
    }

    #[test]
    fn what_else_is_said_is_of_its_form() {
        let long = format!("\"{}\"", "a".repeat(MAX_TAG_BYTES));
        for (said, is_tag, is_date) in [
            (r#""a""#, true, false),
            (r#"W/"a-1""#, true, false),
            (r#""""#, true, false),
            (r#"w/"a""#, false, false),
            (r#""a"b""#, false, false),
            (r#""a b""#, false, false),
            ("a", false, false),
            (r#"""#, false, false),
            (&long, false, false),
            ("Sun, 06 Nov 1994 08:49:37 GMT", false, true),
            ("Sun, 06 Nov 1994 08:49:37 CET", false, false),
            ("Sunday, 06-Nov-94 08:49:37 GMT", false, false),
            ("<script>alert(1)</script> GMT", false, false),
            ("", false, false),
        ] {
            assert_eq!((tag(Some(said)).is_some(), date(Some(said)).is_some()), (is_tag, is_date), "{said}");
        }
        for (said, expected) in [
            (Some("bytes"), true),
            (Some("none"), false),
            (Some("items, Bytes"), true),
            (Some("megabytes"), false),
            (None, false),
        ] {
            assert_eq!(has_parts(said), expected, "{said:?}");
        }
        assert!(is_of_several(Some("Multipart/byteranges; boundary=a")));
        assert!(!is_of_several(Some("video/mp4")) && !is_of_several(None));
    }

    #[test]
    fn a_name_is_a_name_alone() {
        let long = format!("{}.png", "a".repeat(300));
        for (path, expected) in [
            ("a/b/sun.png", "sun.png".to_owned()),
            ("a/tr%C3%A8s%20cool.png", "très cool.png".to_owned()),
            ("a/..%2f..%2fetc%2fpasswd", "_.._etc_passwd".to_owned()),
            ("a/a%22%0d%0aSet-Cookie:%20b.png", "a___Set-Cookie_ b.png".to_owned()),
            ("a/photo%E2%80%AEgpj.exe", "photo_gpj.exe".to_owned()),
            ("a/.bashrc", "bashrc".to_owned()),
            ("a/%ff%fe", "\u{fffd}\u{fffd}".to_owned()),
            ("a/", NAMELESS.to_owned()),
            ("", NAMELESS.to_owned()),
            (long.as_str(), format!("{}.png", "a".repeat(MAX_NAME_BYTES - 4))),
        ] {
            let url = Url::parse(&format!("https://files.example/{path}")).unwrap();
            assert_eq!(name(&url), expected, "{path}");
        }
    }
}
