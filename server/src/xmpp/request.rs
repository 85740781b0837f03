//! Questions to the server, or through it to somebody: how each is put, and how its answer is read.
//!
//! A file a subject. All that there is to know of a question is in its file: whom it is put to, what it looks like,
//! what an answer looks like, and what to ask instead where the answer is a disappointment. Nothing here keeps state;
//! `driver::requests` knows which questions are under way.

mod account;
mod activity;
mod archive;
mod avatar;
mod blocking;
mod bookmarks;
mod card;
mod displayed;
mod kept;
mod nickname;
mod own_avatar;
mod own_node;
mod room;
mod room_admin;
mod room_owner;
mod roster;
mod search;

mod directory;
pub(super) mod discovery;
pub(super) mod meeting;
pub(super) mod pubsub;
mod raw;
mod registration;
mod services;
mod upload;

use minidom::Element;
use protocol::Jid;

pub use account::{EnableCarbons, Ping};
pub use activity::FetchLastActivity;
pub use archive::QueryArchive;
pub use avatar::{FetchAvatar, FetchVCardAvatar};
pub use blocking::{Block, FetchBlocks, Unblock};
pub use bookmarks::{
    FetchBookmarks, FetchPrivateBookmarks, PublishBookmark, RetractBookmark, StorePrivateBookmarks,
};
pub use card::{FetchCard, FetchProfile, FetchTempProfile, PublishCard, PublishNickname};
pub use displayed::{FetchReadMarks, PublishReadMark};
pub use kept::{Discard, FetchKept, Keep, Shelf};
pub use nickname::{FetchNickname, FetchVCardName};
pub use own_avatar::{FetchAvatarHash, FetchVCardAvatarHash, PublishAvatarData, PublishAvatarMetadata};
pub use own_node::PublishToSelf;
pub use room::{FetchRoomInfo, ListRooms, PingSelf};
pub use room_admin::{GiveAffiliation, GiveRole, ListAffiliated, ModerateMessage};
pub use room_owner::{ConfigureRoom, DestroyRoom, FetchRoomConfig};
pub use roster::{FetchRoster, RemoveRosterItem, SetRosterItem};
pub use search::{FetchArchiveFields, SearchArchive};

pub use directory::{FetchSearchFields, Search, SearchFields};
pub use discovery::{
    DiscoverInfo, DiscoverItems, FetchVersion, Identity, Info, InfoForm, Item, keeps_cards_in_step,
};
pub use meeting::{StartMeeting, StartOldMeeting};
pub use pubsub::{
    ConfigureNode, CreateNode, DeleteNode, FetchItems, FetchSubscribers, FetchSubscriptions, Node,
    NodeChange, NodeEvent, Payload, PublishItem, RetractItem, Subscribe,
};
pub use raw::AskRaw;
pub use registration::{SetPassword, Unregister};
pub use services::{FetchExternalCredentials, FetchExternalServices, FoundService};
pub use upload::RequestSlot;

use super::element::{Build, element};
use super::namespaces as ns;
use super::read::stanza_error;
use super::{Answer, RequestError, StanzaError};

/// A question; its type says what it is answered with.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each holds the question of its name")]
pub enum Request {
    EnableCarbons(EnableCarbons),
    FetchRoster(FetchRoster),
    QueryArchive(QueryArchive),
    FetchAvatar(FetchAvatar),
    FetchVCardAvatar(FetchVCardAvatar),
    FetchNickname(FetchNickname),
    FetchVCardName(FetchVCardName),
    FetchReadMarks(FetchReadMarks),
    PublishReadMark(PublishReadMark),
    PublishToSelf(PublishToSelf),
    FetchArchiveFields(FetchArchiveFields),
    SearchArchive(SearchArchive),

    DiscoverInfo(DiscoverInfo),
    DiscoverItems(DiscoverItems),
    FetchVersion(FetchVersion),
    RequestSlot(RequestSlot),
    FetchExternalServices(FetchExternalServices),
    FetchExternalCredentials(FetchExternalCredentials),
    StartMeeting(StartMeeting),
    StartOldMeeting(StartOldMeeting),
    FetchSearchFields(FetchSearchFields),
    Search(Search),
    SetPassword(SetPassword),
    Unregister(Unregister),
    AskRaw(AskRaw),
    CreateNode(CreateNode),
    ConfigureNode(ConfigureNode),
    DeleteNode(DeleteNode),
    PublishItem(PublishItem),
    RetractItem(RetractItem),
    FetchItems(FetchItems),
    Subscribe(Subscribe),
    FetchSubscriptions(FetchSubscriptions),
    FetchSubscribers(FetchSubscribers),
    FetchKept(FetchKept),
    Keep(Keep),
    Discard(Discard),
    SetRosterItem(SetRosterItem),
    RemoveRosterItem(RemoveRosterItem),
    Ping(Ping),
    FetchRoomInfo(FetchRoomInfo),
    PingSelf(PingSelf),
    ConfigureRoom(ConfigureRoom),
    FetchBlocks(FetchBlocks),
    Block(Block),
    Unblock(Unblock),
    FetchLastActivity(FetchLastActivity),
    FetchProfile(FetchProfile),
    FetchTempProfile(FetchTempProfile),
    FetchCard(FetchCard),
    PublishCard(PublishCard),
    PublishNickname(PublishNickname),
    FetchAvatarHash(FetchAvatarHash),
    FetchVCardAvatarHash(FetchVCardAvatarHash),
    PublishAvatarData(PublishAvatarData),
    PublishAvatarMetadata(PublishAvatarMetadata),
    FetchRoomConfig(FetchRoomConfig),
    DestroyRoom(DestroyRoom),
    GiveRole(GiveRole),
    GiveAffiliation(GiveAffiliation),
    ListAffiliated(ListAffiliated),
    ModerateMessage(ModerateMessage),
    ListRooms(ListRooms),
    FetchBookmarks(FetchBookmarks),
    FetchPrivateBookmarks(FetchPrivateBookmarks),
    PublishBookmark(PublishBookmark),
    RetractBookmark(RetractBookmark),
    StorePrivateBookmarks(StorePrivateBookmarks),
}

/// Whether a question is meant to change something (RFC 6120 section 8.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Get,
    Set,
}

/// What every question can say of itself.
pub(super) trait Question: std::fmt::Debug {
    /// Whom it is put to; `None` is the person's own account.
    fn to(&self) -> Option<Jid> {
        None
    }

    /// What it looks like. `id` is the stanza's, for those who need to name it inside.
    fn payload(&self, id: &str) -> (Kind, Element);

    /// What an iq of type result says.
    ///
    /// # Errors
    /// [`RequestError::Malformed`] if it is no answer to the question.
    fn read(&self, iq: &Element) -> Result<Answer, RequestError>;

    /// What a refusal says.
    ///
    /// # Errors
    /// The refusal, unless to this question it is an answer like another.
    fn refused(&self, error: StanzaError) -> Result<Answer, RequestError> {
        Err(error.into())
    }

    /// What an iq of type error says.
    ///
    /// # Errors
    /// As [`Question::refused`].
    fn refusal(&self, iq: &Element) -> Result<Answer, RequestError> {
        self.refused(stanza_error(iq))
    }

    /// What to ask instead where there is no usable answer: the same thing may be found in another place.
    fn otherwise(&self) -> Option<Request> {
        None
    }

    /// Nothing else is said before there is an answer. A server that is told of somebody asks all their contacts how they
    /// are before it says anything more (RFC 6121 section 4.2.2), and with it waits what it has answered but not written
    /// yet: what people are to see first comes before that.
    fn comes_first(&self) -> bool {
        false
    }

    /// What to ask next where there is an answer: this was a step on the way, and the last answer is the one that counts.
    fn next(&self) -> Option<Request> {
        None
    }
}

impl Request {
    pub(super) fn question(&self) -> &dyn Question {
        match self {
            Request::EnableCarbons(question) => question,
            Request::FetchRoster(question) => question,
            Request::QueryArchive(question) => question,
            Request::FetchAvatar(question) => question,
            Request::FetchVCardAvatar(question) => question,
            Request::FetchNickname(question) => question,
            Request::FetchVCardName(question) => question,
            Request::FetchReadMarks(question) => question,
            Request::PublishReadMark(question) => question,
            Request::PublishToSelf(question) => question,
            Request::FetchArchiveFields(question) => question,
            Request::SearchArchive(question) => question,

            Request::DiscoverInfo(question) => question,
            Request::DiscoverItems(question) => question,
            Request::FetchVersion(question) => question,
            Request::RequestSlot(question) => question,
            Request::FetchExternalServices(question) => question,
            Request::FetchExternalCredentials(question) => question,
            Request::StartMeeting(question) => question,
            Request::StartOldMeeting(question) => question,
            Request::FetchSearchFields(question) => question,
            Request::Search(question) => question,
            Request::SetPassword(question) => question,
            Request::Unregister(question) => question,
            Request::AskRaw(question) => question,
            Request::CreateNode(question) => question,
            Request::ConfigureNode(question) => question,
            Request::DeleteNode(question) => question,
            Request::PublishItem(question) => question,
            Request::RetractItem(question) => question,
            Request::FetchItems(question) => question,
            Request::Subscribe(question) => question,
            Request::FetchSubscriptions(question) => question,
            Request::FetchSubscribers(question) => question,
            Request::FetchKept(question) => question,
            Request::Keep(question) => question,
            Request::Discard(question) => question,
            Request::SetRosterItem(question) => question,
            Request::RemoveRosterItem(question) => question,
            Request::Ping(question) => question,
            Request::FetchRoomInfo(question) => question,
            Request::PingSelf(question) => question,
            Request::ConfigureRoom(question) => question,
            Request::FetchBlocks(question) => question,
            Request::Block(question) => question,
            Request::Unblock(question) => question,
            Request::FetchLastActivity(question) => question,
            Request::FetchProfile(question) => question,
            Request::FetchTempProfile(question) => question,
            Request::FetchCard(question) => question,
            Request::PublishCard(question) => question,
            Request::PublishNickname(question) => question,
            Request::FetchAvatarHash(question) => question,
            Request::FetchVCardAvatarHash(question) => question,
            Request::PublishAvatarData(question) => question,
            Request::PublishAvatarMetadata(question) => question,
            Request::FetchRoomConfig(question) => question,
            Request::DestroyRoom(question) => question,
            Request::GiveRole(question) => question,
            Request::GiveAffiliation(question) => question,
            Request::ListAffiliated(question) => question,
            Request::ModerateMessage(question) => question,
            Request::ListRooms(question) => question,
            Request::FetchBookmarks(question) => question,
            Request::FetchPrivateBookmarks(question) => question,
            Request::PublishBookmark(question) => question,
            Request::RetractBookmark(question) => question,
            Request::StorePrivateBookmarks(question) => question,
        }
    }

    /// The stanza that puts the question. `id` is the stanza's.
    pub(super) fn stanza(&self, id: &str) -> Element {
        let question = self.question();
        let (kind, payload) = question.payload(id);
        let kind = match kind {
            Kind::Get => "get",
            Kind::Set => "set",
        };
        let to = question.to();
        element("iq", ns::CLIENT)
            .with("type", kind)
            .with("id", id)
            .with_some("to", to.as_ref().map(Jid::as_str))
            .child(payload)
    }
}

/// The newest item of a PEP node, or one of a name (XEP-0060 section 6.5).
fn pubsub_items(node: &str, item: Option<&str>) -> Element {
    let mut items = element("items", ns::PUBSUB).with("node", node);
    match item {
        Some(id) => {
            items.append_child(element("item", ns::PUBSUB).with("id", id));
        }
        None => items = items.with("max_items", "1"),
    }
    element("pubsub", ns::PUBSUB).child(items)
}

/// Has an item be on one of the person's own PEP nodes (XEP-0163 section 3).
fn pubsub_publish(node: &str, id: &str, payload: Element) -> Element {
    let item = element("item", ns::PUBSUB).with("id", id).child(payload);
    element("pubsub", ns::PUBSUB).child(element("publish", ns::PUBSUB).with("node", node).child(item))
}

/// The first item of an answer to [`pubsub_items`].
fn pubsub_item(iq: &Element) -> Result<&Element, RequestError> {
    items_in(iq)?.next().ok_or(RequestError::Malformed)
}

/// The items in the answer to a question for those of a node (XEP-0060 section 6.5.2).
fn items_in(iq: &Element) -> Result<impl Iterator<Item = &Element>, RequestError> {
    let items = iq
        .get_child("pubsub", ns::PUBSUB)
        .and_then(|pubsub| pubsub.get_child("items", ns::PUBSUB))
        .ok_or(RequestError::Malformed)?;
    Ok(items.children().filter(|child| child.is("item", ns::PUBSUB)))
}

#[cfg(test)]
pub(super) mod tests {
    use expect_test::Expect;

    use super::super::read::tests::parse;
    use super::*;

    /// How a question looks on the wire, under the id `q1`.
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]
    pub(in crate::xmpp) fn check_stanza(request: Request, expected: Expect) {
        expected.assert_eq(&String::from(&request.stanza("q1")));
    }

    /// What a question makes of the payload of an answer.
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]
    pub(in crate::xmpp) fn check_answer(request: &Request, payload: &str, expected: Expect) {
        let iq = parse(&format!("<iq type='result' id='q1'>{payload}</iq>"));
        expected.assert_eq(&format!("{:?}", request.question().read(&iq)));
    }
}
