//! Files that others have shared, through the gateway: from the upload service, and from a site of the test's own.

use std::fmt::Write as _;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::json;

use crate::app::{Answer, Asked, Caller, Site, TestApp, answer, show_headers, within};

const PICTURE: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0;\xff\xfe";

const PAGE: &[u8] = b"<!doctype html><script>alert(document.domain)</script>";

fn to(place: &str) -> Vec<u8> {
    answer("302 Found", &format!("location: {place}\r\n"), b"")
}

/// A site whose files are what they are, and some that lead astray.
async fn site() -> Site {
    Site::start(|Asked { head, .. }| {
        let path = head.split(' ').nth(1).unwrap();
        let typed = |media_type: &str, body: &[u8]| {
            answer("200 OK", &format!("content-type: {media_type}\r\n"), body)
        };
        match path {
            "/a/sun.gif" => typed("image/gif", PICTURE),
            "/a/page.gif" | "/a/page.html" => typed("text/html; charset=utf-8", PAGE),
            "/a/drawing.svg" => typed("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
            "/a/feed" => typed("application/atom+xml", b"<feed/>"),
            "/a/nothing" => answer("200 OK", "", b"x"),
            "/a/%22%0d%0aX-Evil:%20yes%E2%80%AEgpj.exe" => typed("image/gif", PICTURE),
            "/a/moved" => to("/a/sun.gif"),
            "/a/round" => to("/a/round"),
            "/a/inside" => to("https://10.0.0.1/"),
            "/a/plain" => to("http://localhost/"),
            "/a/long" => typed("image/gif", &[0; 2001]),
            "/a/longer" => {
                // It does not say how long it is.
                let head = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
                [head.as_bytes(), &[0; 2001]].concat()
            }
            "/a/broken" => b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_vec(),
            "/a/packed" => {
                let headers = "content-type: image/gif\r\ncontent-encoding: gzip\r\n";
                answer("200 OK", headers, b"x")
            }
            "/a/large" => typed("video/mp4", &vec![0; 8 << 20]),
            _ => answer("404 Not Found", "content-type: text/html\r\n", PAGE),
        }
    })
    .await
}

fn place(url: &str, more: &str) -> String {
    format!("/files?url={}{more}", utf8_percent_encode(url, NON_ALPHANUMERIC))
}

fn file(caller: &Caller, url: &str) -> RequestBuilder {
    caller.request(Method::GET, &place(url, ""))
}

async fn sent(request: RequestBuilder) -> Response {
    within("the answer", request.send()).await.unwrap()
}

/// The upload service is on this machine, without TLS, at a port of its own, where nobody else's files would be asked for.
#[tokio::test]
async fn a_file_of_the_upload_service_is_had_by_others() {
    let app = TestApp::start().await;
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    // More than any buffer holds, and not the same all over.
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    let upload = juliet.request(Method::POST, "/uploads?name=tr%C3%A8s%20cool.png");
    let uploaded = Answer::of(upload.header(CONTENT_TYPE, "image/png").body(bytes.clone())).await;
    let url = uploaded.json()["url"].as_str().unwrap().to_owned();
    assert!(url.starts_with("http://localhost:"), "{url}");
    let mut had = sent(file(&romeo, &url)).await;
    assert_eq!(had.status(), 200);
    assert_eq!(had.content_length(), Some(3_000_000));
    assert!(had.headers_mut().remove("last-modified").is_some(), "when it was uploaded");
    expect_test::expect![[r#"
        accept-ranges: bytes
        access-control-expose-headers: etag,accept-ranges,content-range,retry-after,ratelimit,ratelimit-policy,x-request-id
        cache-control: private, max-age=3600
        content-disposition: attachment; filename="tr_s cool.png"; filename*=UTF-8''tr%C3%A8s%20cool.png
        content-security-policy: default-src 'none'; sandbox
        content-type: image/png
        cross-origin-resource-policy: same-origin
        referrer-policy: no-referrer
        vary: origin
        x-content-type-options: nosniff
        x-frame-options: SAMEORIGIN
        x-request-id: …
    "#]]
    .assert_eq(&show_headers(had.headers()));
    assert_eq!(had.bytes().await.unwrap(), bytes);
    let head = sent(romeo.request(Method::HEAD, &place(&url, ""))).await;
    assert_eq!(
        (head.status().as_u16(), head.headers()["content-length"].to_str().unwrap()),
        (200, "3000000")
    );
    let gone = url.replace("file_share/", "file_share/0");
    let nothing = "404 not_found: There is no file at this address, or it is where the gateway does not go.";
    assert_eq!(Answer::of(file(&romeo, &gone)).await.problem(), nothing);
}

/// Nobody has uploaded anything by a gateway that was started just now: it asks where the files are, and goes there alone.
#[tokio::test]
async fn nothing_else_is_had_beside_the_upload_service() {
    let app = TestApp::start().await;
    let juliet = app.sign_in("juliet").await;
    let beside = app.prosody().sessions_url();
    let files = beside.replace("sparkweb_sessions", "file_share");
    let nothing = "404 not_found: There is no file at this address, or it is where the gateway does not go.";
    assert_eq!(Answer::of(file(&juliet, &format!("{files}/0f3a/sun.gif"))).await.problem(), nothing);
    let not_https = "400 malformed_parameter: The address can't be asked for: it is not https.";
    for url in [
        format!("{beside}/juliet"),
        format!("{files}/../sparkweb_sessions/juliet"),
        format!("{files}/..%2fsparkweb_sessions%2fjuliet"),
        format!("{}/livez", app.url),
        "http://localhost/".to_owned(),
    ] {
        assert_eq!(Answer::of(file(&juliet, &url)).await.problem(), not_https, "{url}");
    }
}

#[tokio::test]
async fn what_a_site_says_of_a_file_runs_nowhere() {
    let (folder, site) = (tempfile::tempdir().unwrap(), site().await);
    let app = TestApp::start_with(|config| site.known_to(config, folder.path())).await;
    let juliet = app.sign_in("juliet").await;
    let mut seen = String::new();
    for path in [
        "/a/sun.gif",
        "/a/moved",
        "/a/page.gif",
        "/a/page.html",
        "/a/drawing.svg",
        "/a/feed",
        "/a/nothing",
        "/a/%22%0d%0aX-Evil:%20yes%E2%80%AEgpj.exe",
    ] {
        let had = sent(file(&juliet, &site.url(path))).await;
        let header = |name: &str| had.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert!(had.headers().get("x-evil").is_none(), "{path}");
        let (status, kind, name) = (had.status(), header("content-type"), header("content-disposition"));
        writeln!(seen, "{path} {} {kind}\n  {name}", status.as_u16()).unwrap();
    }
    expect_test::expect![[r#"
        /a/sun.gif 200 image/gif
          attachment; filename="sun.gif"; filename*=UTF-8''sun.gif
        /a/moved 200 image/gif
          attachment; filename="moved"; filename*=UTF-8''moved
        /a/page.gif 200 application/octet-stream
          attachment; filename="page.gif"; filename*=UTF-8''page.gif
        /a/page.html 200 application/octet-stream
          attachment; filename="page.html"; filename*=UTF-8''page.html
        /a/drawing.svg 200 application/octet-stream
          attachment; filename="drawing.svg"; filename*=UTF-8''drawing.svg
        /a/feed 200 application/octet-stream
          attachment; filename="feed"; filename*=UTF-8''feed
        /a/nothing 200 application/octet-stream
          attachment; filename="nothing"; filename*=UTF-8''nothing
        /a/%22%0d%0aX-Evil:%20yes%E2%80%AEgpj.exe 200 image/gif
          attachment; filename="___X-Evil_ yes_gpj.exe"; filename*=UTF-8''___X-Evil_%20yes_gpj.exe
    "#]]
    .assert_eq(&seen);
    let had = sent(file(&juliet, &site.url("/a/page.html"))).await;
    assert_eq!(had.bytes().await.unwrap(), PAGE, "whoever wants the file has it as it is");
    // The site learns nothing of who reads.
    let head = site.asked()[0].head.to_ascii_lowercase();
    for told in ["cookie", "referer", "authorization", "juliet", "accept-encoding", "forwarded"] {
        assert!(!head.contains(told), "{head}");
    }
}

/// What is not to be reached is not told from what is not there (S-23, S-24).
#[tokio::test]
async fn a_file_leads_nowhere_else() {
    let (folder, site) = (tempfile::tempdir().unwrap(), site().await);
    let app = TestApp::start_with(|config| site.known_to(config, folder.path())).await;
    let juliet = app.sign_in("juliet").await;
    let nothing = "404 not_found: There is no file at this address, or it is where the gateway does not go.";
    let mut places: Vec<String> =
        ["/a/gone", "/a/round", "/a/inside", "/a/packed"].map(|path| site.url(path)).into();
    for address in ["10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.2]", "2130706434"] {
        places.push(format!("https://{address}/"));
    }
    for url in &places {
        assert_eq!(Answer::of(file(&juliet, url)).await.problem(), nothing, "{url}");
    }
    for (url, why) in [
        (site.url("/a/plain").as_str(), "it is not https"),
        ("file:///etc/passwd", "it is not https"),
        ("https://a:b@localhost/", "there is a name or a password in it"),
        ("https://localhost:22/", "its port is not the usual one"),
        ("sun.gif", "it is no URL"),
    ] {
        let expected = format!("400 malformed_parameter: The address can't be asked for: {why}.");
        assert_eq!(Answer::of(file(&juliet, url)).await.problem(), expected, "{url}");
    }
    for (query, why) in [
        ("", "url must be the address of a file, of at most 4,096 bytes."),
        ("?url=", "url must be the address of a file, of at most 4,096 bytes."),
        ("?url=https://a.example/&at_most=many", "at_most must be a number of bytes."),
        (
            "?url=https://a.example/&to=b",
            "The query has a key that this operation does not know. It knows: url, at_most, ticket.",
        ),
    ] {
        let answer = Answer::of(juliet.request(Method::GET, &format!("/files{query}"))).await;
        assert_eq!(answer.problem(), format!("400 malformed_parameter: {why}"), "{query}");
    }
}

#[tokio::test]
async fn a_file_has_bounds() {
    let (folder, site) = (tempfile::tempdir().unwrap(), site().await);
    let app = TestApp::start_with(|config| {
        site.known_to(config, folder.path());
        config.downloads.max_bytes = 2000;
    })
    .await;
    let juliet = app.sign_in("juliet").await;
    let long = Answer::of(file(&juliet, &site.url("/a/long"))).await;
    assert_eq!(long.problem(), "413 file_too_large: The file has more than 2000 bytes.");
    let at_most = |bytes: u32| {
        juliet.request(Method::GET, &place(&site.url("/a/sun.gif"), &format!("&at_most={bytes}")))
    };
    assert_eq!(
        Answer::of(at_most(14)).await.problem(),
        "413 file_too_large: The file has more than 14 bytes."
    );
    let enough = sent(at_most(16)).await;
    assert_eq!(enough.bytes().await.unwrap(), PICTURE);
    // Of one that does not say how long it is, and of one that says it wrong, nobody takes a part for the whole.
    for path in ["/a/longer", "/a/broken"] {
        let whole = async { file(&juliet, &site.url(path)).send().await?.bytes().await };
        assert!(within("the end", whole).await.is_err(), "{path}");
    }
}

#[tokio::test]
async fn there_are_so_many_at_once_and_in_a_minute_or_none() {
    let (folder, site) = (tempfile::tempdir().unwrap(), site().await);
    let app = TestApp::start_with(|config| {
        site.known_to(config, folder.path());
        config.downloads.per_person = 1;
        config.downloads.per_minute = 4;
    })
    .await;
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    let under_way = sent(file(&juliet, &site.url("/a/large"))).await;
    assert_eq!((under_way.status(), under_way.content_length()), (200.try_into().unwrap(), Some(8 << 20)));
    let busy = "503 overloaded: Too many files are on their way: wait until one is there.";
    assert_eq!(Answer::of(file(&juliet, &site.url("/a/sun.gif"))).await.problem(), busy);
    assert_eq!(sent(file(&romeo, &site.url("/a/sun.gif"))).await.status(), 200, "another person");
    assert_eq!(under_way.bytes().await.unwrap().len(), 8 << 20);
    assert_eq!(sent(file(&juliet, &site.url("/a/sun.gif"))).await.status(), 200);
    assert_eq!(sent(file(&juliet, &site.url("/a/nothing"))).await.status(), 200);
    let too_many = "429 too_many_requests: Too many files: wait a little.";
    assert_eq!(Answer::of(file(&juliet, &site.url("/a/sun.gif"))).await.problem(), too_many);
    let off = TestApp::start_with(|config| config.downloads.enabled = false).await;
    let answer = Answer::of(file(&off.sign_in("juliet").await, &site.url("/a/sun.gif"))).await;
    assert_eq!((answer.status, &answer.json()["code"]), (501, &json!("unsupported")));
}
