//! Questions about the contact list (RFC 6121 section 2).

use minidom::Element;

use super::{Kind, Question};
use crate::xmpp::element::element;
use crate::xmpp::namespaces as ns;
use crate::xmpp::{Answer, RequestError, read};

/// The whole roster. Answer: `Roster`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchRoster;

impl Question for FetchRoster {
    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Get, element("query", ns::ROSTER))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let query = iq.get_child("query", ns::ROSTER).ok_or(RequestError::Malformed)?;
        Ok(Answer::Roster(read::roster(query)))
    }
}
