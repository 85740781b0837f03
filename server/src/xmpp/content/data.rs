//! What one program says to another beside the text: JSON, as the property `data` of Openfire's own extension, which the
//! plugin's pages read and write.

use minidom::Element;
use protocol::MAX_DATA_BYTES;

use crate::xmpp::element::{Build, element};
use crate::xmpp::namespaces as ns;

const NAME: &str = "data";

/// The text as it is: whether it is JSON is for whoever reads it.
pub(super) fn read(stanza: &Element) -> Option<String> {
    let properties = stanza.get_child("properties", ns::JIVE_PROPERTIES)?;
    let is_it = |property: &&Element| {
        property.is("property", ns::JIVE_PROPERTIES)
            && property.get_child("name", ns::JIVE_PROPERTIES).is_some_and(|name| name.text() == NAME)
    };
    let value = properties.children().find(is_it)?.get_child("value", ns::JIVE_PROPERTIES)?;
    let text = value.attr("type") == Some("string");
    text.then(|| value.text()).filter(|text| !text.is_empty() && text.len() <= MAX_DATA_BYTES)
}

pub(super) fn write(data: &str) -> Element {
    let part = |name| element(name, ns::JIVE_PROPERTIES);
    let property = part("property")
        .child(part("name").content(NAME))
        .child(part("value").with("type", "string").content(data));
    part("properties").child(property)
}

#[cfg(test)]
mod tests {
    use super::super::super::read::tests::parse;
    use super::*;

    #[test]
    fn the_property_data_is_read_and_no_other() {
        let with = |properties: &str| {
            let properties = format!("<properties xmlns='{}'>{properties}</properties>", ns::JIVE_PROPERTIES);
            read(&parse(&format!("<message><body>hi</body>{properties}</message>")))
        };
        let property = |name: &str, kind: &str, value: &str| {
            format!("<property><name>{name}</name><value type='{kind}'>{value}</value></property>")
        };
        let long = "1".repeat(MAX_DATA_BYTES + 1);
        for (properties, expected) in [
            (property("data", "string", r#"{"a":"&lt;b>"}"#), Some(r#"{"a":"<b>"}"#)),
            (property("colour", "string", "red") + &property("data", "string", "1"), Some("1")),
            (property("colour", "string", "red"), None),
            (property("data", "java-object", "rO0AB"), None),
            (property("data", "string", ""), None),
            (property("data", "string", &long), None),
            ("<property><name>data</name></property>".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(with(&properties).as_deref(), expected, "{properties:.80}");
        }
        assert_eq!(read(&parse("<message><properties xmlns='urn:x'/></message>")), None);
    }

    #[test]
    fn what_is_written_is_what_the_plugins_pages_read() {
        assert_eq!(
            String::from(&write(r#"{"a":"<b>"}"#)),
            r#"<properties xmlns='http://www.jivesoftware.com/xmlns/xmpp/properties'><property><name>data</name><value type='string'>{"a":"&lt;b&gt;"}</value></property></properties>"#
        );
    }
}
