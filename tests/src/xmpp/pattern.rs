//! Comparing XML with what was expected of it.
//!
//! Elements are equal by name, namespace, attributes, children and text, whatever prefixes and order of attributes they
//! are written with. In a pattern `*` stands for any value, and `?name` too, which is then known by that name; `<any/>`
//! stands for all children from there on.

use std::collections::BTreeMap;

use minidom::{Element, Node};

/// Values by name.
pub(crate) type Values = BTreeMap<String, String>;

/// Reads XML as a client's stream carries it. Patterns may use the prefix `sm` for stream management.
pub(crate) fn parse(xml: &str) -> Result<Element, String> {
    let stream = format!(
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
         xmlns:sm='urn:xmpp:sm:3'>{xml}</stream:stream>"
    );
    let stream: Element = stream.parse().map_err(|error| format!("{xml:?} is no XML: {error}"))?;
    let mut children = stream.children();
    match (children.next(), children.next()) {
        (Some(element), None) => Ok(element.clone()),
        _ => Err(format!("{xml:?} is not one element")),
    }
}

/// Puts the values of `$name` into a text.
pub(crate) fn fill(text: &str, values: &Values) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        filled.push_str(&rest[..at]);
        let name = &rest[at + 1..];
        let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
        filled.push_str(values.get(name).unwrap_or_else(|| panic!("nothing is known by the name ${name}")));
        rest = &rest[at + 1 + name.len()..];
    }
    filled.push_str(rest);
    filled
}

/// Whether an element is as expected; what it named goes to `values`.
pub(crate) fn compare(pattern: &Element, actual: &Element, values: &mut Values) -> Result<(), String> {
    if pattern.name() != actual.name() || pattern.ns() != actual.ns() {
        return Err(format!(
            "<{}> of {:?} instead of <{}> of {:?}",
            actual.name(),
            actual.ns(),
            pattern.name(),
            pattern.ns()
        ));
    }
    let place = pattern.name();
    let (expected, found) = (attributes(pattern), attributes(actual));
    if expected.keys().ne(found.keys()) {
        return Err(format!("<{place}> has the attributes {found:?} instead of {expected:?}"));
    }
    for (name, pattern) in &expected {
        value(pattern, &found[name], values).map_err(|why| format!("{name} of <{place}>: {why}"))?;
    }
    let is_any = |child: &Element| child.name() == "any";
    let (children, found) = (pattern.children().count(), actual.children().count());
    if children != found && !pattern.children().any(is_any) {
        return Err(format!("<{place}> has {found} children instead of {children}"));
    }
    for (pattern, actual) in pattern.children().zip(actual.children()) {
        if is_any(pattern) {
            return Ok(());
        }
        compare(pattern, actual, values)?;
    }
    if children == 0 {
        value(&text(pattern), &text(actual), values).map_err(|why| format!("text of <{place}>: {why}"))?;
    }
    Ok(())
}

fn value(pattern: &str, actual: &str, values: &mut Values) -> Result<(), String> {
    if let Some(name) = pattern.strip_prefix('?') {
        values.insert(name.to_owned(), actual.to_owned());
        return Ok(());
    }
    if pattern == "*" || pattern == actual {
        Ok(())
    } else {
        Err(format!("{actual:?} instead of {pattern:?}"))
    }
}

fn attributes(element: &Element) -> BTreeMap<String, String> {
    element
        .attrs()
        .iter()
        .map(|((namespace, name), value)| {
            let name = if namespace.is_none() { name.to_string() } else { format!("{namespace:?} {name}") };
            (name, value.clone())
        })
        .collect()
}

fn text(element: &Element) -> String {
    element.nodes().filter_map(Node::as_text).collect()
}

#[test]
fn patterns_say_what_differs() {
    for (pattern, actual, expected) in [
        ("<a x='1' y='2'/>", "<a y=\"2\" x=\"1\"></a>", Ok("")),
        ("<sm:r/>", "<r xmlns='urn:xmpp:sm:3'/>", Ok("")),
        ("<a id='?id'><b>?text</b></a>", "<a id='7'><b>x</b></a>", Ok("id=7 text=x ")),
        ("<a id='*'>*</a>", "<a id='7'>x</a>", Ok("")),
        ("<a><b/><any/></a>", "<a><b/><c/><d/></a>", Ok("")),
        (
            "<a><b/><any/></a>",
            "<a><c/><d/></a>",
            Err("<c> of \"jabber:client\" instead of <b> of \"jabber:client\""),
        ),
        ("<a id='*'/>", "<a/>", Err("<a> has the attributes {} instead of {\"id\": \"*\"}")),
        ("<a/>", "<a id='1'/>", Err("<a> has the attributes {\"id\": \"1\"} instead of {}")),
        ("<a/>", "<a><b/></a>", Err("<a> has 1 children instead of 0")),
        ("<a/>", "<a>x</a>", Err("text of <a>: \"x\" instead of \"\"")),
        ("<a/>", "<a xmlns='urn:x'/>", Err("<a> of \"urn:x\" instead of <a> of \"jabber:client\"")),
    ] {
        let mut values = Values::new();
        let result = compare(&parse(pattern).unwrap(), &parse(actual).unwrap(), &mut values);
        let named: String = values.iter().map(|(name, value)| format!("{name}={value} ")).collect();
        assert_eq!(result.map(|()| named), expected.map(str::to_owned).map_err(str::to_owned), "{pattern}");
    }
}
