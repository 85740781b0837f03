//! Files, through the gateway and past it.

use expect_test::{Expect, expect};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Body, Method, RequestBuilder};
use serde_json::json;

use crate::app::{Answer, Caller, TestApp};

#[track_caller]
fn check(request: RequestBuilder, expected: Expect) -> impl Future<Output = ()> {
    let answer = Answer::of(request);
    async move { expected.assert_eq(&answer.await.problem()) }
}

fn upload(caller: &Caller, query: &str) -> RequestBuilder {
    caller.request(Method::POST, &format!("/uploads{query}"))
}

/// A file of somebody's, as anybody can fetch it.
async fn fetch(app: &TestApp, url: &str) -> (u16, String, Vec<u8>) {
    let response = app.http.get(url).send().await.unwrap();
    let media_type = response.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
    (response.status().as_u16(), media_type, response.bytes().await.unwrap().to_vec())
}

#[tokio::test]
async fn a_file_goes_through_the_gateway() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    // More than any buffer holds, and not the same all over.
    let file: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    let request = upload(&juliet, "?name=tr%C3%A8s%20cool.png").header(CONTENT_TYPE, "image/png");
    let answer = Answer::of(request.body(file.clone())).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let mut uploaded = answer.json();
    let url = uploaded["url"].take().as_str().unwrap().to_owned();
    assert!(url.ends_with("/tr%C3%A8s%20cool.png"), "{url}");
    assert_eq!(
        uploaded,
        json!({ "url": null, "name": "très cool.png", "size": 3_000_000, "media_type": "image/png" })
    );
    assert_eq!(fetch(&app, &url).await, (200, "image/png".to_owned(), file));
}

#[tokio::test]
async fn a_file_without_a_length_has_it_in_the_query() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let chunks = || {
        let chunks = ["wherefore ", "art ", "thou"].map(|chunk| Ok::<_, std::io::Error>(chunk.as_bytes()));
        Body::wrap_stream(futures::stream::iter(chunks))
    };
    check(upload(&juliet, "?name=a.txt").body(chunks()), expect!["400 malformed_parameter: Say how many bytes the file has: by Content-Length, or by size in the query."]).await;
    let answer = Answer::of(upload(&juliet, "?name=a.txt&size=18").body(chunks())).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let url = answer.json()["url"].as_str().unwrap().to_owned();
    let (status, _, bytes) = fetch(&app, &url).await;
    assert_eq!((status, bytes.as_slice()), (200, b"wherefore art thou".as_slice()));
    // More or fewer than were named are no file.
    check(
        upload(&juliet, "?name=a.txt&size=17").body(chunks()),
        expect!["400 malformed_body: The file that came has not as many bytes as were named: send it again."],
    )
    .await;
    check(
        upload(&juliet, "?name=a.txt&size=19").body(chunks()),
        expect!["400 malformed_body: The file that came has not as many bytes as were named: send it again."],
    )
    .await;
}

#[tokio::test]
async fn a_file_must_be_one_that_the_server_takes() {
    let app = TestApp::start_with(|config| config.uploads.max_bytes = 20 * 1024 * 1024).await;
    let juliet = app.sign_in("juliet").await;
    for query in ["", "?name=", "?name=a%2Fb", "?name=..", "?name=%0A"] {
        let answer = Answer::of(upload(&juliet, query).body("x")).await;
        assert!(answer.problem().starts_with("400 malformed_parameter"), "{query}: {}", answer.body);
    }
    check(upload(&juliet, "?name=a&to=elsewhere").body("x"), expect!["400 malformed_parameter: The query has a key that this operation does not know. It knows: name, size."]).await;
    check(
        upload(&juliet, "?name=a&size=many").body("x"),
        expect!["400 malformed_parameter: size must be a number of bytes."],
    )
    .await;
    check(
        upload(&juliet, &format!("?name=a&size={}", 11 * 1024 * 1024)).body("x"),
        expect!["413 file_too_large: 10485760 bytes are the most that the XMPP server takes of a file."],
    )
    .await;
    check(
        upload(&juliet, &format!("?name=a&size={}", 21 * 1024 * 1024)).body("x"),
        expect!["413 file_too_large: 20971520 bytes are the most that this gateway takes of a file."],
    )
    .await;
    let slot = |body| juliet.request(Method::POST, "/upload-slots").json(&body);
    check(
        slot(json!({ "name": "a", "size": 11 * 1024 * 1024 })),
        expect!["413 file_too_large: 10485760 bytes are the most that the XMPP server takes of a file."],
    )
    .await;
    check(slot(json!({ "name": "a/b", "size": 1 })), expect!["400 malformed_parameter: The file needs a name of 1 to 255 bytes without slashes and control characters."]).await;
    check(
        slot(json!({ "name": "a" })),
        expect!["400 malformed_body: The body can't be used: missing field `size` at line 1 column 12."],
    )
    .await;
}

#[tokio::test]
async fn what_a_file_may_have_is_told_beforehand() {
    // Of the gateway's limit and that of the XMPP server, the less.
    for (of_the_gateway, told) in [(20 << 20, 10 << 20), (5 << 20, 5 << 20)] {
        let app = TestApp::start_with(|config| config.uploads.max_bytes = of_the_gateway).await;
        let juliet = app.sign_in("juliet").await;
        let server = juliet.get("/server").await.json();
        assert_eq!(server["uploads"], json!({ "max_bytes": told }));
    }
}

#[tokio::test]
async fn a_slot_can_be_used_by_oneself() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let file = json!({ "name": "a.txt", "size": 5, "media_type": "text/plain" });
    let answer = Answer::of(juliet.request(Method::POST, "/upload-slots").json(&file)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let slot = answer.json();
    let mut put = app.http.put(slot["put_url"].as_str().unwrap()).body("hello").header(CONTENT_LENGTH, 5);
    for header in slot["headers"].as_array().unwrap() {
        put = put.header(header["name"].as_str().unwrap(), header["value"].as_str().unwrap());
    }
    assert_eq!(put.send().await.unwrap().status(), 201);
    let (status, media_type, bytes) = fetch(&app, slot["get_url"].as_str().unwrap()).await;
    assert_eq!((status, media_type.as_str(), bytes.as_slice()), (200, "text/plain", b"hello".as_slice()));
}
