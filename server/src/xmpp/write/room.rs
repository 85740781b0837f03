//! What rooms are told (XEP-0045).

use minidom::Element;
use protocol::{Availability, BareJid, Jid};

use super::{date_time, element, presence};
use crate::xmpp::element::Build;
use crate::xmpp::namespaces as ns;
use crate::xmpp::{OutgoingInvitation, RoomHistory, RoomPassword};

/// Going in (section 7.2).
pub(in crate::xmpp) fn join(
    to: &Jid,
    password: Option<&RoomPassword>,
    history: RoomHistory,
    availability: Availability,
    status: Option<&str>,
) -> Element {
    let mut x = element("x", ns::MUC);
    let how_much = element("history", ns::MUC);
    x.append_child(match history {
        RoomHistory::Nothing => how_much.with("maxstanzas", "0"),
        RoomHistory::Recent(count) => how_much.with("maxstanzas", count.to_string()),
        RoomHistory::Since(ms) => how_much.with_some("since", date_time(ms)),
    });
    if let Some(RoomPassword(password)) = password {
        x.append_child(element("password", ns::MUC).content(password.as_str()));
    }
    in_room(to, availability, status).child(x)
}

/// Being there, in whatever way. Nobody is hidden in a room that they are in.
pub(in crate::xmpp) fn in_room(to: &Jid, availability: Availability, status: Option<&str>) -> Element {
    let availability =
        if availability == Availability::Offline { Availability::Available } else { availability };
    presence(availability, status).with("to", to.as_str())
}

/// Leaving (section 7.14).
pub(in crate::xmpp) fn leave(to: &Jid) -> Element {
    element("presence", ns::CLIENT).with("type", "unavailable").with("to", to.as_str())
}

/// Something about an invitation (sections 7.8.2 and 7.8.3, XEP-0249). It is worth keeping for whoever is away.
pub(in crate::xmpp) fn invitation(invitation: &OutgoingInvitation) -> Element {
    let message = |to: &BareJid, x: Element| element("message", ns::CLIENT).with("to", to.as_str()).child(x);
    let through = |room: &BareJid, name: &str, person: &str, reason: Option<&String>| {
        let mut word = element(name, ns::MUC_USER).with("to", person);
        if let Some(reason) = reason {
            word.append_child(element("reason", ns::MUC_USER).content(reason.as_str()));
        }
        message(room, element("x", ns::MUC_USER).child(word))
    };
    match invitation {
        OutgoingInvitation::Invite { id, room, person, reason } => {
            through(room, "invite", person.as_str(), reason.as_ref()).with("id", id.as_str())
        }
        OutgoingInvitation::Decline { room, person, reason } => {
            through(room, "decline", person.as_str(), reason.as_ref())
        }
        OutgoingInvitation::InviteDirectly { id, room, person, reason, password } => {
            let x = element("x", ns::CONFERENCE)
                .with("jid", room.as_str())
                .with_some("reason", reason.as_deref())
                .with_some("password", password.as_ref().map(|RoomPassword(password)| password.as_str()));
            message(person, x).with("id", id.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]
    fn check(element: Element, expected: Expect) {
        let mut element = element;
        // What we announce of ourselves is tested where it is made.
        let _ = element.remove_child("c", ns::CAPS);
        expected.assert_eq(&String::from(&element));
    }

    #[test]
    fn going_in_and_out() {
        let to: Jid = "coven@chat.shakespeare.lit/thirdwitch".parse().unwrap();
        let secret = RoomPassword("cauldron<burn>".to_owned());
        check(
            join(&to, None, RoomHistory::Nothing, Availability::Available, None),
            expect![
                "<presence xmlns='jabber:client' to='coven@chat.shakespeare.lit/thirdwitch'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>"
            ],
        );
        check(
            join(&to, Some(&secret), RoomHistory::Since(0), Availability::DoNotDisturb, Some("busy")),
            expect![
                "<presence xmlns='jabber:client' to='coven@chat.shakespeare.lit/thirdwitch'><show>dnd</show><status>busy</status><x xmlns='http://jabber.org/protocol/muc'><history since='1970-01-01T00:00:00.000Z'/><password>cauldron&lt;burn&gt;</password></x></presence>"
            ],
        );
        check(
            join(&to, None, RoomHistory::Recent(50), Availability::Offline, None),
            expect![
                "<presence xmlns='jabber:client' to='coven@chat.shakespeare.lit/thirdwitch'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='50'/></x></presence>"
            ],
        );
        check(
            in_room(&to, Availability::Away, None),
            expect![
                "<presence xmlns='jabber:client' to='coven@chat.shakespeare.lit/thirdwitch'><show>away</show></presence>"
            ],
        );
        check(
            leave(&to),
            expect![
                "<presence xmlns='jabber:client' to='coven@chat.shakespeare.lit/thirdwitch' type='unavailable'/>"
            ],
        );
        assert_eq!(format!("{secret:?}"), "_");
    }

    #[test]
    fn asking_somebody_in() {
        let room: BareJid = "coven@chat.shakespeare.lit".parse().unwrap();
        let person: BareJid = "hecate@shakespeare.lit".parse().unwrap();
        let reason = Some("Hey Hecate".to_owned());
        let id = |text: &str| text.parse().unwrap();
        let (r, p) = (room.clone(), person.clone());
        check(
            invitation(&OutgoingInvitation::Invite {
                id: id("i1"),
                room: r,
                person: p,
                reason: reason.clone(),
            }),
            expect![
                "<message xmlns='jabber:client' id='i1' to='coven@chat.shakespeare.lit'><x xmlns='http://jabber.org/protocol/muc#user'><invite to='hecate@shakespeare.lit'><reason>Hey Hecate</reason></invite></x></message>"
            ],
        );
        let (r, p) = (room.clone(), person.clone());
        check(
            invitation(&OutgoingInvitation::Decline { room: r, person: p.into(), reason: None }),
            expect![
                "<message xmlns='jabber:client' to='coven@chat.shakespeare.lit'><x xmlns='http://jabber.org/protocol/muc#user'><decline to='hecate@shakespeare.lit'/></x></message>"
            ],
        );
        let password = Some(RoomPassword("cauldronburn".to_owned()));
        check(
            invitation(&OutgoingInvitation::InviteDirectly { id: id("i2"), room, person, reason, password }),
            expect![
                "<message xmlns='jabber:client' id='i2' to='hecate@shakespeare.lit'><x xmlns='jabber:x:conference' jid='coven@chat.shakespeare.lit' password='cauldronburn' reason='Hey Hecate'/></message>"
            ],
        );
    }
}
