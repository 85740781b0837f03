//! When somebody was last there (XEP-0012), which xmpp-parsers does not have.

use xso::{AsXml, FromXml};

use super::namespaces as ns;

/// The question, and the answer to it.
#[derive(FromXml, AsXml, Debug, Clone, Default, PartialEq, Eq)]
#[xml(namespace = ns::LAST_ACTIVITY, name = "query")]
pub(super) struct Query {
    /// So many seconds ago. Of a bare JID: since its last device left (section 3).
    #[xml(attribute(default))]
    pub(super) seconds: Option<u64>,
    /// What they said at leaving.
    #[xml(text)]
    pub(super) status: String,
}

#[cfg(test)]
mod tests {
    use minidom::Element;

    use super::super::read::tests::parse;
    use super::*;

    #[test]
    fn the_examples_of_the_specification() {
        assert_eq!(String::from(&Element::from(Query::default())), "<query xmlns='jabber:iq:last'></query>");
        for (xml, expected) in [
            // Example 5, where only the seconds are known, and example 4.
            ("<query xmlns='jabber:iq:last' seconds='123'/>", Some((Some(123), ""))),
            (
                "<query xmlns='jabber:iq:last' seconds='903'>Heading Home</query>",
                Some((Some(903), "Heading Home")),
            ),
            ("<query xmlns='jabber:iq:last'/>", Some((None, ""))),
            ("<query xmlns='jabber:iq:last' seconds='-1'/>", None),
            ("<query xmlns='jabber:iq:last' seconds='soon'/>", None),
            ("<query xmlns='urn:other' seconds='1'/>", None),
        ] {
            let query = xso::transform::<Query, _>(&parse(xml)).ok();
            let read = query.as_ref().map(|query| (query.seconds, query.status.as_str()));
            assert_eq!(read, expected, "{xml}");
        }
    }
}
