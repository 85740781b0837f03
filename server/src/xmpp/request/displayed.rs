//! How far the person has read, as all of their clients keep it (XEP-0490).

use minidom::Element;

use super::own_node::{self, PublishToSelf};
use super::{Kind, Question, Request, items_in};
use crate::xmpp::displayed::{self, ReadMark};
use crate::xmpp::element::{Build, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::{Answer, RequestError, StanzaError};

/// The marks of all conversations. Answer: `ReadMarks`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchReadMarks;

/// A mark moved on. Answer: `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishReadMark(pub ReadMark);

impl Question for FetchReadMarks {
    fn payload(&self, _: &str) -> (Kind, Element) {
        let items = element("items", ns::PUBSUB).with("node", ns::DISPLAYED);
        (Kind::Get, element("pubsub", ns::PUBSUB).child(items))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::ReadMarks(displayed::read(items_in(iq)?)))
    }

    /// Who has never marked anything has no node.
    fn refused(&self, _: StanzaError) -> Result<Answer, RequestError> {
        Ok(Answer::ReadMarks(Vec::new()))
    }
}

impl Question for PublishReadMark {
    fn payload(&self, _: &str) -> (Kind, Element) {
        // Nobody else may see how far somebody has read.
        (Kind::Set, own_node::publish(ns::DISPLAYED, displayed::write(&self.0)))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }

    fn otherwise(&self) -> Option<Request> {
        PublishToSelf::instead(ns::DISPLAYED, displayed::write(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use protocol::ArchiveId;

    use super::super::tests::{check_answer, check_stanza};
    use super::*;

    #[test]
    fn marks_are_published_for_the_person_alone() {
        // XEP-0490 example 1.
        check_stanza(
            Request::PublishReadMark(PublishReadMark(ReadMark {
                conversation: "romeo@montegue.lit".parse().unwrap(),
                archive_id: ArchiveId("0f710f2b-52ed-4d52-b928-784dad74a52b".to_owned()),
                by: Some("juliet@capulet.lit".parse().unwrap()),
            })),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:xmpp:mds:displayed:0'><item id='romeo@montegue.lit'><displayed xmlns='urn:xmpp:mds:displayed:0'><stanza-id xmlns='urn:xmpp:sid:0' by='juliet@capulet.lit' id='0f710f2b-52ed-4d52-b928-784dad74a52b'/></displayed></item></publish><publish-options><x xmlns='jabber:x:data' type='submit'><field type='hidden' var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#publish-options</value></field><field var='pubsub#persist_items'><value>true</value></field><field var='pubsub#max_items'><value>max</value></field><field var='pubsub#send_last_published_item'><value>never</value></field><field var='pubsub#access_model'><value>whitelist</value></field></x></publish-options></pubsub></iq>"
            ],
        );
    }

    #[test]
    fn marks_are_fetched() {
        // XEP-0490 examples 3 and 4.
        let request = Request::FetchReadMarks(FetchReadMarks);
        check_stanza(
            request.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='get'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:mds:displayed:0'/></pubsub></iq>"
            ],
        );
        let displayed = |by: &str, id: &str| {
            format!(
                "<displayed xmlns='urn:xmpp:mds:displayed:0'><stanza-id xmlns='urn:xmpp:sid:0' id='{id}' by='{by}'/></displayed>"
            )
        };
        let item = |jid: &str, payload: &str| format!("<item id='{jid}'>{payload}</item>");
        let items = [
            item("romeo@montegue.lit", &displayed("juliet@capulet.lit", "0f710f2b")),
            item(
                "example@conference.shakespeare.lit",
                &displayed("example@conference.shakespeare.lit", "ca21deaf"),
            ),
            item("example@conference.shakespeare.lit/nick", &displayed("juliet@capulet.lit", "x")),
            item("a@b.c", &displayed("juliet@capulet.lit/x", "x")),
            item("a@b.c", &displayed("juliet@capulet.lit", "")),
            item("a@b.c", "<displayed xmlns='urn:xmpp:mds:displayed:0'/>"),
            item("@", ""),
        ]
        .concat();
        check_answer(
            &request,
            &format!(
                "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:mds:displayed:0'>{items}</items></pubsub>"
            ),
            expect![[
                r#"Ok(ReadMarks([ReadMark { conversation: ConversationId(Jid("romeo@montegue.lit")), archive_id: ArchiveId("0f710f2b"), by: Some(BareJid("juliet@capulet.lit")) }, ReadMark { conversation: ConversationId(Jid("example@conference.shakespeare.lit")), archive_id: ArchiveId("ca21deaf"), by: Some(BareJid("example@conference.shakespeare.lit")) }, ReadMark { conversation: ConversationId(Jid("example@conference.shakespeare.lit/nick")), archive_id: ArchiveId("x"), by: Some(BareJid("juliet@capulet.lit")) }]))"#
            ]],
        );
        assert_eq!(request.question().refused(StanzaError::ItemNotFound), Ok(Answer::ReadMarks(vec![])));
    }
}
