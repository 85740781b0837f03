//! What the person publishes to a node of their own, for themselves alone (XEP-0223).

use minidom::Element;

use super::{Kind, Question};
use crate::xmpp::element::{Build, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::write::field;
use crate::xmpp::{Answer, RequestError};

/// As many items as ejabberd keeps at a node unless it is told otherwise.
const MANY: &str = "1000";

/// Publishes an item where the server does not know `max`, which came into XEP-0060 with version 1.16: ejabberd before
/// 23.10 takes it for more than it keeps. Answer: `Done`.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishToSelf {
    node: &'static str,
    item: Element,
}

impl PublishToSelf {
    pub(super) fn new(node: &'static str, item: Element) -> Self {
        PublishToSelf { node, item }
    }
}

impl Question for PublishToSelf {
    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Set, publish(self.node, self.item.clone(), MANY))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }
}

/// The payload that publishes an item for as long as there is room for it, to a node that nobody else may read: one that
/// is not so already is not published to.
pub(super) fn publish(node: &str, item: Element, max_items: &str) -> Element {
    let mut form = element("x", ns::DATA_FORMS).with("type", "submit").child(field(
        "FORM_TYPE",
        Some("hidden"),
        "http://jabber.org/protocol/pubsub#publish-options",
    ));
    for (name, value) in [
        ("pubsub#persist_items", "true"),
        ("pubsub#max_items", max_items),
        ("pubsub#send_last_published_item", "never"),
        ("pubsub#access_model", "whitelist"),
    ] {
        form.append_child(field(name, None, value));
    }
    let publish = element("publish", ns::PUBSUB).with("node", node).child(item);
    element("pubsub", ns::PUBSUB).child(publish).child(element("publish-options", ns::PUBSUB).child(form))
}
