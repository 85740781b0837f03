//! The description of the API v1 (OpenAPI 3.1), made of what each endpoint says of itself and of the protocol's types.
//!
//! Knows how the specification wants it said; what is said stands beside the routes.

mod schemas;
#[cfg(test)]
mod tests;

use axum::http::StatusCode;
use protocol::{AvatarHash, BareJid, ConversationId, ErrorCode, Jid, MessageId, Problem};
use serde_json::{Map, Value, json};

use super::error::{table, word};
use super::form::FORM;
use super::operation::{Content, Form, Operation, Param, Subject, Type};
use super::route::{Access, Endpoint};
use schemas::{Schemas, in_capitals};

const ABOUT: &str = "One XMPP session per person, held by the gateway: REST to ask, server-sent events to hear.\n\n\
    A field that has no value is left out; there is no `null`, and a body with one is refused. A whole number is \
    written without a fraction. Answers may get new fields, and the stream new events: pass over what you do not know. \
    A length is counted in characters here and in bytes by the gateway. Every answer has an `X-Request-Id`, by which \
    whoever runs the gateway finds it in the log: that of the request, if it had one.";

const PROBLEM: &str = "application/problem+json";

/// The whole document.
pub(super) fn document(endpoints: &[Endpoint]) -> Value {
    let mut components = Components::new();
    let mut paths = Map::new();
    for endpoint in endpoints {
        let Some(operation) = endpoint.operation() else { continue };
        let described = describe(endpoint, operation, &mut components);
        let path = paths.entry(endpoint.path()).or_insert_with(|| json!({}));
        path[endpoint.method().to_ascii_lowercase()] = described;
    }
    let tags: Vec<Value> = Subject::ALL
        .into_iter()
        .map(|subject| {
            let (name, about) = subject.words();
            json!({ "name": name, "description": about })
        })
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "SparkWeb",
            "version": "1",
            "description": ABOUT,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "The gateway that serves this document." }],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": components.schemas.into_components(),
            "responses": components.failures,
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The access token of a sign-in. It is opaque, and good for 15 minutes.",
                },
            },
        },
    })
}

/// What operations refer to.
struct Components {
    schemas: Schemas,
    /// Failures by the codes that they can have.
    failures: Map<String, Value>,
}

impl Components {
    fn new() -> Self {
        Components { schemas: Schemas::new(), failures: Map::new() }
    }

    /// A reference to the failure with one of these codes, which all have this status.
    fn failure(&mut self, status: StatusCode, codes: &[ErrorCode]) -> Value {
        let words: Vec<String> = codes.iter().map(|code| word(*code)).collect();
        let name = words.iter().map(|word| in_capitals(word)).collect::<Vec<_>>().join("Or");
        let reference = json!({ "$ref": format!("#/components/responses/{name}") });
        let problem = self.schemas.given(Type::of::<Problem>());
        self.failures.entry(name).or_insert_with(|| failure(status, codes, &words, &problem));
        reference
    }
}

fn describe(endpoint: &Endpoint, operation: &Operation, components: &mut Components) -> Value {
    let responses = responses(endpoint, operation, components);
    let schemas = &mut components.schemas;
    let told = operation.told.map(|told| schemas.given(told));
    let mut parameters = path_parameters(endpoint.path(), operation, schemas);
    parameters.extend(operation.query.iter().map(|param| parameter("query", param, schemas)));
    parameters.extend(operation.headers.iter().map(|param| parameter("header", param, schemas)));
    let security = match endpoint.access() {
        Access::Anybody => json!([]),
        Access::Scope(_, scope) => json!([{ "bearer": [scope.word()] }]),
    };
    let mut described = json!({
        "operationId": operation.id,
        "tags": [operation.subject.words().0],
        "summary": operation.summary,
        "security": security,
        "responses": responses,
    });
    if let Some(note) = operation.note {
        described["description"] = note.into();
    }
    if let Some(told) = told {
        described["callbacks"] = told_to_browser(&told);
    }
    if !parameters.is_empty() {
        described["parameters"] = parameters.into();
    }
    if let Some(body) = operation.body {
        let content = content(body, |ty| schemas.taken(ty));
        described["requestBody"] = json!({ "required": true, "content": content });
    }
    described
}

/// What the gateway sends to where the request says, decrypted.
fn told_to_browser(schema: &Value) -> Value {
    let answers = json!({ "201": { "description": "The push service has it." } });
    let post = json!({
        "summary": "What the browser's service worker gets",
        "description": "Encrypted for the browser alone (RFC 8291): this is what is in it.",
        "requestBody": { "required": true, "content": { "application/json": { "schema": schema } } },
        "responses": answers,
    });
    json!({ "push": { "{$request.body#/endpoint}": { "post": post } } })
}

fn path_parameters(path: &str, operation: &Operation, schemas: &mut Schemas) -> Vec<Value> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names
        .map(|name| {
            let said = operation.path.iter().find(|(part, _)| *part == name).map(|(_, form)| form.clone());
            let (form, about) = match name {
                "jid" if path.contains("/conversations/") => {
                    (Form::Type(Type::of::<ConversationId>()), "What the conversation is with.")
                }
                "jid" => (Form::Type(Type::of::<BareJid>()), "The address."),
                "person" => (Form::Type(Type::of::<BareJid>()), "Whose address it is."),
                "id" => (Form::Type(Type::of::<MessageId>()), "The message's id."),
                "device" => (any_text(), "The device's id."),
                "hash" => (Form::Type(Type::of::<AvatarHash>()), "The picture's hash."),
                "nick" => (any_text(), "The nickname."),
                "service" => (
                    Form::Type(Type::of::<Jid>()),
                    "The service's address; `pep` is the person's own account.",
                ),
                "node" => (any_text(), "The node's id."),
                "item" => (any_text(), "The item's id."),
                _ => (any_text(), ""),
            };
            json!({
                "name": name,
                "in": "path",
                "required": true,
                "description": about,
                "schema": form_of(&said.unwrap_or(form), schemas),
            })
        })
        .collect()
}

fn any_text() -> Form {
    Form::Plain(json!({ "type": "string", "minLength": 1 }))
}

fn form_of(form: &Form, schemas: &mut Schemas) -> Value {
    match form {
        Form::Type(ty) => schemas.taken(*ty),
        Form::Plain(schema) => schema.clone(),
    }
}

fn parameter(place: &str, param: &Param, schemas: &mut Schemas) -> Value {
    let mut described = json!({
        "name": param.name,
        "in": place,
        "description": param.about,
        "schema": form_of(&param.form, schemas),
    });
    if param.required {
        described["required"] = true.into();
    }
    described
}

/// A body by its media types.
fn content(content: Content, mut schema: impl FnMut(Type) -> Value) -> Value {
    match content {
        Content::Json(ty) => json!({ "application/json": { "schema": schema(ty) } }),
        Content::Form(ty) => Map::from_iter([(FORM.to_owned(), json!({ "schema": schema(ty) }))]).into(),
        Content::AnyJson => json!({ "application/json": { "schema": { "type": "object" } } }),
        // What is not JSON has no schema in OpenAPI 3.1.
        Content::Bytes(media_types) => {
            media_types.iter().map(|media_type| ((*media_type).to_owned(), json!({}))).collect()
        }
        Content::Text(media_type) => {
            Map::from_iter([(media_type.to_owned(), json!({ "schema": { "type": "string" } }))]).into()
        }
        // 3.1 has no word for what a stream is made of.
        Content::Events(ty) => {
            json!({ "text/event-stream": { "schema": { "type": "string" }, "x-event-schema": schema(ty) } })
        }
        Content::Nothing => json!({}),
    }
}

fn responses(endpoint: &Endpoint, operation: &Operation, components: &mut Components) -> Value {
    let mut responses = Map::new();
    for (status, body) in &operation.answers {
        let about = match *status {
            StatusCode::OK => "Here it is.",
            StatusCode::CREATED => "It was made.",
            StatusCode::ACCEPTED => "It was taken, and is under way.",
            StatusCode::NO_CONTENT => "It was done.",
            StatusCode::PARTIAL_CONTENT => "Here is the part that was asked for.",
            StatusCode::NOT_MODIFIED => "It is the same as before.",
            _ => "",
        };
        let mut response = json!({ "description": about });
        if !matches!(body, Content::Nothing) {
            response["content"] = content(*body, |ty| components.schemas.given(ty));
        }
        if operation.tagged {
            let tag = json!({ "description": "Names what the answer is.", "schema": { "type": "string" } });
            response["headers"] = json!({ "ETag": tag });
        }
        if *status == StatusCode::PARTIAL_CONTENT {
            let range = json!({ "description": "Which part it is.", "schema": { "type": "string" } });
            response["headers"] = json!({ "Content-Range": range });
        }
        if operation.asks_again && *status == StatusCode::ACCEPTED {
            response["headers"] = retry_after("In how many seconds to ask again.");
        }
        responses.insert(status.as_str().to_owned(), response);
    }
    for (status, codes) in by_status(codes(endpoint, operation)) {
        responses.insert(status.as_str().to_owned(), components.failure(status, &codes));
    }
    responses.into()
}

/// How an operation can fail: what it says itself, and what follows from what it takes.
fn codes(endpoint: &Endpoint, operation: &Operation) -> Vec<ErrorCode> {
    let mut codes = Vec::new();
    if endpoint.access() != Access::Anybody {
        codes.extend([
            ErrorCode::NotSignedIn,
            ErrorCode::InvalidToken,
            ErrorCode::TokenExpired,
            ErrorCode::Forbidden,
            ErrorCode::SessionEnded,
            ErrorCode::SessionOffline,
            ErrorCode::StoreUnavailable,
            ErrorCode::Overloaded,
        ]);
    }
    if endpoint.path().contains('{') {
        codes.extend([ErrorCode::MalformedParameter, ErrorCode::MalformedJid]);
    }
    if !operation.query.is_empty() || !operation.headers.is_empty() {
        codes.extend([ErrorCode::MalformedParameter, ErrorCode::UnsupportedCharacter]);
    }
    if operation.body.is_some() {
        codes.extend([ErrorCode::MalformedBody, ErrorCode::RequestTooLarge]);
    }
    codes.push(ErrorCode::Internal);
    codes.extend(&operation.codes);
    // The same codes make the same answer, in whichever order they were named.
    codes.sort_by_key(|code| *code as u8);
    codes.dedup();
    codes
}

/// The codes of each status.
fn by_status(codes: Vec<ErrorCode>) -> Vec<(StatusCode, Vec<ErrorCode>)> {
    let mut all: Vec<(StatusCode, Vec<ErrorCode>)> = Vec::new();
    for code in codes {
        let (status, _) = table(code);
        match all.iter_mut().find(|(known, _)| *known == status) {
            Some((_, codes)) => codes.push(code),
            None => all.push((status, vec![code])),
        }
    }
    all
}

/// A problem document of one status.
fn failure(status: StatusCode, codes: &[ErrorCode], words: &[String], problem: &Value) -> Value {
    let lines: Vec<String> =
        codes.iter().zip(words).map(|(code, word)| format!("{} (`{word}`).", table(*code).1)).collect();
    let mut response = json!({
        "description": lines.join(" "),
        "content": { PROBLEM: { "schema": problem } },
        "x-error-codes": words,
    });
    let mut headers = json!({});
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        headers = retry_after("In how many seconds to try again.");
    }
    if codes.iter().any(|code| matches!(code, ErrorCode::WrongCredentials | ErrorCode::TooManyRequests)) {
        headers["RateLimit"] = header(RATE_LIMIT);
        headers["RateLimit-Policy"] = header(RATE_LIMIT_POLICY);
    }
    if headers != json!({}) {
        response["headers"] = headers;
    }
    response
}

const RATE_LIMIT: &str = "How many tries at a password are left (`r`), by the policy that leaves the least, and in \
    how many seconds there will be more (`t`): `\"name-and-address\";r=3;t=900`.";
const RATE_LIMIT_POLICY: &str = "How many tries may fail (`q`) within how many seconds (`w`), for each of the \
    policies: `\"address\";q=51;w=900`.";

fn header(about: &str) -> Value {
    json!({ "description": about, "schema": { "type": "string" } })
}

fn retry_after(about: &str) -> Value {
    json!({ "Retry-After": { "description": about, "schema": { "type": "integer" } } })
}
