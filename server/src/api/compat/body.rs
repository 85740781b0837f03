//! Bodies of the contract: plain text, or text that is JSON, whatever their content type says.

use protocol::{BareJid, ErrorCode, SendMessage};
use serde_json::{Map, Value};

use super::super::error::ApiError;

/// A body that is a JSON object.
pub(super) fn object(text: &str) -> Result<Map<String, Value>, ApiError> {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(ApiError::new(ErrorCode::MalformedBody, "The body must be a JSON object.")),
    }
}

/// A field that is text; `null` is as good as none.
pub(super) fn text(object: &Map<String, Value>, key: &str) -> Result<Option<String>, ApiError> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(ApiError::new(ErrorCode::MalformedBody, format!("{key} must be text."))),
    }
}

/// A message: text, or a JSON object with a `body`.
pub(super) fn message(text: String) -> SendMessage {
    let body = match serde_json::from_str::<Value>(&text) {
        Ok(Value::Object(mut object)) => object.remove("body").and_then(|body| match body {
            Value::String(body) => Some(body),
            _ => None,
        }),
        _ => None,
    };
    match body {
        // The whole of it rides along, the body too: so the plugin's pages have it.
        Some(body) => SendMessage { body, data: Some(text), ..SendMessage::default() },
        None => SendMessage { body: text, ..SendMessage::default() },
    }
}

/// What the contract calls a username: the local part, or the whole address of somebody of another domain.
pub(super) fn username(jid: &BareJid, own: &BareJid) -> String {
    match jid.local() {
        Some(local) if jid.domain() == own.domain() => local.to_owned(),
        _ => jid.to_string(),
    }
}

/// A list of objects with a name, under this key, and a value, both of them text; nothing is as good as an empty one.
/// `None` where it is something else.
pub(super) fn pairs(list: Option<&Value>, key: &str) -> Option<Vec<(String, String)>> {
    let Some(list) = list.filter(|list| !list.is_null()) else { return Some(Vec::new()) };
    let pair = |pair: &Value| Some((pair[key].as_str()?.to_owned(), pair["value"].as_str()?.to_owned()));
    list.as_array()?.iter().map(pair).collect()
}
