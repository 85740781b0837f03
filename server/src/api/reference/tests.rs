//! Everything of the description is on the page, every link leads somewhere, and the page does what its policy allows.

use std::collections::BTreeSet;

use axum::http::Method;

use super::super::trial::{Trial, header, text as body};
use super::super::{openapi, v1};
use super::*;

fn document() -> Value {
    openapi::document(&v1::endpoints())
}

fn whole() -> String {
    page(&v1::endpoints()).html
}

/// The values of an attribute, in the order of the page.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let begin = format!(" {name}=\"");
    html.split(&begin).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test]
async fn the_page_is_served_with_a_policy_that_lets_nothing_else_in() {
    let trial = Trial::new();
    let response = trial.ask(Method::GET, paths::REFERENCE, &[]).await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "text/html; charset=utf-8");
    assert_eq!(header(&response, "cache-control"), "no-cache");
    let policy = header(&response, "content-security-policy").to_owned();
    let tag = header(&response, "etag").to_owned();
    let html = body(response).await;
    assert!(html.starts_with("<!doctype html>\n<html lang=\"en\">"));

    assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{policy}");
    for (element, directive) in [("style>", "style-src"), ("script type=\"module\">", "script-src")] {
        let inside = html.split(&format!("<{element}")).nth(1).unwrap().split("</").next().unwrap();
        let hash = BASE64_STANDARD.encode(Sha256::digest(inside));
        assert!(policy.contains(&format!("; {directive} 'sha256-{hash}'; ")), "{policy}");
    }
    for forbidden in [" style=\"", " onclick", " src=\"", "<link", "<iframe", "javascript:"] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }

    let response = trial.ask(Method::GET, paths::REFERENCE, &[("if-none-match", &tag)]).await;
    assert_eq!(response.status(), 304);
    assert_eq!(body(response).await, "");
}

#[test]
fn every_operation_event_type_and_problem_has_a_place() {
    let document = document();
    let html = whole();
    let ids: BTreeSet<&str> = attributes(&html, "id").into_iter().collect();
    for endpoint in v1::endpoints() {
        let id = endpoint.operation().unwrap().id;
        assert!(ids.contains(id), "{id}");
        let path = breakable(endpoint.path());
        let line = format!("{} <code>{path}</code>", method(endpoint.method()));
        assert!(html.contains(&line), "{line}");
    }
    let schemas = Schemas::new(&document);
    let events: Vec<(&str, &str)> = schemas.event_names().collect();
    assert!(events.len() > 30 && events[0].0 == "ready", "{events:?}");
    for (name, _) in &events {
        assert!(ids.contains(format!("event-{name}").as_str()), "{name}");
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        let is_event = name == "Event" || events.iter().any(|(_, ty)| ty == name);
        assert!(is_event || ids.contains(format!("type-{name}").as_str()), "{name}");
    }
    for word in document["components"]["schemas"]["ErrorCode"]["enum"].as_array().unwrap() {
        assert!(ids.contains(format!("problem-{}", text(word)).as_str()), "{word}");
    }
}

#[test]
fn places_are_unique_and_links_lead_to_them() {
    let html = whole();
    let all = attributes(&html, "id");
    let ids: BTreeSet<&str> = all.iter().copied().collect();
    assert_eq!(ids.len(), all.len());
    let inside = attributes(&html, "href").into_iter().chain(attributes(&html, "aria-labelledby"));
    for place in inside {
        let place = place.trim_start_matches('#');
        assert!(ids.contains(place) || place == paths::OPENAPI, "{place}");
    }
}

#[test]
fn elements_are_closed_in_the_order_in_which_they_were_opened() {
    let html = whole();
    let html = html.replace(STYLE, "").replace(SCRIPT, "");
    let mut open = Vec::new();
    for tag in html.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
        let name = tag.split_whitespace().next().unwrap();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "<{tag}>"),
            None if matches!(name, "!doctype" | "meta" | "wbr") => {}
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn lines_to_copy_ask_for_what_the_operation_takes() {
    let (endpoints, document) = (v1::endpoints(), document());
    let line = |id: &str| {
        let operation =
            operations(&endpoints, &document).into_iter().find(|operation| operation.id() == id).unwrap();
        curl::line(&operation, &document)
    };
    const TOKEN: &str = "-H \"Authorization: Bearer $token\"";
    for (id, expected) in [
        (
            "create_sign_in",
            "curl -s $gateway/sign-ins \\\n  --json '{\"password\":\"spark-demo\",\"username\":\"juliet\"}'",
        ),
        ("get_snapshot", &format!("curl -s $gateway/snapshot {TOKEN}")),
        ("stream_events", &format!("curl -sN $gateway/events {TOKEN}")),
        (
            "set_draft",
            &format!(
                "curl -s -X PUT $gateway/conversations/romeo@spark.localhost/draft {TOKEN} \\\n  --json '{{\"text\":\"…\"}}'"
            ),
        ),
        (
            "list_affiliations",
            &format!(
                "curl -s \"$gateway/rooms/square@rooms.spark.localhost/affiliations?affiliation=owner\" {TOKEN}"
            ),
        ),
        (
            "set_avatar",
            &format!(
                "curl -s -X PUT $gateway/avatar {TOKEN} \\\n  -H \"Content-Type: image/gif\" --data-binary @file"
            ),
        ),
    ] {
        assert_eq!(line(id), expected);
    }
}

/// What must be there and is not, somewhere in a value.
fn missing(value: &Value, schema: &Value, document: &Value) -> Vec<String> {
    if let Some(name) = schema::name_of(schema) {
        return missing(value, &document["components"]["schemas"][name], document);
    }
    let required = list(&schema["required"]).iter().map(text);
    let mut all: Vec<String> = required.filter(|name| value.get(name).is_none()).map(str::to_owned).collect();
    for (name, field) in fields(value) {
        all.extend(missing(field, &schema["properties"][name], document));
    }
    for item in list(value) {
        all.extend(missing(item, &schema["items"], document));
    }
    all
}

#[test]
fn bodies_of_lines_to_copy_are_whole() {
    let (endpoints, document) = (v1::endpoints(), document());
    let mut count = 0;
    for operation in operations(&endpoints, &document) {
        let schema = &operation.described["requestBody"]["content"]["application/json"]["schema"];
        let line = curl::line(&operation, &document);
        let Some((_, body)) = line.split_once("--json '") else { continue };
        let body: Value = serde_json::from_str(body.trim_end_matches('\'')).unwrap();
        assert_eq!(missing(&body, schema, &document), Vec::<String>::new(), "{line}");
        count += 1;
    }
    assert!(count > 20, "{count}");
}

#[tokio::test]
async fn the_type_of_a_problem_leads_to_its_place() {
    let trial = Trial::new();
    let response = trial.ask(Method::GET, "/sparkweb/problems/blocked", &[]).await;
    assert_eq!(response.status(), 308);
    assert_eq!(header(&response, "location"), "/sparkweb/api/v1/reference#problem-blocked");
    for path in ["/sparkweb/problems/nothing", "/sparkweb/problems/unknown", "/sparkweb/problems/%2F%2Fx"] {
        assert_eq!(trial.ask(Method::GET, path, &[]).await.status(), 404, "{path}");
    }
}
