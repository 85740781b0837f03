//! Last Message Correction (XEP-0308).

use minidom::Element;
use protocol::MessageId;

use super::About;
use crate::xmpp::element::{Build, element};
use crate::xmpp::namespaces as ns;

pub(super) fn read(stanza: &Element) -> Option<About> {
    let id = stanza.get_child("replace", ns::MESSAGE_CORRECT)?.attr("id")?;
    id.parse().ok().map(About::Correct)
}

pub(super) fn write(id: &MessageId) -> Element {
    element("replace", ns::MESSAGE_CORRECT).with("id", id.as_str())
}

#[cfg(test)]
mod tests {
    use super::super::super::read::tests::parse;
    use super::*;

    #[test]
    fn a_correction_names_what_it_corrects() {
        // XEP-0308 example 4.
        let stanza = parse(
            "<message to='juliet@capulet.net/balcony' id='good1'><body>But soft, what light through yonder window breaks?</body>\
             <replace id='bad1' xmlns='urn:xmpp:message-correct:0'/></message>",
        );
        assert_eq!(read(&stanza), Some(About::Correct("bad1".parse().unwrap())));
        for bad in [
            "<replace xmlns='urn:xmpp:message-correct:0'/>",
            "<replace id='' xmlns='urn:xmpp:message-correct:0'/>",
            "<replace id='x' xmlns='urn:x'/>",
        ] {
            assert_eq!(read(&parse(&format!("<message>{bad}</message>"))), None, "{bad}");
        }
    }
}
