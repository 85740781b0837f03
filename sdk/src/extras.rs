//! What is sent beside a text.

use protocol::{ErrorCode, File, Mention, ReplyTo};
use serde::Serialize;

use crate::json::{self, Options};
use crate::{Code, Error};

/// What a message carries beside its text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Extras {
    /// Which message it answers; the gateway knows who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<ReplyTo>,
    /// Files that were uploaded before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
    /// Who is mentioned, and where in the text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<Mention>,
    /// Nothing in the text is styling.
    #[serde(skip_serializing_if = "is_false")]
    pub unstyled: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Extras {
    /// Reads them from what a page handed over as JSON: `replyTo`, `files`, `mentions`, `unstyled`.
    ///
    /// # Errors
    /// `MalformedBody` if it is none of that.
    pub fn from_options(json: &str) -> Result<Self, Error> {
        let malformed = || {
            Error::new(
                Code::Gateway(ErrorCode::MalformedBody),
                "The options are not of the form that `send` takes: see SendOptions.",
            )
        };
        json::read::<Options>(json).map(|options| options.0).ok_or_else(malformed)
    }

    /// Those of a message that was sent before.
    pub(crate) fn of(message: &protocol::Message) -> Self {
        Extras {
            reply_to: message.reply_to.clone(),
            files: message.files.clone(),
            mentions: message.mentions.clone(),
            unstyled: message.unstyled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_as_pages_write_them() {
        let extras = Extras::from_options(
            r#"{"replyTo":{"id":"m1"},"files":[{"url":"https://x.test/a"}],"mentions":[{"jid":"a@b.c","begin":0,"end":1}],"unstyled":true,"more":1}"#,
        )
        .unwrap();
        assert_eq!(extras.reply_to.unwrap().id.as_str(), "m1");
        assert_eq!(extras.files.first().unwrap().url, "https://x.test/a");
        assert_eq!(extras.mentions.first().unwrap().end, Some(1));
        assert!(extras.unstyled);
        assert_eq!(Extras::from_options("{}").unwrap(), Extras::default());
        for bad in [
            "",
            "[]",
            "5",
            r#"{"replyTo":{}}"#,
            r#"{"files":[{}]}"#,
            r#"{"mentions":{}}"#,
            r#"{"unstyled":1}"#,
        ] {
            assert!(Extras::from_options(bad).is_err(), "{bad}");
        }
    }
}
