//! What a page says of itself, for whoever shows it in small: Open Graph (ogp.me), the cards of X, and what HTML has of its own.
//! Pure.

use encoding_rs::{Encoding, UTF_8};
use html5gum::emitters::default::DefaultEmitter;
use html5gum::{StartTag, Token, Tokenizer};
use protocol::Preview;
use url::Url;

use crate::fetch::Fetched;

/// What is asked for.
pub(super) const ACCEPT: &str = "text/html,application/xhtml+xml";

/// The longest title in characters.
const MAX_TITLE_CHARS: usize = 200;
/// The longest sentence in characters.
const MAX_DESCRIPTION_CHARS: usize = 500;
/// Where a page says in what it is written, at the latest (HTML, section 4.2.5.4), in bytes.
const CHARSET_WITHIN: usize = 1024;

/// What a page says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) site: Option<String>,
    /// Where its picture is.
    pub(super) picture: Option<Url>,
}

impl Page {
    pub(super) fn preview(&self, address: &str) -> Preview {
        Preview {
            url: address.to_owned(),
            title: self.title.clone(),
            description: self.description.clone(),
            site: self.site.clone(),
            has_picture: self.picture.is_some(),
        }
    }

    /// How much memory it takes, about.
    pub(super) fn bytes(&self) -> usize {
        let texts = [&self.title, &self.description, &self.site].into_iter().flatten().map(String::len);
        texts.sum::<usize>() + self.picture.as_ref().map_or(0, |url| url.as_str().len())
    }
}

/// Reads what was found at an address. None if there is nothing to show of it.
pub(super) fn read(url: &Url, fetched: &Fetched) -> Option<Page> {
    let kind = fetched.header("content-type").unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence.starts_with("image/") {
        // The picture is all that there is; what it is shows when it is fetched.
        let name = url.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default();
        let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
        let title = shown(&name, MAX_TITLE_CHARS);
        return Some(Page { title, description: None, site: None, picture: Some(url.clone()) });
    }
    if !matches!(essence.as_str(), "text/html" | "application/xhtml+xml") {
        return None;
    }
    let text = encoding(kind, &fetched.body).decode(&fetched.body).0;
    let page = of_html(&text, url);
    (page.title.is_some() || page.description.is_some()).then_some(page)
}

fn of_html(html: &str, url: &Url) -> Page {
    let head = Head::of(html);
    let title = head.first(&["og:title", "twitter:title"]).or(head.title.as_deref());
    let description = head.first(&["og:description", "twitter:description", "description"]);
    let picture = head.first(&["og:image:secure_url", "og:image", "og:image:url", "twitter:image"]);
    Page {
        title: title.and_then(|text| shown(text, MAX_TITLE_CHARS)),
        description: description.and_then(|text| shown(text, MAX_DESCRIPTION_CHARS)),
        site: head.first(&["og:site_name"]).and_then(|text| shown(text, MAX_TITLE_CHARS)),
        picture: picture.and_then(|address| url.join(address.trim()).ok()),
    }
}

/// What a page has before its body.
#[derive(Default)]
struct Head {
    title: Option<String>,
    /// The names and contents of its `meta` elements, in their order.
    meta: Vec<(String, String)>,
}

impl Head {
    /// By its tags alone: a tree takes time with the square of what is nested in what, and whoever made the page chooses that.
    fn of(html: &str) -> Self {
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        let (mut head, mut title) = (Head::default(), None::<String>);
        for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
            match token {
                Token::StartTag(tag) => match tag.name.as_slice() {
                    // What comes now is the page itself, with drawings that have titles of their own.
                    b"body" | b"svg" => break,
                    b"title" if head.title.is_none() => title = Some(String::new()),
                    b"meta" => head.meta.extend(named(&tag)),
                    _ => {}
                },
                Token::EndTag(tag) => match tag.name.as_slice() {
                    b"head" => break,
                    b"title" => head.title = head.title.or(title.take()),
                    _ => {}
                },
                Token::String(text) => {
                    if let Some(title) = &mut title {
                        title.push_str(&String::from_utf8_lossy(&text));
                    }
                }
                _ => {}
            }
        }
        head
    }

    /// The content of the first of these names that is there.
    fn first(&self, names: &[&str]) -> Option<&str> {
        let of = |name: &&str| self.meta.iter().find(|(there, _)| there == name);
        names.iter().find_map(of).map(|(_, content)| content.as_str())
    }
}

/// The name and the content of a `meta` element that has both.
fn named(tag: &StartTag<()>) -> Option<(String, String)> {
    let of = |name: &[u8]| {
        let value = tag.attributes.get(name)?;
        Some(String::from_utf8_lossy(value).into_owned())
    };
    // Open Graph has `property`, HTML `name`, and pages have either for either.
    let name = of(b"property").or_else(|| of(b"name"))?;
    let content = of(b"content").filter(|content| !content.trim().is_empty())?;
    Some((name.trim().to_ascii_lowercase(), content))
}

/// A text on one line, without what would change how text around it reads. None if nothing is left.
fn shown(text: &str, max_chars: usize) -> Option<String> {
    let is_shown = |char: &char| !char.is_control() && !is_direction(*char);
    let words = text.split_whitespace().map(|word| word.chars().filter(is_shown).collect::<String>());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let mut cut: String = line.chars().take(max_chars).collect();
    if cut.len() < line.len() {
        cut.pop();
        cut.truncate(cut.trim_end().len());
        cut.push('…');
    }
    (!cut.is_empty()).then_some(cut)
}

/// Characters that change the direction of what comes after them (Unicode Standard Annex 9, section 2).
fn is_direction(char: char) -> bool {
    matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// In what a page is written: as its header says, or as it says itself.
fn encoding(kind: &str, body: &[u8]) -> &'static Encoding {
    let of = |text: &str| {
        let (_, label) = text.split_once("charset=")?;
        let label = label.trim_start_matches(['"', '\'']);
        let end = label.find(['"', '\'', ';', ' ', '/', '>']).unwrap_or(label.len());
        Encoding::for_label(&label.as_bytes()[..end])
    };
    if let Some(found) = of(&kind.to_ascii_lowercase()) {
        return found;
    }
    let beginning = &body[..body.len().min(CHARSET_WITHIN)];
    of(&String::from_utf8_lossy(beginning).to_ascii_lowercase()).unwrap_or(UTF_8)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::fetch::Headers;

    fn fetched(kind: &str, body: &[u8]) -> Fetched {
        let mut headers = Headers::new();
        headers.insert("content-type", kind.parse().unwrap());
        Fetched { status: 200, headers, body: Bytes::copy_from_slice(body) }
    }

    fn page(kind: &str, body: &[u8]) -> Option<[Option<String>; 4]> {
        let url = Url::parse("https://www.example.com/a/b.html?c").unwrap();
        let page = read(&url, &fetched(kind, body))?;
        Some([page.title, page.description, page.site, page.picture.map(Url::into)])
    }

    fn html(body: &str) -> Option<[Option<String>; 4]> {
        page("text/html", body.as_bytes())
    }

    fn some(texts: [&str; 4]) -> Option<[Option<String>; 4]> {
        Some(texts.map(|text| Some(text.to_owned()).filter(|text| !text.is_empty())))
    }

    #[test]
    fn a_page_says_what_it_is_about() {
        for (body, expected) in [
            ("<title>A page</title><p>Text", ["A page", "", "", ""]),
            (
                "<head><title>A</title><meta property=og:title content='B &amp; C'>\
                 <meta name=description content=' of\n  lines '><meta property='og:site_name' content=S>\
                 <meta property=og:image content='/p.png'>",
                ["B & C", "of lines", "S", "https://www.example.com/p.png"],
            ),
            (
                "<meta name=twitter:title content=T><meta name='twitter:image' content='p.png'>",
                ["T", "", "", "https://www.example.com/a/p.png"],
            ),
            ("<meta property=og:title content=''><title>A</title>", ["A", "", "", ""]),
            ("<meta name=og:title content=1><meta property=og:title content=2>", ["1", "", "", ""]),
            ("<META NAME=Description CONTENT=D>", ["", "D", "", ""]),
            // What is no address is no picture; what would do something is never asked for.
            ("<title>A</title><meta property=og:image content='https://['>", ["A", "", "", ""]),
            ("<title>A\u{202e}B\u{0007}C</title>", ["ABC", "", "", ""]),
            (
                "<title>&lt;script&gt;alert(1)&lt;/script&gt;</title>",
                ["<script>alert(1)</script>", "", "", ""],
            ),
            ("<meta name=description content=D><body><svg><title>drawing</title></svg>", ["", "D", "", ""]),
        ] {
            assert_eq!(html(body), some(expected), "{body}");
        }
        for body in ["", "<p>Text", "<title>  </title>", "<meta content=x>", "\0\u{fffd}<"] {
            assert_eq!(html(body), None, "{body}");
        }
    }

    #[test]
    fn a_page_is_read_as_it_is_written() {
        let latin = b"<meta charset=iso-8859-1><title>caf\xe9</title>";
        for (kind, body) in [
            ("text/html; charset=ISO-8859-1", &b"<title>caf\xe9</title>"[..]),
            ("text/html;charset=\"latin1\"", b"<title>caf\xe9</title>"),
            ("text/html", latin),
            ("TEXT/HTML", "<title>café</title>".as_bytes()),
            (
                "application/xhtml+xml; charset=utf-8",
                "<html><head><title>café</title></head></html>".as_bytes(),
            ),
            ("text/html; charset=of-my-own", "<title>café</title>".as_bytes()),
        ] {
            assert_eq!(page(kind, body), some(["café", "", "", ""]), "{kind}");
        }
        let picture = some(["b.html", "", "", "https://www.example.com/a/b.html?c"]);
        assert_eq!(page("image/png", b"\x89PNG"), picture);
        for kind in ["application/json", "text/plain", "application/octet-stream", "", "video/mp4"] {
            assert_eq!(page(kind, b"<title>A</title>"), None, "{kind}");
        }
    }

    #[test]
    fn what_is_long_is_cut() {
        let long = "word ".repeat(1000);
        let [title, description, ..] =
            html(&format!("<title>{long}</title><meta name=description content='{long}'>")).unwrap();
        for (text, max) in [(title.unwrap(), MAX_TITLE_CHARS), (description.unwrap(), MAX_DESCRIPTION_CHARS)]
        {
            assert!(text.chars().count() <= max && text.ends_with('…') && !text.contains(" …"), "{text}");
        }
        // Nested as deeply as it gets.
        let deep = format!("<title>A</title>{}", "<div>".repeat(100_000));
        assert_eq!(html(&deep), some(["A", "", "", ""]));
    }
}
