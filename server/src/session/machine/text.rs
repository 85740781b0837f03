//! What text XMPP can carry.

pub(in crate::session) use crate::xmpp::is_xml;

/// The bytes that text takes in a stanza, where markup and carriage returns are escaped.
pub(super) fn xml_len(text: &str) -> usize {
    text.bytes()
        .map(|byte| match byte {
            b'<' | b'>' => "&lt;".len(),
            b'&' | b'\r' => "&amp;".len(),
            _ => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_xml_can_carry() {
        for (text, expected) in [
            ("", true),
            ("a\t\r\n\u{85}é\u{1f469}\u{200d}\u{1f680}\u{202e}]]>&<", true),
            ("\0", false),
            ("a\u{8}b", false),
            ("\u{1b}[0m", false),
            ("\u{fffe}", false),
            ("\u{ffff}", false),
            ("\u{7f}", true),
        ] {
            assert_eq!(is_xml(text), expected, "{text:?}");
        }
    }

    #[test]
    fn markup_grows_in_xml() {
        for (text, expected) in [("", 0), ("hi \"é\" 'x'", 11), ("<>", 8), ("&\r\n", 11)] {
            assert_eq!(xml_len(text), expected, "{text:?}");
        }
    }
}
