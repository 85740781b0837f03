//! What the person's pages keep in the account: JSON under a name, at nodes which nobody else can read (XEP-0223,
//! XEP-0335). Each entry is an item of its own, so that two who change different ones do not undo each other's.

use minidom::Element;

use super::own_node::{self, PublishToSelf};
use super::pubsub::event;
use super::{Kind, Question, Request, items_in};
use crate::xmpp::element::{Build, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::{Answer, RequestError, StanzaError};

/// The most entries of a shelf.
const MAX_ENTRIES: usize = 500;

/// Where something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// What pages have noted of the person, each under its name.
    Properties,
    /// Pages of the web that the person keeps a note of.
    Links,
}

impl Shelf {
    fn node(self) -> &'static str {
        match self {
            Shelf::Properties => ns::KEPT_PROPERTIES,
            Shelf::Links => ns::KEPT_LINKS,
        }
    }
}

/// All that is kept there. Answer: `PublishedItems`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchKept(pub Shelf);

/// Something is to be kept under a name. Answer: `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keep {
    /// Where.
    pub shelf: Shelf,
    /// Under which name.
    pub name: String,
    /// The text of the JSON.
    pub json: String,
}

/// What is under a name is to be kept no longer. Answer: `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discard {
    /// Where.
    pub shelf: Shelf,
    /// Under which name.
    pub name: String,
}

impl Keep {
    fn item(&self) -> Element {
        let json = element("json", ns::JSON).content(self.json.as_str());
        element("item", ns::PUBSUB).with("id", self.name.as_str()).child(json)
    }
}

impl Question for FetchKept {
    fn payload(&self, _: &str) -> (Kind, Element) {
        let items = element("items", ns::PUBSUB).with("node", self.0.node());
        (Kind::Get, element("pubsub", ns::PUBSUB).child(items))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let items = items_in(iq)?.filter_map(event::item).take(MAX_ENTRIES).collect();
        Ok(Answer::PublishedItems(protocol::PubsubItems { items, after: None }))
    }

    /// Who has never kept anything has no node.
    fn refused(&self, error: StanzaError) -> Result<Answer, RequestError> {
        if error == StanzaError::ItemNotFound {
            return Ok(Answer::PublishedItems(protocol::PubsubItems { items: Vec::new(), after: None }));
        }
        Err(error.into())
    }
}

impl Question for Keep {
    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Set, own_node::publish(self.shelf.node(), self.item()))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }

    fn otherwise(&self) -> Option<Request> {
        PublishToSelf::instead(self.shelf.node(), self.item())
    }
}

impl Question for Discard {
    fn payload(&self, _: &str) -> (Kind, Element) {
        let item = element("item", ns::PUBSUB).with("id", self.name.as_str());
        let retract = element("retract", ns::PUBSUB).with("node", self.shelf.node()).child(item);
        (Kind::Set, element("pubsub", ns::PUBSUB).child(retract))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }

    /// What is not there need not be taken away.
    fn refused(&self, error: StanzaError) -> Result<Answer, RequestError> {
        if error == StanzaError::ItemNotFound { Ok(Answer::Done) } else { Err(error.into()) }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::tests::{check_answer, check_stanza};
    use super::*;

    #[test]
    fn what_is_kept_is_for_the_person_alone() {
        let keep =
            Keep { shelf: Shelf::Properties, name: "colour".to_owned(), json: "\"red & blue\"".to_owned() };
        check_stanza(
            Request::Keep(keep),
            expect![[
                r#"<iq xmlns='jabber:client' id='q1' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:sparkweb:properties:0'><item id='colour'><json xmlns='urn:xmpp:json:0'>"red &amp; blue"</json></item></publish><publish-options><x xmlns='jabber:x:data' type='submit'><field type='hidden' var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#publish-options</value></field><field var='pubsub#persist_items'><value>true</value></field><field var='pubsub#max_items'><value>max</value></field><field var='pubsub#send_last_published_item'><value>never</value></field><field var='pubsub#access_model'><value>whitelist</value></field></x></publish-options></pubsub></iq>"#
            ]],
        );
        let discard = Discard { shelf: Shelf::Links, name: "5".to_owned() };
        check_stanza(
            Request::Discard(discard),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><retract node='urn:sparkweb:links:0'><item id='5'/></retract></pubsub></iq>"
            ],
        );
    }

    #[test]
    fn what_is_kept_is_read() {
        let request = Request::FetchKept(FetchKept(Shelf::Properties));
        check_stanza(
            request.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='get'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:sparkweb:properties:0'/></pubsub></iq>"
            ],
        );
        check_answer(
            &request,
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:sparkweb:properties:0'>\
             <item id='colour'><json xmlns='urn:xmpp:json:0'>\"red\"</json></item><item id='none'/></items></pubsub>",
            expect![[
                r#"Ok(PublishedItems(PubsubItems { items: [PubsubItem { id: "colour", publisher: None, json: Some("\"red\""), xml: None }, PubsubItem { id: "none", publisher: None, json: None, xml: None }], after: None }))"#
            ]],
        );
        let nothing = request.question().refused(StanzaError::ItemNotFound);
        assert_eq!(nothing, Ok(Answer::PublishedItems(protocol::PubsubItems { items: vec![], after: None })));
        assert!(request.question().refused(StanzaError::Forbidden).is_err());
    }
}
