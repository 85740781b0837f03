//! JIDs in normal form (RFC 7622 section 3): the form in which they may be compared.

use protocol::{BareJid, ConversationId, Jid, JidError};

/// An address in normal form: `Juliet@Spark.Test` and `juliet@spark.test` are one person.
///
/// # Errors
/// [`JidError`] for what has the form of an address and is none.
pub fn normalise(jid: &BareJid) -> Result<BareJid, JidError> {
    let normal = jid::BareJid::new(jid.as_str()).map_err(|error| why(&error))?;
    normal.as_str().parse()
}

/// As [`normalise`], with a resource or without.
///
/// # Errors
/// As [`normalise`].
pub fn normalise_jid(jid: &Jid) -> Result<Jid, JidError> {
    let normal = jid::Jid::new(jid.as_str()).map_err(|error| why(&error))?;
    normal.as_str().parse()
}

/// As [`normalise`], of whatever a conversation is with.
///
/// # Errors
/// As [`normalise`].
pub fn normalise_conversation(id: &ConversationId) -> Result<ConversationId, JidError> {
    normalise_jid(id.jid()).map(ConversationId::from)
}

fn why(error: &jid::Error) -> JidError {
    match error {
        jid::Error::NodeEmpty | jid::Error::NodePrep => JidError::Local,
        jid::Error::ResourceEmpty | jid::Error::ResourcePrep | jid::Error::ResourceMissingInFullJid => {
            JidError::Resource
        }
        jid::Error::ResourceInBareJid => JidError::NotBare,
        jid::Error::NodeTooLong | jid::Error::ResourceTooLong => JidError::TooLong,
        _ => JidError::Domain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_one_normal_form() {
        for (text, expected) in [
            ("Juliet@Spark.Test", Ok("juliet@spark.test")),
            ("ΑΛΦΑ@spark.test", Ok("αλφα@spark.test")),
            ("spark.test.", Ok("spark.test")),
            ("a\u{200b}b@spark.test", Ok("ab@spark.test")),
            ("henry\u{2163}@spark.test", Ok("henryiv@spark.test")),
        ] {
            let jid = text.parse::<BareJid>().unwrap();
            assert_eq!(
                normalise(&jid).as_ref().map(BareJid::as_str),
                expected.as_ref().map(|text| *text),
                "{text:?}"
            );
        }
        let jid = "Juliet@Spark.Test/Balcony".parse::<Jid>().unwrap();
        assert_eq!(normalise_jid(&jid).unwrap().as_str(), "juliet@spark.test/Balcony");
    }
}
