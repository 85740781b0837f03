//! Nodes and what is published to them (XEP-0060), with JSON in containers (XEP-0335).

pub(super) mod event;
mod owner;

use minidom::Element;
use protocol::{BareJid, Jid, NodeAccess, NodeSettings, PubsubItem, PubsubItems};

pub(in crate::xmpp) use self::event::event;
pub use self::event::{NodeChange, NodeEvent};
use self::event::{id, item};
pub use self::owner::FetchSubscribers;

use super::{Kind, Question};
use crate::xmpp::element::{Build, child_text, element};
use crate::xmpp::markup::Markup;
use crate::xmpp::namespaces as ns;
use crate::xmpp::write::field;
use crate::xmpp::{Answer, RequestError};

/// The most items of an answer or an event.
const MAX_ITEMS: usize = 500;
/// The longest id of an item or node in bytes.
const MAX_ID_BYTES: usize = 1024;
/// XEP-0060 section 16.4.4.
const NODE_CONFIG: &str = "http://jabber.org/protocol/pubsub#node_config";

/// A node of a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    /// The service.
    pub service: Jid,
    /// Its id there.
    pub id: String,
}

/// A new node (section 8.1). Answer: `Id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateNode {
    /// The service.
    pub service: Jid,
    /// Its id; without one the service makes one.
    pub id: Option<String>,
    /// How it is to be.
    pub settings: NodeSettings,
}

/// Another configuration (section 8.2). Answer: `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigureNode {
    /// Which node.
    pub node: Node,
    /// How it is to be.
    pub settings: NodeSettings,
}

/// No node any more (section 8.4). Answer: `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteNode {
    /// Which node.
    pub node: Node,
}

/// What is published.
#[derive(Debug, Clone, PartialEq)]
pub enum Payload {
    /// The text of a JSON value.
    Json(String),
    /// An element.
    Xml(Markup),
}

/// Something to publish (section 7.1). Answer: `Id`.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishItem {
    /// To which node.
    pub node: Node,
    /// Under which id; without one the service makes one.
    pub id: Option<String>,
    /// What.
    pub payload: Payload,
}

/// Something to take back (section 7.2). Answer: `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetractItem {
    /// From which node.
    pub node: Node,
    /// What.
    pub id: String,
}

/// What was published (section 6.5). Answer: `PublishedItems`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchItems {
    /// To which node.
    pub node: Node,
    /// The most of it.
    pub max: u16,
    /// The page after this one (XEP-0059).
    pub after: Option<String>,
}

/// Being told what is published, or no more (sections 6.1 and 6.2). Answer: `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscribe {
    /// To which node.
    pub node: Node,
    /// Who.
    pub subscriber: BareJid,
    /// Or no more.
    pub is_over: bool,
}

/// Of which nodes of a service somebody is told (section 5.6). Answer: `Subscriptions`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchSubscriptions {
    /// The service.
    pub service: Jid,
}

fn pubsub(namespace: &str, child: Element) -> Element {
    element("pubsub", namespace).child(child)
}

/// The form of a configuration; `None` if nothing is to be as it would not be anyway.
fn configuration(settings: &NodeSettings) -> Option<Element> {
    let NodeSettings { name, access, max_items, persist } = settings;
    let access = access.map(|access| match access {
        NodeAccess::Open => "open",
        NodeAccess::Presence => "presence",
        NodeAccess::Roster => "roster",
        NodeAccess::Authorize => "authorize",
        NodeAccess::Whitelist => "whitelist",
    });
    let fields: Vec<Element> = [
        ("pubsub#title", name.clone()),
        ("pubsub#access_model", access.map(str::to_owned)),
        ("pubsub#max_items", max_items.map(|max| max.to_string())),
        ("pubsub#persist_items", persist.map(|persist| persist.to_string())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(field(name, None, &value?)))
    .collect();
    if fields.is_empty() {
        return None;
    }
    let kind = field("FORM_TYPE", Some("hidden"), NODE_CONFIG);
    let form = element("x", ns::DATA_FORMS).with("type", "submit").child(kind);
    Some(fields.into_iter().fold(form, Build::child))
}

impl Question for CreateNode {
    fn to(&self) -> Option<Jid> {
        Some(self.service.clone())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        let create = element("create", ns::PUBSUB).with_some("node", self.id.as_deref());
        let mut pubsub = pubsub(ns::PUBSUB, create);
        if let Some(form) = configuration(&self.settings) {
            pubsub.append_child(element("configure", ns::PUBSUB).child(form));
        }
        (Kind::Set, pubsub)
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        // A service that took the id need not repeat it.
        let pubsub = iq.get_child("pubsub", ns::PUBSUB);
        let created = pubsub.and_then(|pubsub| pubsub.get_child("create", ns::PUBSUB)?.attr("node"));
        let id = created.filter(|id| id.len() <= MAX_ID_BYTES).map(str::to_owned).or_else(|| self.id.clone());
        id.map(Answer::Id).ok_or(RequestError::Malformed)
    }
}

impl Question for ConfigureNode {
    fn to(&self) -> Option<Jid> {
        Some(self.node.service.clone())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        let mut configure = element("configure", ns::PUBSUB_OWNER).with("node", self.node.id.as_str());
        if let Some(form) = configuration(&self.settings) {
            configure.append_child(form);
        }
        (Kind::Set, pubsub(ns::PUBSUB_OWNER, configure))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }
}

impl Question for DeleteNode {
    fn to(&self) -> Option<Jid> {
        Some(self.node.service.clone())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        let delete = element("delete", ns::PUBSUB_OWNER).with("node", self.node.id.as_str());
        (Kind::Set, pubsub(ns::PUBSUB_OWNER, delete))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }
}

impl Question for PublishItem {
    fn to(&self) -> Option<Jid> {
        Some(self.node.service.clone())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        let payload = match &self.payload {
            Payload::Json(text) => element("json", ns::JSON).content(text.as_str()),
            Payload::Xml(markup) => markup.element().clone(),
        };
        let item = element("item", ns::PUBSUB).with_some("id", self.id.as_deref()).child(payload);
        let publish = element("publish", ns::PUBSUB).with("node", self.node.id.as_str()).child(item);
        (Kind::Set, pubsub(ns::PUBSUB, publish))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let pubsub = iq.get_child("pubsub", ns::PUBSUB);
        let publish = pubsub.and_then(|pubsub| pubsub.get_child("publish", ns::PUBSUB));
        let id = publish.and_then(|publish| publish.get_child("item", ns::PUBSUB)?.attr("id"));
        let id = id.filter(|id| id.len() <= MAX_ID_BYTES).map(str::to_owned).or_else(|| self.id.clone());
        id.map(Answer::Id).ok_or(RequestError::Malformed)
    }
}

impl Question for RetractItem {
    fn to(&self) -> Option<Jid> {
        Some(self.node.service.clone())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        let retract = element("retract", ns::PUBSUB)
            .with("node", self.node.id.as_str())
            .with("notify", "true")
            .child(element("item", ns::PUBSUB).with("id", self.id.as_str()));
        (Kind::Set, pubsub(ns::PUBSUB, retract))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }
}

impl Question for FetchItems {
    fn to(&self) -> Option<Jid> {
        Some(self.node.service.clone())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        let max = self.max.to_string();
        let mut items = element("items", ns::PUBSUB).with("node", self.node.id.as_str());
        // A service without pages gives the newest; one with pages would take this to forbid the others.
        if self.after.is_none() {
            items = items.with("max_items", max.as_str());
        }
        let mut set = element("set", ns::RSM).child(element("max", ns::RSM).content(max));
        if let Some(after) = &self.after {
            set.append_child(element("after", ns::RSM).content(after.as_str()));
        }
        (Kind::Get, pubsub(ns::PUBSUB, items).child(set))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let pubsub = iq.get_child("pubsub", ns::PUBSUB).ok_or(RequestError::Malformed)?;
        let items = pubsub.get_child("items", ns::PUBSUB).ok_or(RequestError::Malformed)?;
        let items = items.children().filter(|child| child.is("item", ns::PUBSUB));
        let items: Vec<PubsubItem> = items.filter_map(item).take(MAX_ITEMS).collect();
        let set = pubsub.get_child("set", ns::RSM);
        if self.after.is_some() && set.is_none() {
            // The service knows no pages: what it gave is not the page that was asked for.
            return Err(RequestError::Refused(crate::xmpp::StanzaError::Unsupported));
        }
        let count = set.and_then(|set| child_text(set, "count", ns::RSM)?.trim().parse::<usize>().ok());
        let last = set.and_then(|set| child_text(set, "last", ns::RSM)).filter(|_| !items.is_empty());
        let is_all = self.after.is_none() && count == Some(items.len());
        Ok(Answer::PublishedItems(PubsubItems { items, after: last.filter(|_| !is_all) }))
    }
}

impl Question for Subscribe {
    fn to(&self) -> Option<Jid> {
        Some(self.node.service.clone())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        let name = if self.is_over { "unsubscribe" } else { "subscribe" };
        let subscribe = element(name, ns::PUBSUB)
            .with("node", self.node.id.as_str())
            .with("jid", self.subscriber.as_str());
        (Kind::Set, pubsub(ns::PUBSUB, subscribe))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }
}

impl Question for FetchSubscriptions {
    fn to(&self) -> Option<Jid> {
        Some(self.service.clone())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Get, pubsub(ns::PUBSUB, element("subscriptions", ns::PUBSUB)))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let pubsub = iq.get_child("pubsub", ns::PUBSUB).ok_or(RequestError::Malformed)?;
        let subscriptions = pubsub.get_child("subscriptions", ns::PUBSUB).ok_or(RequestError::Malformed)?;
        let nodes = subscriptions.children().filter(|child| {
            child.is("subscription", ns::PUBSUB) && child.attr("subscription") == Some("subscribed")
        });
        let nodes = nodes.filter_map(|subscription| id(subscription.attr("node")?));
        Ok(Answer::Subscriptions(nodes.take(MAX_ITEMS).collect()))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::Request;
    use super::super::tests::{check_answer, check_stanza};
    use super::*;

    fn node() -> Node {
        Node { service: "pubsub.shakespeare.lit".parse().unwrap(), id: "princely_musings".to_owned() }
    }

    #[test]
    fn nodes_are_made_changed_and_deleted() {
        let settings = NodeSettings {
            name: Some("Musings".to_owned()),
            access: Some(NodeAccess::Whitelist),
            max_items: Some(1),
            persist: Some(true),
        };
        let service = node().service;
        let create = Request::CreateNode(CreateNode {
            service: service.clone(),
            id: None,
            settings: settings.clone(),
        });
        check_stanza(
            create.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='pubsub.shakespeare.lit' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><create/><configure><x xmlns='jabber:x:data' type='submit'><field type='hidden' var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#node_config</value></field><field var='pubsub#title'><value>Musings</value></field><field var='pubsub#access_model'><value>whitelist</value></field><field var='pubsub#max_items'><value>1</value></field><field var='pubsub#persist_items'><value>true</value></field></x></configure></pubsub></iq>"
            ],
        );
        // Section 8.1.2, example 130.
        check_answer(
            &create,
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'><create node='25e3d37dabbab9541f7523321421edc5bfeb2dae'/></pubsub>",
            expect![[r#"Ok(Id("25e3d37dabbab9541f7523321421edc5bfeb2dae"))"#]],
        );
        check_answer(&create, "", expect!["Err(Malformed)"]);
        let id = Some("princely_musings".to_owned());
        let create = Request::CreateNode(CreateNode { service, id, settings: NodeSettings::default() });
        check_stanza(
            create.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='pubsub.shakespeare.lit' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><create node='princely_musings'/></pubsub></iq>"
            ],
        );
        check_answer(&create, "", expect![[r#"Ok(Id("princely_musings"))"#]]);
        check_stanza(
            Request::ConfigureNode(ConfigureNode { node: node(), settings }),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='pubsub.shakespeare.lit' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><configure node='princely_musings'><x xmlns='jabber:x:data' type='submit'><field type='hidden' var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#node_config</value></field><field var='pubsub#title'><value>Musings</value></field><field var='pubsub#access_model'><value>whitelist</value></field><field var='pubsub#max_items'><value>1</value></field><field var='pubsub#persist_items'><value>true</value></field></x></configure></pubsub></iq>"
            ],
        );
        check_stanza(
            Request::DeleteNode(DeleteNode { node: node() }),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='pubsub.shakespeare.lit' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><delete node='princely_musings'/></pubsub></iq>"
            ],
        );
    }

    #[test]
    fn items_are_published_and_taken_back() {
        let json = Payload::Json(r#"{"a":"<&>"}"#.to_owned());
        let publish = Request::PublishItem(PublishItem { node: node(), id: None, payload: json });
        check_stanza(
            publish.clone(),
            expect![[
                r#"<iq xmlns='jabber:client' id='q1' to='pubsub.shakespeare.lit' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='princely_musings'><item><json xmlns='urn:xmpp:json:0'>{"a":"&lt;&amp;&gt;"}</json></item></publish></pubsub></iq>"#
            ]],
        );
        check_answer(
            &publish,
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='princely_musings'><item id='ae890ac52d0df67ed7cfdf51b644e901'/></publish></pubsub>",
            expect![[r#"Ok(Id("ae890ac52d0df67ed7cfdf51b644e901"))"#]],
        );
        let xml = Payload::Xml(Markup::parse("<entry xmlns='http://www.w3.org/2005/Atom'/>").unwrap());
        let id = Some("i1".to_owned());
        let publish = Request::PublishItem(PublishItem { node: node(), id, payload: xml });
        check_stanza(
            publish.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='pubsub.shakespeare.lit' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='princely_musings'><item id='i1'><entry xmlns='http://www.w3.org/2005/Atom'/></item></publish></pubsub></iq>"
            ],
        );
        check_answer(&publish, "", expect![[r#"Ok(Id("i1"))"#]]);
        check_stanza(
            Request::RetractItem(RetractItem { node: node(), id: "i1".to_owned() }),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='pubsub.shakespeare.lit' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><retract node='princely_musings' notify='true'><item id='i1'/></retract></pubsub></iq>"
            ],
        );
    }

    #[test]
    fn items_come_in_pages() {
        let first = Request::FetchItems(FetchItems { node: node(), max: 2, after: None });
        check_stanza(
            first.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='pubsub.shakespeare.lit' type='get'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items max_items='2' node='princely_musings'/><set xmlns='http://jabber.org/protocol/rsm'><max>2</max></set></pubsub></iq>"
            ],
        );
        let page = |set: &str| {
            format!(
                "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='princely_musings'>\
                 <item id='i1' publisher='hamlet@denmark.lit/x'><json xmlns='urn:xmpp:json:0'>{{}}</json></item>\
                 <item id='i2'><entry xmlns='urn:x'/></item><item/></items>{set}</pubsub>"
            )
        };
        let set = "<set xmlns='http://jabber.org/protocol/rsm'><last>i2</last><count>19</count></set>";
        check_answer(
            &first,
            &page(set),
            expect![[
                r#"Ok(PublishedItems(PubsubItems { items: [PubsubItem { id: "i1", publisher: Some(Jid("hamlet@denmark.lit/x")), json: Some("{}"), xml: None }, PubsubItem { id: "i2", publisher: None, json: None, xml: Some("<entry xmlns='urn:x'/>") }], after: Some("i2") }))"#
            ]],
        );
        check_answer(
            &first,
            &page(&set.replace("19", "2")),
            expect![[
                r#"Ok(PublishedItems(PubsubItems { items: [PubsubItem { id: "i1", publisher: Some(Jid("hamlet@denmark.lit/x")), json: Some("{}"), xml: None }, PubsubItem { id: "i2", publisher: None, json: None, xml: Some("<entry xmlns='urn:x'/>") }], after: None }))"#
            ]],
        );
        check_answer(
            &first,
            &page(""),
            expect![[
                r#"Ok(PublishedItems(PubsubItems { items: [PubsubItem { id: "i1", publisher: Some(Jid("hamlet@denmark.lit/x")), json: Some("{}"), xml: None }, PubsubItem { id: "i2", publisher: None, json: None, xml: Some("<entry xmlns='urn:x'/>") }], after: None }))"#
            ]],
        );
        let next = Request::FetchItems(FetchItems { node: node(), max: 2, after: Some("i2".to_owned()) });
        check_stanza(
            next.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='pubsub.shakespeare.lit' type='get'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='princely_musings'/><set xmlns='http://jabber.org/protocol/rsm'><max>2</max><after>i2</after></set></pubsub></iq>"
            ],
        );
        check_answer(&next, &page(""), expect!["Err(Refused(Unsupported))"]);
    }

    #[test]
    fn subscriptions_are_made_and_told() {
        let subscriber: BareJid = "francisco@denmark.lit".parse().unwrap();
        let subscribe = Subscribe { node: node(), subscriber, is_over: false };
        check_stanza(
            Request::Subscribe(subscribe.clone()),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='pubsub.shakespeare.lit' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><subscribe jid='francisco@denmark.lit' node='princely_musings'/></pubsub></iq>"
            ],
        );
        check_stanza(
            Request::Subscribe(Subscribe { is_over: true, ..subscribe }),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='pubsub.shakespeare.lit' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><unsubscribe jid='francisco@denmark.lit' node='princely_musings'/></pubsub></iq>"
            ],
        );
        let all = Request::FetchSubscriptions(FetchSubscriptions { service: node().service });
        check_stanza(
            all.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='pubsub.shakespeare.lit' type='get'><pubsub xmlns='http://jabber.org/protocol/pubsub'><subscriptions/></pubsub></iq>"
            ],
        );
        // Section 5.6, example 21.
        check_answer(
            &all,
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'><subscriptions>\
             <subscription node='node1' jid='francisco@denmark.lit' subscription='subscribed'/>\
             <subscription node='node5' jid='francisco@denmark.lit' subscription='unconfigured'/></subscriptions></pubsub>",
            expect![[r#"Ok(Subscriptions(["node1"]))"#]],
        );
    }
}
