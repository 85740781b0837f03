//! What a file is said to be, as far as it is passed on. Pure.

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
