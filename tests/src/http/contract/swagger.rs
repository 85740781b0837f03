//! What the description says of an answer, against the answer.

use serde_json::Value;

use super::Gives;

/// Whether the description has what the operation gives: its JSON, field by field, or that there is none.
#[track_caller]
pub(super) fn agrees(document: &Value, operation: &str, gives: Gives, body: &str) {
    let (method, path) = operation.split_once(' ').unwrap();
    let answers = &document["paths"][path][method.to_lowercase()]["responses"];
    match gives {
        Gives::Json(_) => {
            let value = serde_json::from_str(body).unwrap();
            check(document, &answers["200"]["schema"], &value, operation);
        }
        Gives::Nothing | Gives::Refused(_) => {
            assert!(answers["200"]["description"].is_string(), "{operation}: {answers}");
            assert_eq!(answers["200"].get("schema"), None, "{operation}");
        }
        Gives::Unsupported(_) => {
            assert!(answers["501"].is_object() && answers.get("200").is_none(), "{operation}: {answers}");
        }
    }
}

#[track_caller]
fn check(document: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(place) = schema["$ref"].as_str() {
        return check(document, document.pointer(place.trim_start_matches('#')).unwrap(), value, at);
    }
    let is_of_type = match schema["type"].as_str() {
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        kind => panic!("{at}: {kind:?}"),
    };
    assert!(is_of_type, "{at}: {value} is no {}", schema["type"]);
    if let Some(words) = schema["enum"].as_array() {
        assert!(words.contains(value), "{at}: {value} is none of {words:?}");
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(value.get(name.as_str().unwrap()).is_some(), "{at}: no {name} in {value}");
    }
    for (name, field) in value.as_object().into_iter().flatten() {
        let known = schema["properties"].get(name).or(schema.get("additionalProperties"));
        let known = known.unwrap_or_else(|| panic!("{at}: {name} is not described"));
        check(document, known, field, &format!("{at}.{name}"));
    }
    for item in value.as_array().into_iter().flatten() {
        check(document, &schema["items"], item, at);
    }
}
