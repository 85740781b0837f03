//! What there is to say of each operation: what it is called, what it takes, what it gives.

/// What an operation takes as its body.
#[derive(Debug, Clone, Copy)]
pub(super) enum Body {
    None,
    /// The value itself, and what it is.
    Plain(&'static str),
    /// Text, or JSON with a text in it.
    Message,
    /// JSON of this definition.
    Object(&'static str),
    /// Any JSON object.
    Any,
    /// A list of names and values.
    Pairs,
}

/// What it gives.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answer {
    Nothing,
    /// JSON of this definition.
    Type(&'static str),
    Stream,
    /// It is not served.
    Unsupported,
}

/// What there is to say of an operation.
#[derive(Debug)]
pub(super) struct Described {
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) query: &'static [&'static str],
    pub(super) body: Body,
    pub(super) answer: Answer,
}

/// Method and path below the root; the rest as in [`Described`].
type Row = (&'static str, &'static str, &'static str, &'static str, &'static [&'static str], Body, Answer);

use Answer::{Nothing, Stream, Type, Unsupported};
use Body::{Any, Message, Object, Pairs, Plain};

const PASSWORD: Body = Plain("The password.");
const NO_BODY: Body = Body::None;
const NO_QUERY: &[&str] = &[];
const OF_SERVICE: &[&str] = &["serviceName"];
const EXPANDED: &[&str] = &["serviceName", "expandGroups"];

#[rustfmt::skip]
const ROWS: [Row; 66] = [
    ("POST", "login/{username}", "logIn", "Log in", NO_QUERY, PASSWORD, Type("Token")),
    ("POST", "logout", "logOut", "End this login", NO_QUERY, NO_BODY, Nothing),
    ("POST", "register/{username}", "register", "Make an account, and log in", NO_QUERY, PASSWORD, Type("Token")),
    ("POST", "webauthn/register/start/{username}", "startPasskeyRegistration", "Add a passkey: begin", NO_QUERY, PASSWORD, Type("NewPasskey")),
    ("POST", "webauthn/register/finish/{username}", "finishPasskeyRegistration", "Add a passkey: end", NO_QUERY, Any, Type("Token")),
    ("POST", "webauthn/authenticate/start/{username}", "startPasskeyLogin", "Log in by a passkey: begin; or get another token for one that is good", NO_QUERY, NO_BODY, Type("TokenOrQuestion")),
    ("POST", "webauthn/authenticate/finish/{username}", "finishPasskeyLogin", "Log in by a passkey: end", NO_QUERY, Any, Type("Token")),
    ("POST", "totp/register/{username}", "registerCodes", "Begin to use codes by time", NO_QUERY, PASSWORD, Type("NewCodes")),
    ("POST", "totp/authenticate/{username}/{code}", "logInByCode", "Log in by a code", NO_QUERY, PASSWORD, Type("CodeToken")),
    ("GET", "/sparkweb/sse", "streamEvents", "Listen to what happens", &["lastEventId"], NO_BODY, Stream),

    ("GET", "users", "listUsers", "Find people, or list the person and their contacts", &["search", "propertyKey", "propertyValue"], NO_BODY, Type("Users")),
    ("GET", "user", "getUser", "Get the person", NO_QUERY, NO_BODY, Type("User")),
    ("PUT", "user", "editUser", "Change the person; what is not named stays", NO_QUERY, Object("User"), Nothing),
    ("DELETE", "user", "removeUser", "Remove the account for good", NO_QUERY, NO_BODY, Nothing),
    ("GET", "user/groups", "listGroups", "List the groups of the contact list", NO_QUERY, NO_BODY, Type("Groups")),
    ("POST", "user/groups", "joinGroups", "Join groups", NO_QUERY, Object("Groups"), Unsupported),
    ("DELETE", "user/groups", "leaveGroups", "Leave groups", NO_QUERY, Object("Groups"), Unsupported),
    ("POST", "user/groups/{groupName}", "joinGroup", "Join a group", NO_QUERY, NO_BODY, Unsupported),
    ("DELETE", "user/groups/{groupName}", "leaveGroup", "Leave a group", NO_QUERY, NO_BODY, Unsupported),
    ("GET", "config/global", "getGlobalConfig", "Get what serves this", NO_QUERY, NO_BODY, Type("GlobalConfig")),
    ("GET", "config/properties", "getProperties", "Get the person with each property under its name", NO_QUERY, NO_BODY, Type("Config")),
    ("POST", "config/properties", "setProperties", "Set properties; an empty value takes one away", NO_QUERY, Pairs, Nothing),

    ("GET", "roster", "listContacts", "List the contacts", NO_QUERY, NO_BODY, Type("Roster")),
    ("POST", "roster", "addContact", "Add a contact", NO_QUERY, Object("NewRosterItem"), Nothing),
    ("PUT", "roster/{jid}", "editContact", "Edit a contact; what is not named stays", NO_QUERY, Object("RosterItem"), Nothing),
    ("DELETE", "roster/{jid}", "removeContact", "Remove a contact", NO_QUERY, NO_BODY, Nothing),
    ("GET", "presence/roster", "listPresences", "List the contacts and how they are there", NO_QUERY, NO_BODY, Type("Roster")),
    ("GET", "presence/{target}", "getPresence", "Get how somebody is there", NO_QUERY, NO_BODY, Type("Presence")),
    ("POST", "presence", "setPresence", "Set how the person is seen", &["show", "status"], NO_BODY, Nothing),

    ("POST", "chat/message/{to}", "sendMessage", "Send a message", NO_QUERY, Message, Nothing),
    ("POST", "chat/chatstate/{state}/{to}", "sendChatState", "Say what the person is doing", NO_QUERY, NO_BODY, Nothing),
    ("GET", "chat/messages", "searchMessages", "Search what was said between two", &["to", "keywords", "start", "end"], NO_BODY, Type("Conversations")),

    ("GET", "groupchat/rooms", "listRooms", "List the rooms of a service", &["serviceName", "type", "search", "expandGroups"], NO_BODY, Type("Rooms")),
    ("GET", "groupchat/room/{roomName}", "getRoom", "Get what a room says of itself", EXPANDED, NO_BODY, Type("Room")),
    ("PUT", "groupchat/room/{roomName}", "joinRoom", "Go into a room", OF_SERVICE, NO_BODY, Nothing),
    ("DELETE", "groupchat/room/{roomName}", "leaveRoom", "Leave a room", OF_SERVICE, NO_BODY, Nothing),
    ("POST", "groupchat/room/{roomName}", "sendToRoom", "Say something in a room", OF_SERVICE, Message, Nothing),
    ("POST", "groupchat/room/{roomName}/{invitedJid}", "invite", "Ask somebody into a room", OF_SERVICE, Plain("The reason; may be empty."), Nothing),
    ("GET", "groupchat/room/{roomName}/participants", "listParticipants", "List who is in a room", OF_SERVICE, NO_BODY, Type("Participants")),
    ("GET", "groupchat/room/{roomName}/occupants", "listOccupants", "List who is in a room, with the addresses that it shows", OF_SERVICE, NO_BODY, Type("Occupants")),
    ("GET", "groupchat/room/{roomName}/chathistory", "listHistory", "List the newest messages of a room", OF_SERVICE, NO_BODY, Type("History")),
    ("GET", "groupchat/messages", "searchRoomMessages", "Search what was said in a room", &["room", "service", "keywords", "start", "end"], NO_BODY, Type("Conversations")),

    ("GET", "pubsub/nodes", "listNodes", "List the nodes of the server's service", NO_QUERY, NO_BODY, Type("Nodes")),
    ("POST", "pubsub/create/{node}", "createNode", "Make a node that keeps one item", NO_QUERY, NO_BODY, Nothing),
    ("POST", "pubsub/subscribe/{node}", "subscribe", "Be told what is published at a node", NO_QUERY, NO_BODY, Nothing),
    ("POST", "pubsub/publish/{node}", "publish", "Publish at a node", NO_QUERY, Any, Nothing),
    ("GET", "pubsub/subscribers/{node}", "listNodeSubscribers", "List who is told what is published at a node", NO_QUERY, NO_BODY, Type("Users")),
    ("GET", "pep/nodes", "listOwnNodes", "List the nodes of the person's account", NO_QUERY, NO_BODY, Type("Nodes")),
    ("POST", "pep/publish/{node}", "publishOwn", "Publish at a node of the person's account", NO_QUERY, Any, Nothing),
    ("GET", "meet/{service}/{id}", "getMeeting", "Get the address of a meeting", NO_QUERY, NO_BODY, Type("Meeting")),
    ("GET", "upload/{fileName}/{fileSize}", "getUploadSlot", "Get a place for a file", NO_QUERY, NO_BODY, Type("Slot")),
    ("GET", "preview/{quality}/{url}", "getPreview", "Get what a page is about", NO_QUERY, NO_BODY, Type("Preview")),
    ("POST", "xmpp", "sendStanza", "Send a stanza as it is", NO_QUERY, Plain("The XML of one stanza."), Nothing),

    ("GET", "bookmarks", "listBookmarks", "List the person's bookmarks", NO_QUERY, NO_BODY, Type("Bookmarks")),
    ("POST", "bookmark", "addBookmark", "Keep a note of a room or page", NO_QUERY, Object("Bookmark"), Type("Bookmark")),
    ("GET", "bookmark/{bookmarkID}", "getBookmark", "Get a bookmark", NO_QUERY, NO_BODY, Type("Bookmark")),
    ("PUT", "bookmark/{bookmarkID}", "editBookmark", "Change a bookmark; what is not named stays", NO_QUERY, Object("Bookmark"), Type("Bookmark")),
    ("DELETE", "bookmark/{bookmarkID}", "removeBookmark", "Keep no note any more", NO_QUERY, NO_BODY, Nothing),
    ("POST", "bookmark/{bookmarkID}/{name}", "setBookmarkProperty", "Set a property of a bookmark", NO_QUERY, Plain("The value."), Type("Bookmark")),
    ("DELETE", "bookmark/{bookmarkID}/{name}", "removeBookmarkProperty", "Take a property of a bookmark away", NO_QUERY, NO_BODY, Type("Bookmark")),

    ("GET", "webpush/vapidkey", "getPushKey", "Get the key for Web Push", NO_QUERY, NO_BODY, Type("PushKey")),
    ("PUT", "webpush/subscribe/{resource}", "subscribeToPush", "Be told by Web Push, by the browser's subscription", NO_QUERY, Any, Nothing),
    ("GET", "webpush/subscribers", "listPushSubscribers", "Say whether the person is told by Web Push; administrators, who is", NO_QUERY, NO_BODY, Type("Users")),
    ("POST", "webpush/notify/{target}", "notifyByPush", "Notify oneself, or write to somebody", NO_QUERY, Object("Notification"), Nothing),
    ("POST", "webpush/message/{target}", "messageByPush", "Send somebody a text, of which they are notified", NO_QUERY, Plain("The text."), Nothing),
    ("POST", "webpush/action", "actOnPush", "Say what the person answered to a notification, with its token", NO_QUERY, Object("NotificationAction"), Nothing),
];

/// What there is to say of the operation at this path.
pub(super) fn of(method: &str, path: &str) -> Option<Described> {
    let row = ROWS.iter().find(|row| row.0 == method && row.1 == path)?;
    let (_, _, id, summary, query, body, answer) = *row;
    Some(Described { id, summary, query, body, answer })
}

/// What a part of a path or a query is.
pub(super) fn about(name: &str) -> &'static str {
    match name {
        "username" => "The person: a local part of the gateway's domain, or a JID.",
        "target" | "to" | "invitedJid" => "Whom: a local part of the gateway's domain, or a JID.",
        "jid" => "The contact's address.",
        "code" => "The six digits.",
        "groupName" => "The group.",
        "state" => "What the person is doing.",
        "roomName" => "The room: the part before its `@`, or its whole address.",
        "room" => "The room: the part before its `@`, or its whole address.",
        "serviceName" | "service" => "The service: a part before the domain, or a whole domain.",
        "node" => "The node.",
        "id" => "The meeting: 1 to 64 letters, digits, dashes and underscores.",
        "fileName" => "What the file is called.",
        "fileSize" => "How many bytes it has.",
        "quality" => "How many pictures.",
        "url" => "The page.",
        "bookmarkID" => "The bookmark's number.",
        "name" => "The property: `autojoin` or `nameasnick` of a room, `rss` or `atom` of a page.",
        "resource" => "What the device is called.",
        "lastEventId" => "The `id` of the last event that was heard: what was missed follows.",
        "search" => "What to find in names; without it, all.",
        "propertyKey" | "propertyValue" => "Nobody is found by their properties.",
        "show" => "How; `available` without it.",
        "status" => "What the person says about it.",
        "keywords" => "Words that are in the message.",
        "start" => "From then on: `12/31/26`, or an instant of ISO 8601.",
        "end" => "Until then: `12/31/26`, or an instant of ISO 8601.",
        "type" => "Rooms that are hidden are never listed, whatever it says.",
        "expandGroups" => "Passed over: there are no groups here.",
        _ => "",
    }
}

#[cfg(test)]
pub(super) fn operations() -> impl Iterator<Item = (&'static str, &'static str)> {
    ROWS.iter().map(|row| (row.0, row.1))
}
