//! What a push says, and how it is written for whoever is told.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::{BareJid, ConversationId, MessageId, Push, PushActs, PushKind, TimestampMs};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::encryption::MAX_PLAINTEXT;
use crate::keyring::{Keyring, Purpose, SealError};

/// The most bytes of a push that was too long for its push service.
const MAX_SHRUNK: usize = 1024;

/// The most characters of a name that is shown.
const MAX_NAME_CHARS: usize = 100;

/// What a push says. It is kept sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) kind: PushKind,
    pub(super) conversation: Option<ConversationId>,
    pub(super) title: Option<String>,
    pub(super) sender: Option<String>,
    pub(super) body: Option<String>,
    pub(super) message_id: Option<MessageId>,
    pub(super) at_ms: TimestampMs,
}

/// In which form a device is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As `protocol::Push` has it.
    V1,
    /// As the plugin's service worker takes it.
    Compat,
}

impl Form {
    pub(super) fn word(self) -> &'static str {
        match self {
            Form::V1 => "v1",
            Form::Compat => "compat",
        }
    }

    pub(super) fn read(word: &str) -> Form {
        if word == "compat" { Form::Compat } else { Form::V1 }
    }
}

impl Content {
    /// That there is something of a kind, and nothing of what it is.
    pub(super) fn of(kind: PushKind, at_ms: TimestampMs) -> Self {
        let (conversation, title, sender, body, message_id) = (None, None, None, None, None);
        Content { kind, conversation, title, sender, body, message_id, at_ms }
    }

    pub(super) fn seal(&self, keyring: &Keyring, topic: &str) -> Result<String, SealError> {
        keyring.seal(Purpose::Push, topic, &serde_json::to_vec(self).map_err(|_| SealError)?)
    }

    pub(super) fn open(keyring: &Keyring, topic: &str, sealed: &str) -> Result<Self, SealError> {
        serde_json::from_slice(&keyring.open(Purpose::Push, topic, sealed)?).map_err(|_| SealError)
    }
}

/// The word for a kind, where it is kept.
pub(super) fn word(kind: PushKind) -> &'static str {
    match kind {
        PushKind::Message => "message",
        PushKind::Mention => "mention",
        PushKind::Invitation => "invitation",
        PushKind::ContactRequest => "contact_request",
        PushKind::Withdrawn => "withdrawn",
        PushKind::Unknown => "unknown",
    }
}

/// Under what a later push takes the place of an earlier one, at the push service and on the screen: of 32 characters as
/// RFC 8030 section 5.4 has it. Whoever does not know the device's id can't find out of whom it is.
pub(super) fn topic(device: &str, kind: PushKind, of: &str) -> String {
    let kind = match kind {
        PushKind::Mention => PushKind::Message,
        other => other,
    };
    let digest = Sha256::digest(format!("{device}\0{}\0{of}", word(kind)));
    URL_SAFE_NO_PAD.encode(&digest[..24])
}

/// What is written beside what happened.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) account: &'a BareJid,
    pub(super) tag: &'a str,
    pub(super) count: u32,
    pub(super) acts: &'a PushActs,
    /// It was too long before.
    pub(super) shrunk: bool,
}

/// The JSON of a push, as long as it may be: what is shown is cut first, then what can be done is left out.
pub(super) fn written(content: &Content, form: Form, around: Around<'_>) -> Vec<u8> {
    let max = if around.shrunk { MAX_SHRUNK } else { MAX_PLAINTEXT };
    let (mut content, mut acts) = (content.clone(), around.acts.clone());
    for name in [&mut content.title, &mut content.sender].into_iter().flatten() {
        *name = name.chars().take(MAX_NAME_CHARS).collect();
    }
    loop {
        let json = match form {
            Form::V1 => v1(&content, &acts, around),
            Form::Compat => compat(&content, &acts, around),
        };
        if json.len() <= max {
            return json;
        }
        match &mut content.body {
            Some(body) if !body.is_empty() => {
                let chars = body.chars().count();
                // What is over, but at least a bit; a character may be written as several bytes.
                let over = ((json.len() - max) / 6).max(1);
                *body = body.chars().take(chars.saturating_sub(over + 1)).collect();
                if !body.is_empty() {
                    body.push('\u{2026}');
                }
            }
            Some(_) => content.body = None,
            None if !acts.is_empty() => acts = PushActs::default(),
            // Addresses alone can be as long.
            None => content = Content::of(content.kind, content.at_ms),
        }
    }
}

fn v1(content: &Content, acts: &PushActs, around: Around<'_>) -> Vec<u8> {
    let push = Push {
        kind: content.kind,
        tag: around.tag.to_owned(),
        account: around.account.clone(),
        conversation: content.conversation.clone(),
        title: content.title.clone(),
        sender: content.sender.clone(),
        body: content.body.clone(),
        count: Some(around.count).filter(|count| *count > 1),
        message_id: content.message_id.clone(),
        at_ms: content.at_ms,
        acts: acts.clone(),
    };
    // A plain struct of strings and numbers, which serde_json can't fail on.
    serde_json::to_vec(&push).unwrap_or_default()
}

/// The plugin's NotificationEntity: its service worker reads `subject`, `body`, `data`, `actions` and `token` unchecked.
fn compat(content: &Content, acts: &PushActs, around: Around<'_>) -> Vec<u8> {
    let subject = content.title.clone().unwrap_or_else(|| "SparkWeb".to_owned());
    let body = content.body.clone().unwrap_or_else(|| {
        match content.kind {
            PushKind::Invitation => "An invitation",
            PushKind::ContactRequest => "A contact request",
            _ => "A new message",
        }
        .to_owned()
    });
    let body = match &content.sender {
        Some(sender) => format!("{sender}: {body}"),
        None => body,
    };
    // What the contract calls a username.
    let data = content.conversation.as_ref().map_or("", |conversation| {
        let address = conversation.as_str();
        match address.strip_suffix(around.account.domain()).and_then(|local| local.strip_suffix('@')) {
            Some(local) => local,
            None => address,
        }
    });
    let can_reply = acts.reply.is_some();
    let reply = json!({ "action": "webpush.message", "type": "text", "title": "Reply" });
    let actions = if can_reply { vec![reply] } else { Vec::<Value>::new() };
    let entity = json!({
        "subject": subject,
        "body": body,
        "data": data,
        "requireInteraction": false,
        "persistent": false,
        "sticky": false,
        "actions": actions,
        "token": acts.reply.clone().unwrap_or_default(),
    });
    entity.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(body: &str) -> Content {
        Content {
            kind: PushKind::Message,
            conversation: Some("romeo@spark.test".parse().unwrap()),
            title: Some("Romeo".to_owned()),
            sender: None,
            body: Some(body.to_owned()),
            message_id: Some("m1".parse().unwrap()),
            at_ms: 7,
        }
    }

    fn acts() -> PushActs {
        let token = |name: &str| Some(format!("{name}.{}", "x".repeat(200)));
        PushActs { reply: token("reply"), mark_read: token("read"), mute: token("mute") }
    }

    fn check(content: &Content, form: Form, shrunk: bool) -> Value {
        let (account, acts) = ("juliet@spark.test".parse().unwrap(), acts());
        let around = Around { account: &account, tag: "tag", count: 3, acts: &acts, shrunk };
        let json = written(content, form, around);
        assert!(json.len() <= if shrunk { MAX_SHRUNK } else { MAX_PLAINTEXT }, "{}", json.len());
        serde_json::from_slice(&json).unwrap()
    }

    #[test]
    fn a_push_says_what_happened() {
        let push = check(&content("hi"), Form::V1, false);
        for (field, expected) in [
            ("kind", json!("message")),
            ("tag", json!("tag")),
            ("account", json!("juliet@spark.test")),
            ("conversation", json!("romeo@spark.test")),
            ("title", json!("Romeo")),
            ("body", json!("hi")),
            ("count", json!(3)),
            ("message_id", json!("m1")),
            ("at_ms", json!(7)),
        ] {
            assert_eq!(push[field], expected, "{field}");
        }
        assert_eq!(push["acts"].as_object().unwrap().len(), 3);
        let push = check(&content("hi"), Form::Compat, false);
        let words = ["subject", "body", "data"].map(|field| push[field].as_str().unwrap().to_owned());
        assert_eq!(words, ["Romeo", "hi", "romeo"]);
        assert_eq!(push["actions"][0]["action"], "webpush.message");
        assert!(push["token"].as_str().unwrap().starts_with("reply."));
    }

    #[test]
    fn what_is_too_long_is_cut_and_never_broken() {
        let long = ["a", "\u{1f339}", "\"", "\n", "\u{7}"].map(|text| text.repeat(5000));
        for (body, form, shrunk) in long.iter().flat_map(|body| {
            [Form::V1, Form::Compat]
                .into_iter()
                .flat_map(move |form| [(body, form, false), (body, form, true)])
        }) {
            let push = check(&content(body), form, shrunk);
            let body = push["body"].as_str().unwrap();
            assert!(body.ends_with('\u{2026}'), "{body:?} {form:?} {shrunk}");
        }
        let local = "r".repeat(1000);
        let jid = format!("{local}@{}/{}", "d".repeat(1000), "n".repeat(1000));
        let content = Content { conversation: Some(jid.parse().unwrap()), title: Some(jid), ..content("hi") };
        for (shrunk, shows) in [(false, true), (true, false)] {
            let push = check(&content, Form::V1, shrunk);
            assert_eq!((push["kind"].as_str(), push["conversation"].is_string()), (Some("message"), shows));
            assert_eq!(push["acts"].is_object(), shows);
        }
    }

    #[test]
    fn topics_tell_devices_and_conversations_apart() {
        use PushKind::{ContactRequest, Invitation, Mention, Message};
        let one = topic("device", Message, "romeo@spark.test");
        assert_eq!(one.len(), 32);
        assert_eq!(topic("device", Mention, "romeo@spark.test"), one);
        for (device, kind, of) in [
            ("another", Message, "romeo@spark.test"),
            ("device", Invitation, "romeo@spark.test"),
            ("device", ContactRequest, "romeo@spark.test"),
            ("device", Message, "nurse@spark.test"),
        ] {
            assert_ne!(topic(device, kind, of), one, "{device} {kind:?} {of}");
        }
    }

    #[test]
    fn what_is_kept_opens_under_its_topic_alone() {
        let keyring = Keyring::parse(&Keyring::new_key()).unwrap();
        let sealed = content("wherefore").seal(&keyring, "one").unwrap();
        assert!(!sealed.contains("wherefore"));
        assert_eq!(Content::open(&keyring, "one", &sealed).unwrap(), content("wherefore"));
        assert!(Content::open(&keyring, "another", &sealed).is_err());
    }
}
