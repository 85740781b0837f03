//! Rooms: two people, two sessions, and Prosody's rooms between them.

use expect_test::expect;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Answer, Caller, Event, Events, TestApp};

const DEN: &str = "/rooms/den@rooms.spark.test";
const TALK: &str = "/conversations/den@rooms.spark.test/messages";

async fn put(caller: &Caller, path: &str, body: &Value) -> Answer {
    Answer::of(caller.request(Method::PUT, path).json(body)).await
}

async fn say(caller: &Caller, body: &str) -> Answer {
    Answer::of(caller.request(Method::POST, TALK).json(&json!({ "body": body }))).await
}

/// What of an answer's or event's JSON is the same every time.
fn steady(mut value: Value) -> Value {
    match &mut value {
        Value::Object(fields) => {
            for (key, field) in fields {
                let varies = ["id", "archive_id", "occupant_id", "sent_at_ms", "at_ms", "read_up_to", "to"];
                *field = if varies.contains(&key.as_str()) && !field.is_object() {
                    Value::from("…")
                } else {
                    steady(field.take())
                };
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = steady(item.take())),
        _ => {}
    }
    value
}

/// The first event of this name that is about the den.
async fn of_den(events: &mut Events, name: &'static str) -> Value {
    let is_it = |event: &Event| {
        event.name == name && event.data.as_deref().unwrap_or_default().contains("den@rooms.spark.test")
    };
    steady(events.find(name, is_it).await.json())
}

async fn both_in(app: &TestApp) -> (Caller, Caller) {
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    let answer = put(&juliet, DEN, &json!({ "nick": "jules", "create": true })).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer = put(&romeo, DEN, &json!({ "nick": "romy" })).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    (juliet, romeo)
}

#[tokio::test]
async fn a_room_is_made_entered_and_left() {
    let app = TestApp::start().await;
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    let mut events = juliet.events_online().await;
    // Nobody makes a room by mistyping its name.
    expect!["404 not_found: There is no such room: create it, or check its name."]
        .assert_eq(&put(&romeo, DEN, &json!({})).await.problem());
    let answer = put(&juliet, DEN, &json!({ "nick": "jules", "create": true })).await;
    expect![[r#"200 {"affiliation":"owner","has_archive":true,"jid":"den@rooms.spark.test","nick":"jules","occupant_id":"…","occupants":1,"role":"moderator","state":"joined"}"#]].assert_eq(&format!("{} {}", answer.status, steady(answer.json())));
    expect![[r#"{"room":{"affiliation":"owner","has_archive":true,"jid":"den@rooms.spark.test","nick":"jules","occupant_id":"…","occupants":1,"role":"moderator","state":"joined"},"type":"room_changed"}"#]].assert_eq(&of_den(&mut events, "room_changed").await.to_string());
    assert_eq!(
        put(&romeo, DEN, &json!({ "nick": "jules" })).await.problem(),
        "409 room_nick_taken: Somebody else has this nickname: take another."
    );
    assert_eq!(put(&romeo, DEN, &json!({ "nick": "romy" })).await.status, 200);
    expect![[r#"{"occupant":{"affiliation":"none","jid":"romeo@spark.test","nick":"romy","occupant_id":"…","presence":{"availability":"available"},"role":"participant"},"room":"den@rooms.spark.test","type":"occupant_changed"}"#]].assert_eq(&of_den(&mut events, "occupant_changed").await.to_string());
    expect![[r#"{"after":"jules","occupants":[{"affiliation":"owner","jid":"juliet@spark.test","nick":"jules","occupant_id":"…","presence":{"availability":"available"},"role":"moderator"}],"total":2}"#]].assert_eq(&steady(juliet.get(&format!("{DEN}/occupants?limit=1")).await.json()).to_string());
    expect![[r#"{"occupants":[{"affiliation":"none","jid":"romeo@spark.test","nick":"romy","occupant_id":"…","presence":{"availability":"available"},"role":"participant"}],"total":2}"#]].assert_eq(
        &steady(juliet.get(&format!("{DEN}/occupants?limit=1&after=jules")).await.json()).to_string(),
    );
    expect![[r#"[{"affiliation":"none","has_archive":true,"jid":"den@rooms.spark.test","nick":"romy","occupant_id":"…","occupants":2,"role":"participant","state":"joined"}]"#]].assert_eq(&steady(romeo.get("/snapshot").await.json()["rooms"].take()).to_string());

    let answer = put(&romeo, &format!("{DEN}/nick"), &json!({ "nick": "monty" })).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    expect![[r#"{"former_nick":"romy","occupant":{"affiliation":"none","jid":"romeo@spark.test","nick":"monty","occupant_id":"…","presence":{"availability":"available"},"role":"participant"},"room":"den@rooms.spark.test","type":"occupant_changed"}"#]].assert_eq(&of_den(&mut events, "occupant_changed").await.to_string());
    let answer = put(&juliet, &format!("{DEN}/subject"), &json!({ "subject": "Bones & <meat>" })).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    expect![[r#""Bones & <meat>""#]].assert_eq(&juliet.get(DEN).await.json()["subject"]["text"].to_string());
    let refused = put(&romeo, &format!("{DEN}/subject"), &json!({ "subject": "mine" })).await;
    expect!["403 room_not_allowed: The room or its service does not allow this."]
        .assert_eq(&refused.problem());

    let answer = Answer::of(romeo.request(Method::DELETE, DEN)).await;
    assert_eq!(answer.status, 204);
    expect![[
        r#"{"leaving":{"reason":"left"},"nick":"monty","room":"den@rooms.spark.test","type":"occupant_left"}"#
    ]]
    .assert_eq(&of_den(&mut events, "occupant_left").await.to_string());
    assert_eq!(romeo.get("/rooms").await.body, r#"{"rooms":[]}"#);
    assert_eq!(romeo.get(DEN).await.status, 409);
}

#[tokio::test]
async fn who_hides_is_told_that_no_room_can_be_gone_into() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let room = json!({ "nick": "jules", "create": true });
    for (availability, expected) in [
        (
            "offline",
            "409 presence_offline: Your presence is `offline`, and whoever hides is in no room: set another presence, and join again.",
        ),
        ("available", "200"),
    ] {
        let shown = put(&juliet, "/presence", &json!({ "availability": availability })).await;
        assert_eq!(shown.status, 204, "{}", shown.body);
        let answer = put(&juliet, DEN, &room).await;
        let told = if answer.status == 200 { "200".to_owned() } else { answer.problem() };
        assert_eq!(told, expected);
    }
}

#[tokio::test]
async fn what_is_said_is_sent_when_everybody_has_it() {
    let app = TestApp::start().await;
    let (juliet, romeo) = both_in(&app).await;
    let mut events = romeo.events_online().await;
    let answer = say(&juliet, "Wherefore?").await;
    expect![[r#"201 {"conversation":"den@rooms.spark.test","delivery":{"state":"sent"},"id":"…"}"#]]
        .assert_eq(&format!("{} {}", answer.status, steady(answer.json())));
    expect![[r#"{"conversation":"den@rooms.spark.test","message":{"archive_id":"…","body":"Wherefore?","direction":"incoming","from":"den@rooms.spark.test/jules","id":"…","kind":"groupchat","sender":{"nick":"jules","occupant_id":"…"},"sent_at_ms":"…","to":"…"},"type":"message_added"}"#]].assert_eq(&of_den(&mut events, "message_added").await.to_string());
    expect![[r#"{"conversation":{"jid":"den@rooms.spark.test","kind":"room","last_message":{"archive_id":"…","body":"Wherefore?","direction":"incoming","from":"den@rooms.spark.test/jules","id":"…","kind":"groupchat","sender":{"nick":"jules","occupant_id":"…"},"sent_at_ms":"…","to":"…"},"unread":1},"type":"conversation_changed"}"#]].assert_eq(&of_den(&mut events, "conversation_changed").await.to_string());
    assert_eq!(say(&romeo, "Here").await.status, 201);
    // History is the room's own, and knows who the person is in it.
    expect![[r#"{"messages":[{"archive_id":"…","body":"Wherefore?","delivery":{"state":"sent"},"direction":"outgoing","from":"den@rooms.spark.test/jules","id":"…","kind":"groupchat","sender":{"nick":"jules","occupant_id":"…"},"sent_at_ms":"…","to":"…"},{"archive_id":"…","body":"Here","direction":"incoming","from":"den@rooms.spark.test/romy","id":"…","kind":"groupchat","sender":{"jid":"romeo@spark.test","nick":"romy","occupant_id":"…"},"sent_at_ms":"…","to":"…"}]}"#]].assert_eq(&steady(juliet.get(TALK).await.json()).to_string());
    expect![[r#"{"messages":[{"archive_id":"…","body":"Wherefore?","direction":"incoming","from":"den@rooms.spark.test/jules","id":"…","kind":"groupchat","sender":{"nick":"jules","occupant_id":"…"},"sent_at_ms":"…","to":"…"},{"archive_id":"…","body":"Here","delivery":{"state":"sent"},"direction":"outgoing","from":"den@rooms.spark.test/romy","id":"…","kind":"groupchat","sender":{"nick":"romy","occupant_id":"…"},"sent_at_ms":"…","to":"…"}]}"#]].assert_eq(&steady(romeo.get(TALK).await.json()).to_string());
    // Reactions and retractions name the message as the room does.
    let id = romeo.get(TALK).await.json()["messages"][1]["id"].as_str().unwrap().to_owned();
    let path = format!("{TALK}/{id}/reactions");
    let answer = put(&juliet, &path, &json!({ "emojis": ["👍"] })).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    expect![[r#"[{"emoji":"👍","from":["den@rooms.spark.test/jules"]}]"#]]
        .assert_eq(&of_den(&mut events, "message_changed").await["message"]["reactions"].to_string());
}

#[tokio::test]
async fn what_is_said_in_private_reaches_one_alone() {
    let app = TestApp::start().await;
    let (juliet, romeo) = both_in(&app).await;
    let mut events = romeo.events_online().await;
    let to_romy = "/conversations/den@rooms.spark.test%2Fromy/messages";
    let whisper = |caller: &Caller, path: &str, body: &str| {
        Answer::of(caller.request(Method::POST, path).json(&json!({ "body": body })))
    };
    let answer = whisper(&juliet, to_romy, "Psst").await;
    // Whether it is sent or delivered by then is between the servers.
    assert_eq!((answer.status, &answer.json()["conversation"]), (201, &json!("den@rooms.spark.test/romy")));
    expect![[r#"{"conversation":"den@rooms.spark.test/jules","message":{"archive_id":"…","body":"Psst","direction":"incoming","from":"den@rooms.spark.test/jules","id":"…","kind":"chat","sender":{"nick":"jules","occupant_id":"…"},"sent_at_ms":"…","to":"…"},"type":"message_added"}"#]].assert_eq(&of_den(&mut events, "message_added").await.to_string());
    expect![[r#"{"conversation":{"chat_state":"active","jid":"den@rooms.spark.test/jules","kind":"private","last_message":{"archive_id":"…","body":"Psst","direction":"incoming","from":"den@rooms.spark.test/jules","id":"…","kind":"chat","sender":{"nick":"jules","occupant_id":"…"},"sent_at_ms":"…","to":"…"},"unread":1},"type":"conversation_changed"}"#]].assert_eq(&of_den(&mut events, "conversation_changed").await.to_string());
    let to_jules = "/conversations/den@rooms.spark.test%2Fjules/messages";
    assert_eq!(whisper(&romeo, to_jules, "Yes?").await.status, 201);
    let is_delivered = |page: &Value| page["messages"][1]["delivery"]["state"] == "delivered";
    while !is_delivered(&romeo.get(to_jules).await.json()) {}
    // It is in the archives of the two, as theirs, and not in the room's.
    expect![[r#"{"messages":[{"archive_id":"…","body":"Psst","direction":"incoming","from":"den@rooms.spark.test/jules","id":"…","kind":"chat","sender":{"nick":"jules","occupant_id":"…"},"sent_at_ms":"…","to":"…"},{"archive_id":"…","body":"Yes?","delivery":{"state":"delivered"},"direction":"outgoing","from":"den@rooms.spark.test/romy","id":"…","kind":"chat","sender":{"nick":"romy","occupant_id":"…"},"sent_at_ms":"…","to":"…"}]}"#]].assert_eq(&steady(romeo.get(to_jules).await.json()).to_string());
    while juliet.get(to_romy).await.json()["messages"].as_array().map(Vec::len) != Some(2) {}
    expect![[r#"{"messages":[{"archive_id":"…","body":"Psst","delivery":{"state":"delivered"},"direction":"outgoing","from":"den@rooms.spark.test/jules","id":"…","kind":"chat","sender":{"nick":"jules","occupant_id":"…"},"sent_at_ms":"…","to":"…"},{"archive_id":"…","body":"Yes?","direction":"incoming","from":"den@rooms.spark.test/romy","id":"…","kind":"chat","sender":{"jid":"romeo@spark.test","nick":"romy","occupant_id":"…"},"sent_at_ms":"…","to":"…"}]}"#]].assert_eq(&steady(juliet.get(to_romy).await.json()).to_string());
    assert_eq!(juliet.get(TALK).await.body, r#"{"messages":[]}"#);

    // Whoever takes the nickname is somebody else.
    let mut hers = juliet.events_online().await;
    assert_eq!(put(&romeo, &format!("{DEN}/nick"), &json!({ "nick": "monty" })).await.status, 204);
    of_den(&mut hers, "occupant_changed").await;
    let nurse = app.sign_in("nurse").await;
    assert_eq!(put(&nurse, DEN, &json!({ "nick": "romy" })).await.status, 200);
    of_den(&mut hers, "occupant_changed").await;
    expect!["409 occupant_gone: Whom this is for is not in the room under this nickname: find them among those who are there."].assert_eq(&whisper(&juliet, to_romy, "Romeo?").await.problem());
    let elsewhere = "/conversations/lair@rooms.spark.test%2Fromy/messages";
    expect!["409 not_in_room: An address with '/…' is that of somebody in a room, and you are not in this room: join it first."]
        .assert_eq(&whisper(&juliet, elsewhere, "Romeo?").await.problem());
    let to_monty = "/conversations/den@rooms.spark.test%2Fmonty/messages";
    assert_eq!(whisper(&juliet, to_monty, "There you are").await.status, 201);
    assert_eq!(whisper(&nurse, to_jules, "It is I").await.status, 201);
    of_den(&mut hers, "conversation_removed").await;
    expect![[r#""It is I""#]]
        .assert_eq(&of_den(&mut hers, "message_added").await["message"]["body"].to_string());
}

#[tokio::test]
async fn after_a_restart_of_the_server_everybody_is_in_again() {
    let mut app = TestApp::start().await;
    let (juliet, romeo) = both_in(&app).await;
    assert_eq!(say(&juliet, "before").await.status, 201);
    let (mut events, mut hers) = (romeo.events_online().await, juliet.events_online().await);
    app.stop_prosody().await;
    events
        .find("the loss", |event| {
            event.name == "connection_changed" && event.json()["connection"]["state"] == "suspended"
        })
        .await;
    app.start_prosody().await;
    let is_in = |event: &Event| event.name == "room_changed" && event.json()["room"]["state"] == "joined";
    events.find("being in again", is_in).await;
    // Whoever comes second finds the room locked until the first has opened it, and tries again.
    hers.find("being in again", is_in).await;
    assert_eq!(say(&juliet, "after").await.status, 201);
    events
        .find("what is said", |event| {
            event.name == "message_added" && event.json()["message"]["body"] == "after"
        })
        .await;
}

/// A whole stretch of the API, from `path` below a room.
fn of_den_path(what: &str) -> String {
    format!("{DEN}/{what}")
}

#[tokio::test]
async fn a_room_is_configured_found_and_destroyed() {
    let app = TestApp::start().await;
    let (juliet, romeo) = both_in(&app).await;
    let form = juliet.get(&of_den_path("config")).await;
    assert_eq!(form.status, 200, "{}", form.body);
    let form = form.json();
    let field = |name: &str| {
        let fields = form["fields"].as_array().unwrap();
        fields
            .iter()
            .find(|field| field["name"] == name)
            .unwrap_or_else(|| panic!("no {name}: {form}"))
            .clone()
    };
    expect![[r#"{"description":"Rooms are automatically deleted when they are empty, unless this option is enabled","kind":"boolean","label":"Persistent (room should remain even when it is empty)","name":"muc#roomconfig_persistentroom","required":false,"values":["false"]}"#]].assert_eq(&field("muc#roomconfig_persistentroom").to_string());
    expect![[r#"{"kind":"list_single","label":"Addresses (JIDs) of room occupants may be viewed by:","name":"muc#roomconfig_whois","options":[{"label":"Moderators only","value":"moderators"},{"label":"Anyone","value":"anyone"}],"required":false,"values":["moderators"]}"#]].assert_eq(&field("muc#roomconfig_whois").to_string());
    let changes = json!({ "fields": [
        { "name": "muc#roomconfig_roomname", "values": ["The <Den>"] },
        { "name": "muc#roomconfig_persistentroom", "values": ["true"] },
        { "name": "muc#roomconfig_publicroom", "values": ["true"] },
        { "name": "muc#roomconfig_whois", "values": ["anyone"] },
    ] });
    let mut events = romeo.events_online().await;
    let answer = put(&juliet, &of_den_path("config"), &changes).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    expect![[r#""The <Den>""#]]
        .assert_eq(&of_den(&mut events, "room_changed").await["room"]["name"].to_string());
    expect![[r#"{"jid":"den@rooms.spark.test","name":"The <Den>","occupants":2,"language":"en","needs_password":false,"members_only":false,"moderated":false,"persistent":true,"public":true,"shows_addresses":true,"has_archive":true}"#]].assert_eq(&juliet.get(&of_den_path("info")).await.body);
    for (name, values, expected) in [
        (
            "muc#roomconfig_whois",
            json!(["everybody"]),
            expect!["400 malformed_body: The form can't be used: a value is none of the field's options."],
        ),
        (
            "nothing",
            json!(["x"]),
            expect!["400 malformed_body: The form can't be used: the form has no such field."],
        ),
    ] {
        let answer =
            put(&juliet, &of_den_path("config"), &json!({ "fields": [{ "name": name, "values": values }] }))
                .await;
        expected.assert_eq(&answer.problem());
    }
    expect!["403 room_not_allowed: The room or its service does not allow this."]
        .assert_eq(&romeo.get(&of_den_path("config")).await.problem());

    expect![[r#"{"services":[{"jid":"rooms.spark.test","name":"Prosody Chatrooms"}]}"#]]
        .assert_eq(&romeo.get("/room-services").await.body);
    expect![[r#"{"rooms":[{"jid":"den@rooms.spark.test","name":"The <Den>"}]}"#]]
        .assert_eq(&romeo.get("/room-services/rooms.spark.test/rooms?limit=1").await.body);
    expect![[r#"{"rooms":[{"jid":"den@rooms.spark.test","name":"The <Den>"}]}"#]]
        .assert_eq(&romeo.get("/room-services/rooms.spark.test/rooms?search=den").await.body);
    expect![[r#"{"rooms":[]}"#]]
        .assert_eq(&romeo.get("/room-services/rooms.spark.test/rooms?search=lair").await.body);

    let path = format!("{DEN}?destroy=true&alternate=lair@rooms.spark.test&reason=gone+fishing");
    assert_eq!(Answer::of(romeo.request(Method::DELETE, &path)).await.status, 403);
    assert_eq!(Answer::of(juliet.request(Method::DELETE, &path)).await.status, 204);
    expect![[r#"{"leaving":{"alternate":"lair@rooms.spark.test","reason":"destroyed","text":"gone fishing"},"room":"den@rooms.spark.test","type":"room_left"}"#]].assert_eq(&of_den(&mut events, "room_left").await.to_string());
}

#[tokio::test]
async fn order_is_kept_in_a_room() {
    let app = TestApp::start().await;
    let (juliet, romeo) = both_in(&app).await;
    let mut events = romeo.events_online().await;
    let role = of_den_path("occupants/romy/role");
    // Who is no moderator keeps no order.
    let answer = put(&romeo, &of_den_path("occupants/jules/role"), &json!({ "role": "none" })).await;
    expect!["403 room_not_allowed: The room or its service does not allow this."]
        .assert_eq(&answer.problem());
    assert_eq!(put(&juliet, &role, &json!({ "role": "moderator" })).await.status, 204);
    expect![[r#""moderator""#]]
        .assert_eq(&of_den(&mut events, "room_changed").await["room"]["role"].to_string());
    let member = json!({ "affiliation": "member", "reason": "friend" });
    assert_eq!(put(&juliet, &of_den_path("affiliations/romeo@spark.test"), &member).await.status, 204);
    expect![[r#"{"people":[{"jid":"romeo@spark.test","affiliation":"member"}]}"#]]
        .assert_eq(&juliet.get(&of_den_path("affiliations?affiliation=member")).await.body);

    assert_eq!(put(&juliet, &role, &json!({ "role": "none", "reason": "Out!" })).await.status, 204);
    expect![[r#"{"leaving":{"by":"jules","reason":"kicked","text":"Out!"},"room":"den@rooms.spark.test","type":"room_left"}"#]].assert_eq(&of_den(&mut events, "room_left").await.to_string());
    let outcast = json!({ "affiliation": "outcast" });
    assert_eq!(put(&juliet, &of_den_path("affiliations/romeo@spark.test"), &outcast).await.status, 204);
    expect!["403 room_banned: The room has banned this person."]
        .assert_eq(&put(&romeo, DEN, &json!({})).await.problem());
}

#[tokio::test]
async fn people_are_asked_in_and_come_or_do_not() {
    let app = TestApp::start().await;
    let (juliet, nurse) = (app.sign_in("juliet").await, app.sign_in("nurse").await);
    assert_eq!(put(&juliet, DEN, &json!({ "nick": "jules", "create": true })).await.status, 200);
    let changes = json!({ "fields": [
        { "name": "muc#roomconfig_roomsecret", "values": ["cauldron"] },
        { "name": "muc#roomconfig_membersonly", "values": ["true"] },
    ] });
    assert_eq!(put(&juliet, &of_den_path("config"), &changes).await.status, 204);
    let (mut events, mut hers) = (nurse.events_online().await, juliet.events_online().await);
    expect!["403 room_members_only: The room is for members: ask its owner to make you one."]
        .assert_eq(&put(&nurse, DEN, &json!({ "password": "cauldron" })).await.problem());
    let invite = json!({ "jid": "nurse@spark.test", "reason": "come" });
    let answer = Answer::of(juliet.request(Method::POST, &of_den_path("invitations")).json(&invite)).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    let mut invitation =
        events.find("the invitation", |event| event.name == "invitation_received").await.json();
    invitation["invitation"]["received_at_ms"] = Value::Null;
    expect![[r#"{"invitation":{"by":"den@rooms.spark.test/jules","direct":false,"reason":"come","received_at_ms":null,"room":"den@rooms.spark.test"},"type":"invitation_received"}"#]].assert_eq(&invitation.to_string());

    let answer =
        Answer::of(nurse.request(Method::DELETE, "/invitations/den@rooms.spark.test?reason=busy")).await;
    assert_eq!(answer.status, 204);
    expect![[r#"{"by":"nurse@spark.test","reason":"busy","room":"den@rooms.spark.test","type":"invitation_declined"}"#]].assert_eq(&of_den(&mut hers, "invitation_declined").await.to_string());
    assert_eq!(nurse.get("/invitations").await.body, r#"{"invitations":[]}"#);

    // The invitation made her a member, and brought the password along.
    assert_eq!(
        Answer::of(juliet.request(Method::POST, &of_den_path("invitations")).json(&invite)).await.status,
        204
    );
    events.find("the invitation", |event| event.name == "invitation_received").await;
    let answer = put(&nurse, DEN, &json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    of_den(&mut events, "invitation_removed").await;

    let direct = json!({ "jid": "romeo@spark.test", "direct": true });
    let romeo = app.sign_in("romeo").await;
    let mut his = romeo.events_online().await;
    assert_eq!(
        Answer::of(juliet.request(Method::POST, &of_den_path("invitations")).json(&direct)).await.status,
        204
    );
    let invitation = his.find("the invitation", |event| event.name == "invitation_received").await.json();
    assert_eq!(
        (&invitation["invitation"]["direct"], &invitation["invitation"]["by"]),
        (&json!(true), &json!("juliet@spark.test"))
    );
}

#[tokio::test]
async fn bookmarks_say_where_one_always_is() {
    let app = TestApp::start().await;
    let (juliet, romeo) = both_in(&app).await;
    let mut events = romeo.events_online().await;
    let note = json!({ "name": "The Den", "nick": "monty", "autojoin": true, "notify": "on_mention" });
    let answer = put(&romeo, "/bookmarks/den@rooms.spark.test", &note).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    expect![[r#"{"bookmark":{"autojoin":true,"has_password":false,"jid":"den@rooms.spark.test","name":"The Den","nick":"monty","notify":"on_mention"},"type":"bookmark_changed"}"#]].assert_eq(&of_den(&mut events, "bookmark_changed").await.to_string());
    assert_eq!(
        Answer::of(romeo.request(Method::DELETE, "/sign-ins/current?everywhere=true")).await.status,
        204
    );

    // A new session is in the room by itself, under the nickname that the note says.
    let mut hers = juliet.events_online().await;
    let romeo = app.sign_in("romeo").await;
    let mut events = romeo.events_online().await;
    let came = hers.find("his coming", |event| {
        event.name == "occupant_changed" && event.json()["occupant"]["nick"] == "monty"
    });
    came.await;
    while romeo.get(DEN).await.json()["state"] != "joined" {
        events.find("being in", |event| event.name == "room_changed").await;
    }
    expect![[r#"{"bookmarks":[{"jid":"den@rooms.spark.test","name":"The Den","nick":"monty","has_password":false,"autojoin":true,"notify":"on_mention"}]}"#]].assert_eq(&romeo.get("/bookmarks").await.body);
    let answer = Answer::of(romeo.request(Method::DELETE, "/bookmarks/den@rooms.spark.test")).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    expect![[r#"{"leaving":{"reason":"left"},"room":"den@rooms.spark.test","type":"room_left"}"#]]
        .assert_eq(&of_den(&mut events, "room_left").await.to_string());
    assert_eq!(romeo.get("/bookmarks").await.body, r#"{"bookmarks":[]}"#);
}
