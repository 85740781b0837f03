//! What a message's text is made of: words, links, or nothing but emoji.
//!
//! Knows characters. Must never change one: the spans, put together, are the body exactly. Must never know the DOM.

use crate::letters::is_letter;

/// A piece of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Span<'a> {
    /// Text to show as it is.
    Plain(&'a str),
    /// An address of the web, `http` or `https` and nothing else, to show and to follow.
    Link(&'a str),
}

/// The longest run of emoji that is shown big.
const MAX_BIG_EMOJI: usize = 3;

/// Splits a body into spans. Only what begins with `http://` or `https://` and has something after it is a link, so no
/// other scheme can ever be followed.
pub(crate) fn spans(body: &str) -> Vec<Span<'_>> {
    let mut spans = Vec::new();
    let (mut plain_from, mut at) = (0, 0);
    while let Some(start) = next_link(body, at) {
        let link = trimmed(&body[start..]);
        at = start + link.len();
        if start > plain_from {
            spans.push(Span::Plain(&body[plain_from..start]));
        }
        spans.push(Span::Link(link));
        plain_from = at;
    }
    if plain_from < body.len() {
        spans.push(Span::Plain(&body[plain_from..]));
    }
    spans
}

/// Where the next link begins: at the start of a word, with a host after its scheme.
fn next_link(body: &str, from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(found) = body[at..].find("http") {
        let start = at + found;
        let rest = &body[start..];
        let host = rest.strip_prefix("https://").or_else(|| rest.strip_prefix("http://"));
        let opens_word = !body[..start].ends_with(is_letter);
        if opens_word && host.is_some_and(|host| host.starts_with(|c: char| is_letter(c) || c == '[')) {
            return Some(start);
        }
        at = start + "http".len();
    }
    None
}

/// The link at the start of `text`, without the punctuation of the sentence around it.
fn trimmed(text: &str) -> &str {
    let end =
        text.find(|c: char| c.is_whitespace() || c.is_control() || "<>\"`".contains(c) || is_bidi_control(c));
    let mut link = &text[..end.unwrap_or(text.len())];
    loop {
        let Some(last) = link.chars().next_back() else { return link };
        let closes = match last {
            ')' => link.matches('(').count() < link.matches(')').count(),
            ']' => link.matches('[').count() < link.matches(']').count(),
            _ => ".,;:!?'*_~}»”’…".contains(last),
        };
        if !closes {
            return link;
        }
        link = &link[..link.len() - last.len_utf8()];
    }
}

/// Characters that turn the direction of text around and could make a link look like another.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a body is one to three emoji and nothing else, to be shown big.
pub(crate) fn is_big_emoji(body: &str) -> bool {
    let (mut seen, mut joined, mut flag) = (0, false, false);
    for c in body.trim().chars() {
        match c {
            '\u{200d}' => joined = true,
            // Variation selectors, skin tones, keycap, tags: they belong to the emoji before them.
            '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{20e3}' | '\u{e0020}'..='\u{e007f}' if seen > 0 => {}
            '\u{1f1e6}'..='\u{1f1ff}' => {
                seen += usize::from(!flag);
                flag = !flag;
            }
            _ if is_pictograph(c) => {
                seen += usize::from(!joined);
                joined = false;
            }
            _ => return false,
        }
    }
    (1..=MAX_BIG_EMOJI).contains(&seen) && !joined && !flag
}

/// Characters that are drawn as pictures by themselves or with a variation selector, near enough.
fn is_pictograph(c: char) -> bool {
    matches!(c,
        '\u{1f300}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{2b05}'..='\u{2b55}' | '\u{231a}'..='\u{231b}'
        | '\u{23e9}'..='\u{23fa}' | '\u{1f004}' | '\u{1f0cf}' | '\u{1f18e}' | '\u{1f191}'..='\u{1f19a}' | '\u{203c}'
        | '\u{2049}' | '\u{2139}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, links: &[&str]) {
        let spans = spans(body);
        let whole: String = spans.iter().map(|(Span::Plain(text) | Span::Link(text))| *text).collect();
        assert_eq!(whole, body, "the spans are the body");
        let found: Vec<_> = spans
            .iter()
            .filter_map(|span| if let Span::Link(url) = span { Some(*url) } else { None })
            .collect();
        assert_eq!(found, links, "{body:?}");
    }

    #[test]
    fn links_are_found() {
        check("", &[]);
        check("no link", &[]);
        check("https://example.org", &["https://example.org"]);
        check("see http://example.org/a?b=c#d now", &["http://example.org/a?b=c#d"]);
        check("two: https://a.example, https://b.example.", &["https://a.example", "https://b.example"]);
        check("(https://en.example/wiki/Romeo_(play))", &["https://en.example/wiki/Romeo_(play)"]);
        check("«https://example.org/ä»", &["https://example.org/ä"]);
        check("<https://example.org>", &["https://example.org"]);
        check("https://[::1]:8080/x", &["https://[::1]:8080/x"]);
        check("line\nhttps://example.org\nline", &["https://example.org"]);
    }

    #[test]
    fn other_things_are_not_links() {
        for body in [
            "javascript:alert(1)",
            "data:text/html,x",
            "xhttps://example.org",
            "http://",
            "https:// example.org",
            "http://\u{202e}gro.elpmaxe",
            "HTTPS is not a scheme here",
            "httpshttphttp",
        ] {
            check(body, &[]);
        }
        check("https://example.org/\u{202e}gpj.exe", &["https://example.org/"]);
    }

    #[test]
    fn lone_emoji_are_big() {
        for (body, big) in [
            ("❤️", true),
            ("🌹", true),
            (" 🌹🌹🌹 ", true),
            ("🌹🌹🌹🌹", false),
            ("👩‍👩‍👧", true),
            ("👍🏽", true),
            ("🇮🇹", true),
            ("🇮🇹🇩🇪", true),
            ("🇮", false),
            ("🌹!", false),
            ("", false),
            ("1", false),
            ("\u{fe0f}", false),
            ("🌹\u{200d}", false),
        ] {
            assert_eq!(is_big_emoji(body), big, "{body:?}");
        }
    }
}
