//! How what SASL says is put into elements: as RFC 6120 section 6 has it, or as SASL2 (XEP-0388), which carries more.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures::SinkExt;
use minidom::Element;

use super::super::connector::ConnectError;
use super::super::connector::wire::{self, Wire};
use super::super::element::{Build, element};
use super::super::namespaces as ns;
use super::fast::Ht;

/// Which of the two.
#[derive(Debug, Clone, Copy)]
pub(super) enum Profile<'a> {
    /// The stream begins anew after it.
    Sasl,
    /// The stream goes on.
    Sasl2 {
        /// Which client this is, as far as tokens are concerned: a UUID.
        agent: Option<&'a str>,
        /// A token is asked for, for this mechanism.
        asks_for: Option<Ht>,
    },
}

/// What a server says.
pub(super) enum Said {
    Challenge(Vec<u8>),
    /// What it proves, and all of what it said.
    Success(Vec<u8>, Element),
    Failure(ConnectError),
}

impl Profile<'_> {
    /// Begins by a mechanism. `fast` says that it is by a token.
    pub(super) async fn begin(
        self,
        wire: &mut Wire,
        mechanism: &str,
        initial: &[u8],
        fast: Option<Element>,
    ) -> Result<(), ConnectError> {
        // An empty initial response is "=", to tell it from none at all (RFC 6120 section 6.4.2).
        let text = if initial.is_empty() { "=".to_owned() } else { BASE64.encode(initial) };
        let nonza = match self {
            Profile::Sasl => element("auth", ns::SASL).with("mechanism", mechanism).content(text),
            Profile::Sasl2 { agent, asks_for } => {
                let software = element("software", ns::SASL2).content("SparkWeb");
                let user_agent = element("user-agent", ns::SASL2).with_some("id", agent).child(software);
                let mut nonza = element("authenticate", ns::SASL2)
                    .with("mechanism", mechanism)
                    .child(element("initial-response", ns::SASL2).content(text))
                    .child(user_agent);
                let asked =
                    asks_for.map(|ht| element("request-token", ns::FAST).with("mechanism", ht.name()));
                for child in [asked, fast].into_iter().flatten() {
                    nonza = nonza.child(child);
                }
                nonza
            }
        };
        send(wire, &nonza).await
    }

    /// Answers a challenge.
    pub(super) async fn respond(self, wire: &mut Wire, data: &[u8]) -> Result<(), ConnectError> {
        send(wire, &element("response", self.namespace()).content(BASE64.encode(data))).await
    }

    /// What the server says next.
    pub(super) async fn next(self, wire: &mut Wire) -> Result<Said, ConnectError> {
        let answer = wire::next(wire).await?;
        if !answer.has_ns(self.namespace()) {
            return Err(ConnectError::Incompatible("the server spoke of something else while signing in"));
        }
        match answer.name() {
            "challenge" => Ok(Said::Challenge(decoded(&answer.text())?)),
            "success" => {
                let data = match self {
                    Profile::Sasl => answer.text(),
                    Profile::Sasl2 { .. } => {
                        answer.get_child("additional-data", ns::SASL2).map(Element::text).unwrap_or_default()
                    }
                };
                Ok(Said::Success(decoded(&data)?, answer))
            }
            "failure" => Ok(Said::Failure(failure(&answer))),
            "continue" => Err(ConnectError::Incompatible("the server wants more than a proof")),
            _ => Err(ConnectError::Incompatible("the server's answer to signing in is unknown")),
        }
    }

    fn namespace(self) -> &'static str {
        match self {
            Profile::Sasl => ns::SASL,
            Profile::Sasl2 { .. } => ns::SASL2,
        }
    }
}

async fn send(wire: &mut Wire, nonza: &Element) -> Result<(), ConnectError> {
    wire.stream.send(nonza).await.map_err(|_| ConnectError::Unreachable)
}

fn decoded(text: &str) -> Result<Vec<u8>, ConnectError> {
    if text == "=" {
        return Ok(Vec::new());
    }
    BASE64.decode(text.trim()).map_err(|_| ConnectError::Incompatible("the server's challenge is not base64"))
}

/// RFC 6120 section 6.5, which SASL2 takes over.
fn failure(element: &Element) -> ConnectError {
    let condition = element.children().find(|child| child.name() != "text").map(Element::name);
    match condition {
        Some("not-authorized" | "invalid-authzid" | "credentials-expired") => ConnectError::WrongCredentials,
        Some("account-disabled") => ConnectError::AccountDisabled,
        Some("temporary-auth-failure") => ConnectError::Unreachable,
        Some(
            "aborted" | "bad-protocol" | "incorrect-encoding" | "invalid-mechanism" | "malformed-request",
        ) => ConnectError::Incompatible("the server did not go through with signing in"),
        Some("encryption-required" | "mechanism-too-weak") => {
            ConnectError::Incompatible("the server demands a stronger way to sign in")
        }
        // RFC 6120 section 6.5: an unknown condition means that it failed, and not why.
        _ => ConnectError::WrongCredentials,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_told_apart() {
        for (condition, expected) in [
            ("<not-authorized/>", ConnectError::WrongCredentials),
            ("<account-disabled/><text>gone</text>", ConnectError::AccountDisabled),
            ("<text>sorry</text><temporary-auth-failure/>", ConnectError::Unreachable),
            ("<brand-new/>", ConnectError::WrongCredentials),
            ("", ConnectError::WrongCredentials),
        ] {
            let element: Element =
                format!("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{condition}</failure>")
                    .parse()
                    .unwrap();
            assert_eq!(failure(&element), expected, "{condition}");
        }
    }
}
