//! The API v1 as a page for people, made of its description.
//!
//! All that is on it stands in the description: what is said there is said here, and nothing is written twice. The page
//! is whole without its script, which adds no more than buttons to copy with.

mod curl;
mod schema;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use protocol::{ErrorCode, paths};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::error::table;
use super::openapi;
use super::route::Endpoint;
use schema::Schemas;

const STYLE: &str = include_str!("reference/page.css");
const SCRIPT: &str = include_str!("reference/page.js");

/// A page, and what it may do.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) html: String,
    /// Its `Content-Security-Policy`: its own style and script, by their hashes, and nothing else from anywhere.
    pub(super) policy: String,
}

/// The page of these endpoints, in their order.
pub(super) fn page(endpoints: &[Endpoint]) -> Page {
    let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
        hash(STYLE),
        hash(SCRIPT),
    );
    Page { html: html(endpoints), policy }
}

fn html(endpoints: &[Endpoint]) -> String {
    let document = &openapi::document(endpoints);
    let schemas = Schemas::new(document);
    let operations = operations(endpoints, document);
    let subjects: Vec<(&str, &str)> = list(&document["tags"])
        .iter()
        .map(|tag| (text(&tag["name"]), text(&tag["description"])))
        .filter(|(name, _)| operations.iter().any(|operation| operation.subject() == *name))
        .collect();
    let mut main = beginning(document);
    for (name, about) in &subjects {
        let id = anchor(name);
        let _ =
            write!(main, r#"<section id="{id}" aria-labelledby="{id}-name"><h2 id="{id}-name">{name}</h2>"#);
        main += &prose(about);
        for operation in operations.iter().filter(|operation| operation.subject() == *name) {
            main += &operation.html(document, &schemas);
        }
        main += "</section>";
    }
    main += &schemas.events();
    main += &schemas.types();
    main += &problems(document);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>SparkWeb API v1</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the reference</a>\n\
         <header><p><a class=\"brand\" href=\"#beginning\">SparkWeb <span>API v1</span></a></p>\
         <p><a href=\"{}\">OpenAPI document</a></p></header>\n\
         <nav aria-label=\"Contents\"><details class=\"contents\"><summary>Contents</summary>{}</details></nav>\n\
         <main id=\"main\" tabindex=\"-1\">{main}</main>\n\
         <script type=\"module\">{SCRIPT}</script>\n</body>\n</html>\n",
        paths::OPENAPI,
        contents(&subjects, &operations, &schemas),
    )
}

/// What there is to know before any of it.
fn beginning(document: &Value) -> String {
    format!(
        "<h1 id=\"beginning\">SparkWeb API v1</h1>{}<h2 id=\"how\">Before you begin</h2>{}<pre><code>{}</code></pre>{}",
        prose(text(&document["info"]["description"])),
        prose(
            "The lines to copy work in a shell with curl 7.82 or newer and jq, once it knows the gateway and a token. \
             A token is good for 15 minutes, for the scopes that it names; each operation says which scope it needs."
        ),
        "gateway=<span id=\"gateway\">https://chat.example.com</span>/sparkweb/api/v1\n\
         token=$(curl -s $gateway/sign-ins --json \
         '{\"username\": \"juliet\", \"password\": \"spark-demo\"}' | jq -r .access_token)",
        prose(
            "A failure is a problem document (RFC 9457). Decide by its `code`, which stays, and show its `detail`, \
             which says what went wrong this time and what to do about it."
        ),
    )
}

/// The table of contents.
fn contents(subjects: &[(&str, &str)], operations: &[Operation<'_>], schemas: &Schemas<'_>) -> String {
    let mut html = "<ul><li><a href=\"#beginning\">Before you begin</a></li>".to_owned();
    for (name, _) in subjects {
        let _ = write!(html, "<li><a class=\"group\" href=\"#{}\">{name}</a><ul>", anchor(name));
        for operation in operations.iter().filter(|operation| operation.subject() == *name) {
            let _ = write!(
                html,
                "<li><a href=\"#{}\">{} {}</a></li>",
                operation.id(),
                method(operation.method),
                escape(text(&operation.described["summary"])),
            );
        }
        html += "</ul></li>";
    }
    html += "<li><a class=\"group\" href=\"#events\">Events</a><ul>";
    for (name, _) in schemas.event_names() {
        let _ = write!(html, "<li><a href=\"#event-{name}\"><code>{name}</code></a></li>");
    }
    html += "</ul></li><li><a class=\"group\" href=\"#types\">Types</a></li>";
    html += "<li><a class=\"group\" href=\"#problems\">Problems</a></li></ul>";
    html
}

/// Every code of a problem, and what it means.
fn problems(document: &Value) -> String {
    let meanings = schema::meanings(&document["components"]["schemas"]["ErrorCode"]);
    let mut html = "<section id=\"problems\" aria-labelledby=\"problems-name\"><h2 id=\"problems-name\">Problems</h2>\
         <p>The <code>code</code> of a <a href=\"#type-Problem\">problem document</a>, with the status that it has.</p>\
         <dl class=\"fields\">"
        .to_owned();
    for (word, meaning) in meanings {
        let Some((status, _)) = known(word).map(table) else { continue };
        let _ = write!(
            html,
            "<div id=\"problem-{word}\"><dt><code>{word}</code> <span class=\"status\">{}</span></dt>\
             <dd>{}</dd></div>",
            status.as_u16(),
            prose(meaning),
        );
    }
    html + "</dl></section>"
}

/// The code that a word stands for.
pub(super) fn known(word: &str) -> Option<ErrorCode> {
    let code = serde_json::from_value(word.into()).ok()?;
    (code != ErrorCode::Unknown).then_some(code)
}

/// An operation of the description.
struct Operation<'a> {
    /// In capitals.
    method: &'a str,
    path: &'a str,
    described: &'a Value,
}

/// All of them, in the order of the endpoints: it is that of what people look for.
fn operations<'a>(endpoints: &'a [Endpoint], document: &'a Value) -> Vec<Operation<'a>> {
    let described =
        |endpoint: &Endpoint| &document["paths"][endpoint.path()][endpoint.method().to_ascii_lowercase()];
    endpoints
        .iter()
        .map(|endpoint| Operation {
            method: endpoint.method(),
            path: endpoint.path(),
            described: described(endpoint),
        })
        .collect()
}

impl Operation<'_> {
    fn id(&self) -> &str {
        text(&self.described["operationId"])
    }

    fn subject(&self) -> &str {
        text(&self.described["tags"][0])
    }

    fn html(&self, document: &Value, schemas: &Schemas<'_>) -> String {
        let (id, summary) = (self.id(), escape(text(&self.described["summary"])));
        let mut html = format!(
            "<article id=\"{id}\" aria-labelledby=\"{id}-name\"><h3 id=\"{id}-name\">{summary} \
             <a class=\"anchor\" href=\"#{id}\" aria-label=\"Link to this operation\">#</a></h3>\
             <p class=\"line\">{} <code>{}</code></p><p class=\"needs\">{}</p>",
            method(self.method),
            breakable(self.path),
            match text(&self.described["security"][0]["bearer"][0]) {
                "" => "No token".to_owned(),
                scope => format!("Scope <code>{scope}</code>"),
            },
        );
        html += &prose(text(&self.described["description"]));
        html += &self.parameters(schemas);
        let body = fields(&self.described["requestBody"]["content"]);
        if body.clone().next().is_some() {
            html += "<h4>Body</h4>";
            html += &content(body, schemas, true);
        }
        html += &self.answers(schemas);
        html += &self.failures(document);
        let _ =
            write!(html, "<h4>Try it</h4><pre><code>{}</code></pre>", escape(&curl::line(self, document)));
        html + "</article>"
    }

    fn parameters(&self, schemas: &Schemas<'_>) -> String {
        let parameters = list(&self.described["parameters"]);
        if parameters.is_empty() {
            return String::new();
        }
        let mut html = "<h4>Parameters</h4><dl class=\"fields\">".to_owned();
        for parameter in parameters {
            let place = text(&parameter["in"]);
            let is_required = place != "path" && parameter["required"] == true;
            html += &schemas.field(
                text(&parameter["name"]),
                &parameter["schema"],
                text(&parameter["description"]),
                &[Some(place), is_required.then_some("required")],
            );
        }
        html + "</dl>"
    }

    fn answers(&self, schemas: &Schemas<'_>) -> String {
        let mut html = "<h4>Answers</h4><dl class=\"fields\">".to_owned();
        for (status, answer) in fields(&self.described["responses"]) {
            if !status.starts_with(['2', '3']) {
                continue;
            }
            let _ = write!(
                html,
                "<div><dt><span class=\"status\">{status}</span> <span class=\"kind\">{}</span></dt><dd>{}",
                inline(text(&answer["description"])),
                content(fields(&answer["content"]), schemas, false),
            );
            html += &headers(answer);
            html += "</dd></div>";
        }
        html + "</dl>"
    }

    fn failures(&self, document: &Value) -> String {
        let mut rows = String::new();
        for (status, answer) in fields(&self.described["responses"]) {
            let Some(failure) = answer["$ref"].as_str().and_then(|place| document.pointer(place.get(1..)?))
            else {
                continue;
            };
            let _ = write!(rows, "<div><dt><span class=\"status\">{status}</span></dt><dd><ul>");
            for word in list(&failure["x-error-codes"]).iter().map(text) {
                let title = known(word).map_or("", |code| table(code).1);
                let _ = write!(
                    rows,
                    "<li><a href=\"#problem-{word}\"><code>{word}</code></a> {}.</li>",
                    escape(title)
                );
            }
            rows += "</ul>";
            rows += &headers(failure);
            rows += "</dd></div>";
        }
        format!("<details><summary>Problems</summary><dl class=\"fields\">{rows}</dl></details>")
    }
}

/// What a body is, by its media types; its fields are shown at once, or on demand.
fn content<'a>(
    content: impl Iterator<Item = (&'a str, &'a Value)>,
    schemas: &Schemas<'_>,
    is_open: bool,
) -> String {
    let mut html = String::new();
    for (media_type, described) in content {
        let stream = &described["x-event-schema"];
        let schema = if stream.is_object() { stream } else { &described["schema"] };
        let each = if stream.is_object() { ", each event" } else { "" };
        let kind = schemas.kind(schema);
        let _ = write!(html, "<p><code>{media_type}</code>");
        if !kind.is_empty() {
            let _ = write!(html, "{each}: {kind}");
        }
        html += "</p>";
        let shown = schemas.fields_of(schema);
        if shown.is_empty() {
            continue;
        }
        if is_open {
            html += &shown;
        } else {
            let _ = write!(html, "<details><summary>Fields</summary>{shown}</details>");
        }
    }
    html
}

/// The headers of an answer that mean something to whoever asked.
fn headers(answer: &Value) -> String {
    let mut html = String::new();
    for (name, header) in fields(&answer["headers"]) {
        let _ = write!(html, "<p><code>{name}</code>: {}</p>", inline(text(&header["description"])));
    }
    html
}

fn method(method: &str) -> String {
    format!("<span class=\"method {}\">{method}</span>", method.to_ascii_lowercase())
}

/// A path that may be broken between its parts, where a screen is narrow.
fn breakable(path: &str) -> String {
    escape(path).replace('/', "/<wbr>")
}

fn anchor(name: &str) -> String {
    name.to_ascii_lowercase().replace(' ', "-")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn fields(value: &Value) -> impl Iterator<Item = (&str, &Value)> + Clone {
    value.as_object().into_iter().flat_map(Map::iter).map(|(name, value)| (name.as_str(), value))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Text with what stands between backticks as code.
fn inline(text: &str) -> String {
    let mut html = String::new();
    for (at, part) in escape(text).split('`').enumerate() {
        let _ = if at % 2 == 1 { write!(html, "<code>{part}</code>") } else { write!(html, "{part}") };
    }
    html
}

/// Paragraphs, and lists whose lines begin with a dash.
fn prose(text: &str) -> String {
    let mut html = String::new();
    for block in text.split("\n\n").filter(|block| !block.trim().is_empty()) {
        if block.starts_with("- ") {
            html += "<ul>";
            for item in block.split("\n").filter_map(|line| line.strip_prefix("- ")) {
                let _ = write!(html, "<li>{}</li>", inline(item));
            }
            html += "</ul>";
        } else {
            let _ = write!(html, "<p>{}</p>", inline(block));
        }
    }
    html
}
