//! The description is whole, of the form of Swagger 2.0, and says of nothing what is not so.

use std::collections::BTreeSet;

use super::super::super::trial::each;
use super::super::endpoints as contract;
use super::*;

fn described() -> Vec<(String, String, Value)> {
    let document = document(&contract());
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            operations.push((method.clone(), path.clone(), operation.clone()));
        }
    }
    operations
}

#[test]
fn each_row_is_of_an_operation_and_each_operation_has_a_row() {
    let routes: BTreeSet<(String, String)> = contract()
        .iter()
        .filter(|endpoint| endpoint.path() != PATH)
        .map(|endpoint| (endpoint.method().to_owned(), below(endpoint.path()).to_owned()))
        .collect();
    let rows: BTreeSet<(String, String)> =
        table::operations().map(|(method, path)| (method.to_owned(), path.to_owned())).collect();
    assert_eq!(routes, rows);
    assert_eq!(described().len(), rows.len());
}

#[test]
fn names_are_unique_and_references_lead_somewhere() {
    let mut ids = BTreeSet::new();
    for (method, path, operation) in described() {
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{method} {path}");
    }
    let document = document(&contract());
    let mut referred = BTreeSet::new();
    each(&document, &mut |name, value| {
        if name == "$ref" {
            referred.insert(value.as_str().unwrap().to_owned());
        }
    });
    for place in &referred {
        assert!(document.pointer(place.trim_start_matches('#')).is_some(), "{place}");
    }
    for name in document["definitions"].as_object().unwrap().keys() {
        assert!(referred.contains(&format!("#/definitions/{name}")), "{name} is left over");
    }
}

/// The rules of the specification that a generator of clients stumbles over.
#[test]
fn parameters_and_answers_are_of_their_form() {
    let document = document(&contract());
    assert_eq!(document["swagger"], "2.0");
    for (method, path, operation) in described() {
        let at = format!("{method} {path}");
        let parameters = operation["parameters"].as_array().unwrap();
        let in_path: BTreeSet<&str> = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let named: BTreeSet<&str> =
            path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        assert_eq!(in_path, named, "{at}");
        let mut places = BTreeSet::new();
        for parameter in parameters {
            let place = parameter["in"].as_str().unwrap();
            assert!(places.insert((place, parameter["name"].as_str().unwrap())), "{at}: {parameter}");
            // A body has a schema, and everything else a plain type.
            assert_eq!(parameter["schema"].is_object(), place == "body", "{at}: {parameter}");
            assert_eq!(parameter["type"].is_string(), place != "body", "{at}: {parameter}");
            assert_ne!(parameter["description"], "", "{at}: {parameter}");
        }
        let bodies = parameters.iter().filter(|parameter| parameter["in"] == "body").count();
        assert_eq!(operation["consumes"].is_array(), bodies == 1, "{at}");
        let answers = operation["responses"].as_object().unwrap();
        assert_eq!(answers["default"]["$ref"], "#/responses/Problem", "{at}");
        assert!(answers.contains_key("200") != answers.contains_key("501"), "{at}");
        for scheme in operation["security"].as_array().into_iter().flatten() {
            let name = scheme.as_object().unwrap().keys().next().unwrap();
            assert!(document["securityDefinitions"][name].is_object(), "{at}: {name}");
        }
    }
    for (name, definition) in document["definitions"].as_object().unwrap() {
        for required in definition["required"].as_array().into_iter().flatten() {
            assert!(definition["properties"][required.as_str().unwrap()].is_object(), "{name}: {required}");
        }
    }
}
