//! Fetching from a server of the test's own, which answers by a script.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Mutex;

use futures::FutureExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::task::OwnedTask;
use crate::trial_tls::certificate;

/// A server, what the addresses in it begin with, and what was asked of it.
struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    tls: Arc<ClientConfig>,
    _task: OwnedTask<()>,
}

/// One that gives each connection this answer, and ends it then.
async fn server(answer: impl Into<String>) -> Server {
    serve(answer.into(), false).await
}

/// One that gives each connection this answer, and says nothing more.
async fn silent(answer: String) -> Server {
    serve(answer, true).await
}

async fn serve(answer: String, keeps: bool) -> Server {
    let (config, tls) = certificate();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::<Mutex<Vec<String>>>::default();
    let mut kept = Vec::new();
    let noted = Arc::clone(&asked);
    let task = OwnedTask::spawn(async move {
        loop {
            let (tcp, _) = listener.accept().await.unwrap();
            let Ok(mut io) = TlsAcceptor::from(Arc::clone(&config)).accept(tcp).await else { continue };
            let mut heard = Vec::new();
            while !heard.windows(4).any(|end| end == b"\r\n\r\n") {
                if io.read_buf(&mut heard).await.unwrap_or(0) == 0 {
                    break;
                }
            }
            noted.lock().unwrap().push(String::from_utf8(heard).unwrap());
            // Who went away needs no answer.
            let _ = io.write_all(answer.as_bytes()).await;
            if keeps {
                let _ = io.flush().await;
                kept.push(io);
            } else {
                let _ = io.shutdown().await;
            }
        }
    });
    Server { port, asked, tls, _task: task }
}

fn ok(headers: &str, body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

/// Names stand for what each of these says, one after the other.
fn names(answers: &[&[&str]]) -> Lookup {
    let answers: VecDeque<Vec<IpAddr>> =
        answers.iter().map(|found| found.iter().map(|one| one.parse().unwrap()).collect()).collect();
    let answers = Arc::new(Mutex::new(answers));
    Arc::new(move |_| {
        let found = answers.lock().unwrap().pop_front().unwrap_or_default();
        async move { Ok(found) }.boxed()
    })
}

fn fetcher(server: &Server, networks: &[&str], lookup: Lookup) -> Fetcher {
    let settings = FetchSettings {
        networks: networks.iter().map(|text| text.parse().unwrap()).collect(),
        ports: vec![443, server.port],
        ..FetchSettings::default()
    };
    Fetcher::with_lookup(&server.tls, settings, lookup).unwrap()
}

async fn get(fetcher: &Fetcher, server: &Server, path: &str) -> Result<Fetched, FetchError> {
    fetcher.get(&format!("https://localhost:{}{path}", server.port), "application/json", 100).await
}

#[tokio::test]
async fn what_is_there_is_had_whatever_its_status() {
    for (answer, status, body) in [
        (ok("content-type: application/json\r\n", "{}"), 200, "{}"),
        (ok("content-encoding: identity\r\n", "{}"), 200, "{}"),
        ("HTTP/1.1 410 Gone\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".to_owned(), 410, ""),
        // It is told, and not followed.
        (
            "HTTP/1.1 302 Found\r\nlocation: https://127.0.0.1/\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
                .to_owned(),
            302,
            "",
        ),
    ] {
        let server = server(answer).await;
        let fetcher = fetcher(&server, &["127.0.0.1"], names(&[&["127.0.0.1"]]));
        let fetched = get(&fetcher, &server, "/a?b=c").await.unwrap();
        assert_eq!((fetched.status, &fetched.body[..]), (status, body.as_bytes()));
        let asked = server.asked.lock().unwrap().join("");
        assert_eq!(
            asked,
            format!(
                "GET /a?b=c HTTP/1.1\r\naccept: application/json\r\nuser-agent: SparkWeb/{}\r\nhost: localhost:{}\r\n\r\n",
                env!("CARGO_PKG_VERSION"),
                server.port
            )
        );
    }
}

/// What is passed on as it comes.
#[tokio::test]
async fn an_answer_is_read_as_it_comes() {
    let patience = Patience { idle: Duration::from_secs(5), within: Duration::from_secs(5) };
    let long = "x".repeat(300_000);
    let server = server(ok("content-type: image/png\r\n", &long)).await;
    let fetcher = fetcher(&server, &["127.0.0.1"], names(&[&["127.0.0.1"]]));
    let url = Url::parse(&format!("https://localhost:{}/a", server.port)).unwrap();
    let mut opened = fetcher.open(&url, Headers::new(), patience).await.unwrap();
    assert_eq!((opened.status(), opened.header("content-type")), (200, Some("image/png")));
    assert_eq!(opened.length(), Some(300_000));
    let (mut parts, mut bytes) = (0, 0);
    while let Some(part) = opened.next().await.unwrap() {
        (parts, bytes) = (parts + 1, bytes + part.len());
    }
    assert!(parts > 1 && bytes == 300_000, "{bytes} bytes in {parts} parts");
}

/// One that breaks off, one that says nothing, and one that falls silent, however long it might take in all.
#[tokio::test]
async fn what_does_not_come_is_not_waited_for() {
    let patience = Patience { idle: Duration::from_millis(50), within: Duration::from_secs(60) };
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n";
    for (answer, keeps, expected) in [
        (format!("{head}01234"), false, FetchError::Unreachable),
        (format!("{head}01234"), true, FetchError::Slow),
        (String::new(), true, FetchError::Slow),
        (ok("content-encoding: br\r\n", "x"), false, FetchError::Packed),
    ] {
        let server = if keeps { silent(answer).await } else { server(answer).await };
        let fetcher = fetcher(&server, &["127.0.0.1"], names(&[&["127.0.0.1"]]));
        let url = Url::parse(&format!("https://localhost:{}/a", server.port)).unwrap();
        let read = async {
            let mut opened = fetcher.open(&url, Headers::new(), patience).await?;
            while opened.next().await?.is_some() {}
            Ok(())
        };
        assert_eq!(read.await, Err(expected));
    }
}

/// The XMPP server's own services may be where it is, at the port that they have.
#[tokio::test]
async fn a_service_of_the_server_is_let_be_where_that_is() {
    let server = server(ok("", "{}")).await;
    let url = |text: &str| Url::parse(&text.replace("PORT", &server.port.to_string())).unwrap();
    let patience = Patience { idle: Duration::from_secs(5), within: Duration::from_secs(5) };
    let file = url("https://localhost:PORT/file_share/a/b");
    for (at_server, at_service, expected) in
        [("127.0.0.1", "127.0.0.1", Ok(200)), ("127.0.0.2", "127.0.0.1", Err(FetchError::NotPublic))]
    {
        let lookup = names(&[&[at_server], &[at_service]]);
        let settings = FetchSettings::default();
        let anybody = Fetcher::with_lookup(&server.tls, settings, lookup).unwrap();
        let its_own = anybody.of_service(&file, "xmpp.example").await.unwrap();
        assert_eq!(
            its_own.open(&file, Headers::new(), patience).await.map(|opened| opened.status()),
            expected
        );
        let elsewhere = [
            ("https://localhost/", FetchError::Address("its port is not the usual one")),
            ("http://localhost:PORT/", FetchError::Address("it is not https")),
            ("https://10.0.0.1:PORT/", FetchError::NotPublic),
        ];
        for (text, expected) in elsewhere {
            assert_eq!(its_own.address(url(text).as_str()), Err(expected), "{text}");
        }
    }
    // Without TLS a file stays on the machine, whatever a resolver says of the name.
    let lookup = names(&[&["10.0.0.1", "127.0.0.1"], &["10.0.0.1"]]);
    let anybody = Fetcher::with_lookup(&server.tls, FetchSettings::default(), lookup).unwrap();
    let file = url("http://upload.example:PORT/a/b");
    let its_own = anybody.of_service(&file, "xmpp.example").await.unwrap();
    assert_eq!(its_own.open(&file, Headers::new(), patience).await.map(|_| ()), Err(FetchError::NotPublic));
    let (here, there) = (url("http://127.0.0.1:PORT/a/b"), url("http://10.0.0.1:PORT/a/b"));
    assert_eq!(its_own.address(here.as_str()), Ok(here));
    assert_eq!(its_own.address(there.as_str()), Err(FetchError::NotPublic));
}

#[tokio::test]
async fn an_answer_has_bounds() {
    let long = "x".repeat(101);
    for (answer, expected) in [
        (ok("", &long), FetchError::TooLong),
        (format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{long}"), FetchError::TooLong),
        (ok("content-encoding: gzip\r\n", "x"), FetchError::Packed),
        ("HTTP/9 what\r\n\r\n".to_owned(), FetchError::Unreachable),
        (String::new(), FetchError::Unreachable),
    ] {
        let server = server(answer.clone()).await;
        let fetcher = fetcher(&server, &["127.0.0.1"], names(&[&["127.0.0.1"]]));
        assert_eq!(get(&fetcher, &server, "/").await.unwrap_err(), expected, "{answer:.40}");
    }
}

#[tokio::test]
async fn whoever_keeps_it_waiting_is_left() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (_, tls) = certificate();
    let settings = FetchSettings {
        networks: vec!["127.0.0.1".parse().unwrap()],
        ports: vec![port],
        within: Duration::from_millis(50),
        ..FetchSettings::default()
    };
    let fetcher = Fetcher::with_lookup(&tls, settings, names(&[&["127.0.0.1"]])).unwrap();
    let fetched = fetcher.get(&format!("https://localhost:{port}/"), "*/*", 100).await;
    assert_eq!(fetched.unwrap_err(), FetchError::Slow);
}

#[tokio::test]
async fn nobody_is_led_to_where_the_gateway_alone_can_go() {
    let server = server(ok("", "secret")).await;
    let everywhere = |fetcher: &Fetcher, text: &str| fetcher.address(text).map(|url| url.to_string());
    let nowhere = fetcher(&server, &[], names(&[]));
    let a = FetchError::Address;
    for (text, expected) in [
        ("http://example.com/", a("it is not https")),
        ("ftp://example.com/", a("it is not https")),
        ("file:///etc/passwd", a("it is not https")),
        ("gopher://example.com/", a("it is not https")),
        ("javascript:alert(1)", a("it is not https")),
        ("example.com", a("it is no URL")),
        ("https://", a("it is no URL")),
        ("", a("it is no URL")),
        ("https://a@example.com/", a("there is a name or a password in it")),
        ("https://:b@example.com/", a("there is a name or a password in it")),
        ("https://example.com:8443/", a("its port is not the usual one")),
        ("https://example.com:0/", a("its port is not the usual one")),
        ("https://127.0.0.1/", FetchError::NotPublic),
        ("https://2130706433/", FetchError::NotPublic),
        ("https://0x7f.1/", FetchError::NotPublic),
        ("https://0177.0.0.1/", FetchError::NotPublic),
        ("https://127.1/", FetchError::NotPublic),
        ("https://①②⑦.0.0.1/", FetchError::NotPublic),
        ("https://169.254.169.254/latest/meta-data/", FetchError::NotPublic),
        ("https://10.0.0.1/", FetchError::NotPublic),
        ("https://[::1]/", FetchError::NotPublic),
        ("https://[::ffff:127.0.0.1]/", FetchError::NotPublic),
        ("https://[::ffff:7f00:1]/", FetchError::NotPublic),
        ("https://[64:ff9b::7f00:1]/", FetchError::NotPublic),
        ("https://[fe80::1]/", FetchError::NotPublic),
        ("https://0.0.0.0/", FetchError::NotPublic),
    ] {
        assert_eq!(everywhere(&nowhere, text), Err(expected), "{text}");
        assert_eq!(nowhere.get(text, "*/*", 100).await.unwrap_err(), expected, "{text}");
    }
    for text in ["https://example.com/", "https://1.1.1.1/", "https://example.com:443/a?b"] {
        assert!(everywhere(&nowhere, text).is_ok(), "{text}");
    }
    // By what a name stands for.
    for found in [&["127.0.0.1"][..], &["::1", "::ffff:127.0.0.1"], &["10.0.0.1", "169.254.169.254"], &[]] {
        let fetcher = fetcher(&server, &[], names(&[found]));
        assert_eq!(get(&fetcher, &server, "/").await.unwrap_err(), FetchError::NotPublic, "{found:?}");
    }
    assert_eq!(server.asked.lock().unwrap().len(), 0, "nobody was asked");
}

/// Whoever answers for a name may say another thing each time: what is looked at is what is used.
#[tokio::test]
async fn a_name_that_changes_its_mind_leads_nowhere() {
    let server = server(ok("", "{}")).await;
    let changes = names(&[&["127.0.0.1"], &["127.0.0.2"], &["127.0.0.2", "127.0.0.1"]]);
    let fetcher = fetcher(&server, &["127.0.0.1"], changes);
    assert!(get(&fetcher, &server, "/").await.is_ok());
    assert_eq!(get(&fetcher, &server, "/").await.unwrap_err(), FetchError::NotPublic);
    assert!(get(&fetcher, &server, "/").await.is_ok(), "of several, where it may go");
}

/// What is trusted is said by the configuration, and no certificate of a test's own is.
#[tokio::test]
async fn a_server_must_be_one_that_is_trusted() {
    let server = server(ok("", "{}")).await;
    let (_, other) = certificate();
    let server = Server { tls: other, ..server };
    let fetcher = fetcher(&server, &["127.0.0.1"], names(&[&["127.0.0.1"]]));
    assert_eq!(get(&fetcher, &server, "/").await.unwrap_err(), FetchError::Unreachable);
}
