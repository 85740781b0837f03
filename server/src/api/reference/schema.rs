//! Types in words: what a field holds, within which limits, and where to read on.

use std::fmt::Write as _;

use serde_json::Value;

use super::{escape, fields, inline, list, prose, text};

const PLACE: &str = "#/components/schemas/";

/// The types of a description.
pub(super) struct Schemas<'a> {
    all: &'a Value,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(document: &'a Value) -> Self {
        Schemas { all: &document["components"]["schemas"] }
    }

    fn named(&self, name: &str) -> &'a Value {
        &self.all[name]
    }

    /// The name of each event, and that of its type.
    pub(super) fn event_names(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        variants(self.named("Event"))
    }

    /// What happens, each with what it carries.
    pub(super) fn events(&self) -> String {
        let mut html = "<section id=\"events\" aria-labelledby=\"events-name\"><h2 id=\"events-name\">Events</h2>\
             <p>What <a href=\"#stream_events\">the stream</a> tells. The name is the <code>event:</code> of the \
             stream and the <code>type</code> of its <code>data</code>. Pass over those that you do not know.</p>"
            .to_owned();
        for (name, ty) in self.event_names() {
            let schema = self.named(ty);
            let _ = write!(
                html,
                "<article id=\"event-{name}\" aria-labelledby=\"event-{name}-name\">\
                 <h3 id=\"event-{name}-name\"><code>{name}</code></h3>{}{}</article>",
                prose(text(&schema["description"])),
                self.object(schema),
            );
        }
        html + "</section>"
    }

    /// All that is named anywhere else.
    pub(super) fn types(&self) -> String {
        let mut html = "<section id=\"types\" aria-labelledby=\"types-name\"><h2 id=\"types-name\">Types</h2>\
             <p>What bodies, answers and events are made of. A field without <em>required</em> is left out where it \
             has no value.</p>"
            .to_owned();
        let events: Vec<&str> = self.event_names().map(|(_, ty)| ty).collect();
        for (name, schema) in fields(self.all) {
            if name == "Event" || events.contains(&name) {
                continue;
            }
            let _ = write!(
                html,
                "<article id=\"type-{name}\" aria-labelledby=\"type-{name}-name\">\
                 <h3 id=\"type-{name}-name\">{name}</h3>{}",
                prose(text(&schema["description"])),
            );
            html += &self.body_of(schema);
            html += "</article>";
        }
        html + "</section>"
    }

    fn body_of(&self, schema: &Value) -> String {
        if schema["properties"].is_object() {
            return self.object(schema);
        }
        let of: Vec<String> = variants(schema)
            .map(|(word, ty)| format!("<li><a href=\"#type-{ty}\"><code>{word}</code></a></li>"))
            .collect();
        if !of.is_empty() {
            let tag = text(&schema["discriminator"]["propertyName"]);
            return format!("<p>One of these, by <code>{tag}</code>:</p><ul>{}</ul>", of.concat());
        }
        // What the words mean stands in the description already.
        if schema["enum"].is_array() {
            return String::new();
        }
        let mut html = format!("<p>{}{}</p>", self.kind(schema), in_brackets(&limits(schema)));
        let examples: Vec<String> = list(&schema["examples"])
            .iter()
            .map(|example| format!("<code>{}</code>", escape(&plain(example))))
            .collect();
        if !examples.is_empty() {
            let _ = write!(html, "<p>For example {}.</p>", examples.join(", "));
        }
        if let Some(pattern) = schema["pattern"].as_str() {
            let _ = write!(html, "<p class=\"pattern\">Pattern <code>{}</code></p>", escape(pattern));
        }
        html
    }

    /// The fields of a schema, or of the type that it names, if it has any.
    pub(super) fn fields_of(&self, schema: &Value) -> String {
        let schema = name_of(schema).map_or(schema, |name| self.named(name));
        if schema["properties"].is_object() { self.object(schema) } else { String::new() }
    }

    fn object(&self, schema: &Value) -> String {
        let required = list(&schema["required"]);
        let is_required = |name: &str| required.iter().any(|word| text(word) == name);
        // What must be there stands first, in the order in which the type has it.
        let first = required.iter().map(text).map(|name| (name, &schema["properties"][name]));
        let others = fields(&schema["properties"]).filter(|(name, _)| !is_required(name));
        let rows: String = first
            .chain(others)
            .map(|(name, field)| {
                let is_required = is_required(name).then_some("required");
                self.field(name, field, text(&field["description"]), &[is_required])
            })
            .collect();
        if rows.is_empty() { String::new() } else { format!("<dl class=\"fields\">{rows}</dl>") }
    }

    /// A field or parameter, with what else is to be said in front of its limits.
    pub(super) fn field(&self, name: &str, schema: &Value, about: &str, notes: &[Option<&str>]) -> String {
        let mut notes: Vec<String> = notes.iter().flatten().map(|note| format!("<em>{note}</em>")).collect();
        notes.extend(limits(schema));
        format!(
            "<div><dt><code>{}</code> <span class=\"kind\">{}</span>{}</dt><dd>{}</dd></div>",
            escape(name),
            self.kind(schema),
            notes.iter().map(|note| format!(" <span class=\"limit\">{note}</span>")).collect::<String>(),
            prose(about),
        )
    }

    /// What it is, in a few words.
    pub(super) fn kind(&self, schema: &Value) -> String {
        if let Some(name) = name_of(schema) {
            let place = if name == "Event" { "events".to_owned() } else { format!("type-{name}") };
            return format!("<a href=\"#{place}\">{name}</a>");
        }
        if let Some(word) = schema.get("const") {
            return format!("<code>{}</code>", escape(&plain(word)));
        }
        let words: Vec<String> = list(&schema["enum"])
            .iter()
            .map(|word| format!("<code>{}</code>", escape(&plain(word))))
            .collect();
        if !words.is_empty() {
            return words.join(" or ");
        }
        match text(&schema["type"]) {
            "array" => format!("list of {}", self.kind(&schema["items"])),
            "object" if schema["additionalProperties"].is_object() => {
                format!("object with values of {}", self.kind(&schema["additionalProperties"]))
            }
            word => word.to_owned(),
        }
    }
}

/// The variants of a union: the word that tells each, and the name of its type.
fn variants(schema: &Value) -> impl Iterator<Item = (&str, &str)> {
    let mapping = fields(&schema["discriminator"]["mapping"]);
    // In the order of the type, which is that of the things themselves.
    let order = |place: &str| list(&schema["oneOf"]).iter().position(|choice| choice["$ref"] == place);
    let mut variants: Vec<(&str, &str)> = mapping.map(|(word, place)| (word, text(place))).collect();
    variants.sort_by_key(|(_, place)| order(place));
    variants.into_iter().map(|(word, place)| (word, place.trim_start_matches(PLACE)))
}

/// The words of an enumeration, each with its meaning, as its description lists them.
pub(super) fn meanings(schema: &Value) -> Vec<(&str, &str)> {
    let lines = text(&schema["description"]).lines();
    lines.filter_map(|line| line.strip_prefix("- `")?.split_once("`: ")).collect()
}

pub(super) fn name_of(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix(PLACE)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn in_brackets(notes: &[String]) -> String {
    if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) }
}

/// The bounds of a value, as sentences have them.
fn limits(schema: &Value) -> Vec<String> {
    let mut limits = Vec::new();
    let number = |key: &str| schema[key].as_u64();
    let characters = |count: u64| if count == 1 { "character" } else { "characters" };
    limits.extend(between(number("minLength"), number("maxLength"), characters));
    limits.extend(between(number("minItems"), number("maxItems"), |_| "entries"));
    limits.extend(between(number("minimum").filter(|least| *least > 0), number("maximum"), |_| ""));
    // A list's own limits are about how long it is; those of what is in it are about each.
    limits.extend(limits_of_each(&schema["items"]));
    if let Some(default) = schema.get("default").filter(|value| !value.is_array() && !value.is_object()) {
        limits.push(format!("default {}", inline(&format!("`{}`", plain(default)))));
    }
    limits
}

fn limits_of_each(items: &Value) -> Vec<String> {
    if !items.is_object() {
        return Vec::new();
    }
    limits(items).into_iter().map(|limit| format!("each {limit}")).collect()
}

fn between(least: Option<u64>, most: Option<u64>, unit: impl Fn(u64) -> &'static str) -> Option<String> {
    let words = match (least, most) {
        (Some(least), Some(most)) if least == most => format!("{} {}", grouped(most), unit(most)),
        (Some(least), Some(most)) => format!("{} to {} {}", grouped(least), grouped(most), unit(most)),
        (None, Some(most)) => format!("at most {} {}", grouped(most), unit(most)),
        (Some(least), None) => format!("at least {} {}", grouped(least), unit(least)),
        (None, None) => return None,
    };
    Some(words.trim_end().to_owned())
}

/// `65536` as `65,536`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn limits_are_words() {
        for (schema, expected) in [
            (json!({ "maxLength": 65536 }), "at most 65,536 characters"),
            (json!({ "minLength": 1, "maxLength": 256 }), "1 to 256 characters"),
            (json!({ "minLength": 1 }), "at least 1 character"),
            (json!({ "minimum": 1, "maximum": 100, "default": 50 }), "1 to 100; default <code>50</code>"),
            (json!({ "minimum": 0 }), ""),
            (
                json!({ "maxItems": 64, "items": { "maxLength": 9 } }),
                "at most 64 entries; each at most 9 characters",
            ),
            (json!({ "type": "boolean", "default": false }), "default <code>false</code>"),
        ] {
            assert_eq!(limits(&schema).join("; "), expected, "{schema}");
        }
    }
}
