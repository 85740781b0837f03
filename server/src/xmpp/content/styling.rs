//! Message Styling (XEP-0393), as far as a stanza says anything of it: the marks are in the text, and whoever shows that
//! looks for them.

use minidom::Element;

use crate::xmpp::element::element;
use crate::xmpp::namespaces as ns;

/// What looks like marks is none (section 5).
pub(super) fn is_disabled(stanza: &Element) -> bool {
    stanza.has_child("unstyled", ns::STYLING)
}

pub(super) fn disable() -> Element {
    element("unstyled", ns::STYLING)
}

#[cfg(test)]
mod tests {
    use super::super::super::read::tests::parse;
    use super::*;

    #[test]
    fn styling_can_be_disabled() {
        // XEP-0393 section 5, example 15.
        let stanza = parse(
            "<message type='chat'><body>> _how do I get to the market?_</body>\
             <unstyled xmlns='urn:xmpp:styling:0'/></message>",
        );
        assert!(is_disabled(&stanza));
        for other in ["<message><body>*hi*</body></message>", "<message><unstyled xmlns='urn:x'/></message>"]
        {
            assert!(!is_disabled(&parse(other)), "{other}");
        }
    }
}
