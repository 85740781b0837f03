//! Reading and changing properties of a card without touching what is around them.

use minidom::{Element, Node};

use crate::xmpp::element::{Build, element};

/// A property: the element that it is, and those inside which may hold its value, the one to write first. Without any
/// the value stands in the property itself.
pub(super) struct Property {
    pub(super) name: &'static str,
    pub(super) inside: &'static [&'static str],
}

impl Property {
    /// The value, without blanks around it; `None` where there is none.
    fn value(&self, property: &Element) -> Option<String> {
        let holder = match self.inside {
            [] => property,
            inside => inside.iter().find_map(|name| property.get_child(*name, property.ns().as_str()))?,
        };
        let text = holder.text();
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// All values, in the order of the card.
    pub(super) fn all(&self, card: &Element) -> Vec<String> {
        let is_it = |child: &&Element| child.is(self.name, card.ns().as_str());
        card.children().filter(is_it).filter_map(|child| self.value(child)).collect()
    }

    /// The first value.
    pub(super) fn first(&self, card: &Element) -> Option<String> {
        self.all(card).into_iter().next()
    }

    /// Has the card hold these values and no others, in this order. What holds one of them already keeps whatever else it
    /// says, and they stand where properties of this name stood; the rest of this name goes.
    pub(super) fn set_all(&self, card: &mut Element, values: &[String]) {
        let namespace = card.ns();
        // One that holds no value holds something that we don't know.
        let holds =
            |child: &Element| child.is(self.name, namespace.as_str()).then(|| self.value(child)).flatten();
        let mut there: Vec<(String, Element)> =
            card.children().filter_map(|child| Some((holds(child)?, child.clone()))).collect();
        let wanted: Vec<Element> = values
            .iter()
            .map(|value| match there.iter().position(|(held, _)| held == value) {
                Some(at) => there.remove(at).1,
                None => self.element(&namespace, value),
            })
            .collect();
        let mut wanted = wanted.into_iter();
        for node in card.take_nodes() {
            let is_place = matches!(&node, Node::Element(child) if holds(child).is_some());
            let stays = if is_place { wanted.next().map(Node::Element) } else { Some(node) };
            if let Some(node) = stays {
                card.append_node(node);
            }
        }
        for property in wanted {
            card.append_child(property);
        }
    }

    /// Has the card hold this value, or none. Where there was another, what else it says stays.
    pub(super) fn set(&self, card: &mut Element, value: Option<&str>) {
        if self.first(card).as_deref() == value {
            return;
        }
        let namespace = card.ns();
        let Some(property) = card.get_child_mut(self.name, namespace.as_str()) else {
            if let Some(value) = value {
                card.append_child(self.element(&namespace, value));
            }
            return;
        };
        match self.inside {
            [] => {
                property.take_nodes();
                if let Some(value) = value {
                    property.append_text_node(value);
                }
            }
            inside => {
                edit_children(property, |child| !inside.contains(&child.name()));
                if let Some(value) = value {
                    property.append_child(element(inside[0], &namespace).content(value));
                }
            }
        }
        // A property that says nothing any more is none. What only says how it is meant says nothing.
        let is_empty = property.text().trim().is_empty()
            && property.children().all(|child| child.name() == "parameters" || is_blank(child));
        if is_empty {
            let mut is_first = true;
            edit_children(card, |child| {
                !(child.is(self.name, namespace.as_str()) && std::mem::take(&mut is_first))
            });
        }
    }

    fn element(&self, namespace: &str, value: &str) -> Element {
        let property = element(self.name, namespace);
        match self.inside {
            [] => property.content(value),
            inside => property.child(element(inside[0], namespace).content(value)),
        }
    }
}

fn is_blank(element: &Element) -> bool {
    element.text().trim().is_empty() && element.children().next().is_none()
}

/// Keeps the children of which `keep` says so, and all text.
pub(super) fn edit_children(parent: &mut Element, mut keep: impl FnMut(&Element) -> bool) {
    for node in parent.take_nodes() {
        let stays = match &node {
            Node::Element(child) => keep(child),
            Node::Text(_) => true,
        };
        if stays {
            parent.append_node(node);
        }
    }
}
