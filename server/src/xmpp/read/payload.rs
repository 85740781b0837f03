//! What stanzas of every kind carry: stamps, errors, texts of a bounded length.

use chrono::DateTime;
use minidom::Element;
use protocol::{FailureReason, TimestampMs};

use crate::xmpp::StanzaError;
use crate::xmpp::namespaces as ns;

/// The longest name or status in bytes: what is longer is no name.
const MAX_TEXT_BYTES: usize = 1024;

/// A text of somebody else's, cut where it becomes unreasonable.
pub(in crate::xmpp) fn shorten(text: &str) -> String {
    let mut end = text.len().min(MAX_TEXT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

/// When it was sent, where it was kept for a while (XEP-0203).
pub(super) fn stamp(stanza: &Element) -> Option<TimestampMs> {
    let stamp = stanza.get_child("delay", ns::DELAY)?.attr("stamp")?;
    DateTime::parse_from_rfc3339(stamp).ok().map(|instant| instant.timestamp_millis())
}

/// An instant of XEP-0082.
pub(in crate::xmpp) fn instant(text: &str) -> Option<TimestampMs> {
    DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.timestamp_millis())
}

pub(super) fn condition(stanza: &Element) -> Option<&str> {
    let error = stanza.get_child("error", ns::CLIENT)?;
    error.children().find(|child| child.has_ns(ns::XMPP_STANZAS) && child.name() != "text").map(Element::name)
}

/// Why a question was refused (RFC 6120 section 8.3.3).
pub(in crate::xmpp) fn stanza_error(stanza: &Element) -> StanzaError {
    let is_of_conditions = || {
        let error = stanza.get_child("error", ns::CLIENT);
        error.is_some_and(|error| error.has_child("precondition-not-met", ns::PUBSUB_ERRORS))
    };
    match condition(stanza) {
        Some("conflict") if !is_of_conditions() => StanzaError::Conflict,
        Some("item-not-found") => StanzaError::ItemNotFound,
        Some("feature-not-implemented" | "service-unavailable") => StanzaError::Unsupported,
        Some(
            "forbidden"
            | "not-allowed"
            | "not-authorized"
            | "registration-required"
            | "subscription-required",
        ) => StanzaError::Forbidden,
        Some("remote-server-not-found" | "remote-server-timeout") => StanzaError::Unreachable,
        _ => StanzaError::Other,
    }
}

/// Why a message came back (RFC 6120 section 8.3.3).
pub(super) fn fail_reason(stanza: &Element) -> FailureReason {
    match condition(stanza) {
        Some("item-not-found" | "remote-server-not-found" | "gone" | "jid-malformed") => {
            FailureReason::NotFound
        }
        Some("forbidden" | "not-allowed" | "not-acceptable" | "not-authorized" | "subscription-required") => {
            FailureReason::Refused
        }
        Some("service-unavailable" | "remote-server-timeout" | "recipient-unavailable") => {
            FailureReason::Unreachable
        }
        Some("policy-violation" | "resource-constraint") => FailureReason::TooMuch,
        _ => FailureReason::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_is_that_of_a_name_unless_conditions_are_not_met() {
        let refused = |inside: &str| {
            let iq = format!(
                "<iq xmlns='jabber:client' type='error'><error type='cancel'>\
                 <conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>{inside}</error></iq>"
            );
            stanza_error(&iq.parse().unwrap())
        };
        assert_eq!(refused(""), StanzaError::Conflict);
        let conditions = "<precondition-not-met xmlns='http://jabber.org/protocol/pubsub#errors'/>";
        assert_eq!(refused(conditions), StanzaError::Other);
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(shorten("hi"), "hi");
        assert_eq!(shorten(&"é".repeat(600)).len(), 1024);
        assert_eq!(shorten(&format!("a{}", "é".repeat(600))).len(), 1023);
    }

    #[test]
    fn instants_are_read_in_any_zone() {
        assert_eq!(instant("1970-01-01T00:00:01Z"), Some(1000));
        assert_eq!(instant("1970-01-01T02:00:01.5+02:00"), Some(1500));
        assert_eq!(instant("yesterday"), None);
        assert_eq!(instant("19700101T00:00:01"), None);
    }
}
