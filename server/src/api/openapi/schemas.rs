//! The schemas of the protocol's types, each once and by its name, in the words that generators of clients know.

use std::borrow::Cow;

use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use super::super::operation::Type;

const PLACE: &str = "#/components/schemas/";

/// Collects the types that are named. What is taken may leave out what has a default; what is given has it.
pub(super) struct Schemas {
    taken: SchemaGenerator,
    given: SchemaGenerator,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = Cow::Borrowed("/components/schemas");
                settings.meta_schema = None;
            })
        };
        Schemas { taken: settings().into_generator(), given: settings().for_serialize().into_generator() }
    }

    /// A reference to a type that clients send.
    pub(super) fn taken(&mut self, ty: Type) -> Value {
        (ty.0)(&mut self.taken).to_value()
    }

    /// A reference to a type that the gateway sends.
    pub(super) fn given(&mut self, ty: Type) -> Value {
        (ty.0)(&mut self.given).to_value()
    }

    /// All that were named, and those of which they are made.
    pub(super) fn into_components(mut self) -> Map<String, Value> {
        let mut all = settled(self.given.take_definitions(true));
        for (name, schema) in settled(self.taken.take_definitions(true)) {
            // A type that goes both ways is the same both ways; a test holds to it.
            all.entry(name).or_insert(schema);
        }
        all
    }

    #[cfg(test)]
    pub(super) fn both(mut self) -> [Map<String, Value>; 2] {
        [settled(self.taken.take_definitions(true)), settled(self.given.take_definitions(true))]
    }
}

fn settled(definitions: Map<String, Value>) -> Map<String, Value> {
    let mut all = Map::new();
    for (name, mut schema) in definitions {
        settle(&mut schema);
        for (variant, schema) in part(&name, &mut schema) {
            all.insert(variant, schema);
        }
        all.insert(name, schema);
    }
    all
}

/// Says each part of a schema as simply as it can be.
fn settle(schema: &mut Value) {
    without_null(schema);
    as_words(schema);
    match schema {
        Value::Object(fields) => fields.values_mut().for_each(settle),
        Value::Array(items) => items.iter_mut().for_each(settle),
        _ => {}
    }
}

/// What has no value is left out: serde's `null` for it is never sent and need not be.
fn without_null(schema: &mut Value) {
    let Some(fields) = schema.as_object_mut() else { return };
    if fields.get("default").is_some_and(Value::is_null) {
        fields.remove("default");
    }
    if let Some(Value::Array(types)) = fields.get_mut("type") {
        types.retain(|word| word != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            fields.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(choices)) = fields.get_mut("anyOf") {
        choices.retain(|choice| *choice != json!({ "type": "null" }));
        if let [Value::Object(only)] = choices.as_slice() {
            let only = only.clone();
            fields.remove("anyOf");
            fields.extend(only);
        }
    }
}

/// A choice of words is an `enum`, and what each of them means a list in its description.
fn as_words(schema: &mut Value) {
    let Some(Value::Array(choices)) = schema.get("oneOf") else { return };
    let words: Option<Vec<Value>> =
        choices.iter().map(|choice| choice.get("const").filter(|word| word.is_string()).cloned()).collect();
    let Some(words) = words else { return };
    let mut about = schema["description"].as_str().unwrap_or_default().to_owned();
    about.push('\n');
    for choice in choices {
        let text = |key: &str| choice[key].as_str().unwrap_or_default().replace('\n', " ");
        about += &format!("\n- `{}`: {}", text("const"), text("description"));
    }
    *schema = json!({ "type": "string", "enum": words, "description": about });
}

/// Gives each variant of a tagged union a name, which is what a discriminator wants: `contact_changed` of `Event` is
/// `ContactChangedEvent`.
fn part(name: &str, schema: &mut Value) -> Vec<(String, Value)> {
    let Some(Value::Array(variants)) = schema.get("oneOf") else { return Vec::new() };
    let Some(tag) = variants.first().and_then(tag_of) else { return Vec::new() };
    let mut parted = Vec::new();
    let mut mapping = Map::new();
    for variant in variants {
        let Some(word) = variant["properties"][tag.as_str()]["const"].as_str() else { return Vec::new() };
        let variant_name = format!("{}{name}", in_capitals(word));
        mapping.insert(word.to_owned(), format!("{PLACE}{variant_name}").into());
        parted.push((variant_name, variant.clone()));
    }
    let choices: Vec<Value> =
        parted.iter().map(|(variant, _)| json!({ "$ref": format!("{PLACE}{variant}") })).collect();
    schema["oneOf"] = choices.into();
    schema["discriminator"] = json!({ "propertyName": tag, "mapping": mapping });
    parted
}

/// The property whose value is always the same in a variant.
fn tag_of(variant: &Value) -> Option<String> {
    let properties = variant["properties"].as_object()?;
    properties.iter().find(|(_, schema)| schema.get("const").is_some()).map(|(name, _)| name.clone())
}

/// `contact_changed` as `ContactChanged`.
pub(super) fn in_capitals(word: &str) -> String {
    let part = |part: &str| {
        let (first, rest) = part.split_at(part.len().min(1));
        first.to_ascii_uppercase() + rest
    };
    word.split('_').map(part).collect()
}
