//! Questions about a room (XEP-0045 section 6.4), and whether the person is in it still (XEP-0410).

use minidom::Element;
use protocol::{BareJid, Jid, ListedRoom, RoomInfo, RoomList};

use super::{Kind, Question};
use crate::xmpp::element::{Build, child_text, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::read::address;
use crate::xmpp::{Answer, RequestError, RoomAbout, StanzaError};

/// The most rooms of one answer.
const MAX_LISTED: usize = 1000;
/// The longest name or description in characters.
const MAX_CHARS: usize = 1024;

/// What a room says of itself. Answer: `RoomAbout`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchRoomInfo {
    /// Which room.
    pub room: BareJid,
}

/// A page of the rooms that a service lists (XEP-0045 section 6.3, XEP-0059). Answer: `RoomList`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRooms {
    /// Which service.
    pub service: Jid,
    /// Those after this one, as the service named it.
    pub after: Option<String>,
    /// How many at the most; the service may give fewer, or, knowing nothing of pages, all.
    pub max: u16,
}

/// Whether the person is in a room still: they ping themselves through it. Answer: `Done` if they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PingSelf {
    /// The room, with the person's own nickname.
    pub occupant: Jid,
}

impl Question for FetchRoomInfo {
    fn to(&self) -> Option<Jid> {
        Some(self.room.clone().into())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Get, element("query", ns::DISCO_INFO))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let query = iq.get_child("query", ns::DISCO_INFO).ok_or(RequestError::Malformed)?;
        let has = |name: &str| query.children().any(|feature| feature.attr("var") == Some(name));
        if !has(ns::MUC) {
            return Err(RequestError::Malformed);
        }
        let form = query.children().find(|child| {
            child.is("x", ns::DATA_FORMS) && value(child, "FORM_TYPE").as_deref() == Some(ns::MUC_ROOM_INFO)
        });
        let field = |name: &str| value(form?, name);
        let text = |text: Option<String>| text.and_then(|text| bounded(&text));
        let identity = query.children().find(|child| child.is("identity", ns::DISCO_INFO));
        let name = identity.and_then(|identity| identity.attr("name")).map(str::to_owned);
        Ok(Answer::RoomAbout(Box::new(RoomAbout {
            info: RoomInfo {
                jid: self.room.clone(),
                name: text(field("muc#roomconfig_roomname").filter(|name| !name.is_empty()).or(name)),
                description: text(field("muc#roominfo_description")),
                subject: text(field("muc#roominfo_subject")),
                occupants: field("muc#roominfo_occupants").and_then(|count| count.trim().parse().ok()),
                language: text(field("muc#roominfo_lang")),
                needs_password: has("muc_passwordprotected"),
                members_only: has("muc_membersonly"),
                moderated: has("muc_moderated"),
                persistent: has("muc_persistent"),
                public: has("muc_public"),
                shows_addresses: has("muc_nonanonymous"),
                has_archive: has(ns::MAM),
            },
            vouches_for_archive_ids: has(ns::SID) || has(ns::MAM),
            vouches_for_occupant_ids: has(ns::OCCUPANT_ID),
            vouches_for_hats: has(ns::HATS),
            can_moderate: has(ns::MODERATE),
            keeps_ids: has(ns::MUC_STABLE_ID),
        })))
    }
}

impl Question for ListRooms {
    fn to(&self) -> Option<Jid> {
        Some(self.service.clone())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        let mut set = element("set", ns::RSM).child(element("max", ns::RSM).content(self.max.to_string()));
        if let Some(after) = &self.after {
            set.append_child(element("after", ns::RSM).content(after.as_str()));
        }
        (Kind::Get, element("query", ns::DISCO_ITEMS).child(set))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let query = iq.get_child("query", ns::DISCO_ITEMS).ok_or(RequestError::Malformed)?;
        let items = query.children().filter(|child| child.is("item", ns::DISCO_ITEMS));
        let rooms: Vec<ListedRoom> = items
            .filter_map(|item| {
                let jid = address(item.attr("jid")?)?.bare();
                jid.local()?;
                Some(ListedRoom { name: item.attr("name").and_then(bounded), jid })
            })
            .take(MAX_LISTED)
            .collect();
        let set = query.get_child("set", ns::RSM);
        let last = set.and_then(|set| child_text(set, "last", ns::RSM)).filter(|last| !last.is_empty());
        let text = |name| set.and_then(|set| child_text(set, name, ns::RSM));
        let count: Option<usize> = text("count").and_then(|count| count.trim().parse().ok());
        let index: Option<usize> = set
            .and_then(|set| set.get_child("first", ns::RSM))
            .and_then(|first| first.attr("index")?.parse().ok());
        // Where the page stands says whether it is the last; else a page that is full may not be.
        let is_last = match (count, index) {
            (Some(count), Some(index)) => index + rooms.len() >= count,
            _ => rooms.len() < usize::from(self.max),
        };
        Ok(Answer::RoomList(RoomList { rooms, after: last.filter(|_| !is_last) }))
    }
}

impl Question for PingSelf {
    fn to(&self) -> Option<Jid> {
        Some(self.occupant.clone())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Get, element("ping", ns::PING))
    }

    fn read(&self, _: &Element) -> Result<Answer, RequestError> {
        Ok(Answer::Done)
    }

    /// XEP-0410 section 3.3: another client of the person's got it and does not know it, or they go by another name
    /// just now. In either case they are there.
    fn refused(&self, error: StanzaError) -> Result<Answer, RequestError> {
        match error {
            StanzaError::Unsupported | StanzaError::ItemNotFound => Ok(Answer::Done),
            error => Err(error.into()),
        }
    }
}

/// The first value of a form's field (XEP-0004 section 3.2).
fn value(form: &Element, name: &str) -> Option<String> {
    let field = form.children().find(|field| field.attr("var") == Some(name))?;
    child_text(field, "value", ns::DATA_FORMS)
}

fn bounded(text: &str) -> Option<String> {
    let text: String = text.trim().chars().take(MAX_CHARS).collect();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::Request;
    use super::super::tests::{check_answer, check_stanza};
    use super::*;

    #[test]
    fn a_room_says_what_it_is() {
        let question =
            Request::FetchRoomInfo(FetchRoomInfo { room: "coven@chat.shakespeare.lit".parse().unwrap() });
        check_stanza(
            question.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='coven@chat.shakespeare.lit' type='get'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
            ],
        );
        // XEP-0045 example 10.
        check_answer(
            &question,
            "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='conference' name='A Dark Cave' type='text'/>\
             <feature var='http://jabber.org/protocol/muc'/><feature var='muc_passwordprotected'/><feature var='muc_hidden'/>\
             <feature var='muc_temporary'/><feature var='muc_open'/><feature var='muc_unmoderated'/><feature var='muc_nonanonymous'/>\
             <feature var='urn:xmpp:mam:2'/><feature var='urn:xmpp:occupant-id:0'/>\
             <feature var='http://jabber.org/protocol/muc#stable_id'/>\
             <x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/muc#roominfo</value></field>\
             <field var='muc#roominfo_description'><value>The place for all good witches!</value></field>\
             <field var='muc#roominfo_subject'><value>Spells</value></field><field var='muc#roominfo_occupants'><value>45</value></field>\
             <field var='muc#roominfo_lang'><value>en</value></field></x></query>",
            expect![[
                r#"Ok(RoomAbout(RoomAbout { info: RoomInfo { jid: BareJid("coven@chat.shakespeare.lit"), name: Some("A Dark Cave"), description: Some("The place for all good witches!"), subject: Some("Spells"), occupants: Some(45), language: Some("en"), needs_password: true, members_only: false, moderated: false, persistent: false, public: false, shows_addresses: true, has_archive: true }, vouches_for_archive_ids: true, vouches_for_occupant_ids: true, vouches_for_hats: false, can_moderate: false, keeps_ids: true }))"#
            ]],
        );
        // Somebody else who can be asked is no room.
        check_answer(
            &question,
            "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='account' type='registered'/></query>",
            expect!["Err(Malformed)"],
        );
    }

    #[test]
    fn a_service_lists_its_rooms() {
        let list = |after: Option<&str>| {
            let service = "chat.shakespeare.lit".parse().unwrap();
            Request::ListRooms(ListRooms { service, after: after.map(str::to_owned), max: 2 })
        };
        check_stanza(
            list(Some("b&c")),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='chat.shakespeare.lit' type='get'><query xmlns='http://jabber.org/protocol/disco#items'><set xmlns='http://jabber.org/protocol/rsm'><max>2</max><after>b&amp;c</after></set></query></iq>"
            ],
        );
        let items = "<item jid='a@chat.shakespeare.lit' name='A'/><item jid='b@chat.shakespeare.lit'/><item jid='chat.shakespeare.lit'/>";
        for set in [
            "<set xmlns='http://jabber.org/protocol/rsm'><first index='0'>a</first><last>b</last><count>2</count></set>",
            "<set xmlns='http://jabber.org/protocol/rsm'><first index='0'>a</first><last>b</last><count>3</count></set>",
            "<set xmlns='http://jabber.org/protocol/rsm'><first>a</first><last>b</last></set>",
            "",
        ] {
            let Ok(Answer::RoomList(found)) =
                list(None).question().read(&super::super::super::read::tests::parse(&format!(
                    "<iq><query xmlns='http://jabber.org/protocol/disco#items'>{items}{set}</query></iq>"
                )))
            else {
                panic!("no list")
            };
            let after = set.contains("<count>3") || set.contains("<first>a");
            assert_eq!((found.rooms.len(), found.after.as_deref()), (2, after.then_some("b")), "{set}");
        }
    }

    #[test]
    fn one_is_in_a_room_if_one_reaches_oneself() {
        let ping = Request::PingSelf(PingSelf {
            occupant: "coven@chat.shakespeare.lit/thirdwitch".parse().unwrap(),
        });
        check_stanza(
            ping.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='coven@chat.shakespeare.lit/thirdwitch' type='get'><ping xmlns='urn:xmpp:ping'/></iq>"
            ],
        );
        for (error, is_there) in [
            (StanzaError::Unsupported, true),
            (StanzaError::ItemNotFound, true),
            (StanzaError::Forbidden, false),
            (StanzaError::Unreachable, false),
            (StanzaError::Other, false),
        ] {
            assert_eq!(ping.question().refused(error).is_ok(), is_there, "{error:?}");
        }
    }
}
