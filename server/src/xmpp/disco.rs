//! What we say of ourselves: service discovery (XEP-0030), capabilities (XEP-0115, XEP-0390), version (XEP-0092), time
//! (XEP-0202), ping (XEP-0199).

use std::sync::LazyLock;

use minidom::Element;

use super::caps::{self, Verification};
use super::element::{Build, element};
use super::namespaces as ns;
use super::write;
use crate::clock;

/// The name under which other clients see this one.
const NAME: &str = "SparkWeb";
/// Names the software in capabilities; with the hash it names this very set of features.
const NODE: &str = "urn:sparkweb:client";
/// XEP-0030's registry: a gateway's session is used from the web.
const CATEGORY: &str = "client";
const TYPE: &str = "web";

/// What is said of us, with the hashes that name it.
#[derive(Debug)]
pub(super) struct Announced {
    /// Whoever asks is told which version of which program this is.
    tells_version: bool,
    features: Vec<String>,
    hashes: Verification,
}

static WITH_VERSION: LazyLock<Announced> = LazyLock::new(|| Announced::new(true));
static WITHOUT_VERSION: LazyLock<Announced> = LazyLock::new(|| Announced::new(false));

/// What is said of us, with or without the program's version.
pub(super) fn announced(tells_version: bool) -> &'static Announced {
    if tells_version { &WITH_VERSION } else { &WITHOUT_VERSION }
}

/// Everything that the session understands, sorted as XEP-0115 section 5.1 wants it.
fn features(tells_version: bool) -> Vec<String> {
    let mut features: Vec<String> = [
        ns::CAPS,
        ns::CAPS2,
        ns::TIME,
        ns::CHATSTATES,
        ns::DISCO_INFO,
        ns::PING,
        ns::RECEIPTS,
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
        ns::STYLING,
        ns::MUC,
        ns::CONFERENCE,
    ]
    .into_iter()
    .map(str::to_owned)
    .collect();
    // Being interested in these nodes is what makes a server send them (XEP-0163 section 4.3.2).
    features.push(format!("{}+notify", ns::AVATAR_METADATA));
    features.push(format!("{}+notify", ns::NICK));
    features.push(format!("{}+notify", ns::DISPLAYED));
    features.push(format!("{}+notify", ns::BOOKMARKS));
    if tells_version {
        features.push(ns::VERSION.to_owned());
    }
    features.sort();
    features
}

impl Announced {
    fn new(tells_version: bool) -> Self {
        let features = features(tells_version);
        let hashes = caps::verification(&info(&features, None)).unwrap_or_default();
        Announced { tells_version, features, hashes }
    }

    /// The `<c/>`s of our presence.
    pub(super) fn capabilities(&self) -> [Element; 2] {
        let old = element("c", ns::CAPS)
            .with("hash", "sha-1")
            .with("node", NODE)
            .with("ver", self.hashes.sha1.as_str());
        let hash = element("hash", ns::HASHES).with("algo", "sha-256").content(self.hashes.sha256.as_str());
        [old, element("c", ns::CAPS2).child(hash)]
    }

    /// The answer to a question that somebody asks us, or `None` if it is one that we don't answer.
    pub(super) fn answer(&self, question: &Element) -> Option<Option<Element>> {
        if question.is("ping", ns::PING) {
            return Some(None);
        }
        if question.is("time", ns::TIME) {
            // The gateway's clock is of no zone: where the person is, it does not know.
            let zone = element("tzo", ns::TIME).content("+00:00");
            let now = element("utc", ns::TIME).content(write::date_time(clock::now_ms())?);
            return Some(Some(element("time", ns::TIME).child(zone).child(now)));
        }
        if question.is("query", ns::VERSION) && self.tells_version {
            let name = element("name", ns::VERSION).content(NAME);
            let version = element("version", ns::VERSION).content(env!("CARGO_PKG_VERSION"));
            return Some(Some(element("query", ns::VERSION).child(name).child(version)));
        }
        if question.is("query", ns::DISCO_INFO) {
            let node = question.attr("node");
            let ours = [
                format!("{NODE}#{}", self.hashes.sha1),
                format!("{}#sha-256.{}", ns::CAPS2, self.hashes.sha256),
            ];
            if node.is_some_and(|node| ours.iter().all(|ours| ours != node)) {
                return None;
            }
            return Some(Some(info(&self.features, node)));
        }
        None
    }
}

/// An answer that says what we are.
fn info(features: &[String], node: Option<&str>) -> Element {
    let identity =
        element("identity", ns::DISCO_INFO).with("category", CATEGORY).with("type", TYPE).with("name", NAME);
    let mut query = element("query", ns::DISCO_INFO).with_some("node", node).child(identity);
    for feature in features {
        query.append_child(element("feature", ns::DISCO_INFO).with("var", feature.as_str()));
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(tells_version: bool, question: &Element) -> Option<Option<String>> {
        announced(tells_version).answer(question).map(|answer| answer.map(|answer| String::from(&answer)))
    }

    #[test]
    fn what_we_answer_matches_what_we_announce() {
        for tells_version in [true, false] {
            let announced = announced(tells_version);
            let [old, new] = announced.capabilities();
            let nodes = [
                format!("{}#{}", old.attr("node").unwrap(), old.attr("ver").unwrap()),
                format!("urn:xmpp:caps#sha-256.{}", new.children().next().unwrap().text()),
            ];
            for node in nodes {
                let question = element("query", ns::DISCO_INFO).with("node", node);
                let answer = announced.answer(&question).unwrap().unwrap();
                assert_eq!(caps::verification(&answer).unwrap().sha1, old.attr("ver").unwrap());
                let features: Vec<&str> = answer.children().filter_map(|child| child.attr("var")).collect();
                assert!(features.contains(&"urn:xmpp:avatar:metadata+notify"));
                assert_eq!(features.contains(&"jabber:iq:version"), tells_version);
            }
            assert!(ask(tells_version, &element("query", ns::DISCO_INFO)).is_some());
            let other = element("query", ns::DISCO_INFO).with("node", "urn:other");
            assert!(ask(tells_version, &other).is_none());
            assert!(ask(tells_version, &element("query", "urn:other")).is_none());
            assert_eq!(ask(tells_version, &element("ping", ns::PING)), Some(None));
            assert_eq!(ask(tells_version, &element("query", ns::VERSION)).is_some(), tells_version);
        }
    }

    #[test]
    fn the_time_is_told() {
        let answer = announced(true).answer(&element("time", ns::TIME)).unwrap().unwrap();
        let text = |name| answer.get_child(name, ns::TIME).unwrap().text();
        assert_eq!(text("tzo"), "+00:00");
        assert!(text("utc").ends_with('Z'), "{}", text("utc"));
    }
}
