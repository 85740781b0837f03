//! What of somebody's session those see whose tokens are for some conversations alone. Whether something may be seen,
//! the principal says; here stands what it is of.

use protocol::{BareJid, Contact, ConversationId, Conversations, Event, Jid, Snapshot};

use crate::auth::{Object, Principal, Scope};

/// What they see of everything that a new tab needs.
pub(super) fn snapshot(who: &Principal, snapshot: Snapshot) -> Snapshot {
    if !who.is_bound() {
        return snapshot;
    }
    let Snapshot {
        position,
        account,
        mut contacts,
        mut conversations,
        mut drafts,
        subscription_requests: _,
        mut rooms,
        mut blocks,
        bookmarks: _,
        invitations: _,
    } = snapshot;
    contacts.retain(|contact| sees_contact(who, contact));
    conversations.retain(|conversation| sees(who, &conversation.jid));
    drafts.retain(|draft| sees(who, &draft.conversation));
    rooms.retain(|room| sees_with(who, &room.jid));
    blocks.retain(|jid| sees_block(who, jid));
    let (subscription_requests, bookmarks, invitations) = (Vec::new(), Vec::new(), Vec::new());
    Snapshot {
        position,
        account,
        contacts,
        conversations,
        drafts,
        subscription_requests,
        rooms,
        blocks,
        bookmarks,
        invitations,
    }
}

/// What they see of the list.
pub(super) fn conversations(
    who: &Principal,
    Conversations { mut conversations }: Conversations,
) -> Conversations {
    if who.is_bound() {
        conversations.retain(|conversation| sees(who, &conversation.jid));
    }
    Conversations { conversations }
}

/// What they see of something that happened; nothing, if that is none of theirs.
pub(super) fn event(who: &Principal, event: Event) -> Option<Event> {
    use Event as E;
    let is_seen = match &event {
        // How it stands with the session, and who they are.
        E::Ready { .. }
        | E::Unavailable { .. }
        | E::SignedOut { .. }
        | E::ActivityAsked
        | E::ConnectionChanged { .. }
        | E::OwnPresenceChanged { .. }
        | E::OwnNameChanged { .. }
        | E::ServerChanged
        | E::HistoryChanged { conversation: None } => who.may(Scope::Read, Object::Session),
        E::MessageAdded { conversation, .. }
        | E::DeliveryChanged { conversation, .. }
        | E::MessageChanged { conversation, .. }
        | E::DraftChanged { conversation, .. }
        | E::DataReceived { conversation, .. }
        | E::HistoryChanged { conversation: Some(conversation) } => sees(who, conversation),
        E::ConversationChanged { conversation } => sees(who, &conversation.jid),
        E::ChatStateChanged { jid, .. } | E::ConversationRemoved { jid } => sees(who, jid),
        E::ContactChanged { contact } => sees_contact(who, contact),
        E::ContactRemoved { jid } | E::PresenceChanged { jid, .. } => sees_with(who, jid),
        E::AvatarChanged { jid, .. } if *jid == who.jid => who.may(Scope::Read, Object::Session),
        E::AvatarChanged { jid, .. } => sees_with(who, jid),
        E::RoomChanged { room } => sees_with(who, &room.jid),
        E::RoomLeft { room, .. }
        | E::OccupantChanged { room, .. }
        | E::OccupantLeft { room, .. }
        | E::InvitationDeclined { room, .. }
        | E::InvitationFailed { room, .. } => sees_with(who, room),
        E::JidBlocked { jid } | E::JidUnblocked { jid } => sees_block(who, jid),
        // Some of which may be theirs.
        E::RosterReplaced { .. } | E::BlocksReplaced { .. } => who.may(Scope::Read, Object::Session),
        E::SubscriptionRequested { .. }
        | E::SubscriptionRequestClosed { .. }
        | E::ItemPublished { .. }
        | E::ItemRetracted { .. }
        | E::NodeEmptied { .. }
        | E::StanzaReceived { .. }
        | E::BookmarksReplaced { .. }
        | E::BookmarkChanged { .. }
        | E::BookmarkRemoved { .. }
        | E::InvitationReceived { .. }
        | E::InvitationRemoved { .. }
        | E::Unknown => who.may(Scope::Read, Object::Person),
    };
    is_seen.then(|| match event {
        E::RosterReplaced { mut contacts } => {
            contacts.retain(|contact| sees_contact(who, contact));
            E::RosterReplaced { contacts }
        }
        E::BlocksReplaced { mut blocks } => {
            blocks.retain(|jid| sees_block(who, jid));
            E::BlocksReplaced { blocks }
        }
        event => event,
    })
}

fn sees(who: &Principal, conversation: &ConversationId) -> bool {
    who.may(Scope::Read, Object::Conversation(conversation))
}

/// Whatever is of somebody, or of a room, is of the conversation with them.
fn sees_with(who: &Principal, jid: &BareJid) -> bool {
    sees(who, &jid.clone().into())
}

fn sees_contact(who: &Principal, contact: &Contact) -> bool {
    sees_with(who, &contact.jid)
}

/// What is blocked may be a device, or all of a domain.
fn sees_block(who: &Principal, jid: &Jid) -> bool {
    sees_with(who, &jid.bare())
}

#[cfg(test)]
mod tests;
