//! Invitations into rooms: through the room (XEP-0045 section 7.8) and from one to the other (XEP-0249).
//!
//! What comes through a room is the room's word for who asks. That the address is a room's at all is for whoever keeps
//! them to find out: anybody can send a message that looks so.

use minidom::Element;
use protocol::BareJid;

use super::address;
use super::payload::shorten;
use crate::xmpp::element::child_text;
use crate::xmpp::namespaces as ns;
use crate::xmpp::{Incoming, RoomInvitation, RoomPassword};

/// An invitation, or the answer to one.
pub(in crate::xmpp) fn invitation(stanza: &Element) -> Option<Incoming> {
    if matches!(stanza.attr("type"), Some("error" | "groupchat")) {
        return None;
    }
    let from = address(stanza.attr("from")?)?;
    let text = |text: String| Some(shorten(text.trim())).filter(|text| !text.is_empty());
    if let Some(x) = stanza.get_child("x", ns::MUC_USER) {
        // A room speaks for itself; somebody in it does not.
        if from.resource().is_some() {
            return None;
        }
        // A device says nothing; a nickname is all that a room which hides addresses tells of somebody.
        let who = |element: &Element| {
            let jid = element.attr("from").and_then(address)?;
            Some(if jid.bare() == from.bare() { jid } else { jid.bare().into() })
        };
        if let Some(invite) = x.get_child("invite", ns::MUC_USER) {
            return Some(Incoming::Invitation(Box::new(RoomInvitation {
                room: room(from.bare())?,
                by: who(invite),
                reason: child_text(invite, "reason", ns::MUC_USER).and_then(text),
                password: child_text(x, "password", ns::MUC_USER).and_then(text).map(RoomPassword),
                direct: false,
            })));
        }
        let decline = x.get_child("decline", ns::MUC_USER)?;
        let reason = child_text(decline, "reason", ns::MUC_USER).and_then(text);
        return Some(Incoming::InvitationDeclined { room: from.bare(), by: who(decline)?, reason });
    }
    let x = stanza.get_child("x", ns::CONFERENCE)?;
    Some(Incoming::Invitation(Box::new(RoomInvitation {
        room: room(address(x.attr("jid")?)?.bare())?,
        by: Some(from.bare().into()),
        reason: x.attr("reason").map(str::to_owned).and_then(text),
        password: x.attr("password").map(str::to_owned).and_then(text).map(RoomPassword),
        direct: true,
    })))
}

/// It is an invitation or the answer to one, be it one that counts or not.
pub(super) fn is_invitation(stanza: &Element) -> bool {
    let of_room = |x: &Element| ["invite", "decline"].iter().any(|name| x.has_child(*name, ns::MUC_USER));
    stanza.has_child("x", ns::CONFERENCE) || stanza.get_child("x", ns::MUC_USER).is_some_and(of_room)
}

/// A room is somebody's part of a service.
fn room(jid: BareJid) -> Option<BareJid> {
    jid.local().is_some().then_some(jid)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::tests::parse;
    use super::*;

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]
    fn check(xml: &str, expected: Expect) {
        expected.assert_eq(&format!("{:?}", invitation(&parse(xml))));
    }

    #[test]
    fn invitations() {
        let x = |inner: &str| format!("<x xmlns='http://jabber.org/protocol/muc#user'>{inner}</x>");
        // XEP-0045 examples 57 and 60, XEP-0249 example 1.
        let invite = x(
            "<invite from='crone1@shakespeare.lit/desktop'><reason>Hey Hecate</reason></invite><password>cauldronburn</password>",
        );
        check(
            &format!("<message from='coven@chat.shakespeare.lit'>{invite}</message>"),
            expect![[
                r#"Some(Invitation(RoomInvitation { room: BareJid("coven@chat.shakespeare.lit"), by: Some(Jid("crone1@shakespeare.lit")), reason: Some("Hey Hecate"), password: Some(_), direct: false }))"#
            ]],
        );
        let hidden = x("<invite from='coven@chat.shakespeare.lit/firstwitch'/>");
        check(
            &format!("<message from='coven@chat.shakespeare.lit'>{hidden}</message>"),
            expect![[
                r#"Some(Invitation(RoomInvitation { room: BareJid("coven@chat.shakespeare.lit"), by: Some(Jid("coven@chat.shakespeare.lit/firstwitch")), reason: None, password: None, direct: false }))"#
            ]],
        );
        let decline = x("<decline from='hecate@shakespeare.lit'><reason>Sorry</reason></decline>");
        check(
            &format!("<message from='coven@chat.shakespeare.lit'>{decline}</message>"),
            expect![[
                r#"Some(InvitationDeclined { room: BareJid("coven@chat.shakespeare.lit"), by: Jid("hecate@shakespeare.lit"), reason: Some("Sorry") })"#
            ]],
        );
        check(
            "<message from='crone1@shakespeare.lit/desktop'><x xmlns='jabber:x:conference' jid='darkcave@macbeth.shakespeare.lit' password='cauldronburn' reason='Hey Hecate'/></message>",
            expect![[
                r#"Some(Invitation(RoomInvitation { room: BareJid("darkcave@macbeth.shakespeare.lit"), by: Some(Jid("crone1@shakespeare.lit")), reason: Some("Hey Hecate"), password: Some(_), direct: true }))"#
            ]],
        );
        // Somebody in a room does not speak for it, a service is no room, and an error invites nobody.
        for none in [
            format!("<message from='coven@chat.shakespeare.lit/x'>{invite}</message>"),
            format!("<message from='chat.shakespeare.lit'>{invite}</message>"),
            format!("<message from='coven@chat.shakespeare.lit' type='error'>{invite}</message>"),
            format!("<message from='coven@chat.shakespeare.lit' type='groupchat'>{invite}</message>"),
            "<message from='a@b/c'><x xmlns='jabber:x:conference'/></message>".to_owned(),
            "<message from='a@b/c'><body>hi</body></message>".to_owned(),
        ] {
            check(&none, expect!["None"]);
        }
    }
}
