//! Services outside XMPP that the server knows of (XEP-0215): relays for calls.

use minidom::Element;
use protocol::{ExternalService, Jid};

use super::{Kind, Question};
use crate::xmpp::element::{Build, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::read::instant;
use crate::xmpp::{Answer, RequestError};

/// The most services of an answer.
const MAX_SERVICES: usize = 32;
/// The longest of a service's texts in bytes.
const MAX_BYTES: usize = 1024;

/// All services. Answer: `ExternalServices`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchExternalServices {
    /// Who knows of them.
    pub jid: Jid,
}

/// Name and password for one that wants them. Answer: `ExternalServices`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchExternalCredentials {
    /// Who knows of it.
    pub jid: Jid,
    /// Which one.
    pub service: ExternalService,
}

/// A service, and whether it wants a name and a password that were not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundService {
    /// The service.
    pub service: ExternalService,
    /// They have to be asked for.
    pub wants_credentials: bool,
}

impl Question for FetchExternalServices {
    fn to(&self) -> Option<Jid> {
        Some(self.jid.clone())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        (Kind::Get, element("services", ns::EXTERNAL_SERVICES))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        services(iq, "services")
    }
}

impl Question for FetchExternalCredentials {
    fn to(&self) -> Option<Jid> {
        Some(self.jid.clone())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        let ExternalService { kind, host, port, .. } = &self.service;
        let service = element("service", ns::EXTERNAL_SERVICES)
            .with("type", kind.as_str())
            .with("host", host.as_str())
            .with_some("port", port.map(|port| port.to_string()));
        (Kind::Get, element("credentials", ns::EXTERNAL_SERVICES).child(service))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        services(iq, "credentials")
    }
}

fn services(iq: &Element, name: &str) -> Result<Answer, RequestError> {
    let services = iq.get_child(name, ns::EXTERNAL_SERVICES).ok_or(RequestError::Malformed)?;
    let services = services.children().filter(|child| child.is("service", ns::EXTERNAL_SERVICES));
    Ok(Answer::ExternalServices(services.filter_map(service).take(MAX_SERVICES).collect()))
}

fn service(service: &Element) -> Option<FoundService> {
    let text = |name: &str| {
        let text = service.attr(name)?;
        (1..=MAX_BYTES).contains(&text.len()).then(|| text.to_owned())
    };
    let restricted = matches!(service.attr("restricted"), Some("true" | "1"));
    let found = ExternalService {
        kind: text("type")?,
        host: text("host")?,
        port: service.attr("port").and_then(|port| port.parse().ok()),
        transport: text("transport"),
        username: text("username"),
        password: text("password"),
        expires_at_ms: service.attr("expires").and_then(instant),
    };
    let wants_credentials = restricted && found.password.is_none();
    Some(FoundService { service: found, wants_credentials })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::Request;
    use super::super::tests::{check_answer, check_stanza};
    use super::*;

    #[test]
    fn services_are_asked_for() {
        let question =
            Request::FetchExternalServices(FetchExternalServices { jid: "shakespeare.lit".parse().unwrap() });
        check_stanza(
            question.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='shakespeare.lit' type='get'><services xmlns='urn:xmpp:extdisco:2'/></iq>"
            ],
        );
        // XEP-0215 section 3.2, example 2, and one that is none.
        check_answer(
            &question,
            "<services xmlns='urn:xmpp:extdisco:2'>\
             <service host='stun.shakespeare.lit' port='9998' transport='udp' type='stun'/>\
             <service host='relay.shakespeare.lit' password='jj929jkj5sadjfj93v3n' port='9999' transport='udp' type='turn' \
              username='nb78932lkjlskjfdb7g8' expires='2026-01-01T00:00:00Z' restricted='1'/>\
             <service host='192.0.2.1' port='many' type='turn' restricted='true'/><service type='stun'/></services>",
            expect![[
                r#"Ok(ExternalServices([FoundService { service: ExternalService { kind: "stun", host: "stun.shakespeare.lit", port: Some(9998), transport: Some("udp"), username: None, password: None, expires_at_ms: None }, wants_credentials: false }, FoundService { service: ExternalService { kind: "turn", host: "relay.shakespeare.lit", port: Some(9999), transport: Some("udp"), username: Some("nb78932lkjlskjfdb7g8"), password: Some("jj929jkj5sadjfj93v3n"), expires_at_ms: Some(1767225600000) }, wants_credentials: false }, FoundService { service: ExternalService { kind: "turn", host: "192.0.2.1", port: None, transport: None, username: None, password: None, expires_at_ms: None }, wants_credentials: true }]))"#
            ]],
        );
    }

    #[test]
    fn credentials_are_asked_for() {
        let service = ExternalService {
            kind: "turn".to_owned(),
            host: "turn.shakespeare.lit".to_owned(),
            port: None,
            transport: None,
            username: None,
            password: None,
            expires_at_ms: None,
        };
        let jid = "shakespeare.lit".parse().unwrap();
        let question = Request::FetchExternalCredentials(FetchExternalCredentials { jid, service });
        check_stanza(
            question.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='shakespeare.lit' type='get'><credentials xmlns='urn:xmpp:extdisco:2'><service host='turn.shakespeare.lit' type='turn'/></credentials></iq>"
            ],
        );
        // Section 3.3, example 8.
        check_answer(
            &question,
            "<credentials xmlns='urn:xmpp:extdisco:2'><service type='turn' host='turn.shakespeare.lit' \
              password='jj929jkj5sadjfj93v3n' username='nb78932lkjlskjfdb7g8'/></credentials>",
            expect![[
                r#"Ok(ExternalServices([FoundService { service: ExternalService { kind: "turn", host: "turn.shakespeare.lit", port: None, transport: None, username: Some("nb78932lkjlskjfdb7g8"), password: Some("jj929jkj5sadjfj93v3n"), expires_at_ms: None }, wants_credentials: false }]))"#
            ]],
        );
        check_answer(&question, "<services xmlns='urn:xmpp:extdisco:2'/>", expect!["Err(Malformed)"]);
    }
}
