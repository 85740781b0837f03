//! What a server offers on a stream (RFC 6120 section 4.3.2).
//!
//! Read by hand rather than by type: a feature that we do not know, or whose value we do not, is no reason to fail.

use minidom::Element;

use super::element::child_text;
use super::facts::SignedIn;
use super::namespaces as ns;

/// A `<stream:features/>`, as far as we go by it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Features {
    /// TLS can be started (RFC 6120 section 5).
    pub(super) starttls: bool,
    /// The names of the SASL mechanisms (RFC 6120 section 6).
    pub(super) mechanisms: Vec<String>,
    /// The channel bindings it can do (XEP-0440), or `None` where it doesn't say.
    pub(super) channel_bindings: Option<Vec<String>>,
    /// A resource can be bound (RFC 6120 section 7).
    pub(super) bind: bool,
    /// Stream management (XEP-0198).
    pub(super) stream_management: bool,
    /// Client state indication (XEP-0352).
    pub(super) client_state: bool,
    /// The roster has versions (RFC 6121 section 2.6).
    pub(super) roster_versions: bool,
    /// Who has not asked yet can be told that they may (RFC 6121 section 3.4).
    pub(super) pre_approval: bool,
    /// Accounts can be made (XEP-0077 section 8).
    pub(super) registration: bool,
    /// SASL2 (XEP-0388), where it is offered.
    pub(super) sasl2: Option<Sasl2>,
    /// The largest stanza that it takes, and how long a silent stream lasts (XEP-0478).
    pub(super) max_stanza_bytes: Option<u32>,
    pub(super) idle_secs: Option<u32>,
    /// How the person was signed in, on the stream before this one.
    pub(super) signed_in: SignedIn,
}

/// What can be done in one step with signing in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sasl2 {
    /// The names of its mechanisms.
    pub(super) mechanisms: Vec<String>,
    /// The names of those that tokens are shown by (XEP-0484).
    pub(super) tokens: Vec<String>,
}

impl Sasl2 {
    fn of(element: &Element) -> Self {
        let inline = element.get_child("inline", ns::SASL2);
        let fast = inline.and_then(|inline| inline.get_child("fast", ns::FAST));
        Sasl2 {
            mechanisms: mechanisms(element, ns::SASL2),
            tokens: fast.map(|fast| mechanisms(fast, ns::FAST)).unwrap_or_default(),
        }
    }
}

fn mechanisms(element: &Element, namespace: &str) -> Vec<String> {
    element.children().filter(|child| child.is("mechanism", namespace)).map(Element::text).collect()
}

impl Features {
    /// Whether tokens are shown by a mechanism.
    pub(super) fn offers_token(&self, mechanism: &str) -> bool {
        self.sasl2.as_ref().is_some_and(|sasl2| sasl2.tokens.iter().any(|offered| offered == mechanism))
    }

    /// Reads them; `None` if the element is something else.
    pub(super) fn from_element(element: &Element) -> Option<Self> {
        if !element.is("features", ns::STREAM) {
            return None;
        }
        let mut features = Features::default();
        for child in element.children() {
            match (child.name(), child.ns().as_str()) {
                ("starttls", ns::TLS) => features.starttls = true,
                ("mechanisms", ns::SASL) => {
                    features.mechanisms = child.children().map(Element::text).collect();
                }
                ("sasl-channel-binding", ns::SASL_CHANNEL_BINDING) => {
                    let types = child.children().filter_map(|binding| binding.attr("type"));
                    features.channel_bindings = Some(types.map(str::to_owned).collect());
                }
                ("bind", ns::BIND) => features.bind = true,
                ("sm", ns::SM) => features.stream_management = true,
                ("csi", ns::CSI) => features.client_state = true,
                ("ver", ns::ROSTER_VERSIONS) => features.roster_versions = true,
                ("sub", ns::PRE_APPROVAL) => features.pre_approval = true,
                ("register", ns::REGISTER_FEATURE) => features.registration = true,
                ("authentication", ns::SASL2) => features.sasl2 = Some(Sasl2::of(child)),
                ("limits", ns::STREAM_LIMITS) => {
                    let number = |name: &str| child_text(child, name, ns::STREAM_LIMITS)?.trim().parse().ok();
                    features.max_stanza_bytes = number("max-bytes");
                    features.idle_secs = number("idle-seconds");
                }
                _ => {}
            }
        }
        Some(features)
    }

    /// What is worth knowing of these, once they led to a sign-in.
    pub(super) fn into_signed_in(self, mechanism: &'static str) -> SignedIn {
        SignedIn {
            mechanism: Some(mechanism),
            mechanisms: self.mechanisms,
            channel_bindings: self.channel_bindings,
            registration: self.registration,
            tokens: self.sasl2.as_ref().is_some_and(|sasl2| !sasl2.tokens.is_empty()),
            sasl2: self.sasl2.is_some(),
            tls: self.signed_in.tls,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_read_and_strangers_passed_over() {
        let element: Element = "<features xmlns='http://etherx.jabber.org/streams'>\
            <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>\
            <mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>X-NEW</mechanism><mechanism>PLAIN</mechanism></mechanisms>\
            <sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-new'/><channel-binding/></sasl-channel-binding>\
            <sm xmlns='urn:xmpp:sm:3'/><csi xmlns='urn:xmpp:csi:0'/><ver xmlns='urn:xmpp:features:rosterver'/><sub xmlns='urn:xmpp:features:pre-approval'/>\
            <limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>262144</max-bytes><idle-seconds>many</idle-seconds></limits>\
            <authentication xmlns='urn:xmpp:sasl:2'><mechanism>PLAIN</mechanism><mechanism xmlns='urn:x'>X</mechanism><inline><bind xmlns='urn:xmpp:bind:0'/><fast xmlns='urn:xmpp:fast:0'><mechanism>HT-SHA-256-NONE</mechanism></fast></inline></authentication>\
            <dance xmlns='urn:x'/></features>"
            .parse()
            .unwrap();
        assert_eq!(
            Features::from_element(&element),
            Some(Features {
                starttls: true,
                mechanisms: vec!["X-NEW".to_owned(), "PLAIN".to_owned()],
                channel_bindings: Some(vec!["tls-new".to_owned()]),
                bind: false,
                stream_management: true,
                client_state: true,
                roster_versions: true,
                pre_approval: true,
                sasl2: Some(Sasl2 {
                    mechanisms: vec!["PLAIN".to_owned()],
                    tokens: vec!["HT-SHA-256-NONE".to_owned()],
                }),
                max_stanza_bytes: Some(262_144),
                ..Features::default()
            })
        );
        assert_eq!(Features::from_element(&Element::bare("features", "urn:x")), None);
    }
}
