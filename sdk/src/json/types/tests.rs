//! What is read here is what `serde_json` reads.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::*;
use crate::json::read;

/// What `serde_json` reads is read here, and comes out the same.
#[track_caller]
fn same<T: FromJson + DeserializeOwned + Serialize>(texts: &[&str]) {
    for text in texts {
        let ours: T = read(text).unwrap_or_else(|| panic!("not read: {text}"));
        let serdes: T = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&ours).unwrap(), serde_json::to_string(&serdes).unwrap(), "{text}");
    }
}

const MESSAGE: &str = r#"{"id":"1","archive_id":"a9","from":"a@b.c/x","to":"d@b.c","direction":"outgoing","kind":"chat","body":"\n\"é🙂","sent_at_ms":7,"delayed":true,"delivery":{"state":"failed","reason":"refused"},"unstyled":true}"#;

const RICH: &str = r#"{"id":"1","from":"a@b.c/x","to":"d@b.c","direction":"outgoing","kind":"chat","body":"","sent_at_ms":7,"edited_at_ms":8,"retraction":{"at_ms":9,"by":"a@b.c","reason":"r"},"action":true,"reply_to":{"id":"0","from":"a@b.c"},"files":[{"url":"https://x","name":"n","media_type":"a/b","size_bytes":5000000000,"width":1,"height":2,"description":"d","hashes":[{"algorithm":"sha-256","value":"v"}]},{"url":"https://y"}],"mentions":[{"jid":"a@b.c","begin":0,"end":1},{"jid":"a@b.c"}],"reactions":[{"emoji":"👋","from":["a@b.c"]}],"data":"{\"a\":1}"}"#;

#[test]
fn resources_are_read_as_serde_reads_them() {
    same::<Message>(&[
        MESSAGE,
        RICH,
        r#"{"id":"1","from":"a@b.c","to":"d@b.c","direction":"incoming","kind":"headline","body":"","sent_at_ms":-1}"#,
    ]);
    same::<Contact>(&[
        r#"{"jid":"a@b.c"}"#,
        r#"{"jid":"a@b.c","name":"A","groups":["x","y"],"subscription":"both","pending":true,"pre_approved":true,"presence":{"availability":"away","status":"s","since_ms":5},"avatar":"ff"}"#,
    ]);
    same::<ContactDetails>(&[
        r#"{"contact":{"jid":"a@b.c"},"devices":[{"resource":"","availability":"away","priority":-128,"status":"s","since_ms":1,"client":"c"}],"blocked":true}"#,
    ]);
    same::<Profile>(&[
        "{}",
        r#"{"full_name":"F","nickname":"N","given_name":"G","family_name":"M","organisation":"O","title":"T","emails":["e"],"phones":["p"],"urls":["u"],"birthday":"b","note":"x"}"#,
    ]);
    same::<AvatarSet>(&[r#"{"avatar":"ab"}"#]);
    same::<LastActivity>(&[r#"{"ago_secs":0}"#, r#"{"ago_secs":4294967295,"status":"s"}"#]);
    same::<SetContact>(&["{}", r#"{"name":"","groups":[],"subscribe":true}"#]);
    same::<SetSubscription>(&["{}", r#"{"to":true,"from":false}"#]);
    same::<Account>(&[
        r#"{"jid":"a@b.c","name":"A","session_jid":"a@b.c/r","presence":{"availability":"chat"},"avatar":"ff","connection":{"state":"ended","reason":"replaced"}}"#,
        r#"{"jid":"a@b.c","name":"A","presence":{"availability":"do_not_disturb"},"connection":{"state":"connecting"}}"#,
    ]);
    let conversation = format!(
        r#"{{"jid":"a@b.c","unread":3,"read_up_to":"1","last_message":{MESSAGE},"chat_state":"gone","writing":["Ann","Ben"]}}"#
    );
    same::<Conversation>(&[&conversation, r#"{"jid":"a@b.c","unread":0}"#]);
    same::<History>(&[&format!(r#"{{"messages":[{MESSAGE}],"before":"a1"}}"#), r#"{"messages":[]}"#]);
    same::<MessageQueued>(&[r#"{"id":"1","conversation":"a@b.c","delivery":{"state":"pending"}}"#]);
    same::<SignIn>(&[
        r#"{"id":"s","jid":"a@b.c","access_token":"t","expires_in_secs":900,"refresh_token":"r"}"#,
    ]);
    same::<Problem>(&[
        r#"{"type":"/p","title":"t","status":422,"detail":"d","code":"message_id_reused","retry_after_secs":3,"request_id":"q"}"#,
        r#"{"type":"/p","title":"t","status":500,"detail":"d","code":"of_the_future"}"#,
    ]);
    same::<Snapshot>(&[
        r#"{"position":"1-2","account":{"jid":"a@b.c","name":"A","presence":{"availability":"offline"},"connection":{"state":"suspended","reason":"of_the_future"}},"contacts":[{"jid":"d@b.c"}],"conversations":[{"jid":"d@b.c","unread":1}],"drafts":[{"conversation":"d@b.c","text":"t"}]}"#,
        r#"{"position":"1-2","account":{"jid":"a@b.c","name":"A","presence":{"availability":"offline"},"connection":{"state":"online"}},"contacts":[],"conversations":[],"subscription_requests":[{"jid":"d@b.c","received_at_ms":1}],"blocks":["b.c"]}"#,
    ]);
    for state in ["pending", "sent", "delivered", "displayed"] {
        same::<Delivery>(&[&format!(r#"{{"state":"{state}"}}"#)]);
    }
}

#[test]
fn events_are_read_as_serde_reads_them() {
    let added = format!(r#"{{"type":"message_added","conversation":"a@b.c","message":{MESSAGE}}}"#);
    let changed = format!(r#"{{"type":"message_changed","conversation":"a@b.c","message":{RICH}}}"#);
    let events = [
        r#"{"type":"ready","recovered":true,"position":"1-2"}"#,
        r#"{"recovered":false,"position":"1-2","reason":"expired","type":"ready","more":[1.5,{"a":null}]}"#,
        r#"{"type":"unavailable","retry_after_secs":3}"#,
        r#"{"type":"signed_out","reason":"replaced"}"#,
        r#"{"type":"connection_changed","connection":{"state":"suspended","reason":"silent"}}"#,
        r#"{"type":"connection_changed","connection":{"state":"online"}}"#,
        r#"{"type":"roster_replaced","contacts":[{"jid":"a@b.c"},{"jid":"d@b.c","name":"D"}]}"#,
        r#"{"type":"contact_changed","contact":{"jid":"a@b.c","presence":{"availability":"away"}}}"#,
        r#"{"type":"contact_removed","jid":"a@b.c"}"#,
        r#"{"type":"presence_changed","jid":"a@b.c","presence":{"availability":"extended_away"}}"#,
        r#"{"type":"own_presence_changed","presence":{"availability":"available"}}"#,
        r#"{"type":"own_name_changed","name":"Ж"}"#,
        r#"{"type":"avatar_changed","jid":"a@b.c"}"#,
        r#"{"type":"avatar_changed","jid":"a@b.c","avatar":"abc"}"#,
        &added,
        r#"{"type":"delivery_changed","conversation":"a@b.c","id":"1","delivery":{"state":"sent"}}"#,
        r#"{"type":"conversation_changed","conversation":{"jid":"a@b.c","unread":2,"chat_state":"paused"}}"#,
        r#"{"type":"chat_state_changed","jid":"a@b.c"}"#,
        r#"{"type":"subscription_requested","request":{"jid":"a@b.c","received_at_ms":5}}"#,
        r#"{"type":"subscription_requested","request":{"jid":"a@b.c","name":"A","text":"<b>","received_at_ms":5}}"#,
        r#"{"type":"subscription_request_closed","jid":"a@b.c"}"#,
        r#"{"type":"jid_blocked","jid":"a@b.c/d"}"#,
        r#"{"type":"jid_unblocked","jid":"b.c"}"#,
        r#"{"type":"blocks_replaced","blocks":["a@b.c","b.c"]}"#,
        r#"{"type":"chat_state_changed","jid":"a@b.c","state":"composing"}"#,
        r#"{"type":"chat_state_changed","jid":"a@b.c","nick":"Ann","state":"composing"}"#,
        r#"{"type":"history_changed"}"#,
        r#"{"type":"history_changed","conversation":"a@b.c"}"#,
        &changed,
        r#"{"type":"draft_changed","conversation":"a@b.c","text":""}"#,
        r#"{"type":"conversation_removed","jid":"a@b.c"}"#,
        r#"{"type":"message_added","conversation":"r@b.c","message":{"id":"1","from":"r@b.c/n","to":"d@b.c","sender":{"nick":"n","occupant_id":"o","jid":"a@b.c"},"direction":"incoming","kind":"groupchat","body":"b","sent_at_ms":1}}"#,
        r#"{"type":"conversation_changed","conversation":{"jid":"r@b.c","kind":"room","unread":0}}"#,
        r#"{"type":"of_the_future","conversation":"a@b.c","deep":[{"a":1.5e300}]}"#,
    ];
    same::<Event>(&events);
    let kinds: std::collections::BTreeSet<&str> =
        events.iter().filter_map(|text| Some(read::<Event>(text)?.name())).collect();
    // One for every variant of `protocol::Event` of which the model holds something; `Model::take` is where the compiler
    // asks about a new one.
    assert_eq!(kinds.len(), 25);
}

#[test]
fn what_the_sdk_writes_it_reads() {
    fn back<T: FromJson + Serialize + PartialEq + std::fmt::Debug>(value: &T) {
        let text = serde_json::to_string(value).unwrap();
        assert_eq!(read::<T>(&text).as_ref(), Some(value), "{text}");
    }
    let error = |code| Error { code, detail: "d".to_owned(), retry_after_secs: Some(1) };
    let unsent = Unsent {
        id: "1".parse().unwrap(),
        account: "a@b.c".parse().unwrap(),
        to: "d@b.c".parse().unwrap(),
        body: "\u{2028}\\\"".to_owned(),
        extras: Extras::of(&read(RICH).unwrap()),
        written_at_ms: 5,
        refused: Some(error(Code::Gateway(ErrorCode::Forbidden))),
    };
    for code in [Code::Network, Code::BadAnswer, Code::Browser, Code::Gateway(ErrorCode::NotFound)] {
        back(&error(code));
    }
    let (to, id) = (unsent.to.clone(), unsent.id.clone());
    let position = Position { epoch: 1, offset: 2 };
    for word in [
        Word::Hello,
        Word::Link { link: Link::Up {} },
        Word::Link { link: Link::Down { since_ms: 1, next_try_ms: None } },
        Word::Link { link: Link::Down { since_ms: 1, next_try_ms: Some(2) } },
        Word::Event { position, json: "{\"type\":\"x\"}".to_owned() },
        Word::Lost,
        Word::Asked,
        Word::Written { unsent: unsent.clone() },
        Word::Accepted { to: to.clone(), id: id.clone(), delivery: Delivery::Sent },
        Word::Refused { to: to.clone(), id: id.clone(), error: error(Code::Network) },
        Word::Discarded { to, id },
        Word::SignIn,
    ] {
        back(&Posted { account: Some(unsent.account.clone()), word });
    }
    back(&unsent);
}
