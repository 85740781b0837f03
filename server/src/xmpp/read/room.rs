//! What comes out of rooms (XEP-0045).
//!
//! That it comes out of a room the person is in, or is on the way into, is for whoever keeps the rooms to check: here a
//! presence is only read. A stranger's that looks like one is a stranger's still.

use std::collections::BTreeSet;

use minidom::Element;
use protocol::{Affiliation, BareJid, Hat, LeaveReason, Leaving, Occupant, OccupantId, Role};

use super::address;
use super::payload::{condition, shorten};
use super::presence::{availability, avatar, status_text};
use crate::xmpp::namespaces as ns;
use crate::xmpp::{RoomChange, RoomPart, RoomPresence, RoomRefusal};

/// The most hats of one occupant.
const MAX_HATS: usize = 16;
/// The longest occupant-id in bytes: servers use hashes.
const MAX_OCCUPANT_ID_BYTES: usize = 256;

/// A presence that looks like one out of a room. `None` for every other.
pub(in crate::xmpp) fn room_presence(stanza: &Element) -> Option<RoomPresence> {
    let from = address(stanza.attr("from")?)?;
    let kind = stanza.attr("type");
    if kind == Some("error") {
        // Only rooms are sent a presence of their own, so that nothing but a room's comes back from a full address.
        from.resource()?;
        return Some(RoomPresence { from, is_self: false, change: RoomChange::Refused(refusal(stanza)) });
    }
    let x = stanza.get_child("x", ns::MUC_USER)?;
    let nick = from.resource()?.to_owned();
    let statuses = statuses(x);
    let item = x.get_child("item", ns::MUC_USER);
    let change = match kind {
        None => RoomChange::Here {
            occupant: Box::new(occupant(stanza, item, nick)),
            is_created: statuses.contains(&201),
            shows_addresses: statuses.contains(&100),
        },
        Some("unavailable") => {
            let renamed = statuses.contains(&303).then(|| item.and_then(|item| item.attr("nick"))).flatten();
            RoomChange::Gone {
                leaving: leaving(stanza, x, item, &statuses),
                new_nick: renamed.filter(|nick| !nick.is_empty()).map(str::to_owned),
                is_loss: statuses.contains(&332) || statuses.contains(&333),
            }
        }
        Some(_) => return None,
    };
    Some(RoomPresence { from, is_self: statuses.contains(&110), change })
}

/// What a message of type groupchat carries beside what every message does.
pub(super) fn part(stanza: &Element, has_body: bool) -> RoomPart {
    let x = stanza.get_child("x", ns::MUC_USER);
    let changed = x.is_some_and(|x| statuses(x).iter().any(|code| matches!(code, 104 | 170..=174)));
    let subject = stanza.get_child("subject", ns::CLIENT).filter(|_| !has_body);
    RoomPart {
        occupant_id: occupant_id(stanza),
        jid: x.and_then(|x| jid(x.get_child("item", ns::MUC_USER)?)),
        // XEP-0045 section 7.2.16: a message with a body is a message, whatever subject it has.
        subject: subject.map(|subject| shorten(subject.text().trim())),
        moderated: crate::xmpp::moderation::read(stanza),
        is_reconfigured: changed,
    }
}

/// What a message to one alone carries beside what every message does, if somebody in a room says it: who they are.
pub(super) fn private_part(stanza: &Element) -> RoomPart {
    RoomPart { occupant_id: occupant_id(stanza), ..RoomPart::default() }
}

fn statuses(x: &Element) -> BTreeSet<u16> {
    let statuses = x.children().filter(|child| child.is("status", ns::MUC_USER));
    statuses.filter_map(|status| status.attr("code")?.parse().ok()).collect()
}

fn jid(item: &Element) -> Option<BareJid> {
    item.attr("jid").and_then(address).map(|jid| jid.bare())
}

/// XEP-0421 section 3: one, or it says nothing.
fn occupant_id(stanza: &Element) -> Option<OccupantId> {
    let mut ids = stanza.children().filter(|child| child.is("occupant-id", ns::OCCUPANT_ID));
    let id = ids.next()?.attr("id")?;
    let is_one = ids.next().is_none() && !id.is_empty() && id.len() <= MAX_OCCUPANT_ID_BYTES;
    is_one.then(|| OccupantId(id.to_owned()))
}

fn occupant(stanza: &Element, item: Option<&Element>, nick: String) -> Occupant {
    let word = |name: &'static str| item.and_then(|item| item.attr(name));
    Occupant {
        nick,
        jid: item.and_then(jid),
        occupant_id: occupant_id(stanza),
        role: role(word("role")),
        affiliation: affiliation(word("affiliation")),
        presence: protocol::Presence {
            availability: availability(stanza),
            status: status_text(stanza),
            since_ms: None,
        },
        hats: hats(stanza),
        avatar: avatar(stanza).flatten(),
    }
}

/// Somebody who is there may do something, if only listen.
fn role(word: Option<&str>) -> Role {
    match word {
        Some("moderator") => Role::Moderator,
        Some("visitor") => Role::Visitor,
        Some("none") => Role::None,
        _ => Role::Participant,
    }
}

/// XEP-0045 section 5.2.
pub(in crate::xmpp) fn affiliation(word: Option<&str>) -> Affiliation {
    match word {
        Some("owner") => Affiliation::Owner,
        Some("admin") => Affiliation::Admin,
        Some("member") => Affiliation::Member,
        Some("outcast") => Affiliation::Outcast,
        _ => Affiliation::None,
    }
}

/// XEP-0317 section 3.
fn hats(stanza: &Element) -> Vec<Hat> {
    let Some(hats) = stanza.get_child("hats", ns::HATS) else { return Vec::new() };
    let hats = hats.children().filter(|child| child.is("hat", ns::HATS));
    hats.filter_map(|hat| {
        let (uri, title) = (shorten(hat.attr("uri")?), shorten(hat.attr("title")?));
        Some(Hat { uri, title })
    })
    .take(MAX_HATS)
    .collect()
}

fn leaving(stanza: &Element, x: &Element, item: Option<&Element>, statuses: &BTreeSet<u16>) -> Leaving {
    let text = |text: String| Some(shorten(text.trim())).filter(|text| !text.is_empty());
    let child = |parent: Option<&Element>, name| Some(parent?.get_child(name, ns::MUC_USER)?.text());
    if let Some(destroy) = x.get_child("destroy", ns::MUC_USER) {
        return Leaving {
            reason: LeaveReason::Destroyed,
            by: None,
            text: child(Some(destroy), "reason").and_then(text),
            alternate: destroy.attr("jid").and_then(address).map(|jid| jid.bare()),
            code: None,
        };
    }
    let reason = [
        (301, LeaveReason::Banned),
        (321, LeaveReason::MembershipLost),
        (322, LeaveReason::MembersOnly),
        (307, LeaveReason::Kicked),
    ];
    let reason = reason.into_iter().find(|(code, _)| statuses.contains(code));
    let actor = item.and_then(|item| item.get_child("actor", ns::MUC_USER));
    Leaving {
        reason: reason.map_or(LeaveReason::Left, |(_, reason)| reason),
        by: actor.and_then(|actor| actor.attr("nick").or_else(|| actor.attr("jid"))).map(shorten),
        text: child(item, "reason").and_then(text).or_else(|| status_text(stanza)),
        alternate: None,
        code: None,
    }
}

/// Why a room says no.
pub(in crate::xmpp) fn refusal(stanza: &Element) -> RoomRefusal {
    match condition(stanza) {
        Some("not-authorized") => RoomRefusal::PasswordRequired,
        Some("registration-required") => RoomRefusal::MembersOnly,
        Some("forbidden") => RoomRefusal::Banned,
        Some("conflict") => RoomRefusal::NickTaken,
        Some("not-acceptable" | "jid-malformed") => RoomRefusal::NickRefused,
        Some("service-unavailable" | "resource-constraint") => RoomRefusal::Full,
        Some("gone") => RoomRefusal::Gone { alternate: alternate(stanza) },
        Some("item-not-found") => RoomRefusal::NotFound,
        Some("not-allowed") => RoomRefusal::NotAllowed,
        Some("remote-server-not-found" | "remote-server-timeout") => RoomRefusal::Unreachable,
        _ => RoomRefusal::Other,
    }
}

/// RFC 6120 section 8.3.3.5: the new address is the element's text, as a URI.
fn alternate(stanza: &Element) -> Option<BareJid> {
    let gone = stanza.get_child("error", ns::CLIENT)?.get_child("gone", ns::XMPP_STANZAS)?.text();
    let jid = gone.trim().strip_prefix("xmpp:")?;
    address(jid.split('?').next().unwrap_or(jid)).map(|jid| jid.bare())
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::tests::parse;
    use super::*;

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]
    fn check(xml: &str, expected: Expect) {
        let shown = match room_presence(&parse(xml)) {
            None => "nothing".to_owned(),
            Some(RoomPresence { from, is_self, change }) => format!("{from} self={is_self} {change:?}"),
        };
        expected.assert_eq(&shown);
    }

    fn x(inner: &str) -> String {
        format!("<x xmlns='http://jabber.org/protocol/muc#user'>{inner}</x>")
    }

    #[test]
    fn somebody_is_there() {
        // XEP-0045 example 24, with the extensions of XEP-0421 and XEP-0317.
        let inner = x(
            "<item affiliation='member' role='participant' jid='hag66@shakespeare.lit/pda'/><status code='110'/><status code='201'/><status code='100'/>",
        );
        check(
            &format!(
                "<presence from='coven@chat.shakespeare.lit/thirdwitch'>{inner}<show>away</show>\
                 <occupant-id xmlns='urn:xmpp:occupant-id:0' id='dd72603deec90a38ba552f7c68cbcc61bca202cd'/>\
                 <hats xmlns='urn:xmpp:hats:0'><hat title='Teacher' uri='http://schemas.example.com/hats#teacher'/><hat title='x'/></hats></presence>"
            ),
            expect![[
                r#"coven@chat.shakespeare.lit/thirdwitch self=true Here { occupant: Occupant { nick: "thirdwitch", jid: Some(BareJid("hag66@shakespeare.lit")), occupant_id: Some(OccupantId("dd72603deec90a38ba552f7c68cbcc61bca202cd")), role: Participant, affiliation: Member, presence: Presence { availability: Away, status: None, since_ms: None }, hats: [Hat { uri: "http://schemas.example.com/hats#teacher", title: "Teacher" }], avatar: None }, is_created: true, shows_addresses: true }"#
            ]],
        );
        check(
            &format!("<presence from='coven@chat.shakespeare.lit/thirdwitch'>{}</presence>", x("")),
            expect![[
                r#"coven@chat.shakespeare.lit/thirdwitch self=false Here { occupant: Occupant { nick: "thirdwitch", jid: None, occupant_id: None, role: Participant, affiliation: None, presence: Presence { availability: Available, status: None, since_ms: None }, hats: [], avatar: None }, is_created: false, shows_addresses: false }"#
            ]],
        );
        check(
            &format!("<presence from='coven@chat.shakespeare.lit'>{}</presence>", x("")),
            expect!["nothing"],
        );
        check("<presence from='coven@chat.shakespeare.lit/thirdwitch'/>", expect!["nothing"]);
        // Two occupant-ids: one is somebody's invention.
        let two = "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='a'/><occupant-id xmlns='urn:xmpp:occupant-id:0' id='b'/>";
        check(
            &format!("<presence from='r@c/n'>{}{two}</presence>", x("")),
            expect![[
                r#"r@c/n self=false Here { occupant: Occupant { nick: "n", jid: None, occupant_id: None, role: Participant, affiliation: None, presence: Presence { availability: Available, status: None, since_ms: None }, hats: [], avatar: None }, is_created: false, shows_addresses: false }"#
            ]],
        );
    }

    #[test]
    fn somebody_is_gone() {
        let gone = |inner: &str| {
            format!(
                "<presence type='unavailable' from='harfleur@chat.shakespeare.lit/pistol'>{}</presence>",
                x(inner)
            )
        };
        // XEP-0045 examples 53, 91, 110, 115, 201 and 78.
        for (inner, expected) in [
            (
                "<item affiliation='member' role='none'/><status code='110'/>",
                expect![
                    "harfleur@chat.shakespeare.lit/pistol self=true Gone { leaving: Leaving { reason: Left, by: None, text: None, alternate: None, code: None }, new_nick: None, is_loss: false }"
                ],
            ),
            (
                "<item affiliation='none' role='none'><actor nick='Fluellen'/><reason>Avaunt, you cullion!</reason></item><status code='307'/>",
                expect![[
                    r#"harfleur@chat.shakespeare.lit/pistol self=false Gone { leaving: Leaving { reason: Kicked, by: Some("Fluellen"), text: Some("Avaunt, you cullion!"), alternate: None, code: None }, new_nick: None, is_loss: false }"#
                ]],
            ),
            (
                "<item affiliation='outcast' role='none'><actor jid='bard@shakespeare.lit'/></item><status code='301'/><status code='307'/>",
                expect![[
                    r#"harfleur@chat.shakespeare.lit/pistol self=false Gone { leaving: Leaving { reason: Banned, by: Some("bard@shakespeare.lit"), text: None, alternate: None, code: None }, new_nick: None, is_loss: false }"#
                ]],
            ),
            (
                "<item affiliation='none' role='none'/><status code='321'/>",
                expect![
                    "harfleur@chat.shakespeare.lit/pistol self=false Gone { leaving: Leaving { reason: MembershipLost, by: None, text: None, alternate: None, code: None }, new_nick: None, is_loss: false }"
                ],
            ),
            (
                "<item affiliation='none' role='none'/><destroy jid='coven@chat.shakespeare.lit'><reason>Macbeth doth come.</reason></destroy>",
                expect![[
                    r#"harfleur@chat.shakespeare.lit/pistol self=false Gone { leaving: Leaving { reason: Destroyed, by: None, text: Some("Macbeth doth come."), alternate: Some(BareJid("coven@chat.shakespeare.lit")), code: None }, new_nick: None, is_loss: false }"#
                ]],
            ),
            (
                "<item affiliation='member' nick='oldhag' role='participant'/><status code='303'/><status code='110'/>",
                expect![[
                    r#"harfleur@chat.shakespeare.lit/pistol self=true Gone { leaving: Leaving { reason: Left, by: None, text: None, alternate: None, code: None }, new_nick: Some("oldhag"), is_loss: false }"#
                ]],
            ),
            (
                "<item affiliation='none' role='none'/><status code='332'/><status code='110'/>",
                expect![
                    "harfleur@chat.shakespeare.lit/pistol self=true Gone { leaving: Leaving { reason: Left, by: None, text: None, alternate: None, code: None }, new_nick: None, is_loss: true }"
                ],
            ),
        ] {
            check(&gone(inner), expected);
        }
    }

    #[test]
    fn rooms_say_no() {
        let error = |condition: &str| {
            let xml = format!(
                "<presence from='coven@chat.shakespeare.lit/thirdwitch' type='error'><x xmlns='http://jabber.org/protocol/muc'/>\
                 <error type='cancel'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>xmpp:new@chat.shakespeare.lit?join</{condition}></error></presence>"
            );
            match room_presence(&parse(&xml)).unwrap().change {
                RoomChange::Refused(refusal) => refusal,
                other => panic!("{other:?}"),
            }
        };
        for (condition, expected) in [
            ("not-authorized", RoomRefusal::PasswordRequired),
            ("registration-required", RoomRefusal::MembersOnly),
            ("forbidden", RoomRefusal::Banned),
            ("conflict", RoomRefusal::NickTaken),
            ("not-acceptable", RoomRefusal::NickRefused),
            ("service-unavailable", RoomRefusal::Full),
            ("gone", RoomRefusal::Gone { alternate: "new@chat.shakespeare.lit".parse().ok() }),
            ("item-not-found", RoomRefusal::NotFound),
            ("not-allowed", RoomRefusal::NotAllowed),
            ("remote-server-timeout", RoomRefusal::Unreachable),
            ("undefined-condition", RoomRefusal::Other),
        ] {
            assert_eq!(error(condition), expected, "{condition}");
        }
        check("<presence from='romeo@spark.test' type='error'/>", expect![["nothing"]]);
    }
}
