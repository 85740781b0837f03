//! A meeting on the web (XEP-0483), else by the older question that Openfire's plugin answers.

use minidom::Element;
use protocol::{Jid, Meeting};
use url::Url;

use super::{Kind, Question, Request};
use crate::xmpp::element::{Build, child_text, element};
use crate::xmpp::namespaces as ns;
use crate::xmpp::{Answer, RequestError};

/// The longest address in bytes.
const MAX_URL_BYTES: usize = 4096;

/// A meeting. Answer: `Meeting`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartMeeting {
    /// Whom to ask.
    pub jid: Jid,
    /// By which software.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// What it is about.
    pub description: Option<String>,
}

/// The same, as it was before there was a specification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartOldMeeting {
    /// Whom to ask.
    pub jid: Jid,
    /// By which software.
    pub kind: String,
    /// Its id.
    pub id: String,
}

impl Question for StartMeeting {
    fn to(&self) -> Option<Jid> {
        Some(self.jid.clone())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        let mut query =
            element("query", ns::MEETINGS).with("type", self.kind.as_str()).with("id", self.id.as_str());
        if let Some(description) = &self.description {
            query.append_child(element("desc", ns::MEETINGS).content(description.as_str()));
        }
        (Kind::Get, query)
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let query = iq.get_child("query", ns::MEETINGS).ok_or(RequestError::Malformed)?;
        let url = |name: &str| {
            let place = query.get_child(name, ns::MEETINGS)?;
            meeting_url(&child_text(place, "url", ns::MEETINGS)?)
        };
        let (invite, initiate) = (url("invite"), url("initiate"));
        let url = invite.or_else(|| initiate.clone()).ok_or(RequestError::Malformed)?;
        let host_url = initiate.filter(|initiate| *initiate != url);
        Ok(Answer::Meeting(Meeting { url, host_url }))
    }

    fn otherwise(&self) -> Option<Request> {
        let StartMeeting { jid, kind, id, .. } = self.clone();
        Some(Request::StartOldMeeting(StartOldMeeting { jid, kind, id }))
    }
}

impl Question for StartOldMeeting {
    fn to(&self) -> Option<Jid> {
        Some(self.jid.clone())
    }

    fn payload(&self, _: &str) -> (Kind, Element) {
        let namespace = format!("urn:xmpp:http:online-meetings:{}:0", self.kind);
        (Kind::Get, element("request", &namespace).with("id", self.id.as_str()))
    }

    fn read(&self, iq: &Element) -> Result<Answer, RequestError> {
        let place = iq.get_child("x", ns::OOB).and_then(|x| child_text(x, "url", ns::OOB));
        // It comes percent-encoded as a whole.
        let place =
            place.map(|text| percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned());
        let url = place.as_deref().and_then(meeting_url).ok_or(RequestError::Malformed)?;
        Ok(Answer::Meeting(Meeting { url, host_url: None }))
    }
}

/// An address to which people may be sent: of https, maybe behind the name of a handler (`web+jitsi:https://…`).
pub(in crate::xmpp) fn meeting_url(text: &str) -> Option<String> {
    let text = text.trim();
    let text = match text.strip_prefix("web+") {
        Some(rest) => rest.split_once(':')?.1,
        None => text,
    };
    let url = Url::parse(text).ok().filter(|_| text.len() <= MAX_URL_BYTES)?;
    let is_plain = url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
    is_plain.then(|| url.into())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::tests::{check_answer, check_stanza};
    use super::*;

    fn question() -> Request {
        Request::StartMeeting(StartMeeting {
            jid: "montague.tld".parse().unwrap(),
            kind: "jitsi".to_owned(),
            id: "my_meeting".to_owned(),
            description: Some("Open Standards".to_owned()),
        })
    }

    #[test]
    fn a_meeting_is_asked_for_in_two_ways() {
        check_stanza(
            question(),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='montague.tld' type='get'><query xmlns='urn:xmpp:http:online-meetings:0' id='my_meeting' type='jitsi'><desc>Open Standards</desc></query></iq>"
            ],
        );
        let old = question().question().otherwise().unwrap();
        check_stanza(
            old.clone(),
            expect![
                "<iq xmlns='jabber:client' id='q1' to='montague.tld' type='get'><request xmlns='urn:xmpp:http:online-meetings:jitsi:0' id='my_meeting'/></iq>"
            ],
        );
        check_answer(
            &old,
            "<x xmlns='jabber:x:oob'><url>https%3A%2F%2Fmeet.example%2Fa</url></x>",
            expect![[r#"Ok(Meeting(Meeting { url: "https://meet.example/a", host_url: None }))"#]],
        );
        assert_eq!(old.question().otherwise(), None);
    }

    #[test]
    fn a_meeting_is_at_an_address_of_https() {
        // XEP-0483 section 4, examples 9 and 10.
        check_answer(
            &question(),
            "<query xmlns='urn:xmpp:http:online-meetings:0'>\
             <initiate type='jitsi'><url>web+jitsi:https://meet.jit.si/OpenStandards</url><desc>x</desc></initiate>\
             <invite type='jitsi'><url>https://meet.jit.si/OpenStandards</url></invite></query>",
            expect![[r#"Ok(Meeting(Meeting { url: "https://meet.jit.si/OpenStandards", host_url: None }))"#]],
        );
        check_answer(
            &question(),
            "<query xmlns='urn:xmpp:http:online-meetings:0'><initiate><url>https://meet.example/?host</url></initiate>\
             <invite><url>https://meet.example/</url></invite></query>",
            expect![[
                r#"Ok(Meeting(Meeting { url: "https://meet.example/", host_url: Some("https://meet.example/?host") }))"#
            ]],
        );
        for text in [
            "http://meet.example/",
            "javascript:alert(1)",
            "web+x:javascript:1",
            "https://a:b@meet.example/",
            "",
        ] {
            assert_eq!(meeting_url(text), None, "{text}");
        }
    }
}
