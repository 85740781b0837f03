//! Making an account (XEP-0077 section 3.1), on a stream on which nobody is signed in.

use futures::SinkExt;
use minidom::Element;
use protocol::BareJid;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;

use super::super::element::{Build, element};
use super::super::namespaces as ns;
use super::super::resolve;
use super::super::write::field;
use super::budget::Purpose;
use super::wire::{self, Refusal, Wire};
use super::{ConnectError, Connector};

/// Why no account was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegisterError {
    /// The server can't be reached, or used.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The server makes no accounts for those who ask.
    #[error("the XMPP server makes no accounts for those who ask")]
    NotOffered,
    /// Somebody has this name.
    #[error("somebody has this name already")]
    Exists,
    /// The server wants to know more.
    #[error("the XMPP server wants to know more: {0}")]
    Incomplete(String),
    /// The server does not take the name or the password.
    #[error("the XMPP server does not take this name and password")]
    Refused,
    /// The server makes no more accounts for now.
    #[error("the XMPP server makes no more accounts for now")]
    NotNow,
}

/// Somebody new.
#[derive(Debug)]
pub struct Registration {
    /// Their address.
    pub jid: BareJid,
    /// Their password.
    pub password: SecretString,
    /// An address for electronic mail.
    pub email: Option<String>,
}

impl Connector {
    /// Makes an account, at the first place that answers. Over TLS, as signing in is.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub async fn register(&self, registration: &Registration) -> Result<(), RegisterError> {
        let Registration { jid, .. } = registration;
        let Some(username) = jid.local() else { return Err(RegisterError::Refused) };
        let (endpoint, resolver) = (&self.0.settings.endpoint, self.0.resolver.as_ref());
        let mut candidates = resolve::candidates(endpoint, resolver, jid.domain()).await.into();
        let mut last = ConnectError::Unreachable;
        while let Some((_turn, candidate)) = self.next_turn(Purpose::SignIn, &mut candidates).await? {
            match self.reach(&candidate, jid.domain(), None).await {
                Ok((mut wire, features, _)) => {
                    if !features.registration {
                        return Err(RegisterError::NotOffered);
                    }
                    let steps = register(&mut wire, jid, username, registration);
                    let result = timeout(self.0.settings.deadlines.step * 2, steps).await;
                    return result.unwrap_or(Err(ConnectError::Silent.into()));
                }
                Err(Refusal::Failed(error)) => last = error,
                Err(Refusal::Elsewhere(_)) => last = ConnectError::Unreachable,
            }
        }
        Err(last.into())
    }
}

async fn register(
    wire: &mut Wire,
    jid: &BareJid,
    username: &str,
    registration: &Registration,
) -> Result<(), RegisterError> {
    let question = element("query", ns::REGISTER);
    let answer = ask(wire, "get", jid.domain(), "reg1", question).await?;
    if answer.attr("type") != Some("result") {
        return Err(RegisterError::NotOffered);
    }
    let wanted = answer.get_child("query", ns::REGISTER).ok_or(RegisterError::NotOffered)?;
    let reply = filled(wanted, username, registration)?;
    let answer = ask(wire, "set", jid.domain(), "reg2", reply).await?;
    if answer.attr("type") == Some("result") {
        return Ok(());
    }
    Err(refusal(&answer))
}

/// Why a server made no account (section 3.1, and RFC 6120 section 8.3.2 for what it says more generally).
fn refusal(answer: &Element) -> RegisterError {
    let error = answer.get_child("error", ns::CLIENT);
    let condition = error.and_then(|error| error.children().find(|child| child.has_ns(ns::XMPP_STANZAS)));
    match condition.map(Element::name) {
        Some("conflict") => RegisterError::Exists,
        Some("not-allowed" | "forbidden" | "service-unavailable" | "feature-not-implemented") => {
            RegisterError::NotOffered
        }
        // Servers make only so many at a time for one address, and all that a gateway asks for come from its own.
        _ if error.is_some_and(|error| error.attr("type") == Some("wait")) => RegisterError::NotNow,
        _ => RegisterError::Refused,
    }
}

async fn ask(
    wire: &mut Wire,
    kind: &str,
    domain: &str,
    id: &str,
    payload: Element,
) -> Result<Element, RegisterError> {
    let iq = element("iq", ns::CLIENT).with("type", kind).with("to", domain).with("id", id).child(payload);
    wire.stream.send(&iq).await.map_err(|_| ConnectError::Unreachable)?;
    loop {
        let answer = wire::next(wire).await?;
        if answer.is("iq", ns::CLIENT) && answer.attr("id") == Some(id) {
            return Ok(answer);
        }
    }
}

/// What the server wants to know, filled in; a form goes before plain fields (section 4).
fn filled(wanted: &Element, username: &str, registration: &Registration) -> Result<Element, RegisterError> {
    let value = |name: &str| match name {
        "username" => Some(username),
        "password" => Some(registration.password.expose_secret()),
        "email" => registration.email.as_deref(),
        _ => None,
    };
    let mut query = element("query", ns::REGISTER);
    if let Some(x) = wanted.get_child("x", ns::DATA_FORMS) {
        let mut form = element("x", ns::DATA_FORMS).with("type", "submit");
        for asked in x.children().filter(|child| child.is("field", ns::DATA_FORMS)) {
            let Some(name) = asked.attr("var") else { continue };
            let given = asked.get_child("value", ns::DATA_FORMS).map(Element::text);
            let hidden = (asked.attr("type") == Some("hidden")).then_some(given).flatten();
            match value(name).map(str::to_owned).or(hidden) {
                Some(text) => form.append_child(field(name, None, &text)),
                None if asked.has_child("required", ns::DATA_FORMS) => {
                    return Err(RegisterError::Incomplete(shown(name)));
                }
                None => continue,
            };
        }
        query.append_child(form);
        return Ok(query);
    }
    for asked in wanted.children().filter(|child| child.has_ns(ns::REGISTER)) {
        match asked.name() {
            "registered" | "instructions" => {}
            name => {
                let text = value(name).ok_or_else(|| RegisterError::Incomplete(shown(name)))?;
                query.append_child(element(name, ns::REGISTER).content(text));
            }
        }
    }
    Ok(query)
}

/// A name of somebody else's, for people to read.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::xmpp::read::tests::parse;

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "so that a case reads as one line")]
    fn check(wanted: &str, email: Option<&str>, expected: Expect) {
        let registration = Registration {
            jid: "bill@shakespeare.lit".parse().unwrap(),
            password: SecretString::from("Calliope"),
            email: email.map(str::to_owned),
        };
        let wanted = parse(&format!("<query xmlns='jabber:iq:register'>{wanted}</query>"));
        let shown = match filled(&wanted, "bill", &registration) {
            Ok(query) => String::from(&query),
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&shown);
    }

    #[test]
    fn a_refusal_says_what_to_do() {
        for (error, expected) in [
            (
                "<error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
                RegisterError::Exists,
            ),
            (
                "<error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
                RegisterError::NotOffered,
            ),
            (
                "<error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
                RegisterError::NotNow,
            ),
            ("<error type='wait'/>", RegisterError::NotNow),
            (
                "<error type='modify'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
                RegisterError::Refused,
            ),
            ("<error/>", RegisterError::Refused),
            ("", RegisterError::Refused),
        ] {
            let answer = parse(&format!("<iq xmlns='jabber:client' type='error' id='reg2'>{error}</iq>"));
            assert_eq!(refusal(&answer), expected, "{error}");
        }
    }

    #[test]
    fn what_is_wanted_is_filled_in() {
        // XEP-0077 section 3.1, example 2.
        let plain = "<instructions>Choose a name.</instructions><username/><password/><email/>";
        check(
            plain,
            Some("bard@shakespeare.lit"),
            expect![
                "<query xmlns='jabber:iq:register'><username>bill</username><password>Calliope</password><email>bard@shakespeare.lit</email></query>"
            ],
        );
        check(plain, None, expect!["the XMPP server wants to know more: email"]);
        check(
            "<username/><password/>",
            Some("unasked@x"),
            expect![
                "<query xmlns='jabber:iq:register'><username>bill</username><password>Calliope</password></query>"
            ],
        );
        let form = |more: &str| {
            format!(
                "<x xmlns='jabber:x:data' type='form'>\
                 <field type='hidden' var='FORM_TYPE'><value>jabber:iq:register</value></field>\
                 <field var='username'><required/></field><field var='password'><required/></field>\
                 <field var='email'/>{more}</x>"
            )
        };
        check(
            &form(""),
            None,
            expect![
                "<query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>jabber:iq:register</value></field><field var='username'><value>bill</value></field><field var='password'><value>Calliope</value></field></x></query>"
            ],
        );
        check(
            &form("<field var='ocr'><required/></field>"),
            None,
            expect!["the XMPP server wants to know more: ocr"],
        );
    }
}
