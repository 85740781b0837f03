//! References (XEP-0372), as far as they mention somebody.

use minidom::Element;
use protocol::{MAX_MENTIONS, Mention};

use super::fallback::Shown;
use crate::xmpp::element::{Build, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::read::address;

/// Who is mentioned, and where in the text that is shown. What lies outside of it has no place.
pub(super) fn read(stanza: &Element, shown: &Shown) -> Vec<Mention> {
    let mentions = stanza
        .children()
        .filter(|child| child.is("reference", ns::REFERENCE) && child.attr("type") == Some("mention"));
    let mention = |reference: &Element| {
        let jid = address(&decode(reference.attr("uri")?.strip_prefix("xmpp:")?)?)?;
        let offset = |name: &str| reference.attr(name)?.parse::<u32>().ok();
        let range = offset("begin").zip(offset("end")).and_then(|(begin, end)| shown.range(begin, end));
        Some(Mention { jid, begin: range.map(|range| range.0), end: range.map(|range| range.1) })
    };
    mentions.filter_map(mention).take(MAX_MENTIONS).collect()
}

pub(super) fn write(mention: &Mention) -> Element {
    element("reference", ns::REFERENCE)
        .with("type", "mention")
        .with("uri", format!("xmpp:{}", encode(mention.jid.as_str())))
        .with_some("begin", mention.begin.map(|begin| begin.to_string()))
        .with_some("end", mention.end.map(|end| end.to_string()))
}

/// Something was put before the text.
pub(super) fn shift(mentions: &mut [Mention], by: u32) {
    for mention in mentions {
        mention.begin = mention.begin.map(|begin| begin.saturating_add(by));
        mention.end = mention.end.map(|end| end.saturating_add(by));
    }
}

/// The address out of an `xmpp:` URI (RFC 5122): what comes after it, and percent-encoding, taken away.
fn decode(path: &str) -> Option<String> {
    let path = path.split(['?', '#']).next()?;
    percent_encoding::percent_decode_str(path).decode_utf8().ok().map(Into::into)
}

fn encode(jid: &str) -> String {
    const KEPT: percent_encoding::AsciiSet = percent_encoding::NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~')
        .remove(b'@')
        .remove(b'/');
    percent_encoding::utf8_percent_encode(jid, &KEPT).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::super::read::tests::parse;
    use super::*;

    fn show(references: &str, text: &str) -> Vec<String> {
        let stanza = parse(&format!("<message>{references}</message>"));
        let shown = Shown::of(&stanza, text.to_owned(), false);
        read(&stanza, &shown).iter().map(|m| format!("{} {:?} {:?}", m.jid, m.begin, m.end)).collect()
    }

    #[test]
    fn mentions_have_a_place_in_the_text() {
        // XEP-0372 example 3.
        let text =
            "But, soft! what light through yonder window breaks? It is the east, and Juliet is the sun.";
        let reference = |begin: &str, end: &str, uri: &str| {
            format!(
                "<reference xmlns='urn:xmpp:reference:0' begin='{begin}' end='{end}' type='mention' uri='{uri}'/>"
            )
        };
        let juliet = "xmpp:juliet@capulet.lit";
        assert_eq!(show(&reference("72", "78", juliet), text), ["juliet@capulet.lit Some(72) Some(78)"]);
        assert_eq!(text.get(72..78), Some("Juliet"));
        for (begin, end) in
            [("72", "999"), ("78", "72"), ("-1", "3"), ("", ""), ("99999999999", "999999999999")]
        {
            assert_eq!(
                show(&reference(begin, end, juliet), text),
                ["juliet@capulet.lit None None"],
                "{begin} {end}"
            );
        }
        for uri in ["https://x.test", "xmpp:", "xmpp:@", "xmpp:%ff@x", "javascript:alert(1)"] {
            assert_eq!(show(&reference("0", "1", uri), text), [""; 0], "{uri}");
        }
        assert_eq!(
            show(&reference("0", "3", "xmpp:room%40rooms.test/a%20b?join#x"), text),
            ["room@rooms.test/a b Some(0) Some(3)"]
        );
        assert_eq!(
            show("<reference xmlns='urn:xmpp:reference:0' type='data' uri='xmpp:a@b'/>", text),
            [""; 0]
        );
    }

    #[test]
    fn addresses_are_encoded_as_uris_want_them() {
        assert_eq!(encode("mö%?@x.test/a b"), "m%C3%B6%25%3F@x.test/a%20b");
    }
}
