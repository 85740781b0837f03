//! Whether XML and JSON say at least what was expected of them.
//!
//! Servers add what they like, so a pattern names what must be there, in any order: elements by name, namespace and
//! those attributes, children and text that it has; objects by those keys that it has, arrays by entries that must be
//! among theirs. `*` stands for any value, `?name` too, which is then known by that name; in JSON `null` stands for
//! nothing.

use minidom::{Element, Node};
use serde_json::Value;

use crate::xmpp::pattern::Values;

/// Whether an element has all that the pattern has. What was named goes to `values` if so.
pub(super) fn xml(pattern: &Element, actual: &Element, values: &mut Values) -> bool {
    keep_if(values, |values| {
        pattern.name() == actual.name()
            && pattern.ns() == actual.ns()
            && pattern.attrs().iter().all(|((namespace, name), expected)| {
                let found = actual.attrs().iter().find(|((ns, other), _)| *ns == namespace && *other == name);
                found.is_some_and(|(_, found)| value(expected, found, values))
            })
            && pattern.children().all(|child| actual.children().any(|found| xml(child, found, values)))
            && match text(pattern) {
                expected if expected.trim().is_empty() => true,
                expected => value(&expected, &text(actual), values),
            }
    })
}

/// Whether a value has all that the pattern has. What was named goes to `values` if so.
pub(super) fn json(pattern: &Value, actual: &Value, values: &mut Values) -> bool {
    keep_if(values, |values| match (pattern, actual) {
        (Value::Object(pattern), Value::Object(actual)) => pattern
            .iter()
            .all(|(key, pattern)| json(pattern, actual.get(key).unwrap_or(&Value::Null), values)),
        (Value::Array(pattern), Value::Array(actual)) => {
            pattern.iter().all(|pattern| actual.iter().any(|actual| json(pattern, actual, values)))
        }
        (Value::String(pattern), Value::String(actual)) => value(pattern, actual, values),
        (Value::String(pattern), actual) if !actual.is_null() => value(pattern, &actual.to_string(), values),
        (pattern, actual) => pattern == actual,
    })
}

fn value(pattern: &str, actual: &str, values: &mut Values) -> bool {
    if let Some(name) = pattern.strip_prefix('?').filter(|name| !name.is_empty()) {
        values.insert(name.to_owned(), actual.to_owned());
        return true;
    }
    pattern == "*" || pattern == actual
}

/// What was named on the way to a failure is forgotten.
fn keep_if(values: &mut Values, matches: impl FnOnce(&mut Values) -> bool) -> bool {
    let mut found = values.clone();
    let matched = matches(&mut found);
    if matched {
        *values = found;
    }
    matched
}

fn text(element: &Element) -> String {
    element.nodes().filter_map(Node::as_text).collect()
}

#[test]
fn patterns_name_what_must_be_there() {
    use crate::xmpp::pattern::parse;
    for (pattern, actual, expected) in [
        ("<a x='1'/>", "<a y='2' x='1'><b/></a>", Some("")),
        ("<a><b id='?id'/></a>", "<a><c/><b id='7'/></a>", Some("id=7 ")),
        ("<a><b id='?id'/><c/></a>", "<a><b id='7'/></a>", None),
        ("<a>x</a>", "<a>y</a>", None),
        ("<a><b x='*'/></a>", "<a><b/></a>", None),
        ("<a xmlns='urn:x'/>", "<a/>", None),
    ] {
        let mut values = Values::new();
        let matched = xml(&parse(pattern).unwrap(), &parse(actual).unwrap(), &mut values);
        assert_eq!(named(&values, matched).as_deref(), expected, "{pattern} {actual}");
    }
    for (pattern, actual, expected) in [
        (r#"{"a":"?a"}"#, r#"{"a":1,"b":2}"#, Some("a=1 ")),
        (r#"{"a":[{"b":"?b","c":1}]}"#, r#"{"a":[{"b":"x","c":2},{"b":"y","c":1}]}"#, Some("b=y ")),
        (r#"{"a":null}"#, r#"{"b":1}"#, Some("")),
        (r#"{"a":"*"}"#, r#"{"b":1}"#, None),
        (r#"{"a":1}"#, r#"{"a":2}"#, None),
    ] {
        let mut values = Values::new();
        let [pattern, actual] = [pattern, actual].map(|text| serde_json::from_str(text).unwrap());
        let matched = json(&pattern, &actual, &mut values);
        assert_eq!(named(&values, matched).as_deref(), expected, "{pattern} {actual}");
    }

    fn named(values: &Values, matched: bool) -> Option<String> {
        matched.then(|| values.iter().map(|(name, value)| format!("{name}={value} ")).collect())
    }
}
