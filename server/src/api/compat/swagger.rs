//! The description of the contract (Swagger 2.0, as the plugin has it), made of its routes and of what the table says of
//! each.

mod definitions;
mod table;
#[cfg(test)]
mod tests;

use axum::Json;
use axum::routing::get;
use serde_json::{Map, Value, json};

use self::table::{Answer, Body, Described};
use super::super::route::{Access, Endpoint, Place};
use super::REST;

/// Where the plugin has it.
const PATH: &str = "/sparkweb/api/swagger.json";

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::compat_open("GET", PATH, get(async || Json(document(&super::endpoints()))))]
}

pub(super) fn document(endpoints: &[Endpoint]) -> Value {
    let mut paths = Map::new();
    for endpoint in endpoints.iter().filter(|endpoint| endpoint.path() != PATH) {
        let Some(described) = table::of(endpoint.method(), below(endpoint.path())) else { continue };
        let path = paths.entry(endpoint.path()).or_insert_with(|| json!({}));
        path[endpoint.method().to_ascii_lowercase()] = describe(endpoint, &described);
    }
    json!({
        "swagger": "2.0",
        "info": {
            "title": "SparkWeb, as the Openfire plugin has it",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Kept for pages that were written for the plugin; the API v1 is at \
                `/sparkweb/api/v1/openapi.json`. Bodies are taken whatever their content type says.",
        },
        "paths": paths,
        "definitions": definitions::all(),
        "responses": {
            "Problem": {
                "description": "It failed: `detail` says why and what to do.",
                "schema": reference("Problem"),
            },
        },
        "securityDefinitions": {
            "authorization": {
                "type": "apiKey",
                "in": "header",
                "name": "authorization",
                "description": "The token of a login, as it is or behind `Bearer `.",
            },
            "token": {
                "type": "apiKey",
                "in": "query",
                "name": "token",
                "description": "The token of a login, where an `EventSource` can put no header.",
            },
        },
    })
}

/// A path below the root of the contract; that of the events is beside it.
fn below(path: &str) -> &str {
    path.strip_prefix(REST).map_or(path, |path| path.trim_start_matches('/'))
}

fn describe(endpoint: &Endpoint, described: &Described) -> Value {
    let mut operation = json!({
        "operationId": described.id,
        "tags": [below(endpoint.path()).split('/').next().filter(|tag| !tag.is_empty()).unwrap_or("events")],
        "summary": described.summary,
        "parameters": parameters(endpoint, described),
        "responses": responses(described),
        "produces": produces(described),
    });
    match described.body {
        Body::None => {}
        Body::Plain(_) => operation["consumes"] = json!(["text/plain"]),
        Body::Message => operation["consumes"] = json!(["text/plain", "application/json"]),
        Body::Object(_) | Body::Any | Body::Pairs => operation["consumes"] = json!(["application/json"]),
    }
    if let Access::Scope(_, scope) = endpoint.access() {
        let place = match endpoint.place() {
            Place::Header | Place::HeaderOrEventTicket | Place::HeaderOrFileTicket => "authorization",
            Place::Query => "token",
        };
        operation["security"] = json!([{ place: [] }]);
        operation["x-scope"] = json!(scope.word());
    }
    operation
}

fn produces(described: &Described) -> Value {
    let media_type = match described.answer {
        Answer::Stream => "text/event-stream",
        _ => "application/json",
    };
    json!([media_type, "application/problem+json"])
}

fn parameters(endpoint: &Endpoint, described: &Described) -> Value {
    let names = endpoint.path().split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = names
        .map(|name| {
            let mut parameter = json!({ "name": name, "in": "path", "required": true, "type": "string" });
            match name {
                "bookmarkID" | "fileSize" => {
                    parameter["type"] = json!("integer");
                    parameter["format"] = json!("int64");
                }
                "state" => {
                    parameter["enum"] = json!(["composing", "paused", "active", "inactive", "gone"]);
                }
                "service" => parameter["enum"] = json!(["jitsi", "galene"]),
                _ => {}
            }
            parameter["description"] = json!(table::about(name));
            parameter
        })
        .collect();
    parameters.extend(described.query.iter().map(|name| {
        let mut parameter = json!({
            "name": name,
            "in": "query",
            "required": *name == "room",
            "type": "string",
            "description": table::about(name),
        });
        match *name {
            "show" => parameter["enum"] = json!(["available", "chat", "away", "xa", "dnd", "offline"]),
            "serviceName" | "service" => parameter["default"] = json!("conference"),
            _ => {}
        }
        parameter
    }));
    let body = match described.body {
        Body::None => None,
        Body::Plain(about) => Some((about, json!({ "type": "string" }))),
        Body::Message => Some((
            "The text; or a JSON object with a `body`, which is the text then, and all of which rides along.",
            json!({ "type": "string" }),
        )),
        Body::Object(name) => Some(("", reference(name))),
        Body::Any => Some(("Any JSON object.", json!({ "type": "object" }))),
        Body::Pairs => Some(("", json!({ "type": "array", "items": reference("NameAndValue") }))),
    };
    if let Some((about, schema)) = body {
        let mut parameter = json!({ "name": "body", "in": "body", "required": true, "schema": schema });
        if !about.is_empty() {
            parameter["description"] = json!(about);
        }
        parameters.push(parameter);
    }
    parameters.into()
}

fn responses(described: &Described) -> Value {
    let failed = json!({ "$ref": "#/responses/Problem" });
    let given = match described.answer {
        // Nothing else is to be expected of it.
        Answer::Unsupported => return json!({ "501": failed, "default": failed }),
        Answer::Nothing => json!({ "description": "It was done." }),
        Answer::Type(name) => json!({ "description": "Here it is.", "schema": reference(name) }),
        Answer::Stream => json!({
            "description": "Server-sent events, for as long as the connection lasts.",
            "schema": { "type": "string" },
        }),
    };
    json!({ "200": given, "default": failed })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}
