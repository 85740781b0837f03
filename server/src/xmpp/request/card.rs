//! What people say of themselves: vCard4 by PEP (XEP-0292), else vcard-temp (XEP-0054).

use minidom::Element;
use protocol::{BareJid, Jid, Profile};

use super::{Kind, Question, Request, pubsub_item, pubsub_items, pubsub_publish};
use crate::xmpp::element::{Build, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::vcard::{Card, CardFormat};
use crate::xmpp::{Answer, RequestError, StanzaError};

/// What somebody says of themselves, wherever they do. Answer: `Profile`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchProfile {
    /// Who.
    pub jid: BareJid,
}

/// The same, from vcard-temp alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchTempProfile {
    /// Who.
    pub jid: BareJid,
}

/// The person's own card of one format, whole. Answer: `Card`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchCard {
    /// Of which format.
    pub format: CardFormat,
}

/// Has the person's card of its format be this one. Answer: `Done`.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishCard {
    /// The card.
    pub card: Card,
}

/// Has the person go by this name (XEP-0172). Answer: `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishNickname {
    /// The name; empty for none.
    pub name: String,
}

impl Question for FetchProfile {
    fn to(&self) -> Option<Jid> {
        Some(self.jid.clone().into())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Get, pubsub_items(ns::VCARD4_NODE, None))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Profile(Box::new(published(iq)?.profile())))
    }

    fn otherwise(&self) -> Option<Request> {
        Some(Request::FetchTempProfile(FetchTempProfile { jid: self.jid.clone() }))
    }
}

impl Question for FetchTempProfile {
    fn to(&self) -> Option<Jid> {
        Some(self.jid.clone().into())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Get, element("vCard", ns::VCARD))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let profile = temp(iq).map_or_else(Profile::default, |card| card.profile());
        Ok(Answer::Profile(Box::new(profile)))
    }

    /// Servers differ in what they say of somebody without a card; all of it means that they say nothing.
    fn refused(&self, error: StanzaError) -> Result<Answer, RequestError> {
        match error {
            StanzaError::ItemNotFound | StanzaError::Unsupported => Ok(Answer::Profile(Box::default())),
            error => Err(error.into()),
        }
    }
}

impl Question for FetchCard {
    fn payload(&self, _: &str) -> (Kind, Element) {
        let payload = match self.format {
            CardFormat::V4 => pubsub_items(ns::VCARD4_NODE, None),
            CardFormat::Temp => element("vCard", ns::VCARD),
        };
        (Kind::Get, payload)
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let card = match self.format {
            CardFormat::V4 => published(iq).ok(),
            CardFormat::Temp => temp(iq),
        };
        Ok(Answer::Card(Box::new(card.unwrap_or_else(|| Card::empty(self.format)))))
    }

    /// There is none yet.
    fn refused(&self, error: StanzaError) -> Result<Answer, RequestError> {
        match error {
            StanzaError::ItemNotFound => Ok(Answer::Card(Box::new(Card::empty(self.format)))),
            error => Err(error.into()),
        }
    }
}

impl Question for PublishCard {
    fn payload(&self, _: &str) -> (Kind, Element) {
        let document = self.card.document().clone();
        let payload = match self.card.format() {
            CardFormat::V4 => pubsub_publish(ns::VCARD4_NODE, "current", document),
            CardFormat::Temp => document,
        };
        (Kind::Set, payload)
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }
}

impl Question for PublishNickname {
    fn payload(&self, _: &str) -> (Kind, Element) {
        let mut nick = element("nick", ns::NICK);
        if !self.name.is_empty() {
            nick = nick.content(self.name.as_str());
        }
        (Kind::Set, pubsub_publish(ns::NICK, "current", nick))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }
}

fn published(iq: &Element) -> Result<Card, RequestError> {
    let document = pubsub_item(iq)?.children().next();
    document.and_then(|document| Card::new(CardFormat::V4, document)).ok_or(RequestError::Malformed)
}

fn temp(iq: &Element) -> Option<Card> {
    iq.get_child("vCard", ns::VCARD).and_then(|document| Card::new(CardFormat::Temp, document))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::tests::check_stanza;
    use super::*;

    #[test]
    fn profiles_are_looked_for_in_two_places() {
        let jid: BareJid = "romeo@spark.test".parse().unwrap();
        let profile = Request::FetchProfile(FetchProfile { jid: jid.clone() });
        check_stanza(
            profile.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='romeo@spark.test' type='get'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items max_items='1' node='urn:xmpp:vcard4'/></pubsub></iq>"
            ],
        );
        assert_eq!(
            profile.question().otherwise(),
            Some(Request::FetchTempProfile(FetchTempProfile { jid: jid.clone() }))
        );
        let temp = FetchTempProfile { jid };
        for error in [StanzaError::ItemNotFound, StanzaError::Unsupported] {
            assert_eq!(temp.refused(error), Ok(Answer::Profile(Box::default())));
        }
        assert!(temp.refused(StanzaError::Unreachable).is_err());
    }

    #[test]
    fn cards_and_names_are_published() {
        check_stanza(
            Request::FetchCard(FetchCard { format: CardFormat::V4 }),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='get'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items max_items='1' node='urn:xmpp:vcard4'/></pubsub></iq>"
            ],
        );
        check_stanza(
            Request::PublishCard(PublishCard { card: Card::empty(CardFormat::V4) }),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:xmpp:vcard4'><item id='current'><vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'/></item></publish></pubsub></iq>"
            ],
        );
        check_stanza(
            Request::PublishCard(PublishCard { card: Card::empty(CardFormat::Temp) }),
            expect!["<iq xmlns='jabber:client' id='q1' type='set'><vCard xmlns='vcard-temp'/></iq>"],
        );
        check_stanza(
            Request::PublishNickname(PublishNickname { name: "Jule & co".to_owned() }),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='http://jabber.org/protocol/nick'><item id='current'><nick xmlns='http://jabber.org/protocol/nick'>Jule &amp; co</nick></item></publish></pubsub></iq>"
            ],
        );
        check_stanza(
            Request::PublishNickname(PublishNickname { name: String::new() }),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='http://jabber.org/protocol/nick'><item id='current'><nick xmlns='http://jabber.org/protocol/nick'/></item></publish></pubsub></iq>"
            ],
        );
        let none = FetchCard { format: CardFormat::Temp }.refused(StanzaError::ItemNotFound);
        assert_eq!(none, Ok(Answer::Card(Box::new(Card::empty(CardFormat::Temp)))));
    }
}
