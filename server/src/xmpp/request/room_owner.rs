//! What a room's owner asks of it (XEP-0045 section 10).

use minidom::Element;
use protocol::{BareJid, Jid};

use super::{Kind, Question};
use crate::xmpp::element::{Build, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::{Answer, RequestError};

/// Sets how a room is; without a word about it, a new one is opened as it is (section 10.1.2). Answer: `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigureRoom {
    /// Which room.
    pub room: BareJid,
}

impl Question for ConfigureRoom {
    fn to(&self) -> Option<Jid> {
        Some(self.room.clone().into())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        let form = element("x", ns::DATA_FORMS).with("type", "submit");
        (Kind::Set, element("query", ns::MUC_OWNER).child(form))
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
    fn a_new_room_is_opened() {
        let room = "coven@chat.shakespeare.lit".parse().unwrap();
        // XEP-0045 example 155.
        check_stanza(
            Request::ConfigureRoom(ConfigureRoom { room }),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='coven@chat.shakespeare.lit' type='set'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>"
            ],
        );
    }
}
