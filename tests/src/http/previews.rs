//! Pages in small, of a site of the test's own.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use serde_json::json;

use crate::app::{Answer, Asked, Caller, Site, TestApp, answer};

/// A picture of one point, of which a text can be made.
const PICTURE: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0;";

const NEWS: &str = "<!doctype html><title>News</title><meta property=og:title content='Feud in Verona'>\
    <meta property=og:description content='Two households,\nboth alike in dignity'>\
    <meta property=og:site_name content=Example><meta property=og:image content=/ring.gif>";

fn page(body: &str) -> Vec<u8> {
    answer("200 OK", "content-type: text/html; charset=utf-8\r\n", body.as_bytes())
}

fn to(place: &str) -> Vec<u8> {
    answer("302 Found", &format!("location: {place}\r\n"), b"")
}

/// A site with a page that says all there is to say, and some that lead astray.
pub(super) async fn site() -> Site {
    Site::start(|Asked { head, .. }| {
        let path = head.split(' ').nth(1).unwrap();
        match path {
            "/news" => page(NEWS),
            "/ring.gif" => answer("200 OK", "content-type: image/svg+xml\r\n", PICTURE),
            "/moved" => to("/news"),
            "/round" => to("/round"),
            "/inside" => to("https://10.0.0.1/"),
            "/plain" => to("http://localhost/"),
            "/port" => to("https://localhost:1/"),
            "/long" => page(&format!("<title>A</title>{}", " ".repeat(1 << 20))),
            "/packed" => {
                let headers = "content-type: text/html\r\ncontent-encoding: gzip\r\n";
                answer("200 OK", headers, b"<title>A</title>")
            }
            "/drawing" => page("<title>A</title><meta property=og:image content=/drawing.svg>"),
            "/drawing.svg" => answer("200 OK", "content-type: image/png\r\n", b"<svg onload='alert(1)'/>"),
            "/silent" => page("<p>Nothing"),
            _ => answer("404 Not Found", "content-type: text/html\r\n", b"<title>Not here</title>"),
        }
    })
    .await
}

async fn preview(caller: &Caller, what: &str, url: &str) -> Answer {
    let url = utf8_percent_encode(url, NON_ALPHANUMERIC);
    Answer::of(caller.request(Method::GET, &format!("{what}?url={url}"))).await
}

#[tokio::test]
async fn a_page_is_shown_in_small() {
    let (folder, site) = (tempfile::tempdir().unwrap(), site().await);
    let app = TestApp::start_with(|config| site.known_to(config, folder.path())).await;
    let juliet = app.sign_in("juliet").await;
    for path in ["/news", "/moved", "/news#below"] {
        let url = site.url(path);
        let told = preview(&juliet, "/previews", &url).await;
        let expected = json!({
            "url": url,
            "title": "Feud in Verona",
            "description": "Two households, both alike in dignity",
            "site": "Example",
            "has_picture": true,
        });
        assert_eq!((told.status, told.json()), (200, expected), "{path}");
        let picture = preview(&juliet, "/previews/picture", &url).await;
        assert_eq!(picture.status, 200, "{}", picture.body);
        assert_eq!(picture.body.as_bytes(), PICTURE);
        assert_eq!(picture.header("content-type"), "image/gif", "by its bytes, whatever the site says");
        assert_eq!(picture.header("content-disposition"), "attachment");
        assert_eq!(picture.header("content-security-policy"), "default-src 'none'; sandbox");
        assert_eq!(picture.header("x-content-type-options"), "nosniff");
    }
    // Kept: each was fetched once, and the page that leads to another by itself.
    let asked: Vec<String> =
        site.asked().iter().map(|asked| asked.head.lines().next().unwrap().to_owned()).collect();
    let expected =
        ["GET /news HTTP/1.1", "GET /ring.gif HTTP/1.1", "GET /moved HTTP/1.1", "GET /news HTTP/1.1"];
    assert_eq!(asked, expected);
    let head = site.asked()[0].head.to_ascii_lowercase();
    for told in ["cookie", "referer", "authorization", "juliet", "accept-encoding"] {
        assert!(!head.contains(told), "{head}");
    }
}

/// What is not to be reached is not told from what is not there (S-23, S-24).
#[tokio::test]
async fn a_page_leads_nowhere_else() {
    let (folder, site) = (tempfile::tempdir().unwrap(), site().await);
    let app = TestApp::start_with(|config| {
        site.known_to(config, folder.path());
        config.previews.per_minute = 1000;
    })
    .await;
    let juliet = app.sign_in("juliet").await;
    let nothing = "404 not_found: There is nothing to show of this address.";
    let mut places: Vec<String> =
        ["/gone", "/round", "/inside", "/plain", "/port", "/long", "/packed", "/silent"]
            .map(|path| site.url(path))
            .into();
    for address in ["127.0.0.2", "10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.2]", "2130706434"] {
        places.push(format!("https://{address}/"));
    }
    for url in &places {
        assert_eq!(preview(&juliet, "/previews", url).await.problem(), nothing, "{url}");
    }
    let drawing = site.url("/drawing");
    assert_eq!(preview(&juliet, "/previews", &drawing).await.json()["has_picture"], true);
    assert_eq!(preview(&juliet, "/previews/picture", &drawing).await.problem(), nothing);
    for (url, why) in [
        ("http://localhost/", "it is not https"),
        ("file:///etc/passwd", "it is not https"),
        ("https://a:b@localhost/", "there is a name or a password in it"),
        ("https://localhost:22/", "its port is not the usual one"),
        ("news", "it is no URL"),
    ] {
        let expected = format!("400 malformed_parameter: The address can't be asked for: {why}.");
        assert_eq!(preview(&juliet, "/previews", url).await.problem(), expected, "{url}");
    }
}

#[tokio::test]
async fn there_are_so_many_in_a_minute_or_none() {
    let (folder, site) = (tempfile::tempdir().unwrap(), site().await);
    let app = TestApp::start_with(|config| {
        site.known_to(config, folder.path());
        config.previews.per_minute = 2;
    })
    .await;
    let juliet = app.sign_in("juliet").await;
    for (path, status) in [("/news", 200), ("/silent", 404), ("/moved", 429), ("/news", 200)] {
        assert_eq!(preview(&juliet, "/previews", &site.url(path)).await.status, status, "{path}");
    }
    let off = TestApp::start_with(|config| config.previews.enabled = false).await;
    let answer = preview(&off.sign_in("juliet").await, "/previews", &site.url("/news")).await;
    assert_eq!((answer.status, &answer.json()["code"]), (501, &json!("unsupported")));
}
