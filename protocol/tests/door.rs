//! What administrators see, and whoever checks tokens elsewhere, looks like on the wire. A change here is a change of the
//! API: say so in CHANGELOG.md.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own input has failed")]
#![expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]

use expect_test::{Expect, expect};
use protocol::{
    AuditEntry, AuditKind, AuditPage, BareJid, Entitlements, ErrorCode, Jwk, Jwks, Scope, SetEntitlements,
};
use serde::Serialize;

#[track_caller]
fn check(value: impl Serialize, expected: Expect) {
    expected.assert_eq(&serde_json::to_string(&value).unwrap());
}

fn romeo() -> BareJid {
    "romeo@spark.test".parse().unwrap()
}

#[test]
fn entitlements() {
    check(
        Entitlements { jid: romeo(), allow: vec![Scope::Admin], deny: vec![], scopes: vec![Scope::SignIns] },
        expect![[r#"{"jid":"romeo@spark.test","allow":["admin"],"deny":[],"scopes":["sign-ins"]}"#]],
    );
    let given: SetEntitlements = serde_json::from_str(r#"{"deny":["raw"]}"#).unwrap();
    assert_eq!(given, SetEntitlements { allow: vec![], deny: vec![Scope::Raw] });
}

#[test]
fn the_keys() {
    let text = |text: &str| text.to_owned();
    let (kty, crv, alg, usage) = (text("OKP"), text("Ed25519"), text("EdDSA"), text("sig"));
    check(
        Jwks { keys: vec![Jwk { kty, crv, alg, usage, kid: text("k"), x: text("x") }] },
        expect![[r#"{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig","kid":"k","x":"x"}]}"#]],
    );
}

#[test]
fn the_audit_log() {
    let entry = AuditEntry {
        position: 7,
        id: "0f1e".to_owned(),
        at_ms: 1_767_225_600_000,
        kind: AuditKind::SignInRefused,
        jid: Some(romeo()),
        object: None,
        detail: None,
        code: Some(ErrorCode::WrongCredentials),
        address: Some("192.0.2.1".to_owned()),
        amr: vec![],
        request_id: Some("r1".to_owned()),
        count: 1,
        hash: "00".to_owned(),
    };
    check(
        AuditPage { entries: vec![entry], before: Some(7) },
        expect![[
            r#"{"entries":[{"position":7,"id":"0f1e","at_ms":1767225600000,"kind":"sign_in_refused","jid":"romeo@spark.test","code":"wrong_credentials","address":"192.0.2.1","amr":[],"request_id":"r1","count":1,"hash":"00"}],"before":7}"#
        ]],
    );
}
