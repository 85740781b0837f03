//! `[xmpp.limits]`: what the firewall before the parser lets pass.

use serde::Deserialize;

use super::ConfigError;
use crate::xmpp;

/// What a stanza may measure that comes from the XMPP server.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Elements inside one another, 8 to 200.
    pub depth: usize,
    /// Bytes of a stanza, at least 16,384.
    pub bytes: usize,
    /// Elements in a stanza.
    pub children: usize,
    /// Attributes of one element, at least 16.
    pub attributes: usize,
    /// Declarations of namespaces on one element, at least 4.
    pub namespaces: usize,
    /// Bytes of a name or of an attribute's value, 1,024 to 8,000.
    pub value_bytes: usize,
    /// Bytes of text between two tags.
    pub text_bytes: usize,
    /// `bytes` for answers of the person's own account: a roster is one stanza.
    pub answer_bytes: usize,
    /// `children` for answers of the person's own account.
    pub answer_children: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let limits = xmpp::StanzaLimits::default();
        Limits {
            depth: limits.depth,
            bytes: limits.bytes,
            children: limits.children,
            attributes: limits.attributes,
            namespaces: limits.namespaces,
            value_bytes: limits.value_bytes,
            text_bytes: limits.text_bytes,
            answer_bytes: limits.answer_bytes,
            answer_children: limits.answer_children,
        }
    }
}

impl Limits {
    /// The parser has bounds of its own, and a tree takes stack: what it can't take must not pass.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for (key, value, range) in [
            ("xmpp.limits.depth", self.depth, 8..=200),
            ("xmpp.limits.bytes", self.bytes, 16_384..=usize::MAX),
            ("xmpp.limits.attributes", self.attributes, 16..=usize::MAX),
            ("xmpp.limits.namespaces", self.namespaces, 4..=usize::MAX),
            ("xmpp.limits.value_bytes", self.value_bytes, 1_024..=8_000),
        ] {
            if !range.contains(&value) {
                let (least, most) = (range.start(), range.end());
                let why = match *most {
                    usize::MAX => format!("this must be {least} or more"),
                    most => format!("this must be {least} to {most}"),
                };
                return Err(ConfigError::Senseless { key, why });
            }
        }
        Ok(())
    }

    /// For `xmpp`.
    pub(super) fn for_xmpp(self) -> xmpp::StanzaLimits {
        let Limits {
            depth,
            bytes,
            children,
            attributes,
            namespaces,
            value_bytes,
            text_bytes,
            answer_bytes,
            answer_children,
        } = self;
        xmpp::StanzaLimits {
            depth,
            bytes,
            children,
            attributes,
            namespaces,
            value_bytes,
            text_bytes,
            answer_bytes,
            answer_children,
        }
    }
}
