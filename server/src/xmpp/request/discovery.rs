//! What something on the network is and can do (XEP-0030), and what it runs (XEP-0092).

use std::collections::BTreeSet;

use minidom::Element;
use protocol::{Jid, Software};

use super::{Kind, Question};
use crate::xmpp::element::{Build, child_text, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::read::address;
use crate::xmpp::{Answer, RequestError, StanzaError};

/// The most identities, and forms, of one answer that are looked at.
const MAX_IDENTITIES: usize = 32;
/// The most features of one answer that are looked at.
const MAX_FEATURES: usize = 512;
/// The most items of one answer that are looked at.
const MAX_ITEMS: usize = 1000;
/// The longest name or feature in bytes; what is longer is passed over.
const MAX_NAME_BYTES: usize = 1024;

/// What an address is and can do. Answer: `Info`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscoverInfo {
    /// Whom to ask.
    pub jid: Jid,
    /// Of which part of it.
    pub node: Option<String>,
}

/// What belongs to an address. Answer: `Items`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscoverItems {
    /// Whom to ask.
    pub jid: Jid,
    /// Of which part of it.
    pub node: Option<String>,
}

/// Which program an address runs. Answer: `Software`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchVersion {
    /// Whom to ask.
    pub jid: Jid,
}

/// What an address says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Info {
    /// What it is.
    pub identities: Vec<Identity>,
    /// What it can do, as namespaces.
    pub features: BTreeSet<String>,
    /// What else it says (XEP-0128).
    pub forms: Vec<InfoForm>,
}

/// An account whose server keeps its cards and pictures in step, whichever of the places they are written to
/// (XEP-0398).
pub fn keeps_cards_in_step(info: &Info) -> bool {
    info.features.contains(ns::AVATAR_CONVERSION)
}

/// What an address is, by the registry's words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// The kind of thing.
    pub category: String,
    /// Which of that kind.
    pub kind: String,
    /// The language of its name, where that is said.
    pub lang: String,
    /// Its name; empty if it has none.
    pub name: String,
}

/// A form of an answer, by its `FORM_TYPE`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct InfoForm {
    /// What the form is about.
    pub kind: String,
    /// Its fields: names, and the values of each.
    pub fields: Vec<(String, Vec<String>)>,
}

/// Something that belongs to an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its address.
    pub jid: Jid,
    /// The part of that address.
    pub node: Option<String>,
    /// Its name.
    pub name: Option<String>,
}

impl Info {
    /// It can do this.
    pub fn has(&self, feature: &str) -> bool {
        self.features.contains(feature)
    }

    /// It is this.
    pub fn is(&self, category: &str, kind: &str) -> bool {
        self.identities.iter().any(|identity| identity.category == category && identity.kind == kind)
    }

    /// The first value of a field of a form.
    pub fn value(&self, form: &str, field: &str) -> Option<&str> {
        let form = self.forms.iter().find(|found| found.kind == form)?;
        let (_, values) = form.fields.iter().find(|(name, _)| name == field)?;
        values.first().map(String::as_str)
    }
}

impl Question for DiscoverInfo {
    fn to(&self) -> Option<Jid> {
        Some(self.jid.clone())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Get, element("query", ns::DISCO_INFO).with_some("node", self.node.as_deref()))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let query = iq.get_child("query", ns::DISCO_INFO).ok_or(RequestError::Malformed)?;
        Ok(Answer::Info(Box::new(info(query))))
    }
}

impl Question for DiscoverItems {
    fn to(&self) -> Option<Jid> {
        Some(self.jid.clone())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Get, element("query", ns::DISCO_ITEMS).with_some("node", self.node.as_deref()))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let query = iq.get_child("query", ns::DISCO_ITEMS).ok_or(RequestError::Malformed)?;
        let items = query.children().filter(|child| child.is("item", ns::DISCO_ITEMS));
        let items = items.filter_map(|item| {
            let short = |text: &&str| text.len() <= MAX_NAME_BYTES;
            Some(Item {
                jid: address(item.attr("jid")?)?,
                node: item.attr("node").filter(short).map(str::to_owned),
                name: item.attr("name").filter(short).map(str::to_owned),
            })
        });
        Ok(Answer::Items(items.take(MAX_ITEMS).collect()))
    }
}

impl Question for FetchVersion {
    fn to(&self) -> Option<Jid> {
        Some(self.jid.clone())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Get, element("query", ns::VERSION))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let query = iq.get_child("query", ns::VERSION).ok_or(RequestError::Malformed)?;
        let text = |name: &str| {
            let text = child_text(query, name, ns::VERSION)?;
            let text = text.trim();
            (!text.is_empty() && text.len() <= MAX_NAME_BYTES).then(|| text.to_owned())
        };
        let software = text("name").map(|name| Software { name, version: text("version") });
        Ok(Answer::Software(software))
    }

    /// Who does not say what they run need not.
    fn refused(&self, _: StanzaError) -> Result<Answer, RequestError> {
        Ok(Answer::Software(None))
    }
}

/// What a `<query/>` of disco#info says.
pub(in crate::xmpp) fn info(query: &Element) -> Info {
    let is_short = |text: &&str| text.len() <= MAX_NAME_BYTES;
    let mut info = Info::default();
    for child in query.children() {
        let attribute = |name: &str| child.attr(name).filter(is_short).unwrap_or_default().to_owned();
        if child.is("identity", ns::DISCO_INFO) && info.identities.len() < MAX_IDENTITIES {
            let lang = child.attrs().iter().find(|((_, name), _)| *name == "lang").map(|(_, value)| value);
            info.identities.push(Identity {
                category: attribute("category"),
                kind: attribute("type"),
                lang: lang.map(String::as_str).filter(is_short).unwrap_or_default().to_owned(),
                name: attribute("name"),
            });
        } else if child.is("feature", ns::DISCO_INFO) && info.features.len() < MAX_FEATURES {
            info.features.extend(child.attr("var").filter(is_short).map(str::to_owned));
        } else if child.is("x", ns::DATA_FORMS) && info.forms.len() < MAX_IDENTITIES {
            info.forms.extend(form(child));
        }
    }
    info
}

fn form(x: &Element) -> Option<InfoForm> {
    let mut fields: Vec<(String, Vec<String>)> = x
        .children()
        .filter(|child| child.is("field", ns::DATA_FORMS))
        .take(MAX_FEATURES)
        .filter_map(|field| {
            let values = field.children().filter(|child| child.is("value", ns::DATA_FORMS));
            let values = values.map(Element::text).filter(|text| text.len() <= MAX_NAME_BYTES);
            Some((field.attr("var")?.to_owned(), values.take(MAX_IDENTITIES).collect()))
        })
        .collect();
    let at = fields.iter().position(|(name, _)| name == "FORM_TYPE")?;
    let kind = fields.remove(at).1.into_iter().next()?;
    Some(InfoForm { kind, fields })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::Request;
    use super::super::tests::{check_answer, check_stanza};
    use super::*;

    #[test]
    fn somebody_is_asked_what_they_are() {
        let jid: Jid = "upload.spark.test".parse().unwrap();
        let question = Request::DiscoverInfo(DiscoverInfo { jid, node: None });
        check_stanza(
            question.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='upload.spark.test' type='get'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
            ],
        );
        // XEP-0363 section 4, example 4.
        check_answer(
            &question,
            "<query xmlns='http://jabber.org/protocol/disco#info'>\
             <identity category='store' type='file' name='HTTP File Upload'/>\
             <feature var='urn:xmpp:http:upload:0'/><feature/>\
             <x type='result' xmlns='jabber:x:data'>\
             <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:http:upload:0</value></field>\
             <field var='max-file-size'><value>5242880</value></field></x></query>",
            expect![[
                r#"Ok(Info(Info { identities: [Identity { category: "store", kind: "file", lang: "", name: "HTTP File Upload" }], features: {"urn:xmpp:http:upload:0"}, forms: [InfoForm { kind: "urn:xmpp:http:upload:0", fields: [("max-file-size", ["5242880"])] }] }))"#
            ]],
        );
        check_answer(&question, "<query xmlns='urn:other'/>", expect!["Err(Malformed)"]);
    }

    #[test]
    fn somebody_is_asked_what_belongs_to_them() {
        let jid: Jid = "spark.test".parse().unwrap();
        let question = Request::DiscoverItems(DiscoverItems { jid, node: Some("a".to_owned()) });
        check_stanza(
            question.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='spark.test' type='get'><query xmlns='http://jabber.org/protocol/disco#items' node='a'/></iq>"
            ],
        );
        check_answer(
            &question,
            "<query xmlns='http://jabber.org/protocol/disco#items'><item jid='Rooms.spark.test' name='Rooms'/>\
             <item jid='@'/><item/><item jid='pubsub.spark.test' node='b'/></query>",
            expect![[
                r#"Ok(Items([Item { jid: Jid("rooms.spark.test"), node: None, name: Some("Rooms") }, Item { jid: Jid("pubsub.spark.test"), node: Some("b"), name: None }]))"#
            ]],
        );
    }

    #[test]
    fn somebody_is_asked_what_they_run() {
        let question = FetchVersion { jid: "spark.test".parse().unwrap() };
        let request = Request::FetchVersion(question.clone());
        check_answer(
            &request,
            "<query xmlns='jabber:iq:version'><name> Prosody </name><version>0.12.3</version></query>",
            expect![[r#"Ok(Software(Some(Software { name: "Prosody", version: Some("0.12.3") })))"#]],
        );
        check_answer(&request, "<query xmlns='jabber:iq:version'/>", expect!["Ok(Software(None))"]);
        assert_eq!(question.refused(StanzaError::Unsupported), Ok(Answer::Software(None)));
    }
}
