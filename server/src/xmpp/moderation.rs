//! Moderated Message Retraction (XEP-0425, version 1): a moderator takes a message back for everybody.
//!
//! Pure. That the room itself says so is for whoever knows the rooms to check: from anybody in it it is nothing.

use minidom::Element;
use protocol::{ArchiveId, Jid};

use super::element::{Build, child_text, element};
use super::namespaces as ns;
use super::read::{address, shorten};

/// A message was taken back by a moderator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moderated {
    /// Which, by the room's archive.
    pub target: ArchiveId,
    /// Who did it: the room with their nickname.
    pub by: Option<Jid>,
    /// Why.
    pub reason: Option<String>,
}

pub(super) fn read(stanza: &Element) -> Option<Moderated> {
    let retract = stanza.get_child("retract", ns::MESSAGE_RETRACT)?;
    let moderated = retract.get_child("moderated", ns::MODERATE)?;
    let target = retract.attr("id").filter(|id| !id.is_empty())?;
    let reason = child_text(retract, "reason", ns::MESSAGE_RETRACT);
    let reason = reason.map(|reason| shorten(reason.trim())).filter(|reason| !reason.is_empty());
    Some(Moderated {
        target: ArchiveId(target.to_owned()),
        by: moderated.attr("by").and_then(address),
        reason,
    })
}

/// What a moderator asks of the room.
pub(super) fn write(target: &ArchiveId, reason: Option<&str>) -> Element {
    let mut moderate = element("moderate", ns::MODERATE)
        .with("id", target.0.as_str())
        .child(element("retract", ns::MESSAGE_RETRACT));
    if let Some(reason) = reason {
        moderate.append_child(element("reason", ns::MODERATE).content(reason));
    }
    moderate
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::read::tests::parse;
    use super::*;

    #[test]
    fn what_the_room_says() {
        // XEP-0425 (0.3.0) example 4.
        let moderated = read(&parse(
            "<message type='groupchat' id='retraction-id-1' from='room@muc.example.com' to='room@muc.example.com/bob'>\
             <retract id='stanza-id-1' xmlns='urn:xmpp:message-retract:1'><moderated by='room@muc.example.com/macbeth' xmlns='urn:xmpp:message-moderate:1'/>\
             <reason>This message contains inappropriate content for this forum</reason></retract></message>",
        ));
        expect![[r#"Some(Moderated { target: ArchiveId("stanza-id-1"), by: Some(Jid("room@muc.example.com/macbeth")), reason: Some("This message contains inappropriate content for this forum") })"#]].assert_eq(&format!("{moderated:?}"));
        for none in [
            "<message><retract id='x' xmlns='urn:xmpp:message-retract:1'/></message>",
            "<message><retract xmlns='urn:xmpp:message-retract:1'><moderated xmlns='urn:xmpp:message-moderate:1'/></retract></message>",
            "<message/>",
        ] {
            assert_eq!(read(&parse(none)), None, "{none}");
        }
    }

    #[test]
    fn what_a_moderator_asks() {
        // XEP-0425 (0.3.0) example 2.
        let id = ArchiveId("stanza-id-1".to_owned());
        expect!["<moderate xmlns='urn:xmpp:message-moderate:1' id='stanza-id-1'><retract xmlns='urn:xmpp:message-retract:1'/><reason>spam</reason></moderate>"].assert_eq(&String::from(&write(&id, Some("spam"))));
        expect!["<moderate xmlns='urn:xmpp:message-moderate:1' id='stanza-id-1'><retract xmlns='urn:xmpp:message-retract:1'/></moderate>"].assert_eq(&String::from(&write(&id, None)));
    }
}
