//! Whom the person has blocked (XEP-0191).

use minidom::Element;
use protocol::Jid;

use super::{Kind, Question};
use crate::xmpp::element::{Build, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::{Answer, RequestError, StanzaError, read};

/// Everybody who is blocked; from then on the server tells of changes. Answer: `Blocks`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchBlocks;

/// Blocks somebody. Answer: `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Whom.
    pub jid: Jid,
}

/// Lifts a block. Answer: `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unblock {
    /// Whose; `None` lifts them all.
    pub jid: Option<Jid>,
}

impl Question for FetchBlocks {
    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Get, element("blocklist", ns::BLOCKING))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let list = iq.get_child("blocklist", ns::BLOCKING).ok_or(RequestError::Malformed)?;
        Ok(Answer::Blocks(read::block_items(list)))
    }
}

impl Question for Block {
    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Set, element("block", ns::BLOCKING).child(item(&self.jid)))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }
}

impl Question for Unblock {
    fn payload(&self, _: &str) -> (Kind, Element) {
        let unblock = element("unblock", ns::BLOCKING);
        // Without an item it lifts them all (section 3.5).
        (Kind::Set, self.jid.iter().fold(unblock, |unblock, jid| unblock.child(item(jid))))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }

    /// Some servers complain about what others pass over: it is so already.
    fn refused(&self, error: StanzaError) -> Result<Answer, RequestError> {
        if error == StanzaError::ItemNotFound { Ok(Answer::Done) } else { Err(error.into()) }
    }
}

fn item(jid: &Jid) -> Element {
    element("item", ns::BLOCKING).with("jid", jid.as_str())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::Request;
    use super::super::tests::{check_answer, check_stanza};
    use super::*;

    #[test]
    fn blocks_are_listed_made_and_lifted() {
        let list = Request::FetchBlocks(FetchBlocks);
        check_stanza(
            list.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='get'><blocklist xmlns='urn:xmpp:blocking'/></iq>"
            ],
        );
        check_answer(
            &list,
            "<blocklist xmlns='urn:xmpp:blocking'><item jid='Romeo@montague.net'/><item jid='spam.example'/><item jid='@'/><item/><item jid='spam.example'/></blocklist>",
            expect![[r#"Ok(Blocks([Jid("romeo@montague.net"), Jid("spam.example")]))"#]],
        );
        check_answer(&list, "<blocklist xmlns='urn:xmpp:blocking'/>", expect!["Ok(Blocks([]))"]);
        check_answer(&list, "", expect!["Err(Malformed)"]);
        let jid: Jid = "romeo@montague.net".parse().unwrap();
        check_stanza(
            Request::Block(Block { jid: jid.clone() }),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='set'><block xmlns='urn:xmpp:blocking'><item jid='romeo@montague.net'/></block></iq>"
            ],
        );
        check_stanza(
            Request::Unblock(Unblock { jid: Some(jid) }),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='set'><unblock xmlns='urn:xmpp:blocking'><item jid='romeo@montague.net'/></unblock></iq>"
            ],
        );
        assert_eq!(Unblock { jid: None }.refused(StanzaError::ItemNotFound), Ok(Answer::Done));
        assert!(Unblock { jid: None }.refused(StanzaError::Unsupported).is_err());
        check_stanza(
            Request::Unblock(Unblock { jid: None }),
            expect!["<iq xmlns='jabber:client' id='q1' type='set'><unblock xmlns='urn:xmpp:blocking'/></iq>"],
        );
    }
}
