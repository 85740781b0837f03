//! The two headers in which proxies say for whom they ask: `X-Forwarded-For`, and `Forwarded` (RFC 7239).
//!
//! It reads addresses, in the order in which they stand. Which of them to believe is not known here.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

/// The addresses of `X-Forwarded-For`; `None` in place of what is none.
pub(super) fn by_list(headers: &HeaderMap) -> Option<Vec<Option<IpAddr>>> {
    read(headers, "x-forwarded-for", |line| line.split(',').map(|hop| node(hop.trim())).collect())
}

/// The `for` of each element of `Forwarded`; `None` in place of what has none, or hides it.
pub(super) fn by_forwarded(headers: &HeaderMap) -> Option<Vec<Option<IpAddr>>> {
    read(headers, "forwarded", |line| {
        let Some(elements) = split(line, ',') else { return vec![None] };
        elements.into_iter().map(element).collect()
    })
}

/// All lines of a header, as they would be in one. `None` if there is none.
fn read(
    headers: &HeaderMap,
    name: &str,
    line: impl Fn(&str) -> Vec<Option<IpAddr>>,
) -> Option<Vec<Option<IpAddr>>> {
    let mut lines = headers.get_all(name).iter().peekable();
    lines.peek()?;
    Some(lines.flat_map(|value| value.to_str().map_or_else(|_| vec![None], &line)).collect())
}

fn element(text: &str) -> Option<IpAddr> {
    let mut found = None;
    for pair in split(text, ';')? {
        let (name, value) = pair.split_once('=')?;
        if name.trim().eq_ignore_ascii_case("for") {
            // Twice is once too often: readers differ in which they take.
            if found.is_some() {
                return None;
            }
            let value = value.trim();
            let inside = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
            found = Some(node(inside.unwrap_or(value)));
        }
    }
    found?
}

/// Splits where the separator stands outside of quotes. `None` if a quote is left open.
fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut is_quoted, mut is_escaped) = (Vec::new(), 0, false, false);
    for (at, char) in text.char_indices() {
        match char {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            char if char == separator && !is_quoted => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    (!is_quoted).then_some(parts)
}

/// An address, maybe with a port; IPv6 maybe in brackets, as it must be where there is a port.
fn node(text: &str) -> Option<IpAddr> {
    let plain = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = match plain.parse::<IpAddr>() {
        Ok(address) => address,
        Err(_) => text.parse::<SocketAddr>().ok()?.ip(),
    };
    Some(address.to_canonical())
}
