//! Data forms (XEP-0004), read for people to fill in and written as they did.

use minidom::Element;
use protocol::{FieldKind, FieldOption, FieldValues, Form, FormField};

use super::element::{Build, child_text, element};
use super::namespaces as ns;

/// The most fields of a form, and the most values or options of a field; and the longest text in characters.
const MAX_FIELDS: usize = 200;
const MAX_VALUES: usize = 500;
const MAX_CHARS: usize = 4096;

/// A form that is to be filled in. What it has no name for can't be, and is there to be read.
pub(super) fn read(x: &Element) -> Option<Form> {
    if !x.is("x", ns::DATA_FORMS) {
        return None;
    }
    let fields = x.children().filter(|child| child.is("field", ns::DATA_FORMS));
    Some(Form {
        title: child_text(x, "title", ns::DATA_FORMS).and_then(|text| bounded(&text)),
        instructions: child_text(x, "instructions", ns::DATA_FORMS).and_then(|text| bounded(&text)),
        fields: fields.take(MAX_FIELDS).map(field).collect(),
    })
}

/// The form as it is submitted, in the order of its fields.
pub(super) fn write(fields: &[FieldValues]) -> Element {
    let mut x = element("x", ns::DATA_FORMS).with("type", "submit");
    for FieldValues { name, values } in fields {
        let mut field = element("field", ns::DATA_FORMS).with("var", name.as_str());
        if name == "FORM_TYPE" {
            field = field.with("type", "hidden");
        }
        for value in values {
            field.append_child(element("value", ns::DATA_FORMS).content(value.as_str()));
        }
        x.append_child(field);
    }
    x
}

fn field(field: &Element) -> FormField {
    let kind = match field.attr("type") {
        Some("boolean") => FieldKind::Boolean,
        Some("fixed") => FieldKind::Fixed,
        Some("hidden") => FieldKind::Hidden,
        Some("jid-multi") => FieldKind::JidMulti,
        Some("jid-single") => FieldKind::JidSingle,
        Some("list-multi") => FieldKind::ListMulti,
        Some("list-single") => FieldKind::ListSingle,
        Some("text-multi") => FieldKind::TextMulti,
        Some("text-private") => FieldKind::TextPrivate,
        _ => FieldKind::TextSingle,
    };
    let children = |parent: &Element, name: &'static str| {
        let found = parent.children().filter(move |child| child.is(name, ns::DATA_FORMS));
        found.take(MAX_VALUES).cloned().collect::<Vec<_>>()
    };
    let text = |value: &Element| value.text().chars().take(MAX_CHARS).collect::<String>();
    let mut values: Vec<String> = children(field, "value").iter().map(text).collect();
    if kind == FieldKind::Boolean {
        // Section 3.3: four words for two values.
        values = vec![values.first().is_some_and(|value| value == "1" || value == "true").to_string()];
    }
    let options = children(field, "option").into_iter().filter_map(|option| {
        let value = child_text(&option, "value", ns::DATA_FORMS)?;
        Some(FieldOption { value, label: option.attr("label").and_then(bounded) })
    });
    FormField {
        name: field.attr("var").unwrap_or_default().to_owned(),
        kind,
        label: field.attr("label").and_then(bounded),
        description: child_text(field, "desc", ns::DATA_FORMS).and_then(|text| bounded(&text)),
        required: field.has_child("required", ns::DATA_FORMS),
        options: options.collect(),
        values,
    }
}

fn bounded(text: &str) -> Option<String> {
    let text: String = text.trim().chars().take(MAX_CHARS).collect();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::read::tests::parse;
    use super::*;

    #[test]
    fn forms_are_read() {
        // XEP-0045 example 163, cut.
        let form = read(&parse(
            "<x xmlns='jabber:x:data' type='form'><title>Configuration for \"coven\" Room</title><instructions>Complete this form.</instructions>\
             <field type='hidden' var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>\
             <field label='Natural-Language Room Name' type='text-single' var='muc#roomconfig_roomname'/>\
             <field label='Make Room Persistent?' type='boolean' var='muc#roomconfig_persistentroom'><value>0</value></field>\
             <field label='Maximum Number of Occupants' type='list-single' var='muc#roomconfig_maxusers'><value>20</value><option label='10'><value>10</value></option><option><value>20</value></option></field>\
             <field label='Affiliations that May Discover' type='list-multi' var='muc#roomconfig_whois'><required/><desc>who</desc><value>a</value><value>b</value></field>\
             <field type='fixed'><value>Note well.</value></field><field type='dance' var='x'/></x>",
        ))
        .unwrap();
        let lines: Vec<String> = form.fields.iter().map(|field| format!("{field:?}\n")).collect();
        expect![[r#"
            Some("Configuration for \"coven\" Room") Some("Complete this form.")
            FormField { name: "FORM_TYPE", kind: Hidden, label: None, description: None, required: false, options: [], values: ["http://jabber.org/protocol/muc#roomconfig"] }
            FormField { name: "muc#roomconfig_roomname", kind: TextSingle, label: Some("Natural-Language Room Name"), description: None, required: false, options: [], values: [] }
            FormField { name: "muc#roomconfig_persistentroom", kind: Boolean, label: Some("Make Room Persistent?"), description: None, required: false, options: [], values: ["false"] }
            FormField { name: "muc#roomconfig_maxusers", kind: ListSingle, label: Some("Maximum Number of Occupants"), description: None, required: false, options: [FieldOption { value: "10", label: Some("10") }, FieldOption { value: "20", label: None }], values: ["20"] }
            FormField { name: "muc#roomconfig_whois", kind: ListMulti, label: Some("Affiliations that May Discover"), description: Some("who"), required: true, options: [], values: ["a", "b"] }
            FormField { name: "", kind: Fixed, label: None, description: None, required: false, options: [], values: ["Note well."] }
            FormField { name: "x", kind: TextSingle, label: None, description: None, required: false, options: [], values: [] }
        "#]].assert_eq(&format!("{:?} {:?}\n{}", form.title, form.instructions, lines.concat()));
        assert_eq!(read(&parse("<x xmlns='urn:x'/>")), None);
    }

    #[test]
    fn forms_are_submitted() {
        let values = |name: &str, values: &[&str]| FieldValues {
            name: name.to_owned(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        expect!["<x xmlns='jabber:x:data' type='submit'><field type='hidden' var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field><field var='muc#roomconfig_roomname'><value>A &lt;Dark&gt; Cave</value></field><field var='muc#roomconfig_roomadmins'><value>a@b</value><value>c@d</value></field><field var='muc#roomconfig_roomsecret'/></x>"].assert_eq(&String::from(&write(&[
            values("FORM_TYPE", &["http://jabber.org/protocol/muc#roomconfig"]),
            values("muc#roomconfig_roomname", &["A <Dark> Cave"]),
            values("muc#roomconfig_roomadmins", &["a@b", "c@d"]),
            values("muc#roomconfig_roomsecret", &[]),
        ])));
    }
}
