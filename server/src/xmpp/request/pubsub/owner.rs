//! What is for a node's owner to know (XEP-0060 section 8).

use minidom::Element;
use protocol::{BareJid, Jid};

use super::super::{Kind, Question};
use super::{MAX_ITEMS, Node, pubsub};
use crate::xmpp::element::{Build, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::{Answer, RequestError};

/// Who is subscribed (section 8.8.1). Answer: `Subscribers`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchSubscribers {
    /// To which node.
    pub node: Node,
}

impl Question for FetchSubscribers {
    fn to(&self) -> Option<Jid> {
        Some(self.node.service.clone())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        let subscriptions = element("subscriptions", ns::PUBSUB_OWNER).with("node", self.node.id.as_str());
        (Kind::Get, pubsub(ns::PUBSUB_OWNER, subscriptions))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let pubsub = iq.get_child("pubsub", ns::PUBSUB_OWNER).ok_or(RequestError::Malformed)?;
        let all = pubsub.get_child("subscriptions", ns::PUBSUB_OWNER).ok_or(RequestError::Malformed)?;
        let mut people: Vec<BareJid> = all
            .children()
            .filter(|child| {
                child.is("subscription", ns::PUBSUB_OWNER) && child.attr("subscription") == Some("subscribed")
            })
            .filter_map(|child| Some(child.attr("jid")?.parse::<Jid>().ok()?.bare()))
            .take(MAX_ITEMS)
            .collect();
        // Somebody may be subscribed by several resources.
        people.sort();
        people.dedup();
        Ok(Answer::Subscribers(people))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::super::Request;
    use super::super::super::tests::{check_answer, check_stanza};
    use super::*;

    /// Examples 182 and 183.
    #[test]
    fn an_owner_asks_who_is_subscribed() {
        let node =
            Node { service: "pubsub.shakespeare.lit".parse().unwrap(), id: "princely_musings".to_owned() };
        let request = Request::FetchSubscribers(FetchSubscribers { node });
        check_stanza(
            request.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='pubsub.shakespeare.lit' type='get'><pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><subscriptions node='princely_musings'/></pubsub></iq>"
            ],
        );
        check_answer(
            &request,
            "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><subscriptions node='princely_musings'>\
             <subscription jid='hamlet@denmark.lit' subscription='subscribed'/>\
             <subscription jid='polonius@denmark.lit' subscription='unconfigured'/>\
             <subscription jid='bernardo@denmark.lit/elsinore' subscription='subscribed' subid='123-abc'/>\
             <subscription jid='bernardo@denmark.lit' subscription='subscribed' subid='004-yyy'/>\
             <subscription jid='@' subscription='subscribed'/></subscriptions></pubsub>",
            expect![[r#"Ok(Subscribers([BareJid("bernardo@denmark.lit"), BareJid("hamlet@denmark.lit")]))"#]],
        );
    }
}
