//! The description of the contract (OpenAPI 3.1), made of its routes.

use axum::Json;
use axum::routing::get;
use serde_json::{Map, Value, json};

use super::super::route::{Access, Endpoint, Place};

/// Where the plugin has it.
const PATH: &str = "/sparkweb/api/swagger.json";

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::compat_open("GET", PATH, get(async || Json(document(&super::endpoints()))))]
}

pub(super) fn document(endpoints: &[Endpoint]) -> Value {
    let mut paths = Map::new();
    for endpoint in endpoints.iter().filter(|endpoint| endpoint.path() != PATH) {
        let path = paths.entry(endpoint.path()).or_insert_with(|| json!({}));
        path[endpoint.method().to_ascii_lowercase()] = describe(endpoint);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "SparkWeb, as the Openfire plugin has it",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Kept for pages that were written for the plugin; the API v1 is at `/sparkweb/api/v1/openapi.json`.",
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "authorization": { "type": "apiKey", "in": "header", "name": "authorization" },
                "token": { "type": "apiKey", "in": "query", "name": "token" },
            },
        },
    })
}

fn describe(endpoint: &Endpoint) -> Value {
    let parameters: Vec<Value> = endpoint
        .path()
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    let subject = endpoint.path().split('/').nth(4).unwrap_or("events");
    let mut described = json!({
        "operationId": format!("{} {}", endpoint.method(), endpoint.path()),
        "tags": [subject],
        "parameters": parameters,
        "responses": {
            "200": { "description": "Done." },
            "default": {
                "description": "It failed.",
                "content": { "application/problem+json": { "schema": { "type": "object" } } },
            },
        },
    });
    if let Access::Scope(_, scope) = endpoint.access() {
        let place = match endpoint.place() {
            Place::Header => "authorization",
            Place::Query => "token",
        };
        described["security"] = json!([{ place: [] }]);
        described["x-scope"] = json!(scope.word());
    }
    described
}
