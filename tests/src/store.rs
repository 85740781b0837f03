//! What the store promises, of each database that it can be.

mod audit;
mod postgres;
mod push;

use server::store::{
    EntitlementsRecord, PasskeyHandle, PasskeyRecord, Renewal, Sealed, ServerRecord, SignInRecord,
    SigningKey, Store, TotpRecord, Vault,
};

pub(crate) use postgres::Postgres;

fn record(id: &str, jid: &str) -> SignInRecord {
    SignInRecord {
        id: id.to_owned(),
        jid: jid.to_owned(),
        kind: "v1".to_owned(),
        name: "Firefox '); DROP TABLE sign_ins; --".to_owned(),
        address: "192.0.2.1".to_owned(),
        scopes: "read send".to_owned(),
        secret: Some("hash".to_owned()),
        spent: None,
        began_at_ms: 1_767_225_600_000,
        shown: "password totp".to_owned(),
        proved_at_ms: 1_767_225_600_000,
        seen_at_ms: 1_767_225_600_000,
        expires_at_ms: None,
    }
}

async fn keeps_what_it_is_given(store: &Store) {
    let (first, mut second) = (record("a", "juliet@spark.test"), record("b", "romeo@spark.test"));
    store.keep_sign_in(&first).await.unwrap();
    store.keep_sign_in(&second).await.unwrap();
    assert_eq!(store.sign_ins().await.unwrap(), [first.clone(), second.clone()]);
    second.secret = None;
    second.kind = "cookie".to_owned();
    second.spent = Some(("hash".to_owned(), i64::MAX));
    second.seen_at_ms = i64::MAX;
    second.scopes = "read".to_owned();
    (second.shown, second.proved_at_ms) = ("passkey".to_owned(), i64::MAX);
    store.keep_sign_in(&second).await.unwrap();
    store.note_seen(&[("a".to_owned(), 7, "2001:db8::1".to_owned())]).await.unwrap();
    let first = SignInRecord { seen_at_ms: 7, address: "2001:db8::1".to_owned(), ..first };
    assert_eq!(store.sign_ins().await.unwrap(), [first, second.clone()]);
    store.forget_sign_ins(&["a".to_owned(), "nobody".to_owned()]).await.unwrap();
    assert_eq!(store.sign_ins().await.unwrap(), [second]);

    assert_eq!(store.credential("juliet@spark.test").await.unwrap(), None);
    for sealed in ["one", "two"] {
        store.keep_credential("juliet@spark.test", sealed, 1).await.unwrap();
        assert_eq!(store.credential("juliet@spark.test").await.unwrap().as_deref(), Some(sealed));
    }
    assert_eq!(store.credential_owners().await.unwrap(), ["juliet@spark.test"]);
    store.forget_credential("juliet@spark.test").await.unwrap();
    assert_eq!(store.credential("juliet@spark.test").await.unwrap(), None);

    keeps_authenticator_apps(store).await;
    let entitled = |jid: &str, allowed: &str, changed_at_ms| EntitlementsRecord {
        jid: jid.to_owned(),
        allowed: allowed.to_owned(),
        denied: String::new(),
        changed_at_ms,
    };
    for record in [entitled("b@c", "raw", 1), entitled("a@c", "", 2), entitled("b@c", "raw admin", 3)] {
        store.keep_entitlements(&record).await.unwrap();
    }
    store.forget_entitlements("a@c").await.unwrap();
    assert_eq!(store.entitlements().await.unwrap(), [entitled("b@c", "raw admin", 3)]);
    let server =
        |mechanism: &str| ServerRecord { domain: "spark.test".to_owned(), mechanism: mechanism.to_owned() };
    for mechanism in ["SCRAM-SHA-512", "SCRAM-SHA-1"] {
        store.keep_server(&server(mechanism), 1).await.unwrap();
    }
    assert_eq!(store.servers().await.unwrap(), [server("SCRAM-SHA-1")]);

    let key = |id: &str, made_at_ms| SigningKey { id: id.to_owned(), sealed: "k".to_owned(), made_at_ms };
    for (id, made_at_ms) in [("old", 1), ("new", 2), ("old", 1)] {
        store.keep_signing_key(&key(id, made_at_ms)).await.unwrap();
    }
    assert_eq!(store.signing_keys().await.unwrap(), [key("new", 2), key("old", 1)]);
}

async fn keeps_authenticator_apps(store: &Store) {
    let app = |sealed: &str, recovery: &[&str]| TotpRecord {
        jid: "juliet@spark.test".to_owned(),
        sealed: sealed.to_owned(),
        last_step: 5,
        made_at_ms: 1,
        recovery: recovery.iter().map(|hash| (*hash).to_owned()).collect(),
    };
    store.keep_totp(&app("one", &["a", "b"])).await.unwrap();
    store.keep_totp(&app("two", &["b", "c", "d"])).await.unwrap();
    for step in [7, 6] {
        store.note_totp_step("juliet@spark.test", step).await.unwrap();
    }
    for (jid, hash) in [("juliet@spark.test", "c"), ("romeo@spark.test", "b"), ("juliet@spark.test", "a")] {
        store.forget_recovery_code(jid, hash).await.unwrap();
    }
    let expected = TotpRecord { last_step: 7, ..app("two", &["b", "d"]) };
    assert_eq!(store.totps().await.unwrap(), [expected]);
    store.forget_totp("juliet@spark.test").await.unwrap();
    assert_eq!(store.totps().await.unwrap(), []);
}

async fn keeps_passkeys(store: &Store) {
    let passkey = |id: &str, jid: &str, made_at_ms| PasskeyRecord {
        id: id.to_owned(),
        jid: jid.to_owned(),
        name: "Juliet's telephone \u{1f4f1}".to_owned(),
        credential: r#"{"cred_id":"AAEC"}"#.to_owned(),
        made_at_ms,
        used_at_ms: None,
        blocked_at_ms: None,
    };
    let (juliet, romeo) = ("juliet@spark.test", "romeo@spark.test");
    let (mut first, second) = (passkey("b", juliet, 1), passkey("a", juliet, 2));
    for kept in [&second, &first, &passkey("c", romeo, 3), &passkey("d", romeo, 4)] {
        store.keep_passkey(kept).await.unwrap();
    }
    for (jid, handle) in [(juliet, "one"), (romeo, "his"), (juliet, "two")] {
        store.keep_passkey_handle(jid, handle).await.unwrap();
    }
    (first.used_at_ms, first.blocked_at_ms, first.name) = (Some(5), Some(6), "Another".to_owned());
    store.keep_passkey(&first).await.unwrap();
    store.forget_passkey("d").await.unwrap();
    assert_eq!(store.passkeys().await.unwrap(), [first.clone(), second.clone(), passkey("c", romeo, 3)]);
    store.forget_passkeys(romeo).await.unwrap();
    assert_eq!(store.passkeys().await.unwrap(), [first, second]);
    let handle = PasskeyHandle { jid: juliet.to_owned(), handle: "two".to_owned() };
    assert_eq!(store.passkey_handles().await.unwrap(), [handle]);

    assert_eq!(store.secret("decoys").await.unwrap(), None);
    for sealed in ["one", "two"] {
        store.keep_secret("decoys", sealed).await.unwrap();
        assert_eq!(store.secret("decoys").await.unwrap().as_deref(), Some(sealed));
    }
}

/// Whatever is sealed is found, part by part, and replaced only where it is what it was.
async fn seals_anew(store: &Store) {
    let sealed = |owner: &str, sealed: &str| Sealed { owner: owner.to_owned(), sealed: sealed.to_owned() };
    let renewal = |owner: &str, from: &str, to: &str| Renewal {
        owner: owner.to_owned(),
        from: from.to_owned(),
        to: to.to_owned(),
    };
    for (jid, kept) in [("b@c", "1.b"), ("a@c", "1.a"), ("c@c", "1.c")] {
        store.keep_credential(jid, kept, 1).await.unwrap();
    }
    let vault = Vault::Credentials;
    assert_eq!(store.sealed(vault, "", 2).await.unwrap(), [sealed("a@c", "1.a"), sealed("b@c", "1.b")]);
    assert_eq!(store.sealed(vault, "b@c", 2).await.unwrap(), [sealed("c@c", "1.c")]);
    assert_eq!(store.sealed(vault, "c@c", 2).await.unwrap(), []);
    store.keep_credential("b@c", "2.B", 2).await.unwrap();
    store.forget_credential("c@c").await.unwrap();
    let renewals = [renewal("a@c", "1.a", "2.a"), renewal("b@c", "1.b", "2.b"), renewal("c@c", "1.c", "2.c")];
    assert_eq!(store.renew_sealed(vault, &renewals).await.unwrap(), 1);
    assert_eq!(store.sealed(vault, "", 9).await.unwrap(), [sealed("a@c", "2.a"), sealed("b@c", "2.B")]);
    for jid in ["a@c", "b@c"] {
        store.forget_credential(jid).await.unwrap();
    }
    // Of the others what was kept before.
    for (vault, owner, of) in [(Vault::SigningKeys, "new", "k"), (Vault::Secrets, "decoys", "two")] {
        assert!(store.sealed(vault, "", 9).await.unwrap().contains(&sealed(owner, of)), "{owner}");
        assert_eq!(store.renew_sealed(vault, &[renewal(owner, of, of)]).await.unwrap(), 1, "{owner}");
    }
    let app = TotpRecord {
        jid: "a@c".to_owned(),
        sealed: "1.t".to_owned(),
        last_step: 1,
        made_at_ms: 1,
        recovery: vec!["a".to_owned()],
    };
    store.keep_totp(&app).await.unwrap();
    assert_eq!(store.renew_sealed(Vault::Totp, &[renewal("a@c", "1.t", "2.t")]).await.unwrap(), 1);
    assert_eq!(store.totps().await.unwrap(), [TotpRecord { sealed: "2.t".to_owned(), ..app }]);
    store.forget_totp("a@c").await.unwrap();
}

/// Each holds what it was given, and has it when it is opened again.
async fn check(url: &str) {
    let store = Store::open(url).await.unwrap();
    keeps_what_it_is_given(&store).await;
    keeps_passkeys(&store).await;
    seals_anew(&store).await;
    push::keeps_devices(&store).await;
    push::keeps_what_is_to_be_pushed(&store).await;
    store.close().await;
    let store = Store::open(url).await.unwrap();
    assert_eq!(store.sign_ins().await.unwrap().len(), 1);
    assert_eq!(store.signing_keys().await.unwrap().len(), 2);
    assert_eq!(store.passkeys().await.unwrap().len(), 2);
    store.close().await;
}

#[tokio::test]
async fn memory_keeps_what_it_is_given() {
    keeps_what_it_is_given(&Store::in_memory().await.unwrap()).await;
    // Each is one of its own.
    assert!(Store::in_memory().await.unwrap().sign_ins().await.unwrap().is_empty());
}

#[tokio::test]
async fn sqlite_keeps_what_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    check(&format!("sqlite:{}", folder.path().join("spark web.db").display())).await;
}

#[tokio::test]
async fn postgresql_keeps_what_it_is_given() {
    let postgres = Postgres::start().await;
    check(postgres.url()).await;
}
