//! Questions about how the account behaves.

use minidom::Element;

use super::{Kind, Question};
use crate::xmpp::element::element;
use crate::xmpp::namespaces as ns;
use crate::xmpp::{Answer, RequestError};

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
}
