//! A line for the shell, for each operation: what it would be to ask for something that the demo has.

use std::fmt::Write as _;

use protocol::paths;
use serde_json::{Map, Value};

use super::super::form::FORM;
use super::schema::name_of;
use super::{Operation, fields, list, text};

/// How deep an example goes into types that hold others.
const MAX_DEPTH: usize = 8;

/// The line. It knows `$gateway` and `$token` from the beginning of the page.
pub(super) fn line(operation: &Operation<'_>, document: &Value) -> String {
    let described = operation.described;
    let mut line = "curl -s".to_owned();
    let body = fields(&described["requestBody"]["content"]).next();
    let answer = &described["responses"]["200"]["content"];
    if answer.get("text/event-stream").is_some() {
        line += "N";
    }
    // curl posts what has a body, and gets what has none.
    let method = operation.method;
    if method != if body.is_some() { "POST" } else { "GET" } {
        let _ = write!(line, " -X {method}");
    }
    // What is not below the API's root is found from where that is.
    let (base, path) = match operation.path.strip_prefix(paths::ROOT) {
        Some(path) => ("$gateway", path),
        None => ("${gateway%/sparkweb/*}", operation.path),
    };
    let address = format!("{base}{}{}", filled(path), query(described, document));
    if address.contains(['?', '&']) {
        let _ = write!(line, " \"{address}\"");
    } else {
        let _ = write!(line, " {address}");
    }
    if !list(&described["security"]).is_empty() {
        line += " -H \"Authorization: Bearer $token\"";
    }
    match body {
        Some(("application/json", described)) => {
            let example = example("", &described["schema"], document, 0).unwrap_or_default();
            let _ = write!(line, " \\\n  --json '{example}'");
        }
        Some((FORM, described)) => {
            let example = example("", &described["schema"], document, 0).unwrap_or_default();
            for (name, value) in fields(&example) {
                // What there can be several of comes once for each.
                for value in value.as_array().unwrap_or(&vec![value.clone()]) {
                    let _ = write!(line, " \\\n  --data-urlencode \"{name}={}\"", text(value));
                }
            }
        }
        Some((media_type, described)) if text(&described["schema"]["type"]) == "string" => {
            let _ = write!(line, " \\\n  -H \"Content-Type: {media_type}\" --data '…'");
        }
        Some((media_type, _)) => {
            let _ = write!(line, " \\\n  -H \"Content-Type: {media_type}\" --data-binary @file");
        }
        None => {}
    }
    let is_file = fields(answer).next().is_some_and(|(media_type, _)| media_type.starts_with("image/"));
    if is_file { line + " --output picture" } else { line }
}

/// A path with something in the place of each parameter.
fn filled(path: &str) -> String {
    let is_of_room = ["/rooms/", "/bookmarks/", "/invitations/"].iter().any(|part| path.contains(part));
    let part = |part: &str| {
        let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else {
            return part.to_owned();
        };
        match name {
            "jid" if path.starts_with("/room-services/") => "rooms.spark.localhost",
            "jid" if is_of_room => "square@rooms.spark.localhost",
            "jid" | "person" => "romeo@spark.localhost",
            "service" => "pubsub.spark.localhost",
            "node" => "news",
            "item" => "i1",
            "id" => "0193a5e0-7b1c-7cc3-98c4-dc0c0c07398f",
            "nick" => "wolf",
            "hash" => "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            name => name,
        }
        .to_owned()
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// The parts of the query without which nothing goes.
fn query(described: &Value, document: &Value) -> String {
    let wanted = list(&described["parameters"])
        .iter()
        .filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
    let pairs: Vec<String> = wanted
        .map(|parameter| {
            let name = text(&parameter["name"]);
            let value = example(name, &parameter["schema"], document, 0).unwrap_or_default();
            format!("{name}={}", value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        })
        .collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

/// Something of a type. Of an object it has what must be there, or the first two fields where nothing must.
fn example(name: &str, schema: &Value, document: &Value, depth: usize) -> Option<Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    if let Some(example) = list(&schema["examples"]).first() {
        return Some(example.clone());
    }
    if let Some(ty) = name_of(schema) {
        return example(name, &document["components"]["schemas"][ty], document, depth + 1);
    }
    if let Some(word) = schema.get("const").or_else(|| list(&schema["enum"]).first()) {
        return Some(word.clone());
    }
    if let Some(choice) = list(&schema["oneOf"]).first() {
        return example(name, choice, document, depth + 1);
    }
    Some(match text(&schema["type"]) {
        "object" => {
            let required = list(&schema["required"]);
            let is_wanted = |name: &str| required.iter().any(|word| text(word) == name);
            let mut object: Map<String, Value> = fields(&schema["properties"])
                .filter(|(name, _)| required.is_empty() || is_wanted(name))
                .filter_map(|(name, field)| {
                    Some((name.to_owned(), example(name, field, document, depth + 1)?))
                })
                .collect();
            if required.is_empty() {
                object = object.into_iter().take(2).collect();
            }
            object.into()
        }
        "array" => vec![example(name, &schema["items"], document, depth + 1)?].into(),
        "boolean" => true.into(),
        "integer" | "number" => schema["minimum"].as_i64().unwrap_or(1).max(1).into(),
        _ => match name {
            "username" => "juliet",
            "password" | "old_password" => "spark-demo",
            "body" => "Wherefore art thou?",
            "emojis" => "👋",
            "url" => "https://example.com",
            "id" => "i1",
            "json" => "{}",
            "kind" => "jitsi",
            "name" => "Romeo",
            "query" => "rom",
            _ => "…",
        }
        .into(),
    })
}
