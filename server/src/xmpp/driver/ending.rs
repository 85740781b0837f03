//! Why a stream is over, and what that means for the session.

use minidom::Element;
use protocol::{EndReason, OfflineReason};

use crate::xmpp::connector::wire;

/// Why a stream is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Over {
    /// The owner wanted it so, and the server was told.
    Closed,
    /// It broke; another may be made.
    Lost(OfflineReason),
    /// No other is to be made.
    Fatal(EndReason),
}

/// What a stream error means for the session (RFC 6120 section 4.9.3).
pub(super) fn of_stream_error(error: &Element) -> Over {
    match wire::condition(error) {
        // Another client took the place. Coming back would take it from them, and so on without end.
        Some("conflict") => Over::Fatal(EndReason::Replaced),
        Some("not-authorized") => Over::Fatal(EndReason::CredentialsRequired),
        Some("policy-violation" | "host-gone" | "host-unknown") => Over::Fatal(EndReason::Refused),
        _ if is_about_what_was_sent(error) => Over::Lost(OfflineReason::Protocol),
        _ => Over::Lost(OfflineReason::Unreachable),
    }
}

/// The server ended the stream over something in it that was ours.
pub(super) fn is_about_what_was_sent(error: &Element) -> bool {
    matches!(
        wire::condition(error),
        Some(
            "bad-format"
                | "bad-namespace-prefix"
                | "improper-addressing"
                | "invalid-from"
                | "invalid-namespace"
                | "invalid-xml"
                | "not-well-formed"
                | "restricted-xml"
                | "unsupported-encoding"
                | "unsupported-feature"
                | "unsupported-stanza-type"
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stream_errors_end_or_interrupt() {
        for (condition, expected, is_ours) in [
            ("conflict", Over::Fatal(EndReason::Replaced), false),
            ("not-authorized", Over::Fatal(EndReason::CredentialsRequired), false),
            ("policy-violation", Over::Fatal(EndReason::Refused), false),
            ("system-shutdown", Over::Lost(OfflineReason::Unreachable), false),
            ("connection-timeout", Over::Lost(OfflineReason::Unreachable), false),
            ("reset", Over::Lost(OfflineReason::Unreachable), false),
            ("see-other-host", Over::Lost(OfflineReason::Unreachable), false),
            ("not-well-formed", Over::Lost(OfflineReason::Protocol), true),
            ("brand-new", Over::Lost(OfflineReason::Unreachable), false),
        ] {
            let element: Element = format!(
                "<error xmlns='http://etherx.jabber.org/streams'><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>why</text>\
                 <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>"
            )
            .parse()
            .unwrap();
            assert_eq!(of_stream_error(&element), expected, "{condition}");
            assert_eq!(is_about_what_was_sent(&element), is_ours, "{condition}");
        }
    }
}
