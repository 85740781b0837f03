//! The name that somebody goes by: XEP-0172, else their vCard's (XEP-0054).

use minidom::Element;
use protocol::{BareJid, Jid};

use super::{Kind, Question, Request, pubsub_item, pubsub_items};
use crate::xmpp::element::{child_text, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::{Answer, RequestError, StanzaError};

/// The longest name in characters.
const MAX_CHARS: usize = 256;

/// The name that somebody goes by. Answer: `Nickname`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchNickname {
    /// Whose.
    pub jid: BareJid,
}

/// The same, from the vCard alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchVCardName {
    /// Whose.
    pub jid: BareJid,
}

impl Question for FetchNickname {
    fn to(&self) -> Option<Jid> {
        Some(self.jid.clone().into())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Get, pubsub_items(ns::NICK, None))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let name = child_text(pubsub_item(iq)?, "nick", ns::NICK).and_then(|name| named(&name));
        name.map(|name| Answer::Nickname(Some(name))).ok_or(RequestError::Malformed)
    }

    fn otherwise(&self) -> Option<Request> {
        Some(Request::FetchVCardName(FetchVCardName { jid: self.jid.clone() }))
    }
}

impl Question for FetchVCardName {
    fn to(&self) -> Option<Jid> {
        Some(self.jid.clone().into())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Get, element("vCard", ns::VCARD))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let card = iq.get_child("vCard", ns::VCARD);
        let name = card.and_then(|card| child_text(card, "FN", ns::VCARD)).and_then(|name| named(&name));
        Ok(Answer::Nickname(name))
    }

    /// Who has no vCard has no name.
    fn refused(&self, _: StanzaError) -> Result<Answer, RequestError> {
        Ok(Answer::Nickname(None))
    }
}

fn named(text: &str) -> Option<String> {
    let name: String = text.trim().chars().take(MAX_CHARS).collect();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::tests::{check_answer, check_stanza};
    use super::*;

    #[test]
    fn a_name_is_looked_for_in_two_places() {
        let nickname = Request::FetchNickname(FetchNickname { jid: "romeo@spark.test".parse().unwrap() });
        check_stanza(
            nickname.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='romeo@spark.test' type='get'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items max_items='1' node='http://jabber.org/protocol/nick'/></pubsub></iq>"
            ],
        );
        check_answer(&nickname, "", expect!["Err(Malformed)"]);
        let card = nickname.question().otherwise().unwrap();
        check_stanza(
            card.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='romeo@spark.test' type='get'><vCard xmlns='vcard-temp'/></iq>"
            ],
        );
        check_answer(
            &card,
            "<vCard xmlns='vcard-temp'><FN> Romeo M. </FN></vCard>",
            expect![[r#"Ok(Nickname(Some("Romeo M.")))"#]],
        );
        check_answer(&card, "<vCard xmlns='vcard-temp'/>", expect!["Ok(Nickname(None))"]);
        assert_eq!(card.question().refused(StanzaError::ItemNotFound), Ok(Answer::Nickname(None)));
    }
}
