//! The SDK's own types as plain objects. Those of `protocol` are plain objects already.

use sdk::protocol::{Contact, EndReason, FailureReason, Message, TimestampMs};
use sdk::{Entry, Error, Extras, Loading, Progress, Status};
use serde::Serialize;
use wasm_bindgen::JsValue;

/// Any serialisable value as a JavaScript value; `undefined` if it can't be one.
pub(crate) fn to_js(value: &impl Serialize) -> JsValue {
    let text = serde_json::to_string(value).unwrap_or_default();
    js_sys::JSON::parse(&text).unwrap_or(JsValue::UNDEFINED)
}

/// `undefined` for nothing, where JSON would say `null`.
pub(crate) fn optional(value: Option<&impl Serialize>) -> JsValue {
    value.map_or(JsValue::UNDEFINED, to_js)
}

/// What `send` takes beside the text.
pub(crate) fn extras(options: &JsValue) -> Result<Extras, Error> {
    if options.is_undefined() || options.is_null() {
        return Ok(Extras::default());
    }
    let text: Option<String> = js_sys::JSON::stringify(options).ok().map(Into::into);
    Extras::from_options(&text.unwrap_or_default())
}

#[derive(Serialize)]
#[serde(tag = "state", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub(crate) enum StatusView {
    Restoring,
    SignedOut {
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<EndReason>,
    },
    SigningIn,
    Pending,
    MustSetUp,
    Loading,
    Live,
    Reconnecting {
        since_ms: TimestampMs,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_try_ms: Option<TimestampMs>,
    },
}

impl From<Status> for StatusView {
    fn from(status: Status) -> Self {
        match status {
            Status::Restoring => StatusView::Restoring,
            Status::SignedOut { reason } => StatusView::SignedOut { reason },
            Status::SigningIn => StatusView::SigningIn,
            Status::Pending => StatusView::Pending,
            Status::MustSetUp => StatusView::MustSetUp,
            Status::Loading => StatusView::Loading,
            Status::Live => StatusView::Live,
            Status::Reconnecting { since_ms, next_try_ms } => {
                StatusView::Reconnecting { since_ms, next_try_ms }
            }
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(crate) enum ProgressView<'a> {
    Waiting,
    Refused { code: String, detail: &'a str },
    Pending,
    Sent,
    Delivered,
    Displayed,
    Returned { reason: FailureReason },
}

impl<'a> From<&'a Progress> for ProgressView<'a> {
    fn from(progress: &'a Progress) -> Self {
        match progress {
            Progress::Waiting => ProgressView::Waiting,
            Progress::Refused(error) => {
                ProgressView::Refused { code: error.code.as_word(), detail: &error.detail }
            }
            Progress::Pending => ProgressView::Pending,
            Progress::Sent => ProgressView::Sent,
            Progress::Delivered => ProgressView::Delivered,
            Progress::Displayed => ProgressView::Displayed,
            Progress::Returned(reason) => ProgressView::Returned { reason: *reason },
        }
    }
}

#[derive(Serialize)]
pub(crate) struct EntryView<'a> {
    key: u32,
    message: &'a Message,
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<ProgressView<'a>>,
}

impl<'a> From<&'a Entry> for EntryView<'a> {
    fn from(entry: &'a Entry) -> Self {
        EntryView {
            key: entry.key,
            message: &entry.message,
            progress: entry.progress.as_ref().map(ProgressView::from),
        }
    }
}

/// What of a conversation's history is being loaded, as a word.
pub(crate) fn loading_word(loading: Loading) -> &'static str {
    match loading {
        Loading::NotOpened => "not_opened",
        Loading::Newest => "newest",
        Loading::Older => "older",
        Loading::Idle => "idle",
    }
}

/// What happened to one contact; without `contact` they are gone.
#[derive(Serialize)]
pub(crate) struct ContactView<'a> {
    pub(crate) jid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contact: Option<&'a Contact>,
}

/// A message that came live.
#[derive(Serialize)]
pub(crate) struct MessageView<'a> {
    pub(crate) conversation: &'a str,
    pub(crate) message: &'a Message,
}

/// What the other side of a conversation is doing.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChatStateView<'a> {
    pub(crate) conversation: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<sdk::protocol::ChatState>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(crate) writing: &'a [String],
}

/// Which conversation something is about.
#[derive(Serialize)]
pub(crate) struct ConversationView<'a> {
    pub(crate) conversation: &'a str,
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use sdk::Code;
    use sdk::protocol::{Direction, MessageKind};

    use super::*;

    #[track_caller]
    fn check(value: &impl Serialize, expected: &Expect) {
        expected.assert_eq(&serde_json::to_string(value).unwrap());
    }

    #[test]
    fn statuses_are_what_the_types_say() {
        let view = |status: Status| StatusView::from(status);
        check(&view(Status::Live), &expect![[r#"{"state":"live"}"#]]);
        check(&view(Status::Pending), &expect![[r#"{"state":"pending"}"#]]);
        check(&view(Status::MustSetUp), &expect![[r#"{"state":"must_set_up"}"#]]);
        check(&view(Status::SignedOut { reason: None }), &expect![[r#"{"state":"signed_out"}"#]]);
        check(
            &view(Status::SignedOut { reason: Some(EndReason::CredentialsRequired) }),
            &expect![[r#"{"state":"signed_out","reason":"credentials_required"}"#]],
        );
        check(
            &view(Status::Reconnecting { since_ms: 1, next_try_ms: Some(2) }),
            &expect![[r#"{"state":"reconnecting","sinceMs":1,"nextTryMs":2}"#]],
        );
    }

    #[test]
    fn entries_are_what_the_types_say() {
        let message = Message {
            sender: None,
            id: "m1".parse().unwrap(),
            archive_id: None,
            from: "juliet@example.com".parse().unwrap(),
            to: "romeo@example.com".parse().unwrap(),
            direction: Direction::Outgoing,
            kind: MessageKind::Chat,
            body: "</script>\"".to_owned(),
            sent_at_ms: 5,
            delayed: false,
            delivery: None,
            edited_at_ms: None,
            retraction: None,
            action: false,
            unstyled: false,
            reply_to: None,
            files: vec![],
            mentions: vec![],
            reactions: vec![],
            data: None,
        };
        let error = Error {
            code: Code::Gateway(sdk::protocol::ErrorCode::MessageTooLong),
            detail: "The message is too long.".to_owned(),
            retry_after_secs: None,
        };
        let entry = Entry { key: 7, message, progress: Some(Progress::Refused(error)) };
        check(
            &EntryView::from(&entry),
            &expect![[
                r#"{"key":7,"message":{"id":"m1","from":"juliet@example.com","to":"romeo@example.com","direction":"outgoing","kind":"chat","body":"</script>\"","sent_at_ms":5},"progress":{"state":"refused","code":"message_too_long","detail":"The message is too long."}}"#
            ]],
        );
    }
}
