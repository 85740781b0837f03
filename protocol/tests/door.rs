//! What administrators see, and whoever checks tokens elsewhere, looks like on the wire. A change here is a change of the
//! API: say so in CHANGELOG.md.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own input has failed")]
#![expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]

use expect_test::{Expect, expect};
use protocol::{
    AuditEntry, AuditKind, AuditPage, BareJid, Entitlements, ErrorCode, Jwk, Jwks, PasskeyId, PasskeyInfo,
    Scope, SetEntitlements, ShownCredential,
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

#[test]
fn a_passkey() {
    let passkey = PasskeyInfo {
        id: PasskeyId("p1".to_owned()),
        name: "Telephone".to_owned(),
        made_at_ms: 1_767_225_600_000,
        used_at_ms: None,
        is_backed_up: true,
        is_blocked: false,
        transports: vec!["hybrid".to_owned(), "internal".to_owned()],
    };
    check(
        passkey,
        expect![[
            r#"{"id":"p1","name":"Telephone","made_at_ms":1767225600000,"is_backed_up":true,"transports":["hybrid","internal"]}"#
        ]],
    );
}

/// As browsers write it: what else is in it is passed over, and a handle may be null.
#[test]
fn a_credential_of_a_browser_is_read() {
    let text = r#"{"id":"AAAA","rawId":"AAAA","type":"public-key","authenticatorAttachment":"platform",
        "clientExtensionResults":{},"response":{"clientDataJSON":"e30","authenticatorData":"AAAA","signature":"AAAA",
        "userHandle":null}}"#;
    let shown: ShownCredential = serde_json::from_str(text).unwrap();
    assert_eq!((shown.raw_id.as_str(), shown.response.user_handle), ("AAAA", None));
}
