//! Message Retraction (XEP-0424).

use minidom::Element;
use protocol::MessageId;

use super::About;
use crate::xmpp::element::{Build, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::read::instant;

/// What those see whose client doesn't know of retractions.
pub(super) const FALLBACK: &str = "I have taken back an earlier message. Your client can't hide it.";

pub(super) fn read(stanza: &Element) -> Option<About> {
    if let Some(retract) = stanza.get_child("retract", ns::MESSAGE_RETRACT) {
        return retract.attr("id")?.parse().ok().map(About::Retract);
    }
    let retracted = stanza.get_child("retracted", ns::MESSAGE_RETRACT)?;
    Some(About::Retracted { at_ms: retracted.attr("stamp").and_then(instant) })
}

pub(super) fn write(id: &MessageId) -> Element {
    element("retract", ns::MESSAGE_RETRACT).with("id", id.as_str())
}

#[cfg(test)]
mod tests {
    use super::super::super::read::tests::parse;
    use super::*;

    #[test]
    fn retractions_and_what_they_leave() {
        for (child, expected) in [
            // XEP-0424 (0.4.2) examples 4 and 7.
            (
                "<retract id='wrong-recipient-1' xmlns='urn:xmpp:message-retract:1'/>",
                Some(About::Retract("wrong-recipient-1".parse().unwrap())),
            ),
            (
                "<retracted stamp='2019-09-20T23:09:32Z' id='retract-message-1' xmlns='urn:xmpp:message-retract:1'/>",
                Some(About::Retracted { at_ms: Some(1_569_020_972_000) }),
            ),
            ("<retracted xmlns='urn:xmpp:message-retract:1'/>", Some(About::Retracted { at_ms: None })),
            ("<retract xmlns='urn:xmpp:message-retract:1'/>", None),
            ("<retract id='x' xmlns='urn:xmpp:message-retract:0'/>", None),
        ] {
            assert_eq!(read(&parse(&format!("<message>{child}</message>"))), expected, "{child}");
        }
    }
}
