//! What a service tells of a node (XEP-0060 section 7.1.2 and following), and items as answers and events have them.

use minidom::Element;
use protocol::PubsubItem;

use super::{MAX_ID_BYTES, MAX_ITEMS, Node};
use crate::xmpp::namespaces as ns;
use crate::xmpp::read::address;

/// The largest item in bytes.
const MAX_ITEM_BYTES: usize = 64 * 1024;

/// What a service tells of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeEvent {
    /// The node.
    pub node: Node,
    /// What happened.
    pub change: NodeChange,
}

/// What happened to a node (section 7.1.2 and following).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeChange {
    /// Something was published, something taken back.
    Items {
        /// What was published.
        published: Vec<PubsubItem>,
        /// What was taken back.
        retracted: Vec<String>,
    },
    /// It has no items any more.
    Purged,
    /// It is no more.
    Deleted,
}

pub(super) fn id(text: &str) -> Option<String> {
    (1..=MAX_ID_BYTES).contains(&text.len()).then(|| text.to_owned())
}

/// An item of an answer or an event.
pub(in crate::xmpp::request) fn item(item: &Element) -> Option<PubsubItem> {
    let payload = item.children().next();
    let json = payload.filter(|payload| payload.is("json", ns::JSON)).map(Element::text);
    let xml = if json.is_some() { None } else { payload.map(String::from) };
    if json.as_ref().or(xml.as_ref()).is_some_and(|text| text.len() > MAX_ITEM_BYTES) {
        return None;
    }
    Some(PubsubItem {
        id: id(item.attr("id")?)?,
        publisher: item.attr("publisher").and_then(address),
        json,
        xml,
    })
}

/// What a service tells of a node. Whether the person wants to know is for the session to say.
pub(in crate::xmpp) fn event(stanza: &Element) -> Option<NodeEvent> {
    let service = address(stanza.attr("from")?)?;
    // A service, and an account, speak for themselves: whatever has a resource is somebody's client.
    if service.resource().is_some() {
        return None;
    }
    let event = stanza.get_child("event", ns::PUBSUB_EVENT)?;
    let told = event.children().find(|child| child.has_ns(ns::PUBSUB_EVENT))?;
    let node = Node { service, id: id(told.attr("node")?)? };
    let change = match told.name() {
        "items" => {
            let named =
                |name: &'static str| told.children().filter(move |child| child.is(name, ns::PUBSUB_EVENT));
            NodeChange::Items {
                published: named("item").filter_map(item).take(MAX_ITEMS).collect(),
                retracted: named("retract").filter_map(|item| id(item.attr("id")?)).take(MAX_ITEMS).collect(),
            }
        }
        "purge" => NodeChange::Purged,
        "delete" => NodeChange::Deleted,
        _ => return None,
    };
    Some(NodeEvent { node, change })
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::xmpp::read::tests::parse;

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]
    fn check_event(from: &str, told: &str, expected: Expect) {
        let stanza = parse(&format!(
            "<message from='{from}'><event xmlns='http://jabber.org/protocol/pubsub#event'>{told}</event></message>"
        ));
        expected.assert_eq(&format!("{:?}", event(&stanza).map(|event| (event.node.service, event.change))));
    }

    #[test]
    fn a_service_tells_of_its_own_nodes() {
        let items = "<items node='n'><item id='i1'><json xmlns='urn:xmpp:json:0'>1</json></item><retract id='i0'/></items>";
        check_event(
            "pubsub.shakespeare.lit",
            items,
            expect![[
                r#"Some((Jid("pubsub.shakespeare.lit"), Items { published: [PubsubItem { id: "i1", publisher: None, json: Some("1"), xml: None }], retracted: ["i0"] }))"#
            ]],
        );
        check_event(
            "pubsub.shakespeare.lit",
            "<purge node='n'/>",
            expect![[r#"Some((Jid("pubsub.shakespeare.lit"), Purged))"#]],
        );
        check_event(
            "pubsub.shakespeare.lit",
            "<delete node='n'/>",
            expect![[r#"Some((Jid("pubsub.shakespeare.lit"), Deleted))"#]],
        );
        check_event("pubsub.shakespeare.lit", "<configuration node='n'/>", expect!["None"]);
        check_event("pubsub.shakespeare.lit", "<items/>", expect!["None"]);
        check_event("romeo@spark.test/x", items, expect!["None"]);
        let large = format!(
            "<items node='n'><item id='i1'><json xmlns='urn:xmpp:json:0'>{}</json></item></items>",
            "1".repeat(65_537)
        );
        check_event(
            "pubsub.shakespeare.lit",
            &large,
            expect![[r#"Some((Jid("pubsub.shakespeare.lit"), Items { published: [], retracted: [] }))"#]],
        );
    }
}
