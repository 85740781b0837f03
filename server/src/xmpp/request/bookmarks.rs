//! The person's bookmarks: published to themselves (XEP-0402), or in the older private storage (XEP-0049, XEP-0048).

use minidom::Element;
use protocol::BareJid;

use super::own_node::{self, PublishToSelf};
use super::{Kind, Question, Request, items_in};
use crate::xmpp::bookmarks::{self, RoomBookmark};
use crate::xmpp::element::{Build, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::{Answer, RequestError, StanzaError};

/// All of them. Answer: `Bookmarks`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchBookmarks;

/// The same, from the private storage alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchPrivateBookmarks;

/// One was made or edited. Answer: `Done`.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishBookmark(pub RoomBookmark);

/// One is no more. Answer: `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetractBookmark(pub BareJid);

/// All of them, for the private storage. Answer: `Done`.
#[derive(Debug, Clone, PartialEq)]
pub struct StorePrivateBookmarks(pub Vec<RoomBookmark>);

impl Question for FetchBookmarks {
    fn payload(&self, _: &str) -> (Kind, Element) {
        let items = element("items", ns::PUBSUB).with("node", ns::BOOKMARKS);
        (Kind::Get, element("pubsub", ns::PUBSUB).child(items))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Bookmarks { all: bookmarks::from_items(items_in(iq)?), is_private: false })
    }

    fn otherwise(&self) -> Option<Request> {
        Some(Request::FetchPrivateBookmarks(FetchPrivateBookmarks))
    }

    fn comes_first(&self) -> bool {
        true
    }
}

impl Question for FetchPrivateBookmarks {
    fn payload(&self, _: &str) -> (Kind, Element) {
        let storage = element("storage", ns::PRIVATE_BOOKMARKS);
        (Kind::Get, element("query", ns::PRIVATE).child(storage))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let storage = iq
            .get_child("query", ns::PRIVATE)
            .and_then(|query| query.get_child("storage", ns::PRIVATE_BOOKMARKS))
            .ok_or(RequestError::Malformed)?;
        let all = bookmarks::from_storage(storage);
        // With nothing in the old place, the new one is where the first goes.
        Ok(Answer::Bookmarks { is_private: !all.is_empty(), all })
    }

    /// Neither place has any.
    fn refused(&self, _: StanzaError) -> Result<Answer, RequestError> {
        Ok(Answer::Bookmarks { all: Vec::new(), is_private: false })
    }

    fn comes_first(&self) -> bool {
        true
    }
}

impl Question for PublishBookmark {
    fn payload(&self, _: &str) -> (Kind, Element) {
        // Nobody else may see which rooms somebody is in, or their passwords (CVE-2018-6591).
        (Kind::Set, own_node::publish(ns::BOOKMARKS, self.0.item()))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }

    fn otherwise(&self) -> Option<Request> {
        PublishToSelf::instead(ns::BOOKMARKS, self.0.item())
    }
}

impl Question for RetractBookmark {
    fn payload(&self, _: &str) -> (Kind, Element) {
        let item = element("item", ns::PUBSUB).with("id", self.0.as_str());
        let retract =
            element("retract", ns::PUBSUB).with("node", ns::BOOKMARKS).with("notify", "true").child(item);
        (Kind::Set, element("pubsub", ns::PUBSUB).child(retract))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }

    fn refused(&self, error: StanzaError) -> Result<Answer, RequestError> {
        // What is not there need not be taken away.
        if error == StanzaError::ItemNotFound { Ok(Answer::Done) } else { Err(error.into()) }
    }
}

impl Question for StorePrivateBookmarks {
    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Set, element("query", ns::PRIVATE).child(bookmarks::storage(&self.0)))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::tests::{check_answer, check_stanza};
    use super::*;

    fn bookmark() -> RoomBookmark {
        RoomBookmark {
            jid: "theplay@conference.shakespeare.lit".parse().unwrap(),
            name: Some("The Play's the Thing".to_owned()),
            nick: Some("JC".to_owned()),
            password: None,
            autojoin: true,
            notify: None,
            extensions: crate::xmpp::Extensions::default(),
        }
    }

    #[test]
    fn bookmarks_are_fetched_from_either_place() {
        let question = Request::FetchBookmarks(FetchBookmarks);
        check_stanza(
            question.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='get'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:bookmarks:1'/></pubsub></iq>"
            ],
        );
        check_answer(
            &question,
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:bookmarks:1'><item id='a@b'><conference xmlns='urn:xmpp:bookmarks:1'/></item><item id='@'/></items></pubsub>",
            expect![[
                r#"Ok(Bookmarks { all: [RoomBookmark { jid: BareJid("a@b"), name: None, nick: None, password: None, autojoin: false, notify: None, extensions: Extensions([]) }], is_private: false })"#
            ]],
        );
        check_answer(&question, "", expect!["Err(Malformed)"]);
        let older = question.question().otherwise().unwrap();
        check_stanza(
            older.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='get'><query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query></iq>"
            ],
        );
        for storage in ["", "<conference jid='a@b'/>"] {
            check_answer(
                &older,
                &format!(
                    "<query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'>{storage}</storage></query>"
                ),
                if storage.is_empty() {
                    expect!["Ok(Bookmarks { all: [], is_private: false })"]
                } else {
                    expect![[
                        r#"Ok(Bookmarks { all: [RoomBookmark { jid: BareJid("a@b"), name: None, nick: None, password: None, autojoin: false, notify: None, extensions: Extensions([]) }], is_private: true })"#
                    ]]
                },
            );
        }
    }

    #[test]
    fn bookmarks_are_for_the_person_alone() {
        // XEP-0402 example 5.
        check_stanza(
            Request::PublishBookmark(PublishBookmark(bookmark())),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:xmpp:bookmarks:1'><item id='theplay@conference.shakespeare.lit'><conference xmlns='urn:xmpp:bookmarks:1' autojoin='true' name='The Play&#39;s the Thing'><nick>JC</nick></conference></item></publish><publish-options><x xmlns='jabber:x:data' type='submit'><field type='hidden' var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#publish-options</value></field><field var='pubsub#persist_items'><value>true</value></field><field var='pubsub#max_items'><value>max</value></field><field var='pubsub#send_last_published_item'><value>never</value></field><field var='pubsub#access_model'><value>whitelist</value></field></x></publish-options></pubsub></iq>"
            ],
        );
        // XEP-0060 examples 148 and 129: where the settings can't come with the item, the node is set first.
        let publish = Request::PublishBookmark(PublishBookmark(bookmark()));
        let configure = publish.question().otherwise().unwrap();
        let create = configure.question().otherwise().unwrap();
        let at_last = create.question().next().unwrap();
        assert_eq!(configure.question().next().as_ref(), Some(&at_last));
        for request in [&publish, &at_last] {
            assert_eq!(request.question().next(), None);
        }
        for request in [&create, &at_last] {
            assert_eq!(request.question().otherwise(), None);
        }
        check_stanza(
            configure,
            expect![
                "<iq xmlns='jabber:client' id='q1' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><configure node='urn:xmpp:bookmarks:1'><x xmlns='jabber:x:data' type='submit'><field type='hidden' var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#node_config</value></field><field var='pubsub#persist_items'><value>true</value></field><field var='pubsub#access_model'><value>whitelist</value></field><field var='pubsub#max_items'><value>max</value></field><field var='pubsub#send_last_published_item'><value>never</value></field></x></configure></pubsub></iq>"
            ],
        );
        check_stanza(
            create,
            expect![
                "<iq xmlns='jabber:client' id='q1' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><create node='urn:xmpp:bookmarks:1'/><configure><x xmlns='jabber:x:data' type='submit'><field type='hidden' var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#node_config</value></field><field var='pubsub#persist_items'><value>true</value></field><field var='pubsub#access_model'><value>whitelist</value></field><field var='pubsub#max_items'><value>max</value></field><field var='pubsub#send_last_published_item'><value>never</value></field></x></configure></pubsub></iq>"
            ],
        );
        check_stanza(
            at_last,
            expect![
                "<iq xmlns='jabber:client' id='q1' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:xmpp:bookmarks:1'><item id='theplay@conference.shakespeare.lit'><conference xmlns='urn:xmpp:bookmarks:1' autojoin='true' name='The Play&#39;s the Thing'><nick>JC</nick></conference></item></publish><publish-options><x xmlns='jabber:x:data' type='submit'><field type='hidden' var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#publish-options</value></field><field var='pubsub#persist_items'><value>true</value></field><field var='pubsub#access_model'><value>whitelist</value></field></x></publish-options></pubsub></iq>"
            ],
        );
        check_stanza(
            Request::RetractBookmark(RetractBookmark(bookmark().jid)),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><retract node='urn:xmpp:bookmarks:1' notify='true'><item id='theplay@conference.shakespeare.lit'/></retract></pubsub></iq>"
            ],
        );
        check_stanza(
            Request::StorePrivateBookmarks(StorePrivateBookmarks(vec![bookmark()])),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='set'><query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'><conference autojoin='true' jid='theplay@conference.shakespeare.lit' name='The Play&#39;s the Thing'><nick>JC</nick></conference></storage></query></iq>"
            ],
        );
    }
}
