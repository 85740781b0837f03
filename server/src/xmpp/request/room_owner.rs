//! What a room's owner asks of it (XEP-0045 section 10).

use minidom::Element;
use protocol::{BareJid, FieldValues, Jid};

use super::{Kind, Question};
use crate::xmpp::element::{Build, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::{Answer, RequestError, forms};

/// How a room is. Answer: `Form`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchRoomConfig {
    /// Which room.
    pub room: BareJid,
}

/// Sets how a room is; without a word about it, a new one is opened as it is (section 10.1.2). Answer: `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigureRoom {
    /// Which room.
    pub room: BareJid,
    /// The whole form.
    pub fields: Vec<FieldValues>,
}

/// Makes an end of a room (section 10.9). Answer: `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DestroyRoom {
    /// Which room.
    pub room: BareJid,
    /// Where to go instead.
    pub alternate: Option<BareJid>,
    /// Why.
    pub reason: Option<String>,
}

impl Question for FetchRoomConfig {
    fn to(&self) -> Option<Jid> {
        Some(self.room.clone().into())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Get, element("query", ns::MUC_OWNER))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let query = iq.get_child("query", ns::MUC_OWNER).ok_or(RequestError::Malformed)?;
        let form = query.children().find_map(forms::read).ok_or(RequestError::Malformed)?;
        Ok(Answer::Form(Box::new(form)))
    }
}

impl Question for ConfigureRoom {
    fn to(&self) -> Option<Jid> {
        Some(self.room.clone().into())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Set, element("query", ns::MUC_OWNER).child(forms::write(&self.fields)))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }
}

impl Question for DestroyRoom {
    fn to(&self) -> Option<Jid> {
        Some(self.room.clone().into())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        let mut destroy =
            element("destroy", ns::MUC_OWNER).with_some("jid", self.alternate.as_ref().map(BareJid::as_str));
        if let Some(reason) = &self.reason {
            destroy.append_child(element("reason", ns::MUC_OWNER).content(reason.as_str()));
        }
        (Kind::Set, element("query", ns::MUC_OWNER).child(destroy))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::Request;
    use super::super::tests::{check_answer, check_stanza};
    use super::*;

    fn coven() -> BareJid {
        "coven@chat.shakespeare.lit".parse().unwrap()
    }

    #[test]
    fn a_room_is_opened_and_configured() {
        // XEP-0045 examples 155, 165 and 162.
        check_stanza(
            Request::ConfigureRoom(ConfigureRoom { room: coven(), fields: vec![] }),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='coven@chat.shakespeare.lit' type='set'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>"
            ],
        );
        let name = FieldValues {
            name: "muc#roomconfig_roomname".to_owned(),
            values: vec!["A Dark Cave".to_owned()],
        };
        check_stanza(
            Request::ConfigureRoom(ConfigureRoom { room: coven(), fields: vec![name] }),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='coven@chat.shakespeare.lit' type='set'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_roomname'><value>A Dark Cave</value></field></x></query></iq>"
            ],
        );
        let question = Request::FetchRoomConfig(FetchRoomConfig { room: coven() });
        check_stanza(
            question.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='coven@chat.shakespeare.lit' type='get'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>"
            ],
        );
        check_answer(
            &question,
            "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='form'><field var='a' type='boolean'><value>1</value></field></x></query>",
            expect![[
                r#"Ok(Form(Form { title: None, instructions: None, fields: [FormField { name: "a", kind: Boolean, label: None, description: None, required: false, options: [], values: ["true"] }] }))"#
            ]],
        );
        check_answer(
            &question,
            "<query xmlns='http://jabber.org/protocol/muc#owner'/>",
            expect!["Err(Malformed)"],
        );
    }

    #[test]
    fn a_room_is_destroyed() {
        // XEP-0045 example 200.
        check_stanza(
            Request::DestroyRoom(DestroyRoom {
                room: "heath@chat.shakespeare.lit".parse().unwrap(),
                alternate: Some(coven()),
                reason: Some("Macbeth doth come.".to_owned()),
            }),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='heath@chat.shakespeare.lit' type='set'><query xmlns='http://jabber.org/protocol/muc#owner'><destroy jid='coven@chat.shakespeare.lit'><reason>Macbeth doth come.</reason></destroy></query></iq>"
            ],
        );
    }
}
