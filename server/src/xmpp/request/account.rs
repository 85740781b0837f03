//! Questions about how the account behaves.

use minidom::Element;

use super::{Kind, Question};
use crate::xmpp::element::element;
use crate::xmpp::namespaces as ns;
use crate::xmpp::{Answer, RequestError, StanzaError};

/// Copies of what other clients send and get, please (XEP-0280 section 4). Answer: `Done`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnableCarbons;

impl Question for EnableCarbons {
    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Set, element("enable", ns::CARBONS))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }
}

/// Is everything done that was sent before this? A server takes a session's stanzas in order, so that its answer to
/// a ping (XEP-0199), whatever it says, comes after what they led to. Answer: `Done`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ping;

impl Question for Ping {
    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Get, element("ping", ns::PING))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }

    fn refused(&self, _: StanzaError) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::Request;
    use super::super::tests::check_stanza;
    use super::*;

    #[test]
    fn carbons() {
        check_stanza(
            Request::EnableCarbons(EnableCarbons),
            expect!["<iq xmlns='jabber:client' id='q1' type='set'><enable xmlns='urn:xmpp:carbons:2'/></iq>"],
        );
    }

    #[test]
    fn any_answer_to_a_ping_will_do() {
        check_stanza(
            Request::Ping(Ping),
            expect!["<iq xmlns='jabber:client' id='q1' type='get'><ping xmlns='urn:xmpp:ping'/></iq>"],
        );
        assert_eq!(Ping.refused(StanzaError::Unsupported), Ok(Answer::Done));
    }
}
