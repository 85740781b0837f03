//! From a stanza to what it says, for those who may say it.
//!
//! Everything here is pure: an element, and who the person is, in; a value out. What makes no sense is passed over, as
//! is what somebody says who has no right to. The checks and the attacks which they are for:
//! - a carbon copy counts only from the person's own account (CVE-2017-5589 and its kin);
//! - an archive id counts only if the person's own archive gave it (XEP-0359 section 6);
//! - what the archive sends counts only as the answer to a query of ours (CVE-2019-16237), see `driver::requests`;
//! - a roster push counts only from the person's own account (CVE-2015-8688);
//! - what is published counts for its publisher's bare JID alone (XEP-0163).

mod blocking;
mod invitation;
mod message;
mod payload;
mod presence;
mod room;
mod roster;

pub(super) use blocking::{block_items, block_push, is_block_push};
pub(super) use invitation::invitation;
pub(super) use message::{archived, archived_in_room, is_forged_copy, message};
pub(super) use payload::shorten;
pub(super) use payload::{instant, stanza_error};
pub(super) use presence::presence;
pub(super) use room::{affiliation, room_presence};
pub(super) use roster::{push, roster};

use minidom::Element;
use protocol::{BareJid, Jid};

use super::Incoming;
use super::address::normalise_jid;
use super::namespaces as ns;
use super::picture;
use super::{bookmarks, displayed};

/// Whose stream it is, and what their server can be trusted with.
#[derive(Debug, Clone)]
pub(super) struct Owner {
    /// The person.
    pub(super) jid: BareJid,
    /// The server vouches for `<stanza-id by="…"/>` of the person's own archive: it takes forged ones out.
    pub(super) vouches_for_archive_ids: bool,
}

impl Owner {
    /// A stanza is from the account itself: so says the server, or it says nothing (RFC 6120 section 8.1.2.1).
    pub(super) fn is_own_account(&self, from: Option<&str>) -> bool {
        from.is_none_or(|from| {
            address(from).is_some_and(|from| from.resource().is_none() && from.bare() == self.jid)
        })
    }
}

/// An address in normal form, if it is one.
pub(super) fn address(text: &str) -> Option<Jid> {
    normalise_jid(&text.parse().ok()?).ok()
}

/// What somebody published to those who watch them (XEP-0163): an avatar's metadata or a nickname.
pub(super) fn published(stanza: &Element) -> Option<Incoming> {
    let from = address(stanza.attr("from")?)?;
    // A node of a person is published by the account, which has no resource.
    if from.resource().is_some() {
        return None;
    }
    let items = stanza.get_child("event", ns::PUBSUB_EVENT)?.get_child("items", ns::PUBSUB_EVENT)?;
    let item = items.get_child("item", ns::PUBSUB_EVENT);
    match items.attr("node")? {
        ns::AVATAR_METADATA => {
            let metadata = item?.get_child("metadata", ns::AVATAR_METADATA)?;
            let infos = metadata.children().filter(|child| child.is("info", ns::AVATAR_METADATA));
            let hash = infos.filter_map(|info| info.attr("id")).find_map(picture::hash);
            Some(Incoming::Avatar { jid: from.bare(), hash })
        }
        ns::NICK => {
            let name = item?.get_child("nick", ns::NICK)?.text();
            let name = name.trim();
            (!name.is_empty()).then(|| Incoming::Nickname { jid: from.bare(), name: payload::shorten(name) })
        }
        ns::BOOKMARKS => {
            let id = |retract: &Element| retract.attr("id").and_then(address).map(|jid| jid.bare());
            let of =
                |name: &'static str| items.children().filter(move |item| item.is(name, ns::PUBSUB_EVENT));
            let changed = bookmarks::from_items(of("item"));
            let removed = of("retract").filter_map(id).collect();
            Some(Incoming::Bookmarks { jid: from.bare(), changed, removed })
        }
        ns::DISPLAYED => {
            let marks = displayed::read(items.children().filter(|item| item.is("item", ns::PUBSUB_EVENT)));
            (!marks.is_empty()).then(|| Incoming::Read { jid: from.bare(), marks })
        }
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    pub(in crate::xmpp) fn juliet() -> Owner {
        Owner { jid: "juliet@spark.test".parse().unwrap(), vouches_for_archive_ids: true }
    }

    /// An element as a client's stream carries it.
    pub(in crate::xmpp) fn parse(xml: &str) -> Element {
        format!("<stream xmlns='jabber:client'>{xml}</stream>")
            .parse::<Element>()
            .unwrap()
            .children()
            .next()
            .unwrap()
            .clone()
    }

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]
    fn check_published(xml: &str, expected: Expect) {
        expected.assert_eq(&format!("{:?}", published(&parse(xml))));
    }

    fn event(from: &str, node: &str, item: &str) -> String {
        format!(
            "<message from='{from}' type='headline'><event xmlns='http://jabber.org/protocol/pubsub#event'>\
             <items node='{node}'>{item}</items></event></message>"
        )
    }

    #[test]
    fn what_is_published_counts_for_its_publisher() {
        let hash = "a".repeat(40);
        let metadata = |info: &str| {
            format!("<item id='1'><metadata xmlns='urn:xmpp:avatar:metadata'>{info}</metadata></item>")
        };
        let node = "urn:xmpp:avatar:metadata";
        check_published(
            &event(
                "Romeo@spark.test",
                node,
                &metadata(&format!("<info id='{hash}' bytes='1' type='image/png'/>")),
            ),
            expect![[
                r#"Some(Avatar { jid: BareJid("romeo@spark.test"), hash: Some(AvatarHash("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")) })"#
            ]],
        );
        check_published(
            &event("romeo@spark.test", node, &metadata("")),
            expect![[r#"Some(Avatar { jid: BareJid("romeo@spark.test"), hash: None })"#]],
        );
        check_published(&event("romeo@spark.test/x", node, &metadata("")), expect!["None"]);
        check_published(&event("romeo@spark.test", "urn:other", &metadata("")), expect!["None"]);
        check_published(
            &event(
                "romeo@spark.test",
                "http://jabber.org/protocol/nick",
                "<item><nick xmlns='http://jabber.org/protocol/nick'> Romeo </nick></item>",
            ),
            expect![[r#"Some(Nickname { jid: BareJid("romeo@spark.test"), name: "Romeo" })"#]],
        );
        // XEP-0490 example 9.
        check_published(
            &event(
                "juliet@spark.test",
                "urn:xmpp:mds:displayed:0",
                "<item id='romeo@spark.test'><displayed xmlns='urn:xmpp:mds:displayed:0'>\
                 <stanza-id xmlns='urn:xmpp:sid:0' by='juliet@spark.test' id='0423e3a9'/></displayed></item>",
            ),
            expect![[
                r#"Some(Read { jid: BareJid("juliet@spark.test"), marks: [ReadMark { conversation: ConversationId(Jid("romeo@spark.test")), archive_id: ArchiveId("0423e3a9"), by: Some(BareJid("juliet@spark.test")) }] })"#
            ]],
        );
        check_published("<message from='romeo@spark.test'/>", expect!["None"]);
    }

    #[test]
    fn the_account_is_known_by_its_address() {
        for (from, expected) in [
            (None, true),
            (Some("juliet@spark.test"), true),
            (Some("Juliet@Spark.test"), true),
            (Some("juliet@spark.test/balcony"), false),
            (Some("spark.test"), false),
            (Some("romeo@spark.test"), false),
            (Some("@"), false),
        ] {
            assert_eq!(juliet().is_own_account(from), expected, "{from:?}");
        }
    }
}
