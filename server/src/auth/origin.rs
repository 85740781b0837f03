//! Origins of pages, as browsers say them.

use url::Url;

/// An origin as RFC 6454 section 6.2 has it, which is what a request's `Origin` says; of `null` nobody knows whose it is.
pub fn is_origin(text: &str) -> bool {
    is_web_origin(text) || is_app_origin(text)
}

/// Of a page that came over HTTP.
pub fn is_web_origin(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.origin().ascii_serialization() == text
            // A URL may have one in its host, and no browser comes from there: somebody meant a pattern.
            && !text.contains('*')
    })
}

/// Of a page inside a program that has a scheme of its own, such as `tauri://localhost`.
fn is_app_origin(text: &str) -> bool {
    let Some((scheme, host)) = text.split_once("://") else { return false };
    !matches!(scheme, "http" | "https" | "file")
        && scheme.starts_with(|first: char| first.is_ascii_lowercase())
        && scheme.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'+' | b'-' | b'.'))
        && !host.is_empty()
        && host
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b':' | b'[' | b']'))
}
