//! Parts of files that others have shared: of services that know ranges, that pass over them, and that say what is not so.

use std::fmt::Write as _;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{CONTENT_TYPE, HeaderMap, ORIGIN, RANGE};
use reqwest::{Method, RequestBuilder, Response, Url};
use serde_json::json;

use crate::app::{Answer, Asked, Caller, Site, TestApp, answer, client, within};

const PAGE: &str = "https://www.example.com";

/// Of how many bytes the gateway of these tests takes a file, and how long the film is.
const MOST: u64 = 2000;
const LENGTH: usize = 1000;

/// No two parts of it are the same.
fn film() -> Vec<u8> {
    (0..LENGTH).map(|n| (n % 251) as u8).collect()
}

/// What a request says under this name.
fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let value = |line: &'a str| line.split_once(": ").filter(|(said, _)| said.eq_ignore_ascii_case(name));
    head.lines().find_map(value).map(|(_, value)| value)
}

/// The first and the last byte of a range, as far as that is said.
fn range(head: &str) -> Option<(usize, Option<usize>)> {
    let (first, last) = header(head, "range")?.strip_prefix("bytes=")?.split_once('-')?;
    Some((first.parse().ok()?, last.parse().ok()))
}

/// An answer which ends with its connection, and does not say how long it is.
fn without_length(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 206 Partial Content\r\nconnection: close\r\n{headers}\r\n");
    [head.as_bytes(), body].concat()
}

/// A service that does as it should (RFC 9110 section 14).
fn honest(head: &str) -> Vec<u8> {
    let film = film();
    let common = "content-type: video/webm\r\naccept-ranges: bytes\r\netag: \"v1\"\r\n";
    let is_other = header(head, "if-range").is_some_and(|said| said != "\"v1\"");
    match range(head).filter(|_| !is_other) {
        None => answer("200 OK", common, &film),
        Some((first, _)) if first >= LENGTH => {
            answer("416 Range Not Satisfiable", "content-range: bytes */1000\r\n", b"")
        }
        Some((first, last)) => {
            let last = last.unwrap_or(usize::MAX).min(LENGTH - 1);
            let headers = format!("{common}content-range: bytes {first}-{last}/{LENGTH}\r\n");
            answer("206 Partial Content", &headers, &film[first..=last])
        }
    }
}

/// As Prosody 0.12 does it: the end of a file can be had, and its place is told wrongly.
fn forward(head: &str) -> Vec<u8> {
    let (film, common) = (film(), "content-type: video/webm\r\naccept-ranges: bytes\r\n");
    match range(head) {
        Some((first @ 1.., None)) if first < LENGTH => {
            let headers = format!("{common}content-range: bytes {first}-{LENGTH}/{LENGTH}\r\n");
            answer("206 Partial Content", &headers, &film[first..])
        }
        Some((first @ 1.., None)) if first >= LENGTH => answer("416 Range Not Satisfiable", "", b""),
        _ => answer("200 OK", common, &film),
    }
}

async fn site() -> Site {
    Site::start(|Asked { head, .. }| {
        let film = film();
        let part = |headers: &str, body: &[u8]| answer("206 Partial Content", headers, body);
        match head.split(' ').nth(1).unwrap() {
            "/honest" => honest(head),
            "/moved" => answer("302 Found", "location: /honest\r\n", b""),
            "/forward" => forward(head),
            "/passes-over" => answer("200 OK", "content-type: video/webm\r\n", &film),
            "/several" => {
                let parts = "--a\r\ncontent-range: bytes 100-199/1000\r\n\r\n…\r\n--a--\r\n";
                part("content-type: multipart/byteranges; boundary=a\r\n", parts.as_bytes())
            }
            "/several-as-one" => part(
                "content-type: multipart/byteranges; boundary=a\r\ncontent-range: bytes 100-199/1000\r\n",
                &film[100..200],
            ),
            "/says-nothing" => part("content-type: video/webm\r\n", &film[100..200]),
            "/elsewhere" => part("content-range: bytes 0-199/1000\r\n", &film[..200]),
            "/longer-than-said" => part("content-range: bytes 100-199/1000\r\n", &film[100..300]),
            "/more-than-said" => without_length("content-range: bytes 100-199/1000\r\n", &film[100..300]),
            "/less-than-said" => without_length("content-range: bytes 100-199/1000\r\n", &film[100..150]),
            "/more-than-asked" => part("content-range: bytes 100-999/1000\r\n", &film[100..]),
            "/large" => part("content-range: bytes 100-199/2001\r\n", &film[100..200]),
            "/large-unsaid" => part("content-range: bytes 100-2000/*\r\n", &[0; 1901]),
            "/large-and-over" => answer("416 Range Not Satisfiable", "content-range: bytes */2001\r\n", b""),
            "/over" => answer("416 Range Not Satisfiable", "", b""),
            "/tagged" => part(
                "content-range: bytes 100-199/1000\r\netag: \"<a>\"\r\nlast-modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
                &film[100..200],
            ),
            "/ill-tagged" => part(
                "content-range: bytes 100-199/1000\r\netag: a\r\nlast-modified: yesterday\r\n",
                &film[100..200],
            ),
            _ => answer("404 Not Found", "", b""),
        }
    })
    .await
}

struct Scene {
    app: TestApp,
    site: Site,
    juliet: Caller,
    _folder: tempfile::TempDir,
}

async fn scene() -> Scene {
    let (folder, site) = (tempfile::tempdir().unwrap(), site().await);
    let app = TestApp::start_with(|config| {
        site.known_to(config, folder.path());
        config.downloads.max_bytes = MOST;
        config.cors.origins = vec![PAGE.to_owned()];
    })
    .await;
    let juliet = app.sign_in("juliet").await;
    Scene { app, site, juliet, _folder: folder }
}

fn file(caller: &Caller, url: &str) -> RequestBuilder {
    caller.request(Method::GET, &format!("/files?url={}", utf8_percent_encode(url, NON_ALPHANUMERIC)))
}

async fn sent(request: RequestBuilder) -> Response {
    within("the answer", request.send()).await.unwrap()
}

fn said<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("-", |value| value.to_str().unwrap())
}

/// What somebody is given: the part, or why there is none.
async fn shown(request: RequestBuilder) -> String {
    let response = sent(request).await;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    if status >= 400 {
        let range = said(&headers, "content-range").to_owned();
        let problem: serde_json::Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        return format!("{status} {} {range}", problem["code"].as_str().unwrap());
    }
    let range = said(&headers, "content-range");
    let length = response.content_length();
    let Ok(body) = within("the body", response.bytes()).await else {
        return format!("{status} {range} breaks off");
    };
    assert!(length.is_none_or(|length| length == body.len() as u64));
    let first = range.strip_prefix("bytes ").map_or(0, |range| {
        let (first, rest) = range.split_once('-').unwrap();
        let (first, last): (usize, usize) =
            (first.parse().unwrap(), rest.split_once('/').unwrap().0.parse().unwrap());
        assert_eq!(last + 1 - first, body.len());
        first
    });
    assert_eq!(body, film()[first..first + body.len()], "it is what it says");
    format!("{status} {range} of {} has {}", said(&headers, "content-type"), body.len())
}

#[tokio::test]
async fn a_part_is_what_was_asked_for_or_the_whole() {
    let Scene { app: _app, site, juliet, _folder } = scene().await;
    let mut all = String::new();
    for (path, range) in [
        ("/honest", "bytes=0-"),
        ("/honest", "bytes=100-199"),
        ("/honest", "bytes=900-2000"),
        ("/honest", "bytes=1000-"),
        ("/honest", "bytes=0-9,20-29"),
        ("/honest", "lines=0-9"),
        ("/moved", "bytes=100-199"),
        ("/forward", "bytes=0-"),
        ("/forward", "bytes=0-1"),
        ("/forward", "bytes=900-"),
        ("/forward", "bytes=100-199"),
        ("/forward", "bytes=-100"),
        ("/forward", "bytes=1000-"),
        ("/passes-over", "bytes=0-1"),
        ("/passes-over", "bytes=100-199"),
        ("/several", "bytes=100-199"),
        ("/several-as-one", "bytes=100-199"),
        ("/says-nothing", "bytes=100-199"),
        ("/elsewhere", "bytes=100-199"),
        ("/longer-than-said", "bytes=100-199"),
        ("/more-than-said", "bytes=100-199"),
        ("/less-than-said", "bytes=100-199"),
        ("/more-than-asked", "bytes=100-199"),
        ("/large", "bytes=100-199"),
        ("/large-unsaid", "bytes=100-"),
        ("/large-and-over", "bytes=2001-"),
        ("/over", "bytes=1000-"),
    ] {
        let answer = shown(file(&juliet, &site.url(path)).header(RANGE, range)).await;
        writeln!(all, "{path} {range}: {answer}").unwrap();
    }
    expect_test::expect![[r#"
        /honest bytes=0-: 206 bytes 0-999/1000 of video/webm has 1000
        /honest bytes=100-199: 206 bytes 100-199/1000 of video/webm has 100
        /honest bytes=900-2000: 206 bytes 900-999/1000 of video/webm has 100
        /honest bytes=1000-: 416 range_not_satisfiable bytes */1000
        /honest bytes=0-9,20-29: 200 - of video/webm has 1000
        /honest lines=0-9: 200 - of video/webm has 1000
        /moved bytes=100-199: 206 bytes 100-199/1000 of video/webm has 100
        /forward bytes=0-: 206 bytes 0-999/1000 of video/webm has 1000
        /forward bytes=0-1: 206 bytes 0-1/1000 of video/webm has 2
        /forward bytes=900-: 206 bytes 900-999/1000 of video/webm has 100
        /forward bytes=100-199: 206 bytes 100-199/1000 of video/webm has 100
        /forward bytes=-100: 200 - of video/webm has 1000
        /forward bytes=1000-: 416 range_not_satisfiable -
        /passes-over bytes=0-1: 200 - of video/webm has 1000
        /passes-over bytes=100-199: 200 - of video/webm has 1000
        /several bytes=100-199: 404 not_found -
        /several-as-one bytes=100-199: 404 not_found -
        /says-nothing bytes=100-199: 404 not_found -
        /elsewhere bytes=100-199: 404 not_found -
        /longer-than-said bytes=100-199: 404 not_found -
        /more-than-said bytes=100-199: 206 bytes 100-199/1000 of application/octet-stream has 100
        /less-than-said bytes=100-199: 206 bytes 100-199/1000 breaks off
        /more-than-asked bytes=100-199: 206 bytes 100-199/1000 of application/octet-stream has 100
        /large bytes=100-199: 413 file_too_large -
        /large-unsaid bytes=100-: 413 file_too_large -
        /large-and-over bytes=2001-: 413 file_too_large -
        /over bytes=1000-: 416 range_not_satisfiable -
    "#]]
    .assert_eq(&all);
    // Without being asked for there are none.
    assert_eq!(shown(file(&juliet, &site.url("/tagged"))).await, "404 not_found -");
    let asked: Vec<String> = site.asked().into_iter().map(|asked| asked.head).collect();
    let ranges: Vec<_> = asked.iter().map(|head| header(head, "range").unwrap_or("-")).take(7).collect();
    assert_eq!(
        ranges,
        ["bytes=0-", "bytes=100-199", "bytes=900-2000", "bytes=1000-", "-", "-", "bytes=100-199"]
    );
}

#[tokio::test]
async fn what_tells_a_file_from_another_is_passed_on() {
    let Scene { app: _app, site, juliet, _folder } = scene().await;
    let part = |path: &str, condition: Option<&str>| {
        let request = file(&juliet, &site.url(path)).header(RANGE, "bytes=100-199");
        condition.into_iter().fold(request, |request, said| request.header("if-range", said))
    };
    for (path, condition, expected) in [
        ("/honest", None, (206, "\"v1\"", "-")),
        ("/honest", Some("\"v1\""), (206, "\"v1\"", "-")),
        ("/honest", Some("\"v0\""), (200, "\"v1\"", "-")),
        ("/tagged", None, (206, "\"<a>\"", "Sun, 06 Nov 1994 08:49:37 GMT")),
        ("/ill-tagged", None, (206, "-", "-")),
    ] {
        let had = sent(part(path, condition)).await;
        let headers = had.headers();
        let tags = (had.status().as_u16(), said(headers, "etag"), said(headers, "last-modified"));
        assert_eq!(tags, expected, "{path} {condition:?}");
        assert_eq!(said(headers, "accept-ranges"), "bytes");
        assert_eq!(said(headers, "content-security-policy"), "default-src 'none'; sandbox");
    }
    // Who says that there are no parts, or nothing, is not made to have some.
    let whole = sent(file(&juliet, &site.url("/passes-over"))).await;
    assert_eq!(said(whole.headers(), "accept-ranges"), "-");
    let head = sent(
        juliet
            .request(
                Method::HEAD,
                &format!("/files?url={}", utf8_percent_encode(&site.url("/honest"), NON_ALPHANUMERIC)),
            )
            .header(RANGE, "bytes=100-199"),
    )
    .await;
    assert_eq!((head.status().as_u16(), said(head.headers(), "content-length")), (200, "1000"));
}

/// The service that most people have: parts can be had of it, whichever.
#[tokio::test]
async fn parts_of_a_file_of_the_upload_service_are_had() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let upload = juliet.request(Method::POST, "/uploads?name=film.webm");
    let uploaded = Answer::of(upload.header(CONTENT_TYPE, "video/webm").body(film())).await;
    let url = uploaded.json()["url"].as_str().unwrap().to_owned();
    for (range, expected) in [
        ("bytes=0-", "206 bytes 0-999/1000 of video/webm has 1000"),
        ("bytes=0-1", "206 bytes 0-1/1000 of video/webm has 2"),
        ("bytes=900-", "206 bytes 900-999/1000 of video/webm has 100"),
        ("bytes=100-199", "206 bytes 100-199/1000 of video/webm has 100"),
        ("bytes=1000-", "416 range_not_satisfiable -"),
    ] {
        assert_eq!(shown(file(&juliet, &url).header(RANGE, range)).await, expected, "{range}");
    }
}

/// A browser's own player, of a page elsewhere: no header of ours, and the origin.
#[tokio::test]
async fn a_ticket_opens_one_file_part_by_part() {
    let Scene { app, site, juliet, _folder } = scene().await;
    let address = site.url("/honest");
    let request = juliet.request(Method::POST, "/file-tickets").header(ORIGIN, PAGE);
    let given = Answer::of(request.json(&json!({ "url": address }))).await;
    assert_eq!(given.status, 201);
    let ticket = given.json()["ticket"].as_str().unwrap().to_owned();
    // A browser's own requests: nothing is in their headers that says who comes.
    let browser = client().build().unwrap();
    let ask = |url: &str, ticket: &str, origin: &str| {
        let mut at = Url::parse(&format!("{}/sparkweb/api/v1/files", app.url)).unwrap();
        at.query_pairs_mut().append_pair("url", url).append_pair("ticket", ticket);
        browser.get(at).header(ORIGIN, origin).header(RANGE, "bytes=100-199")
    };
    for _ in 0..2 {
        let had = shown(ask(&address, &ticket, PAGE)).await;
        assert_eq!(had, "206 bytes 100-199/1000 of video/webm has 100");
    }
    let other = site.url("/forward");
    for (url, word, origin) in [
        (other.as_str(), ticket.as_str(), PAGE),
        (address.as_str(), "guessed", PAGE),
        (address.as_str(), ticket.as_str(), "https://evil.example"),
    ] {
        assert_eq!(shown(ask(url, word, origin)).await, "401 invalid_token -", "{url} {word} {origin}");
    }
    let events = format!("{}/sparkweb/api/v1/events?ticket={ticket}", app.url);
    assert_eq!(sent(browser.get(events)).await.status(), 401, "for the file alone");
    for body in [json!({ "url": "film.webm" }), json!({ "url": "" }), json!({}), json!({ "url": 5 })] {
        let refused = Answer::of(juliet.request(Method::POST, "/file-tickets").json(&body)).await;
        assert_eq!(refused.status, 400, "{body}");
    }
    // It ends with the sign-in.
    assert_eq!(Answer::of(juliet.request(Method::DELETE, "/sign-ins/current")).await.status, 204);
    assert_eq!(shown(ask(&address, &ticket, PAGE)).await, "401 invalid_token -");
}
