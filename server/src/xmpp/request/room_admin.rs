//! What moderators and admins ask of a room (XEP-0045 sections 8 and 9, XEP-0425).

use minidom::Element;
use protocol::{AffiliatedPerson, Affiliation, ArchiveId, BareJid, Jid, Role};

use super::{Kind, Question};
use crate::xmpp::element::{Build, child_text, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::read::{address, affiliation, shorten};
use crate::xmpp::{Answer, RequestError, StanzaError, moderation};

/// The most people of one list.
const MAX_PEOPLE: usize = 10_000;

/// Gives somebody who is there a role, or takes it; with [`Role::None`] they are sent away. Answer: `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiveRole {
    /// In which room.
    pub room: BareJid,
    /// Whom.
    pub nick: String,
    /// Which.
    pub role: Role,
    /// Why.
    pub reason: Option<String>,
}

/// Gives somebody an affiliation, or takes it; [`Affiliation::Outcast`] bans them. Answer: `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiveAffiliation {
    /// To which room.
    pub room: BareJid,
    /// Whom.
    pub person: BareJid,
    /// Which.
    pub affiliation: Affiliation,
    /// Why.
    pub reason: Option<String>,
}

/// Everybody of an affiliation. Answer: `People`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListAffiliated {
    /// To which room.
    pub room: BareJid,
    /// Which.
    pub affiliation: Affiliation,
}

/// Takes a message back for everybody (XEP-0425). Answer: `Done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModerateMessage {
    /// In which room.
    pub room: BareJid,
    /// Which, by the room's archive.
    pub target: ArchiveId,
    /// Why.
    pub reason: Option<String>,
}

fn role_word(role: Role) -> &'static str {
    match role {
        Role::None => "none",
        Role::Visitor => "visitor",
        Role::Participant => "participant",
        Role::Moderator => "moderator",
    }
}

fn affiliation_word(affiliation: Affiliation) -> &'static str {
    match affiliation {
        Affiliation::Outcast => "outcast",
        Affiliation::None => "none",
        Affiliation::Member => "member",
        Affiliation::Admin => "admin",
        Affiliation::Owner => "owner",
    }
}

fn query(item: Element, reason: Option<&String>) -> Element {
    let item = match reason {
        Some(reason) => item.child(element("reason", ns::MUC_ADMIN).content(reason.as_str())),
        None => item,
    };
    element("query", ns::MUC_ADMIN).child(item)
}

/// A conflict is about no name here: nobody sends away whoever stands above them, and a room keeps its last owner
/// (XEP-0045 sections 8.2 and 10.6).
fn not_of_a_name(error: StanzaError) -> StanzaError {
    if error == StanzaError::Conflict { StanzaError::Forbidden } else { error }
}

impl Question for GiveRole {
    fn to(&self) -> Option<Jid> {
        Some(self.room.clone().into())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        let item = element("item", ns::MUC_ADMIN)
            .with("nick", self.nick.as_str())
            .with("role", role_word(self.role));
        (Kind::Set, query(item, self.reason.as_ref()))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }

    fn refused(&self, error: StanzaError) -> Result<Answer, RequestError> {
        Err(not_of_a_name(error).into())
    }
}

impl Question for GiveAffiliation {
    fn to(&self) -> Option<Jid> {
        Some(self.room.clone().into())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        let item = element("item", ns::MUC_ADMIN)
            .with("jid", self.person.as_str())
            .with("affiliation", affiliation_word(self.affiliation));
        (Kind::Set, query(item, self.reason.as_ref()))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }

    fn refused(&self, error: StanzaError) -> Result<Answer, RequestError> {
        Err(not_of_a_name(error).into())
    }
}

impl Question for ListAffiliated {
    fn to(&self) -> Option<Jid> {
        Some(self.room.clone().into())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        let item = element("item", ns::MUC_ADMIN).with("affiliation", affiliation_word(self.affiliation));
        (Kind::Get, query(item, None))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let query = iq.get_child("query", ns::MUC_ADMIN).ok_or(RequestError::Malformed)?;
        let items = query.children().filter(|child| child.is("item", ns::MUC_ADMIN));
        let people = items.filter_map(|item| {
            let text = |text: &str| Some(shorten(text.trim())).filter(|text| !text.is_empty());
            Some(AffiliatedPerson {
                jid: address(item.attr("jid")?)?.bare(),
                affiliation: affiliation(item.attr("affiliation")),
                nick: item.attr("nick").and_then(text),
                reason: child_text(item, "reason", ns::MUC_ADMIN).as_deref().and_then(text),
            })
        });
        Ok(Answer::People(people.take(MAX_PEOPLE).collect()))
    }
}

impl Question for ModerateMessage {
    fn to(&self) -> Option<Jid> {
        Some(self.room.clone().into())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Set, moderation::write(&self.target, self.reason.as_deref()))
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

    #[test]
    fn order_is_kept() {
        let room: BareJid = "harfleur@chat.shakespeare.lit".parse().unwrap();
        let reason = Some("Avaunt, you cullion!".to_owned());
        // XEP-0045 examples 89, 110 and 115.
        check_stanza(
            Request::GiveRole(GiveRole {
                room: room.clone(),
                nick: "pistol".to_owned(),
                role: Role::None,
                reason: reason.clone(),
            }),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='harfleur@chat.shakespeare.lit' type='set'><query xmlns='http://jabber.org/protocol/muc#admin'><item nick='pistol' role='none'><reason>Avaunt, you cullion!</reason></item></query></iq>"
            ],
        );
        check_stanza(
            Request::GiveAffiliation(GiveAffiliation {
                room: room.clone(),
                person: "earlofcambridge@shakespeare.lit".parse().unwrap(),
                affiliation: Affiliation::Outcast,
                reason,
            }),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='harfleur@chat.shakespeare.lit' type='set'><query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='outcast' jid='earlofcambridge@shakespeare.lit'><reason>Avaunt, you cullion!</reason></item></query></iq>"
            ],
        );
        let abdication = GiveAffiliation {
            room: room.clone(),
            person: "king@shakespeare.lit".parse().unwrap(),
            affiliation: Affiliation::None,
            reason: None,
        };
        assert_eq!(
            abdication.refused(StanzaError::Conflict),
            Err(RequestError::Refused(StanzaError::Forbidden))
        );
        let list = Request::ListAffiliated(ListAffiliated { room, affiliation: Affiliation::Outcast });
        check_stanza(
            list.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='harfleur@chat.shakespeare.lit' type='get'><query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='outcast'/></query></iq>"
            ],
        );
        check_answer(
            &list,
            "<query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='outcast' jid='Earlofcambridge@shakespeare.lit'><reason>Treason</reason></item><item affiliation='outcast'/></query>",
            expect![[
                r#"Ok(People([AffiliatedPerson { jid: BareJid("earlofcambridge@shakespeare.lit"), affiliation: Outcast, nick: None, reason: Some("Treason") }]))"#
            ]],
        );
        check_answer(&list, "", expect!["Err(Malformed)"]);
    }
}
