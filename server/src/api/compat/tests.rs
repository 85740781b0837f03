//! The contract is whole: each of the plugin's operations is at its path.

use std::collections::BTreeSet;

use axum::http::Method;

use super::super::trial::{Trial, text};
use super::*;

/// The plugin's operations, by group.
const OPERATIONS: &str = "
POST login/{username}
POST logout
POST register/{username}
POST webauthn/register/start/{username}
POST webauthn/register/finish/{username}
POST webauthn/authenticate/start/{username}
POST webauthn/authenticate/finish/{username}
POST totp/register/{username}
POST totp/authenticate/{username}/{code}

GET users
GET user
PUT user
DELETE user
GET user/groups
POST user/groups
DELETE user/groups
POST user/groups/{groupName}
DELETE user/groups/{groupName}
GET config/global
GET config/properties
POST config/properties

GET roster
POST roster
PUT roster/{jid}
DELETE roster/{jid}

GET presence/roster
GET presence/{target}
POST presence

POST chat/message/{to}
POST chat/chatstate/{state}/{to}
GET chat/messages

GET groupchat/rooms
GET groupchat/room/{roomName}
PUT groupchat/room/{roomName}
DELETE groupchat/room/{roomName}
POST groupchat/room/{roomName}
POST groupchat/room/{roomName}/{invitedJid}
GET groupchat/room/{roomName}/participants
GET groupchat/room/{roomName}/occupants
GET groupchat/room/{roomName}/chathistory
GET groupchat/messages

GET pubsub/nodes
POST pubsub/create/{node}
POST pubsub/subscribe/{node}
POST pubsub/publish/{node}
GET pubsub/subscribers/{node}
GET pep/nodes
POST pep/publish/{node}
GET meet/{service}/{id}
GET upload/{fileName}/{fileSize}
GET preview/{quality}/{url}
POST xmpp

POST bookmark
GET bookmarks
GET bookmark/{bookmarkID}
PUT bookmark/{bookmarkID}
DELETE bookmark/{bookmarkID}
POST bookmark/{bookmarkID}/{name}
DELETE bookmark/{bookmarkID}/{name}

GET webpush/vapidkey
PUT webpush/subscribe/{resource}
GET webpush/subscribers
POST webpush/notify/{target}
POST webpush/message/{target}
POST webpush/action
";

fn operations() -> Vec<(&'static str, String)> {
    let lines = OPERATIONS.lines().filter_map(|line| line.split_once(' '));
    lines.map(|(method, path)| (method, at(path))).collect()
}

#[tokio::test]
async fn every_operation_of_the_plugin_is_at_its_path() {
    let (trial, operations) = (Trial::new(), operations());
    assert_eq!(operations.len(), 65);
    for (method, path) in &operations {
        let response = trial.ask(method.parse::<Method>().unwrap(), &path.replace(['{', '}'], ""), &[]).await;
        let status = response.status().as_u16();
        let body = text(response).await;
        assert!(![404, 405, 500].contains(&status), "{method} {path}: {status} {body}");
    }
}

#[test]
fn the_description_has_the_operations_and_no_others() {
    let named: BTreeSet<_> = operations()
        .into_iter()
        .chain([("GET", "/sparkweb/sse".to_owned())])
        .map(|(method, path)| (method.to_ascii_lowercase(), path))
        .collect();
    let document = swagger::document(&endpoints());
    let described: BTreeSet<_> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().unwrap().keys().map(|method| (method.clone(), path.clone()))
        })
        .collect();
    assert_eq!(described, named);
}
