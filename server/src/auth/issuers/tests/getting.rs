//! When keys are got, and from where.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::fetch::FetchSettings;
use crate::task::OwnedTask;
use crate::trial_tls::certificate;

/// Keys come and go, and whoever makes up names of keys does not have us ask for each.
#[tokio::test]
async fn keys_are_got_when_they_are_needed() {
    let (old, new) = (Signer::new("old", Algorithm::ES256), Signer::new("new", Algorithm::ES256));
    let (has, asked) = (Arc::new(Mutex::new(None::<Vec<u8>>)), Arc::new(Mutex::new(0)));
    let (had, counted) = (Arc::clone(&has), Arc::clone(&asked));
    let source = Source::of(move |_| {
        *counted.lock().unwrap() += 1;
        let keys = had.lock().unwrap().clone();
        Box::pin(async move { keys })
    });
    let issuers = Issuers::new(STARTED_MS, vec![settings(&[Algorithm::ES256])], source);
    let next = Mutex::new(0);
    let check = async |signer: &Signer, secs: i64| {
        let at = NOW + secs;
        let id = {
            let mut next = next.lock().unwrap();
            *next += 1;
            next.to_string()
        };
        let claims = with(&claims(), &json!({ "jti": id, "iat": at, "exp": at + 60 }));
        let token = signer.sign(&signer.header(), &claims);
        let before = *asked.lock().unwrap();
        let got = issuers.check(at * 1000, &token).await.map(drop);
        (got, *asked.lock().unwrap() - before)
    };
    let set_to = |keys: Option<Vec<u8>>| *has.lock().unwrap() = keys;
    assert_eq!(check(&old, 0).await, (Err(AssertionError::NoKeys), 1));
    set_to(Some(set(&[&old.jwk])));
    assert_eq!(check(&old, 29).await, (Err(AssertionError::NoKeys), 0), "it was asked a moment ago");
    assert_eq!(check(&old, 30).await, (Ok(()), 1));
    assert_eq!(check(&old, 31).await, (Ok(()), 0));
    assert!(matches!(check(&new, 59).await, (Err(AssertionError::Foreign(_)), 0)));
    set_to(Some(set(&[&old.jwk, &new.jwk])));
    assert_eq!(check(&new, 60).await, (Ok(()), 1));
    // The old one is taken away: that is known when keys are got again.
    set_to(Some(set(&[&new.jwk])));
    assert_eq!(check(&old, 659).await, (Ok(()), 0));
    assert!(matches!(check(&old, 660).await, (Err(AssertionError::Foreign(_)), 1)));
    // While none can be had those are good that are known, for a day.
    set_to(None);
    assert_eq!(check(&new, 2000).await, (Ok(()), 1));
    set_to(Some(b"nonsense".to_vec()));
    assert_eq!(check(&new, 660 + 86_399).await, (Ok(()), 1));
    assert_eq!(check(&new, 660 + 86_400).await, (Err(AssertionError::NoKeys), 0));
}

/// All who come at once wait for the one who asks.
#[tokio::test]
async fn keys_are_got_once_for_all() {
    let signer = Signer::new("k1", Algorithm::ES256);
    let keys = set(&[&signer.jwk]);
    let asked = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&asked);
    let source = Source::of(move |_| {
        *counted.lock().unwrap() += 1;
        let keys = keys.clone();
        Box::pin(async move {
            tokio::task::yield_now().await;
            Some(keys)
        })
    });
    let issuers = Issuers::new(STARTED_MS, vec![settings(&[Algorithm::ES256])], source);
    let tokens: Vec<String> = (0..20)
        .map(|n| signer.sign(&signer.header(), &with(&claims(), &json!({ "jti": n.to_string() }))))
        .collect();
    let all = tokens.iter().map(|token| issuers.check(NOW * 1000, token));
    assert!(futures::future::join_all(all).await.iter().all(Result::is_ok));
    assert_eq!(*asked.lock().unwrap(), 1);
}

#[tokio::test]
async fn files_are_read_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jwks.json");
    let (_, tls) = certificate();
    let fetcher = Fetcher::new(&tls, FetchSettings::default()).unwrap();
    let open = |keys: KeySource| {
        let settings = IssuerSettings { keys, ..settings(&[Algorithm::ES256]) };
        Issuers::open(STARTED_MS, vec![settings], fetcher.clone())
    };
    assert!(matches!(open(KeySource::File(file.clone())), Err(IssuerError::Unreadable { .. })));
    std::fs::write(&file, "a short one").unwrap();
    for keys in [KeySource::File(file.clone()), KeySource::Secret(file.clone())] {
        assert!(matches!(open(keys), Err(IssuerError::Unusable { .. })));
    }
    let signer = Signer::new("k1", Algorithm::ES256);
    std::fs::write(&file, set(&[&signer.jwk])).unwrap();
    let issuers = open(KeySource::File(file)).unwrap();
    let then = with(&claims(), &json!({ "iat": NOW - 999, "exp": NOW - 900 }));
    let then = signer.sign(&signer.header(), &then);
    assert!(issuers.check((NOW - 999) * 1000, &then).await.is_ok());
    // It has others by now.
    let next = Signer::new("k2", Algorithm::ES256);
    std::fs::write(folder.path().join("jwks.json"), set(&[&next.jwk])).unwrap();
    let (old, new) = (signer.sign(&signer.header(), &claims()), next.sign(&next.header(), &claims()));
    assert!(matches!(issuers.check(NOW * 1000, &old).await, Err(AssertionError::Foreign(_))));
    assert!(issuers.check(NOW * 1000, &new).await.is_ok());
}

/// Whoever runs the gateway says by `fetch.networks` where of their own it may go.
#[tokio::test]
async fn an_address_is_asked_where_the_gateway_may_go() {
    let signer = Signer::new("k1", Algorithm::ES256);
    let (serves, tls) = certificate();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let keys = String::from_utf8(set(&[&signer.jwk])).unwrap();
    let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", keys.len());
    let _server = OwnedTask::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        let mut io = TlsAcceptor::from(serves).accept(tcp).await.unwrap();
        let mut heard = Vec::new();
        while !heard.ends_with(b"\r\n\r\n") && io.read_buf(&mut heard).await.unwrap() > 0 {}
        io.write_all((head + &keys).as_bytes()).await.unwrap();
        io.shutdown().await.unwrap();
    });
    let token = signer.sign(&signer.header(), &claims());
    for (networks, expected) in [
        (vec![], Err(AssertionError::NoKeys)),
        (vec!["127.0.0.1".parse().unwrap(), "::1".parse().unwrap()], Ok(())),
    ] {
        let fetch = FetchSettings { networks, ports: vec![port], ..FetchSettings::default() };
        let url = KeySource::Url(format!("https://localhost:{port}/jwks.json"));
        let trusted = vec![IssuerSettings { keys: url, ..settings(&[Algorithm::ES256]) }];
        let issuers = Issuers::open(STARTED_MS, trusted, Fetcher::new(&tls, fetch).unwrap()).unwrap();
        assert_eq!(issuers.check(NOW * 1000, &token).await.map(drop), expected);
    }
}
