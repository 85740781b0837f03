//! Small conveniences over XML elements, so that what is read and written stays legible.

use minidom::{Element, Node};
use xso::exports::rxml::{Namespace, NcName};

/// Attributes and children are added by these, so that a stanza is written in the order in which it reads.
pub(super) trait Build: Sized {
    /// Sets an attribute.
    fn with(self, name: &str, value: impl Into<String>) -> Self;
    /// Sets an attribute if there is a value for it.
    fn with_some(self, name: &str, value: Option<impl Into<String>>) -> Self;
    /// Appends a child.
    fn child(self, child: Element) -> Self;
    /// Appends text, as it is.
    fn content(self, text: impl Into<String>) -> Self;
}

impl Build for Element {
    fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        // The names are our own constants; one that is no name would be left out rather than bring anything down.
        if let Ok(name) = NcName::try_from(name) {
            let value: String = value.into();
            self.set_attr(Namespace::NONE, name, value);
        }
        self
    }

    fn with_some(self, name: &str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    fn child(mut self, child: Element) -> Self {
        self.append_child(child);
        self
    }

    fn content(mut self, text: impl Into<String>) -> Self {
        self.append_node(Node::Text(text.into()));
        self
    }
}

/// Every character is one of XML 1.0 (section 2.2): a stanza with any other in it breaks the stream.
pub fn is_xml(text: &str) -> bool {
    text.chars().all(|c| {
        matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
    })
}

/// All text in an element, and in what is inside it, is text of XML.
pub(super) fn is_writable(element: &Element) -> bool {
    element.attrs().iter().all(|(_, value)| is_xml(value))
        && element.nodes().all(|node| match node {
            Node::Text(text) => is_xml(text),
            Node::Element(child) => is_writable(child),
        })
}

/// An empty element.
pub(super) fn element(name: &str, namespace: &str) -> Element {
    Element::bare(name, namespace)
}

/// The text of a child, if there is such a child.
pub(super) fn child_text(parent: &Element, name: &str, namespace: &str) -> Option<String> {
    parent.get_child(name, namespace).map(Element::text)
}
