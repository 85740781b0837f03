//! The description says what is so: it and the routes know the same paths, queries and bodies.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::{Method, Request};
use expect_test::expect_file;

use super::super::trial::{Trial, each, filled, juliet, text};
use super::super::v1;
use super::*;
use crate::auth::Came;
use crate::clock;

fn description() -> Value {
    document(&v1::endpoints())
}

/// Every operation: its method, its path, and what is said of it.
fn operations(document: &Value) -> Vec<(Method, String, Value)> {
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let method = method.to_ascii_uppercase().parse().unwrap();
            operations.push((method, path.clone(), operation.clone()));
        }
    }
    operations
}

/// Everything that stands between backticks.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn a_change_of_the_api_is_seen() {
    let text = serde_json::to_string_pretty(&description()).unwrap() + "\n";
    expect_file!["../../../../docs/openapi.json"].assert_eq(&text);
}

#[tokio::test]
async fn every_route_is_described_and_the_other_way_round() {
    let trial = Trial::new();
    let document = description();
    for (path, described) in document["paths"].as_object().unwrap() {
        for method in [Method::GET, Method::PUT, Method::POST, Method::DELETE, Method::PATCH] {
            let status = trial.ask(method.clone(), &filled(path), &[]).await.status().as_u16();
            let is_there = !matches!(status, 404 | 405);
            let is_described = described.get(method.as_str().to_ascii_lowercase()).is_some();
            assert_eq!(is_there, is_described, "{method} {path}: {status}");
        }
    }
    assert_eq!(operations(&document).len(), v1::endpoints().len());
}

#[test]
fn references_lead_somewhere_and_nothing_is_left_over() {
    let document = description();
    let mut referred = BTreeSet::new();
    each(&document, &mut |name, value| {
        if name == "$ref" {
            referred.insert(value.as_str().unwrap().trim_start_matches('#'));
        }
    });
    for place in &referred {
        assert!(document.pointer(place).is_some(), "{place}");
    }
    for kind in ["schemas", "responses"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            assert!(referred.contains(format!("/components/{kind}/{name}").as_str()), "{name}");
        }
    }
}

#[test]
fn operations_have_names_of_their_own_and_words_for_people() {
    let document = description();
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap().to_owned();
        assert!(ids.insert(id.clone()), "{id}");
        assert!(!operation["summary"].as_str().unwrap().ends_with('.'), "{method} {path}");
    }
    each(&document, &mut |name, value| {
        if name == "description" {
            let text = value.as_str().unwrap_or("-");
            assert!(!text.is_empty() && !text.contains("[`"), "{text:?}");
        }
    });
}

#[test]
fn what_changes_under_a_condition_can_be_got_with_its_tag() {
    let endpoints = v1::endpoints();
    for change in endpoints.iter().filter(|endpoint| endpoint.operation().unwrap().conditional) {
        let is_it = |get: &&Endpoint| get.path() == change.path() && get.method() == "GET";
        let get = endpoints.iter().find(is_it).unwrap_or_else(|| panic!("{}", change.path()));
        assert!(get.operation().unwrap().tagged, "{}", change.path());
    }
}

#[test]
fn a_type_that_goes_both_ways_is_the_same_both_ways() {
    let mut components = Components::new();
    for endpoint in v1::endpoints() {
        describe(&endpoint, endpoint.operation().unwrap(), &mut components);
    }
    let [taken, given] = components.schemas.both();
    for (name, schema) in &taken {
        if let Some(other) = given.get(name) {
            assert_eq!(schema, other, "{name}");
        }
    }
}

/// What the gateway answers to a request that has something in it which nobody knows.
async fn refusals(
    ask: impl Fn(&Method, &str, &Value) -> Option<(String, &'static str)>,
) -> BTreeMap<String, String> {
    let (trial, _writer) = Trial::kept().await;
    let hollow = trial.sessions.add_hollow(&juliet());
    let sign_in = trial.auth.sign_in(clock::now_ms(), &Came::to_session(&juliet(), hollow.session.number()));
    let mut refusals = BTreeMap::new();
    for (method, path, operation) in operations(&description()) {
        let Some((query, body)) = ask(&method, &path, &operation) else { continue };
        let request = Request::builder()
            .method(method)
            .uri(filled(&path) + &query)
            .header("authorization", format!("Bearer {}", sign_in.access_token))
            .header("content-type", "application/json")
            .body(Body::from(body))
            .unwrap();
        let answer: Value = serde_json::from_str(&text(trial.send(request).await).await).unwrap();
        let id = operation["operationId"].as_str().unwrap().to_owned();
        refusals.insert(id, answer["detail"].as_str().unwrap().to_owned());
    }
    refusals
}

#[tokio::test]
async fn bodies_have_the_fields_that_are_described() {
    let document = description();
    let fields = |operation: &Value| {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
        let schema = document.pointer(schema.as_str()?.trim_start_matches('#')).unwrap();
        Some(schema["properties"].as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>())
    };
    let described: BTreeMap<String, _> = operations(&document)
        .iter()
        .filter_map(|(_, _, operation)| {
            Some((operation["operationId"].as_str()?.to_owned(), fields(operation)?))
        })
        .collect();
    let refused =
        refusals(|_, _, operation| fields(operation).map(|_| (String::new(), r#"{"nobody knows": 1}"#)))
            .await;
    assert_eq!(refused.keys().collect::<Vec<_>>(), described.keys().collect::<Vec<_>>());
    for (id, detail) in refused {
        // serde names what it takes: "unknown field `nobody knows`, expected one of `id`, `body`".
        let mut known = quoted(&detail);
        assert!(known.remove("nobody knows"), "{id}: {detail}");
        assert_eq!(known, described[&id], "{id}");
    }
}

#[tokio::test]
async fn queries_have_the_keys_that_are_described() {
    let keys = |operation: &Value| -> BTreeSet<String> {
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let keys = parameters.iter().filter(|parameter| parameter["in"] == "query");
        keys.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect()
    };
    let described: BTreeMap<String, _> = operations(&description())
        .iter()
        .map(|(_, _, operation)| (operation["operationId"].as_str().unwrap().to_owned(), keys(operation)))
        .filter(|(_, keys)| !keys.is_empty())
        .collect();
    let refused = refusals(|_, _, operation| {
        (!keys(operation).is_empty()).then(|| ("?nobody%20knows=1".to_owned(), "{}"))
    })
    .await;
    for (id, detail) in refused {
        let known = detail.split_once("It knows: ").unwrap_or_else(|| panic!("{id}: {detail}")).1;
        let known: BTreeSet<String> = known.trim_end_matches('.').split(", ").map(str::to_owned).collect();
        assert_eq!(known, described[&id], "{id}");
    }
}
