//! Rooms: finding them, being in them, and what is told of them.

use expect_test::expect;
use reqwest::Method;
use serde_json::json;

use super::super::compat::Page;
use super::{make_room, walk};
use crate::app::{Answer, Caller, TestApp};

/// Has the den be like this.
async fn configure(owner: &Caller, name: &str) {
    let request = owner.request(Method::PUT, "/rooms/den@rooms.spark.test/config");
    let answer = Answer::of(request.json(&json!({ "fields": [{ "name": name, "values": ["true"] }] }))).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
}

#[tokio::test]
async fn a_room_is_found_entered_and_left() {
    let app = TestApp::start().await;
    let owner = make_room(&app, "juliet", "den").await;
    configure(&owner, "muc#roomconfig_publicroom").await;
    let romeo = Page::log_in(&app, "romeo").await;
    let told = walk(
        &romeo,
        &[
            (Method::GET, "/groupchat/rooms?search=DEN&type=all", ""),
            (Method::GET, "/groupchat/rooms?search=nowhere", ""),
            (Method::GET, "/groupchat/room/den?expandGroups=true", ""),
            (Method::PUT, "/groupchat/room/den", ""),
            // The same room, whichever way its service is named.
            (Method::GET, "/groupchat/room/den/participants?serviceName=rooms", ""),
            (Method::GET, "/groupchat/room/den/occupants?serviceName=rooms.spark.test", ""),
            (Method::GET, "/groupchat/room/den/participants?serviceName=conference.", ""),
            (Method::POST, "/groupchat/room/den@rooms.spark.test", "Here"),
            (Method::DELETE, "/groupchat/room/den", ""),
            (Method::GET, "/groupchat/room/den/participants", ""),
        ],
    )
    .await;
    expect![[r#"
        GET /groupchat/rooms?search=DEN&type=all: 200 {"chatRooms":[{"naturalName":"den","publicRoom":true,"roomName":"den"}]}
        GET /groupchat/rooms?search=nowhere: 200 {"chatRooms":[]}
        GET /groupchat/room/den?expandGroups=true: 200 {"canAnyoneDiscoverJID":false,"logEnabled":true,"membersOnly":false,"moderated":false,"naturalName":"den","persistent":false,"publicRoom":true,"roomName":"den"}
        PUT /groupchat/room/den: 200
        GET /groupchat/room/den/participants?serviceName=rooms: 200 {"participants":[{"affiliation":"owner","jid":"den@rooms.spark.test/juliet","role":"moderator"},{"affiliation":"none","jid":"den@rooms.spark.test/romeo","role":"participant"}]}
        GET /groupchat/room/den/occupants?serviceName=rooms.spark.test: 200 {"occupants":[{"affiliation":"owner","jid":"den@rooms.spark.test/juliet","role":"moderator"},{"affiliation":"none","jid":"den@rooms.spark.test/romeo","role":"participant","userAddress":"romeo@spark.test"}]}
        GET /groupchat/room/den/participants?serviceName=conference.: 200 {"participants":[{"affiliation":"owner","jid":"den@rooms.spark.test/juliet","role":"moderator"},{"affiliation":"none","jid":"den@rooms.spark.test/romeo","role":"participant"}]}
        POST /groupchat/room/den@rooms.spark.test: 200
        DELETE /groupchat/room/den: 200
        GET /groupchat/room/den/participants: 409 not_in_room: The person is not in this room: join it first.
    "#]].assert_eq(&told);
}

#[tokio::test]
async fn whoever_is_not_in_a_room_says_nothing_there() {
    let app = TestApp::start().await;
    let owner = make_room(&app, "juliet", "den").await;
    let romeo = Page::log_in(&app, "romeo").await;
    configure(&owner, "muc#roomconfig_membersonly").await;
    let told = walk(
        &romeo,
        &[
            (Method::POST, "/groupchat/room/den", "too early"),
            (Method::DELETE, "/groupchat/room/den", ""),
            (Method::POST, "/groupchat/room/den/nurse", "Come in!"),
            (Method::GET, "/groupchat/room/den/occupants", ""),
            (Method::PUT, "/groupchat/room/den", ""),
            (Method::PUT, "/groupchat/room/nowhere", ""),
            (Method::GET, "/groupchat/room/nowhere", ""),
            (Method::GET, "/groupchat/room/den?serviceName=elsewhere", ""),
            (Method::GET, "/groupchat/rooms?serviceName=elsewhere", ""),
            (Method::PUT, "/groupchat/room/%20", ""),
        ],
    )
    .await;
    expect![[r#"
        POST /groupchat/room/den: 409 not_in_room: The person is not in this room: join it first.
        DELETE /groupchat/room/den: 409 not_in_room: The person is not in this room: join it first.
        POST /groupchat/room/den/nurse: 409 not_in_room: The person is not in this room: join it first.
        GET /groupchat/room/den/occupants: 409 not_in_room: The person is not in this room: join it first.
        PUT /groupchat/room/den: 403 room_members_only: The room is for members: ask its owner to make you one.
        PUT /groupchat/room/nowhere: 404 not_found: There is no such room: create it, or check its name.
        GET /groupchat/room/nowhere: 404 not_found: There is no such room: create it, or check its name.
        GET /groupchat/room/den?serviceName=elsewhere: 403 room_not_allowed: The room or its service does not allow this.
        GET /groupchat/rooms?serviceName=elsewhere: 403 room_not_allowed: The room or its service does not allow this.
        PUT /groupchat/room/%20: 400 malformed_jid: The room's address: the part before '@' is empty or has a character that no address has.
    "#]].assert_eq(&told);
}

/// Whoever may see who is what to a room sees it; for whoever may not, the lists are not there, rather than empty.
#[tokio::test]
async fn lists_that_a_room_keeps_to_itself_are_left_out() {
    let app = TestApp::start().await;
    let _owner = make_room(&app, "juliet", "den").await;
    let lists = |page: &Page<'_>| Answer::of(page.request(Method::GET, "/groupchat/room/den"));
    let shown = |answer: Answer| {
        let room = answer.json();
        let list = |key| room.get(key).map_or("not told".to_owned(), ToString::to_string);
        ["owners", "admins", "members", "outcasts"].map(|key| format!("{key}: {}", list(key))).join(", ")
    };
    let (juliet, romeo) = (Page::log_in(&app, "juliet").await, Page::log_in(&app, "romeo").await);
    expect![[r#"owners: ["juliet@spark.test"], admins: [], members: [], outcasts: []"#]]
        .assert_eq(&shown(lists(&juliet).await));
    expect!["owners: not told, admins: not told, members: not told, outcasts: not told"]
        .assert_eq(&shown(lists(&romeo).await));
}

#[tokio::test]
async fn somebody_is_asked_in() {
    let app = TestApp::start().await;
    let _owner = make_room(&app, "juliet", "den").await;
    let (juliet, romeo) = (Page::log_in(&app, "juliet").await, Page::log_in(&app, "romeo").await);
    let mut events = romeo.events().await;
    let told = walk(&juliet, &[(Method::POST, "/groupchat/room/den/romeo", "Come & see")]).await;
    assert_eq!(told, "POST /groupchat/room/den/romeo: 200\n");
    let event = events.find("the invitation", |event| event.name == "chatapi.muc").await;
    expect![[r#"
        {"from":"den@rooms.spark.test/juliet","inviter":"den@rooms.spark.test/juliet","reason":"Come & see","room":"den@rooms.spark.test","type":"invitationReceived"}
    "#]].assert_eq(&format!("{}\n", event.json()));
}
