//! Sending messages: what is answered, and when.

use reqwest::Method;
use serde_json::json;

use crate::app::{Answer, TestApp};

/// A page that closes, or a script that never listened: nobody is there any more when the answer is to come. The XMPP
/// server is told so too, and from then on holds back what it may.
#[tokio::test]
async fn who_posts_and_leaves_is_answered_at_once() {
    let app = TestApp::start().await;
    for round in 0..25 {
        let juliet = app.sign_in("juliet").await;
        juliet.get("/snapshot").await;
        drop(juliet.events().await);
        let answer = juliet.post("romeo", &json!({ "body": "good night" })).await;
        assert_eq!(answer.status, 201, "round {round}: {}", answer.body);
        Answer::of(juliet.request(Method::DELETE, "/sign-ins/current?everywhere=true")).await;
    }
}
