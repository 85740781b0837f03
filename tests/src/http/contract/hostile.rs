//! Addresses that are none, wherever the contract takes one (B.9 row 22): refused, and the session goes on.

use reqwest::Method;
use serde_json::json;

use super::super::compat::Page;
use super::super::hostile_input::{NO_JIDS, encoded};
use super::super::services::start;
use super::make_room;
use crate::app::Answer;

/// Where an address stands, or the name that is one with the domain behind it: in a path or a query, or in a body.
const PLACES: [(&str, &str, &str); 20] = [
    ("GET", "presence/{}", ""),
    ("POST", "roster", r#"{"jid":"{}","nickname":"Nobody","subscriptionType":0}"#),
    ("PUT", "roster/{}", r#"{"nickname":"Nobody"}"#),
    ("DELETE", "roster/{}", ""),
    ("POST", "chat/message/{}", "hi"),
    ("POST", "chat/chatstate/composing/{}", ""),
    ("GET", "chat/messages?to={}", ""),
    ("GET", "groupchat/room/{}", ""),
    ("PUT", "groupchat/room/{}", ""),
    ("POST", "groupchat/room/{}", "hi"),
    ("DELETE", "groupchat/room/{}", ""),
    ("POST", "groupchat/room/den/{}", "Come in!"),
    ("GET", "groupchat/room/{}/participants", ""),
    ("GET", "groupchat/room/{}/occupants", ""),
    ("GET", "groupchat/room/{}/chathistory", ""),
    ("GET", "groupchat/messages?room={}", ""),
    ("POST", "bookmark", r#"{"type":"group_chat","name":"Den","value":"{}"}"#),
    ("POST", "login/{}", "a secret"),
    ("POST", "register/{}", "a secret"),
    ("POST", "xmpp", "<message to=\"{}\"><body>hi</body></message>"),
];

#[tokio::test]
async fn row_22_what_is_no_address_is_refused_wherever_one_is_taken() {
    let (_prosody, app) = start(|config| {
        config.auth.registration = true;
        config.compat.registration = true;
        config.auth.raw_stanzas = true;
    })
    .await;
    let _owner = make_room(&app, "romeo", "den").await;
    let page = Page::log_in(&app, "juliet").await;
    let mut faults = Vec::new();
    for (method, path, body) in PLACES {
        for no_jid in NO_JIDS {
            let json = json!(no_jid).to_string();
            let written = if path == "xmpp" { xml(no_jid) } else { json.trim_matches('"').to_owned() };
            let path = path.replace("{}", &encoded(no_jid));
            let request = page.request(method.parse::<Method>().unwrap(), &format!("/{path}"));
            let answer = Answer::of(request.body(body.replace("{}", &written))).await;
            if !(400..500).contains(&answer.status) {
                faults.push(format!(
                    "{method} {path} {body} with {no_jid:?}: {} {}",
                    answer.status, answer.body
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{} were not refused:\n{}", faults.len(), faults.join("\n"));
    let roster = Answer::of(page.request(Method::GET, "/roster")).await;
    assert_eq!(roster.status, 200, "the session lives: {}", roster.body);
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
