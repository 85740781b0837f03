//! What the person publishes to a node of their own, for themselves alone (XEP-0223).
//!
//! How the node is to be is asked for with the item (XEP-0060 section 7.1.5). Not every server can do that: ejabberd
//! before 23.10 knows but two of the options and keeps one item at a node unless it is told otherwise. There the node
//! itself is set first, and made if there is none; and so it is where another client made it with other settings.
//!
//! A server that knows nothing of such options may pass over them, and give what is published to everybody. So where it
//! does not say that it knows them, the node is set first as well (XEP-0223 section 5): nothing is published to a node
//! that the server has not taken the settings of.

use minidom::Element;

use super::{Kind, Question, Request};
use crate::xmpp::element::{Build, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::write::field;
use crate::xmpp::{Answer, RequestError};

/// What every server knows. Nobody but the person may read the node, in any case.
const PRIVATE: [(&str, &str); 2] = [("pubsub#persist_items", "true"), ("pubsub#access_model", "whitelist")];
/// What it is to be besides: as large as can be, and silent at sign-in, since it is asked then.
const LARGE: [(&str, &str); 2] = [("pubsub#max_items", "max"), ("pubsub#send_last_published_item", "never")];

/// Sets the node, and then publishes an item to it. Answer: `Done`.
#[derive(Clone, PartialEq)]
pub struct PublishToSelf {
    node: &'static str,
    item: Element,
    step: Step,
}

impl std::fmt::Debug for PublishToSelf {
    /// Without what is published, which is the person's alone.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let PublishToSelf { node, step, .. } = self;
        f.debug_struct("PublishToSelf").field("node", node).field("step", step).finish_non_exhaustive()
    }
}

/// What is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Configure,
    Create,
    Publish,
}

impl PublishToSelf {
    /// What to ask where the server would not take this item and the settings in one.
    pub(super) fn instead(node: &'static str, item: Element) -> Option<Request> {
        Some(Request::PublishToSelf(PublishToSelf { node, item, step: Step::Configure }))
    }

    fn at(&self, step: Step) -> Option<Request> {
        Some(Request::PublishToSelf(PublishToSelf { step, ..self.clone() }))
    }
}

impl Request {
    /// What publishes the same where the server is not known to hold what is published to options.
    #[must_use]
    pub fn with_node_set_first(self) -> Request {
        self.question().otherwise().unwrap_or(self)
    }
}

impl Question for PublishToSelf {
    fn payload(&self, _: &str) -> (Kind, Element) {
        let settings = || form("node_config", PRIVATE.iter().chain(&LARGE));
        let payload = match self.step {
            Step::Configure => {
                let configure = element("configure", ns::PUBSUB_OWNER).with("node", self.node);
                element("pubsub", ns::PUBSUB_OWNER).child(configure.child(settings()))
            }
            Step::Create => element("pubsub", ns::PUBSUB)
                .child(element("create", ns::PUBSUB).with("node", self.node))
                .child(element("configure", ns::PUBSUB).child(settings())),
            Step::Publish => item_with(self.node, self.item.clone(), form("publish-options", &PRIVATE)),
        };
        (Kind::Set, payload)
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }

    fn otherwise(&self) -> Option<Request> {
        match self.step {
            Step::Configure => self.at(Step::Create),
            Step::Create | Step::Publish => None,
        }
    }

    fn next(&self) -> Option<Request> {
        match self.step {
            Step::Configure | Step::Create => self.at(Step::Publish),
            Step::Publish => None,
        }
    }
}

/// The payload that publishes an item and asks for all that the node is to be.
pub(super) fn publish(node: &str, item: Element) -> Element {
    let [persist, access] = &PRIVATE;
    item_with(node, item, form("publish-options", [persist].into_iter().chain(&LARGE).chain([access])))
}

fn item_with(node: &str, item: Element, form: Element) -> Element {
    let publish = element("publish", ns::PUBSUB).with("node", node).child(item);
    let options = element("publish-options", ns::PUBSUB).child(form);
    element("pubsub", ns::PUBSUB).child(publish).child(options)
}

fn form<'a>(of: &str, fields: impl IntoIterator<Item = &'a (&'a str, &'a str)>) -> Element {
    let kind = field("FORM_TYPE", Some("hidden"), &format!("http://jabber.org/protocol/pubsub#{of}"));
    let form = element("x", ns::DATA_FORMS).with("type", "submit").child(kind);
    fields.into_iter().fold(form, |form, (name, value)| form.child(field(name, None, value)))
}
