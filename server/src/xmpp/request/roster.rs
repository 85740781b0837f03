//! Questions about the contact list (RFC 6121 section 2).

use minidom::Element;
use protocol::BareJid;

use super::{Kind, Question};
use crate::xmpp::element::{Build, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::{Answer, RequestError, RosterVersion, read};

/// The whole roster. Answer: `Roster`, or `RosterUnchanged` where a version was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchRoster {
    /// The version that is known. `None` unless the server announced that it has versions.
    pub version: Option<RosterVersion>,
}

/// Adds a contact or edits one; the item's name and groups are what is said here and no others. Answer: `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetRosterItem {
    /// Who.
    pub jid: BareJid,
    /// What to call them.
    pub name: Option<String>,
    /// The groups to put them in.
    pub groups: Vec<String>,
}

/// Removes a contact, and ends what they see of the person and the person of them. Answer: `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoveRosterItem {
    /// Who.
    pub jid: BareJid,
}

impl Question for FetchRoster {
    fn payload(&self, _: &str) -> (Kind, Element) {
        let version = self.version.as_ref().map(|version| version.0.as_str());
        (Kind::Get, element("query", ns::ROSTER).with_some("ver", version))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        match iq.get_child("query", ns::ROSTER) {
            Some(query) => {
                let (items, version) = read::roster(query);
                Ok(Answer::Roster { items, version })
            }
            // RFC 6121 section 2.6.3: nothing at all says that the version is still the newest, or that the changes come
            // one by one.
            None if self.version.is_some() => Ok(Answer::RosterUnchanged),
            None => Err(RequestError::Malformed),
        }
    }

    fn comes_first(&self) -> bool {
        true
    }
}

impl Question for SetRosterItem {
    fn payload(&self, _: &str) -> (Kind, Element) {
        let mut item = element("item", ns::ROSTER)
            .with("jid", self.jid.as_str())
            .with_some("name", self.name.as_deref());
        for group in &self.groups {
            item.append_child(element("group", ns::ROSTER).content(group.as_str()));
        }
        (Kind::Set, element("query", ns::ROSTER).child(item))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }
}

impl Question for RemoveRosterItem {
    fn payload(&self, _: &str) -> (Kind, Element) {
        let item = element("item", ns::ROSTER).with("jid", self.jid.as_str()).with("subscription", "remove");
        (Kind::Set, element("query", ns::ROSTER).child(item))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::Request;
    use super::super::tests::{check_answer, check_stanza};
    use super::*;

    fn fetch(version: Option<&str>) -> Request {
        Request::FetchRoster(FetchRoster { version: version.map(|text| RosterVersion(text.to_owned())) })
    }

    #[test]
    fn a_roster_is_fetched_whole_or_from_a_version_on() {
        check_stanza(
            fetch(None),
            expect!["<iq xmlns='jabber:client' id='q1' type='get'><query xmlns='jabber:iq:roster'/></iq>"],
        );
        check_stanza(
            fetch(Some("")),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='get'><query xmlns='jabber:iq:roster' ver=''/></iq>"
            ],
        );
        check_answer(&fetch(Some("v1")), "", expect!["Ok(RosterUnchanged)"]);
        check_answer(&fetch(None), "", expect!["Err(Malformed)"]);
        check_answer(
            &fetch(Some("v1")),
            "<query xmlns='jabber:iq:roster' ver='v2'/>",
            expect![[r#"Ok(Roster { items: [], version: Some(RosterVersion("v2")) })"#]],
        );
    }

    #[test]
    fn items_are_set_and_removed() {
        let jid: BareJid = "nurse@spark.test".parse().unwrap();
        check_stanza(
            Request::SetRosterItem(SetRosterItem {
                jid: jid.clone(),
                name: Some("Nurse <3".to_owned()),
                groups: vec!["Servants".to_owned(), "A&B".to_owned()],
            }),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='set'><query xmlns='jabber:iq:roster'><item jid='nurse@spark.test' name='Nurse &lt;3'><group>Servants</group><group>A&amp;B</group></item></query></iq>"
            ],
        );
        check_stanza(
            Request::RemoveRosterItem(RemoveRosterItem { jid }),
            expect![
                "<iq xmlns='jabber:client' id='q1' type='set'><query xmlns='jabber:iq:roster'><item jid='nurse@spark.test' subscription='remove'/></query></iq>"
            ],
        );
    }
}
