//! What can go wrong, as callers of the SDK see it.
//!
//! It knows the gateway's problem documents and the ways in which no answer comes at all. Callers decide by
//! [`Code`], never by the text.

use std::fmt;

use protocol::{ErrorCode, Problem};
use serde::Serialize;

/// A stable word for what went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// No answer: the network or the gateway is away. Trying again later helps.
    Network,
    /// An answer that is not one of the gateway's: a proxy's error page, say, or another program at that address.
    BadAnswer,
    /// The browser refused something which the operation needs.
    Browser,
    /// The gateway said so.
    #[serde(untagged)]
    Gateway(ErrorCode),
}

impl Code {
    /// The code as a word in snake case, as JavaScript sees it: `wrong_credentials`, `network`.
    pub fn as_word(self) -> String {
        // A string in JSON: the word in quotes.
        serde_json::to_string(&self).unwrap_or_default().trim_matches('"').to_owned()
    }
}

/// Why an operation failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Error {
    /// The stable word for it.
    pub code: Code,
    /// A sentence for people: what went wrong and what to do about it.
    pub detail: String,
    /// In how many seconds to try again, where the gateway said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_secs: Option<u32>,
}

impl Error {
    /// No answer came.
    pub(crate) fn network() -> Self {
        Error::new(Code::Network, "The chat service can't be reached. Check the network, then try again.")
    }

    /// An answer came which is not the gateway's.
    pub(crate) fn bad_answer() -> Self {
        Error::new(
            Code::BadAnswer,
            "The address answers, but not as a SparkWeb gateway. Check the gateway's address.",
        )
    }

    /// Nobody is signed in.
    pub(crate) fn not_signed_in() -> Self {
        Error::new(Code::Gateway(ErrorCode::NotSignedIn), "Nobody is signed in. Sign in first.")
    }

    pub(crate) fn new(code: Code, detail: &str) -> Self {
        Error { code, detail: detail.to_owned(), retry_after_secs: None }
    }

    /// The sign-in behind the request is over, and only a new one helps.
    pub fn is_signed_out(&self) -> bool {
        matches!(
            self.code,
            Code::Gateway(ErrorCode::NotSignedIn | ErrorCode::InvalidToken | ErrorCode::SessionEnded)
        )
    }

    /// Asking again later may well succeed, with nothing changed in the request.
    pub fn is_temporary(&self) -> bool {
        match self.code {
            Code::Network | Code::BadAnswer => true,
            Code::Browser => false,
            Code::Gateway(code) => matches!(
                code,
                ErrorCode::TokenExpired
                    | ErrorCode::TooManyRequests
                    | ErrorCode::XmppUnreachable
                    | ErrorCode::XmppTimeout
                    | ErrorCode::SessionOffline
                    | ErrorCode::Overloaded
                    | ErrorCode::Internal
            ),
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Error {
            code: Code::Gateway(problem.code),
            detail: problem.detail,
            retry_after_secs: problem.retry_after_secs,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_words() {
        for (code, word) in [
            (Code::Network, "network"),
            (Code::BadAnswer, "bad_answer"),
            (Code::Gateway(ErrorCode::WrongCredentials), "wrong_credentials"),
        ] {
            assert_eq!(code.as_word(), word);
        }
    }
}
