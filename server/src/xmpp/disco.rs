//! What we say of ourselves: service discovery (XEP-0030), capabilities (XEP-0115), version (XEP-0092), ping (XEP-0199).

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use minidom::Element;
use sha1::{Digest, Sha1};

use super::element::{Build, element};
use super::namespaces as ns;

/// The name under which other clients see this one.
const NAME: &str = "SparkWeb";
/// Names the software in capabilities; with the hash it names this very set of features.
const NODE: &str = "urn:sparkweb:client";
/// XEP-0030's registry: a gateway's session is used from the web.
const CATEGORY: &str = "client";
const TYPE: &str = "web";

/// Everything that the session understands, sorted as XEP-0115 section 5.1 wants it.
static FEATURES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut features: Vec<String> = [
        ns::CAPS,
        ns::CHATSTATES,
        ns::DISCO_INFO,
        ns::PING,
        ns::RECEIPTS,
        ns::VERSION,
        ns::CHAT_MARKERS,
        ns::SID,
        ns::MESSAGE_CORRECT,
        ns::MESSAGE_RETRACT,
        ns::REACTIONS,
        ns::REPLY,
        ns::FALLBACK,
        ns::OOB,
        ns::FILE_SHARING,
        ns::REFERENCE,
    ]
    .into_iter()
    .map(str::to_owned)
    .collect();
    // Being interested in these nodes is what makes a server send them (XEP-0163 section 4.3.2).
    features.push(format!("{}+notify", ns::AVATAR_METADATA));
    features.push(format!("{}+notify", ns::NICK));
    features.push(format!("{}+notify", ns::DISPLAYED));
    features.sort();
    features
});

static VERIFICATION: LazyLock<String> = LazyLock::new(|| {
    let features: Vec<&str> = FEATURES.iter().map(String::as_str).collect();
    verification(&format!("{CATEGORY}/{TYPE}//{NAME}"), &features)
});

/// XEP-0115 section 5.1, for one identity and no forms; `features` are sorted.
fn verification(identity: &str, features: &[&str]) -> String {
    let mut text = format!("{identity}<");
    for feature in features {
        text.push_str(feature);
        text.push('<');
    }
    BASE64.encode(Sha1::digest(text.as_bytes()))
}

/// The `<c/>` of our presence.
pub(super) fn capabilities() -> Element {
    element("c", ns::CAPS).with("hash", "sha-1").with("node", NODE).with("ver", VERIFICATION.as_str())
}

/// The answer to a question that somebody asks us, or `None` if it is one that we don't answer.
pub(super) fn answer(question: &Element) -> Option<Option<Element>> {
    if question.is("ping", ns::PING) {
        return Some(None);
    }
    if question.is("query", ns::VERSION) {
        let name = element("name", ns::VERSION).content(NAME);
        let version = element("version", ns::VERSION).content(env!("CARGO_PKG_VERSION"));
        return Some(Some(element("query", ns::VERSION).child(name).child(version)));
    }
    if question.is("query", ns::DISCO_INFO) {
        let node = question.attr("node");
        let ours = format!("{NODE}#{}", *VERIFICATION);
        if node.is_some_and(|node| node != ours) {
            return None;
        }
        let identity = element("identity", ns::DISCO_INFO)
            .with("category", CATEGORY)
            .with("type", TYPE)
            .with("name", NAME);
        let mut query = element("query", ns::DISCO_INFO).with_some("node", node).child(identity);
        for feature in FEATURES.iter() {
            query.append_child(element("feature", ns::DISCO_INFO).with("var", feature.as_str()));
        }
        return Some(Some(query));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verification_string_is_that_of_the_specification() {
        // XEP-0115 section 5.2.
        let features = [
            "http://jabber.org/protocol/caps",
            "http://jabber.org/protocol/disco#info",
            "http://jabber.org/protocol/disco#items",
            "http://jabber.org/protocol/muc",
        ];
        assert_eq!(verification("client/pc//Exodus 0.9.1", &features), "QgayPKawpkPSDYmwT/WM94uAlu0=");
    }

    #[test]
    fn what_we_answer_matches_what_we_announce() {
        let node = capabilities().attr("node").unwrap().to_owned();
        let version = capabilities().attr("ver").unwrap().to_owned();
        let ask = |node: Option<String>| answer(&element("query", ns::DISCO_INFO).with_some("node", node));
        let info = ask(Some(format!("{node}#{version}"))).unwrap().unwrap();
        let features: Vec<&str> = info.children().filter_map(|child| child.attr("var")).collect();
        assert_eq!(verification("client/web//SparkWeb", &features), version);
        assert!(features.contains(&"urn:xmpp:avatar:metadata+notify"));
        assert!(ask(None).is_some());
        assert!(ask(Some("urn:other".to_owned())).is_none());
        assert!(answer(&element("query", "urn:other")).is_none());
    }
}
