//! Message Displayed Synchronization (XEP-0490): how far the person has read, as all of their clients keep it.
//!
//! Pure. Whose node it was is for whoever reads an event of it to know: only the person's own counts.

use minidom::Element;
use protocol::{ArchiveId, BareJid, ConversationId};

use super::element::{Build, element};
use super::namespaces as ns;
use super::read::address;

/// The person has seen a conversation up to here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadMark {
    /// Which conversation.
    pub conversation: ConversationId,
    /// The newest message that was seen, by its place in the archive.
    pub archive_id: ArchiveId,
    /// Whose archive that is: the person's own, or a room's. Some clients don't say (slixmpp's), and mean the one that the
    /// conversation is in.
    pub by: Option<BareJid>,
}

/// The marks of some `<item/>`s, of whichever namespace of PubSub they are. That of private messages in a room is named by
/// the occupant's JID.
pub(super) fn read<'a>(items: impl Iterator<Item = &'a Element>) -> Vec<ReadMark> {
    let mark = |item: &Element| {
        let conversation = address(item.attr("id")?)?;
        let id = item.get_child("displayed", ns::DISPLAYED)?.get_child("stanza-id", ns::SID)?;
        let archive_id = id.attr("id")?;
        let by = match id.attr("by") {
            Some(by) => Some(address(by).filter(|by| by.resource().is_none())?.bare()),
            None => None,
        };
        let is_good = !archive_id.is_empty();
        is_good.then(|| ReadMark {
            conversation: conversation.into(),
            archive_id: ArchiveId(archive_id.to_owned()),
            by,
        })
    };
    items.filter_map(mark).collect()
}

/// The `<item/>` of a mark.
pub(super) fn write(mark: &ReadMark) -> Element {
    let id = element("stanza-id", ns::SID)
        .with_some("by", mark.by.as_ref().map(BareJid::as_str))
        .with("id", mark.archive_id.0.as_str());
    element("item", ns::PUBSUB)
        .with("id", mark.conversation.as_str())
        .child(element("displayed", ns::DISPLAYED).child(id))
}
