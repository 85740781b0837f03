//! The plugin's contract, whole, against Prosody: each operation once, and then each group of them by what it gives and
//! how it fails.

mod archive;
mod bookmarks;
mod coming_in;
mod contacts;
mod events;
mod hostile;
mod people;
mod publishing;
mod rooms;
mod services;
mod swagger;

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::compat::Page;
use super::factors::{code, secret_of};
use super::services::start;
use crate::app::{Answer, Caller, Device, TestApp, with_store};

/// What an operation answers where all is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gives {
    /// `200` with a JSON object that has these keys, sorted.
    Json(&'static str),
    /// `200` without a body.
    Nothing,
    /// `501`, and why.
    Unsupported(&'static str),
    /// A problem that begins so.
    Refused(&'static str),
}

use Gives::{Json, Nothing, Refused, Unsupported};

const GROUPS: &str = "Groups of the server are its administrator's: XMPP has no way to join or leave one.";
const SUBSCRIPTION: &str = r#"{"endpoint":"https://fcm.googleapis.com/fcm/send/x","expirationTime":null,"keys":{"p256dh":"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4","auth":"BTBZMqHH6r4Tts7J_aSIgg"}}"#;

/// Every operation: its method, its path with what a page puts into it, its body, and what comes of it. `BOOKMARK` stands
/// for the number of the bookmark that was added last, `CODE` for what an authenticator app shows, `MADE` and `SHOWN` for
/// what a device with passkeys does.
const OPERATIONS: [(&str, &str, &str, Gives); 65] = [
    ("POST", "login/juliet", "juliet's own secret", Json("token")),
    ("POST", "register/tybalt", "a new secret", Json("token")),
    ("POST", "webauthn/register/start/juliet", "juliet's own secret", Json("credentials")),
    ("POST", "webauthn/register/finish/juliet", "MADE", Json("token")),
    ("POST", "webauthn/authenticate/start/juliet", "", Json("token")),
    ("POST", "webauthn/authenticate/finish/juliet", "SHOWN", Json("token")),
    ("POST", "totp/register/juliet", "juliet's own secret", Json("uri url")),
    ("POST", "totp/authenticate/juliet/CODE", "juliet's own secret", Json("recoveryCodes token")),
    ("GET", "users?search=rom", "", Json("users")),
    ("GET", "user", "", Json("properties username")),
    ("PUT", "user", r#"{"name":"Juliet","email":"juliet@capulet.example"}"#, Nothing),
    ("GET", "user/groups", "", Json("groupnames")),
    ("POST", "user/groups", r#"{"groupnames":["Verona"]}"#, Unsupported(GROUPS)),
    ("DELETE", "user/groups", r#"{"groupnames":["Verona"]}"#, Unsupported(GROUPS)),
    ("POST", "user/groups/Verona", "", Unsupported(GROUPS)),
    ("DELETE", "user/groups/Verona", "", Unsupported(GROUPS)),
    ("GET", "config/global", "", Json("about version")),
    ("GET", "config/properties", "", Json("domain email groups name username")),
    ("POST", "config/properties", r#"[{"name":"name","value":"Jule"}]"#, Nothing),
    ("POST", "roster", r#"{"jid":"nurse@spark.test","nickname":"Nurse","subscriptionType":0}"#, Nothing),
    ("GET", "roster", "", Json("rosterItem")),
    ("PUT", "roster/nurse@spark.test", r#"{"nickname":"Angelica"}"#, Nothing),
    ("DELETE", "roster/nurse@spark.test", "", Nothing),
    ("GET", "presence/roster", "", Json("rosterItem")),
    ("GET", "presence/romeo", "", Json("show status username")),
    ("POST", "presence?show=away&status=at%20the%20window", "", Nothing),
    ("POST", "chat/message/romeo", "But soft!", Nothing),
    ("POST", "chat/chatstate/composing/romeo", "", Nothing),
    ("GET", "chat/messages?to=romeo", "", Json("conversation")),
    ("GET", "groupchat/rooms", "", Json("chatRooms")),
    (
        "GET",
        "groupchat/room/den",
        "",
        // The lists are for those whom the room lets know them.
        Json(
            "canAnyoneDiscoverJID logEnabled membersOnly moderated naturalName persistent publicRoom roomName",
        ),
    ),
    ("PUT", "groupchat/room/den", "", Nothing),
    ("POST", "groupchat/room/den", "Is anybody here?", Nothing),
    ("POST", "groupchat/room/den/nurse@spark.test", "Come in!", Nothing),
    ("GET", "groupchat/room/den/participants", "", Json("participants")),
    ("GET", "groupchat/room/den/occupants", "", Json("occupants")),
    ("GET", "groupchat/room/den/chathistory", "", Json("message")),
    ("GET", "groupchat/messages?room=den", "", Json("conversation")),
    ("DELETE", "groupchat/room/den", "", Nothing),
    ("POST", "pubsub/create/news", "", Nothing),
    ("GET", "pubsub/nodes", "", Json("nodes")),
    ("POST", "pubsub/subscribe/news", "", Nothing),
    ("POST", "pubsub/publish/news", r#"{"title":"Feud"}"#, Nothing),
    ("GET", "pubsub/subscribers/news", "", Json("users")),
    ("POST", "pep/publish/mood", r#"{"mood":"in love"}"#, Nothing),
    ("GET", "pep/nodes", "", Json("nodes")),
    ("GET", "meet/jitsi/balcony", "", Json("url")),
    ("GET", "upload/ring.png/300", "", Json("get headers put")),
    ("GET", "preview/1/SITE", "", Json("descriptionShort image title")),
    ("POST", "xmpp", "<presence><status>here</status></presence>", Nothing),
    (
        "POST",
        "bookmark",
        r#"{"type":"group_chat","name":"Den","value":"den@rooms.spark.test"}"#,
        Json("bookmarkID globalBookmark groups name property type users value"),
    ),
    ("GET", "bookmarks", "", Json("bookmark")),
    ("GET", "bookmark/BOOKMARK", "", Json("bookmarkID globalBookmark groups name property type users value")),
    (
        "PUT",
        "bookmark/BOOKMARK",
        r#"{"name":"The den"}"#,
        Json("bookmarkID globalBookmark groups name property type users value"),
    ),
    (
        "POST",
        "bookmark/BOOKMARK/nameasnick",
        "true",
        Json("bookmarkID globalBookmark groups name property type users value"),
    ),
    (
        "DELETE",
        "bookmark/BOOKMARK/nameasnick",
        "",
        Json("bookmarkID globalBookmark groups name property type users value"),
    ),
    ("DELETE", "bookmark/BOOKMARK", "", Nothing),
    ("GET", "webpush/vapidkey", "", Json("publicKey")),
    ("PUT", "webpush/subscribe/laptop", SUBSCRIPTION, Nothing),
    ("GET", "webpush/subscribers", "", Json("users")),
    ("POST", "webpush/notify/romeo", r#"{"subject":"Juliet","body":"hi"}"#, Nothing),
    ("POST", "webpush/message/romeo", "hi", Nothing),
    // A login's token is none of a notification's: `push/plugin.rs` has those.
    ("POST", "webpush/action", r#"{"action":"webpush.message","value":"hi"}"#, Refused("401 invalid_token")),
    // What comes last leaves nobody who could ask for more.
    ("DELETE", "user", "", Nothing),
    ("POST", "logout", "", Nothing),
];

/// Does one thing after another, and says how each ended: `200` alone where the answer is empty.
async fn walk(page: &Page<'_>, steps: &[(Method, &str, &str)]) -> String {
    let mut told = String::new();
    for (method, path, body) in steps {
        let answer = Answer::of(page.request(method.clone(), path).body((*body).to_owned())).await;
        let shown =
            if answer.status < 400 { format!("{} {}", answer.status, answer.body) } else { answer.problem() };
        told += format!("{method} {path}: {shown}").trim_end();
        told.push('\n');
    }
    told
}

/// Somebody makes a room that stays while they are in it.
async fn make_room(app: &TestApp, owner: &str, room: &str) -> Caller {
    let caller = app.sign_in(owner).await;
    let request = caller.request(Method::PUT, &format!("/rooms/{room}@rooms.spark.test"));
    let made = Answer::of(request.json(&json!({ "nick": owner, "create": true }))).await;
    assert_eq!(made.status, 200, "{}", made.body);
    caller
}

/// The described operation that a path is one of: where several fit, that with the fewest parameters.
fn described(document: &Value, method: &str, path: &str) -> String {
    let path = format!("/sparkweb/api/rest/{}", path.split('?').next().unwrap());
    let is_parameter = |part: &&str| part.starts_with('{');
    let fits = |template: &str| {
        template.split('/').count() == path.split('/').count()
            && template
                .split('/')
                .zip(path.split('/'))
                .all(|(part, given)| part == given || is_parameter(&part))
    };
    let templates = document["paths"].as_object().unwrap();
    let found = templates
        .iter()
        .filter(|(template, methods)| fits(template) && !methods[method.to_lowercase()].is_null())
        .min_by_key(|(template, _)| template.split('/').filter(is_parameter).count());
    let (template, _) = found.unwrap_or_else(|| panic!("{method} {path} is not described"));
    format!("{method} {template}")
}

/// The operations which are served, and those which are not, are these, and the description has the same.
#[tokio::test]
async fn every_operation_is_walked() {
    let folder = tempfile::tempdir().unwrap();
    let store = with_store(folder.path());
    let site = super::previews::site().await;
    let address = site.url("/news").replace(':', "%3A").replace('/', "%2F");
    let (_prosody, app) = start(|config| {
        store(config);
        site.known_to(config, folder.path());
        config.auth.registration = true;
        config.compat.registration = true;
        config.auth.raw_stanzas = true;
    })
    .await;
    let document = Answer::of(app.request(Method::GET, "/sparkweb/api/swagger.json")).await.json();
    let _owner = make_room(&app, "romeo", "den").await;
    let (page, other) = (Page::log_in(&app, "juliet").await, Page::log_in(&app, "romeo").await);
    let mut walked = BTreeSet::new();
    let (mut bookmark, mut secret) = (String::new(), String::new());
    let (mut device, mut options) = (Device::start("http://localhost:7070"), Value::Null);
    for (method, path, body, gives) in OPERATIONS {
        let operation = described(&document, method, path);
        let who = if path == "logout" { &other } else { &page };
        let mut place = format!("/{}", path.replace("BOOKMARK", &bookmark).replace("SITE", &address));
        if place.contains("CODE") {
            place = place.replace("CODE", &code(&secret, 0));
        }
        let request = who.request(method.parse().unwrap(), &place);
        let body = match body {
            "MADE" => device.make(&options).await.to_string(),
            "SHOWN" => {
                // Whoever has no token is asked for a passkey.
                let start = "/sparkweb/api/rest/webauthn/authenticate/start/juliet";
                let asked = Answer::of(app.request(Method::POST, start)).await.json();
                device.show(&asked["assertion"]["publicKey"]).await.to_string()
            }
            body => body.to_owned(),
        };
        let answer = Answer::of(request.body(body)).await;
        let what = format!("{method} {path}: {}", answer.shown());
        match gives {
            Json(keys) => {
                assert_eq!(answer.status, 200, "{what}");
                assert_eq!(answer.header("content-type"), "application/json", "{what}");
                let object = answer.json();
                let found: BTreeSet<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
                assert_eq!(found.into_iter().collect::<Vec<_>>().join(" "), keys, "{what}");
                if let Some(uri) = object["uri"].as_str() {
                    secret = secret_of(uri);
                }
                if let Some(asked) = object["credentials"].get("publicKey") {
                    options = asked.clone();
                }
                if path == "bookmark" {
                    bookmark = object["bookmarkID"].to_string();
                }
            }
            Nothing => assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{what}"),
            Unsupported(why) => assert_eq!(answer.problem(), format!("501 unsupported: {why}"), "{what}"),
            Refused(why) => assert!(answer.problem().starts_with(why), "{what}"),
        }
        swagger::agrees(&document, &operation, gives, &answer.body);
        assert!(walked.insert(operation), "{what}: walked twice");
    }
    let operations = document["paths"].as_object().unwrap().iter().flat_map(|(path, methods)| {
        methods.as_object().unwrap().keys().map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    let operations: BTreeSet<_> = operations.filter(|operation| !operation.contains("/sse")).collect();
    assert_eq!(walked, operations);
}

/// Nobody does anything without a token but come in, and read what the gateway is.
#[tokio::test]
async fn whoever_has_no_token_gets_no_further() {
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(with_store(folder.path())).await;
    let open = ["login/", "register/", "webauthn/", "totp/", "config/global"];
    for (method, path, body, _) in OPERATIONS {
        let request = app.request(method.parse().unwrap(), &format!("/sparkweb/api/rest/{path}"));
        // So the plugin's clients say that they have none.
        let answer = Answer::of(request.header("authorization", "null").body(body)).await;
        let is_open = open.iter().any(|start| path.starts_with(start));
        assert_eq!(answer.status != 401, is_open, "{method} {path}: {}", answer.shown());
        if !is_open {
            assert_eq!(
                answer.problem(),
                "401 not_signed_in: Sign in, and send the access token as `Authorization: Bearer …`.",
                "{method} {path}"
            );
        }
    }
}
