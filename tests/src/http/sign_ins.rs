//! Signing in and out.

use expect_test::expect;

use crate::app::{TestApp, password};

#[tokio::test]
async fn the_right_password_gives_tokens() {
    let app = TestApp::start().await;
    let mut answer = app.try_sign_in("juliet", &password("juliet")).await;
    let tokens = answer.json();
    for key in ["access_token", "refresh_token", "id"] {
        answer.body = answer.body.replace(tokens[key].as_str().unwrap(), "…");
    }
    expect![[r#"
        201
        access-control-expose-headers: etag,accept-ranges,content-range,retry-after,ratelimit,ratelimit-policy,x-request-id
        cache-control: no-store
        content-type: application/json
        referrer-policy: no-referrer
        vary: origin
        x-content-type-options: nosniff
        x-frame-options: SAMEORIGIN
        x-request-id: …

        {"id":"…","jid":"juliet@spark.test","access_token":"…","expires_in_secs":900,"refresh_token":"…"}
    "#]]
    .assert_eq(&answer.shown());
}
