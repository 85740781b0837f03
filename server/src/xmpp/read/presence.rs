//! Presence stanzas (RFC 6121 section 4).

use minidom::Element;
use protocol::{Availability, AvatarHash};

use super::address;
use super::payload::{instant, shorten, stamp};
use crate::xmpp::element::child_text;
use crate::xmpp::namespaces as ns;
use crate::xmpp::picture;
use crate::xmpp::{IncomingPresence, PresenceChange};

/// The longest name of a software in bytes; there is one for each device.
const MAX_CLIENT_BYTES: usize = 256;

/// What a presence says. `None` for what comes from a room, and for what makes no sense.
pub(in crate::xmpp) fn presence(stanza: &Element) -> Option<IncomingPresence> {
    let from = address(stanza.attr("from")?)?;
    if stanza.has_child("x", ns::MUC_USER) {
        return None;
    }
    let status = status_text(stanza);
    let change = match stanza.attr("type") {
        None => PresenceChange::Available {
            availability: availability(stanza),
            priority: child_text(stanza, "priority", ns::CLIENT)
                .and_then(|priority| priority.trim().parse().ok())
                .unwrap_or(0),
            status,
            client: stanza
                .get_child("c", ns::CAPS)
                .and_then(|caps| caps.attr("node"))
                .filter(|node| !node.is_empty() && node.len() <= MAX_CLIENT_BYTES)
                .map(str::to_owned),
            idle_since_ms: stanza.get_child("idle", ns::IDLE).and_then(|idle| instant(idle.attr("since")?)),
            avatar: avatar(stanza),
        },
        Some("unavailable") => PresenceChange::Unavailable { status },
        // Accounts ask, never devices; what has a resource is somebody in a room, or makes no sense.
        Some("subscribe" | "unsubscribe") if from.resource().is_some() => return None,
        Some("subscribe") => PresenceChange::Subscribe {
            name: child_text(stanza, "nick", ns::NICK)
                .map(|name| shorten(name.trim()))
                .filter(|name| !name.is_empty()),
            text: status,
        },
        Some("unsubscribe") => PresenceChange::Unsubscribe,
        Some("subscribed" | "unsubscribed") => PresenceChange::SubscriptionChanged,
        Some("error") => PresenceChange::Error,
        Some(_) => return None,
    };
    Some(IncomingPresence { from, stamp_ms: stamp(stanza), change })
}

/// How somebody who is there is there.
pub(super) fn availability(stanza: &Element) -> Availability {
    match child_text(stanza, "show", ns::CLIENT).as_deref().map(str::trim) {
        Some("chat") => Availability::Chat,
        Some("away") => Availability::Away,
        Some("xa") => Availability::ExtendedAway,
        Some("dnd") => Availability::DoNotDisturb,
        _ => Availability::Available,
    }
}

/// What they say about it.
pub(super) fn status_text(stanza: &Element) -> Option<String> {
    child_text(stanza, "status", ns::CLIENT)
        .map(|status| shorten(status.trim()))
        .filter(|status| !status.is_empty())
}

/// XEP-0153 section 4.3: without a photo the client is not ready to say; with an empty one it says there is no avatar.
pub(super) fn avatar(stanza: &Element) -> Option<Option<AvatarHash>> {
    let photo = stanza.get_child("x", ns::VCARD_UPDATE)?.get_child("photo", ns::VCARD_UPDATE)?.text();
    if photo.trim().is_empty() { Some(None) } else { picture::hash(&photo).map(Some) }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::tests::parse;
    use super::*;

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]
    fn check(xml: &str, expected: Expect) {
        expected.assert_eq(
            &presence(&parse(xml)).map_or("nothing".to_owned(), |presence| format!("{:?}", presence.change)),
        );
    }

    #[test]
    fn presences() {
        check(
            "<presence from='a@b/c'/>",
            expect![
                "Available { availability: Available, priority: 0, status: None, idle_since_ms: None, client: None, avatar: None }"
            ],
        );
        check(
            "<presence from='a@b/c'><show>xa</show><priority>-5</priority><status> out </status><idle xmlns='urn:xmpp:idle:1' since='1970-01-01T00:00:01Z'/><x xmlns='vcard-temp:x:update'><photo/></x><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://client.example' ver='x'/></presence>",
            expect![[
                r#"Available { availability: ExtendedAway, priority: -5, status: Some("out"), idle_since_ms: Some(1000), client: Some("https://client.example"), avatar: Some(None) }"#
            ]],
        );
        check(
            "<presence from='a@b/c'><show>dancing</show><priority>999</priority><x xmlns='vcard-temp:x:update'/></presence>",
            expect![
                "Available { availability: Available, priority: 0, status: None, idle_since_ms: None, client: None, avatar: None }"
            ],
        );
        check("<presence from='a@b/c' type='unavailable'/>", expect!["Unavailable { status: None }"]);
        check("<presence from='a@b' type='subscribe'/>", expect!["Subscribe { name: None, text: None }"]);
        check(
            "<presence from='a@b' type='subscribe'><status> Hi <i xmlns='urn:x'/></status><nick xmlns='http://jabber.org/protocol/nick'> A </nick></presence>",
            expect![[r#"Subscribe { name: Some("A"), text: Some("Hi") }"#]],
        );
        check("<presence from='a@b/c' type='subscribe'/>", expect!["nothing"]);
        check(
            "<presence from='r@s' type='subscribe'><x xmlns='http://jabber.org/protocol/muc#user'/></presence>",
            expect!["nothing"],
        );
        check("<presence from='a@b' type='unsubscribe'/>", expect!["Unsubscribe"]);
        check("<presence from='a@b/c' type='unsubscribe'/>", expect!["nothing"]);
        check("<presence from='a@b' type='unsubscribed'/>", expect!["SubscriptionChanged"]);
        check("<presence from='a@b' type='probe'/>", expect!["nothing"]);
        check("<presence/>", expect!["nothing"]);
        check("<presence from='@'/>", expect!["nothing"]);
        check(
            "<presence from='r@s/n'><x xmlns='http://jabber.org/protocol/muc#user'/></presence>",
            expect!["nothing"],
        );
    }
}
