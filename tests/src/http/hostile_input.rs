//! Every parameter and every field of every operation of the description, with what nobody should send: each is told
//! why it can't be, in a way that the description has, and the session goes on.

use std::fmt::Write as _;

use futures::StreamExt;
use futures::stream;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use protocol::paths;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::openapi::Description;
use crate::app::{Answer, Caller, TestApp, jid, within};

/// What a part of a path may not have in it.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'&')
    .add(b'+');

/// Addresses that are none, with a resource or without (RFC 7622 section 3).
pub(super) const NO_JIDS: [&str; 16] = [
    "@",
    "@spark.test",
    "romeo@",
    "romeo@@spark.test",
    "romeo@spark.test/",
    "/balcony",
    "ro meo@spark.test",
    "romeo@spark test",
    "ro\"meo@spark.test",
    "ro<meo>@spark.test",
    "ro&meo@spark.test",
    "ro'meo@spark.test",
    "ro:meo@spark.test",
    "romeo@spark.test\u{7f}",
    "romeo@\u{202e}tset.kraps",
    "romeo@[::1",
];
/// Texts that XML cannot carry (XML 1.0 section 2.2).
const NO_XML: [&str; 5] = ["a\0b", "a\u{1}b", "a\u{1b}[2J", "a\u{fffe}b", "\u{ffff}"];
/// Stands for half of a pair of surrogates, which no text of ours can hold but JSON's can.
const HALF_A_PAIR: &str = "half-a-pair";
/// Octets that are no UTF-8, as a path or a query has them.
const NO_UTF8: [&str; 3] = ["%ff", "%ed%a0%80", "%c0%ae%c0%ae"];
/// Numbers that are none, or that no field can hold.
const NO_NUMBERS: [&str; 7] = ["-1", "1.5", "NaN", "1e400", "99999999999999999999999", "0x10", "one"];
/// As long as an address or a header can be, in bytes, before nobody reads it.
const LONG_PLACE: usize = 60_000;
/// Longer than any body may be, in bytes.
const LONG_BODY: usize = 1 << 20;

/// Where what makes no sense is passed over on purpose, operation and field. A browser says of many files what no
/// registry knows: they are of any type.
const PASSED_OVER: [(&str, &str); 1] = [("/upload-slots", "/media_type")];
/// Ways out of a folder, of which some opened other servers.
const WAYS_OUT: [&str; 10] = [
    "../../../../etc/passwd",
    "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%252e%252e%252f%252e%252e%252fetc%252fpasswd",
    "%u002e%u002e/%u002e%u002e/etc/passwd",
    "..;/..;/etc/passwd",
    "..\\..\\etc\\passwd",
    "%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd",
    "//etc/passwd",
    "etc/passwd%00.js",
];

/// What is wrong with a request.
struct Case {
    what: String,
    request: RequestBuilder,
    path: String,
    method: Method,
}

/// Values that are as they should be, by the names of what they are put into.
fn well_meant(name: &str) -> Option<&'static str> {
    Some(match name {
        "jid" | "person" | "alternate" => "nobody@spark.test",
        "service" => "pubsub.spark.test",
        "hash" => "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "Idempotency-Key" | "id" | "up_to" => "0193a5e0-7b1c-7cc3-98c4-dc0c0c07398f",
        "lastEventId" | "Last-Event-ID" => "0-0",
        "url" => "https://spark.test/a.png",
        "json" => "{}",
        "media_type" => "image/png",
        "birthday" => "1595-01-29",
        _ => return None,
    })
}

impl Description {
    fn resolved<'a>(&'a self, mut schema: &'a Value) -> &'a Value {
        while let Some(reference) = schema["$ref"].as_str() {
            schema = self.0.pointer(reference.trim_start_matches('#')).expect("what is referred to is there");
        }
        schema
    }

    fn is_jid(&self, schema: &Value) -> bool {
        let reference = schema["$ref"].as_str().unwrap_or_default();
        reference.ends_with("/Jid") || reference.ends_with("/BareJid")
    }

    /// Something that is of a schema.
    fn sample(&self, name: &str, schema: &Value) -> Value {
        let schema = self.resolved(schema);
        if let Some(first) = schema["enum"].get(0).or(schema.get("const")) {
            return first.clone();
        }
        if let Some(first) = schema["oneOf"].get(0) {
            return self.sample(name, first);
        }
        match schema["type"].as_str() {
            Some("object") => {
                let properties = schema["properties"].as_object().cloned().unwrap_or_default();
                properties.iter().map(|(name, schema)| (name.clone(), self.sample(name, schema))).collect()
            }
            Some("array") => json!([self.sample(name, &schema["items"])]),
            Some("integer") => schema.get("minimum").cloned().unwrap_or(json!(1)),
            Some("boolean") => json!(false),
            _ => json!(well_meant(name).unwrap_or("words")),
        }
    }

    /// The fields of a sample, with the schema of each.
    fn fields<'a>(&'a self, at: &str, schema: &'a Value, found: &mut Vec<(String, &'a Value)>) {
        let resolved = self.resolved(schema);
        match resolved["type"].as_str() {
            Some("object") => {
                for (name, schema) in resolved["properties"].as_object().into_iter().flatten() {
                    self.fields(&format!("{at}/{name}"), schema, found);
                }
            }
            Some("array") => self.fields(&format!("{at}/0"), &resolved["items"], found),
            _ => found.push((at.to_owned(), schema)),
        }
    }

    /// What not to put where a schema is, as text.
    fn hostile(&self, schema: &Value) -> Vec<String> {
        let resolved = self.resolved(schema);
        let given: &[&str] = match resolved["type"].as_str() {
            Some("integer") => &NO_NUMBERS,
            Some("boolean") => &["maybe", "", "2"],
            _ if self.is_jid(schema) => &NO_JIDS,
            _ => &[],
        };
        let mut values: Vec<String> = given.iter().chain(&NO_XML).map(|text| (*text).to_owned()).collect();
        values.retain(|value| value != "-1" || resolved["minimum"].is_number());
        values
    }
}

/// Makes the requests of one operation.
struct Operation<'a> {
    description: &'a Description,
    caller: &'a Caller,
    path: &'a str,
    method: Method,
    parameters: Vec<&'a Value>,
    body: Option<&'a Value>,
}

impl Operation<'_> {
    /// The address with everything as it should be, but for one parameter.
    fn place(&self, but: Option<(&str, &str)>) -> String {
        let (mut place, mut query) = (self.path.to_owned(), String::new());
        for parameter in &self.parameters {
            let name = parameter["name"].as_str().unwrap();
            let other = but.filter(|(other, _)| *other == name).map(|(_, value)| value.to_owned());
            let sample = || match self.description.sample(name, &parameter["schema"]) {
                Value::String(text) => encoded(&text),
                other => other.to_string(),
            };
            match parameter["in"].as_str() {
                Some("path") => place = place.replace(&format!("{{{name}}}"), &other.unwrap_or_else(sample)),
                Some("query") if other.is_some() || parameter["required"] == true => {
                    let _ = write!(query, "&{name}={}", other.unwrap_or_else(sample));
                }
                _ => {}
            }
        }
        if query.is_empty() { place } else { format!("{place}?{}", &query[1..]) }
    }

    fn request(&self, place: &str) -> RequestBuilder {
        self.caller.request(self.method.clone(), place)
    }

    fn case(&self, what: String, request: RequestBuilder) -> Case {
        Case { what, request, path: self.path.to_owned(), method: self.method.clone() }
    }

    fn with_sample(&self, request: RequestBuilder) -> RequestBuilder {
        match self.body {
            Some(schema) => request.json(&self.description.sample("", schema)),
            None => request,
        }
    }

    fn cases(&self) -> Vec<Case> {
        let mut cases = Vec::new();
        for parameter in &self.parameters {
            let name = parameter["name"].as_str().unwrap();
            let mut values = self.description.hostile(&parameter["schema"]);
            values.push("x".repeat(LONG_PLACE));
            // What is free in form is there to be passed over where it makes no sense.
            if parameter["in"] == "header" && parameter["schema"]["$ref"].is_null() {
                continue;
            }
            if parameter["in"] == "header" {
                for value in values {
                    if let Ok(header) = HeaderValue::from_bytes(value.as_bytes()) {
                        let request = self.with_sample(self.request(&self.place(None)));
                        cases.push(
                            self.case(format!("{name}: {}", short(&value)), request.header(name, header)),
                        );
                    }
                }
                continue;
            }
            values = values.iter().map(|value| encoded(value)).collect();
            values.extend(NO_UTF8.map(str::to_owned));
            for value in values {
                let request = self.with_sample(self.request(&self.place(Some((name, &value)))));
                cases.push(self.case(format!("{name}={}", short(&value)), request));
            }
        }
        let Some(schema) = self.body else { return cases };
        let place = self.place(None);
        let mut bodies = vec![
            "[".repeat(100_000),
            format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000)),
            "\u{feff}{}".to_owned(),
            "{\"a\":1".to_owned(),
            "\"words\"".to_owned(),
        ];
        let sample = self.description.sample("", schema);
        let mut fields = Vec::new();
        self.description.fields("", schema, &mut fields);
        for (at, schema) in fields {
            let mut put = |value: Value| {
                let mut body = sample.clone();
                *body.pointer_mut(&at).expect("the sample has the field") = value;
                bodies.push(body.to_string().replace(HALF_A_PAIR, "\\ud800"));
            };
            put(json!({ "a": [1] }));
            if PASSED_OVER.contains(&(self.path, &at)) {
                continue;
            }
            let is_text = self.description.resolved(schema)["type"] == "string";
            if is_text {
                put(json!(HALF_A_PAIR));
            }
            put(json!("x".repeat(LONG_BODY)));
            for value in self.description.hostile(schema) {
                match value.parse::<f64>() {
                    Ok(number) if !is_text && number.is_finite() => put(json!(number)),
                    _ => put(json!(value)),
                }
            }
        }
        for body in bodies {
            let request = self.request(&place).header(CONTENT_TYPE, "application/json");
            cases.push(self.case(short(&body), request.body(body)));
        }
        cases
    }
}

pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// As much of a text as tells it from others.
fn short(text: &str) -> String {
    match text.char_indices().nth(300) {
        Some((at, _)) => format!("{}… of {} bytes", text[..at].escape_debug(), text.len()),
        None => text.escape_debug().to_string(),
    }
}

/// As CVE-2023-32315 did at Openfire.
#[tokio::test]
async fn no_path_leads_out_of_where_it_begins() {
    let app = TestApp::start().await;
    let authority = app.url.strip_prefix("http://").unwrap();
    for folder in [
        "/",
        "/sparkweb/",
        "/sparkweb/sdk/",
        "/sparkweb/widgets/",
        "/sparkweb/api/v1/",
        "/sparkweb/api/rest/",
    ] {
        for way in WAYS_OUT {
            // By hand: a client that means well walks the dots itself.
            let mut stream = TcpStream::connect(authority).await.unwrap();
            let request =
                format!("GET {folder}{way} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            within("the answer", stream.read_to_string(&mut answer)).await.unwrap();
            let status = answer.split(' ').nth(1).unwrap_or_default();
            assert!(matches!(status, "400" | "401" | "404"), "{folder}{way}: {answer}");
        }
    }
}

#[tokio::test]
async fn every_parameter_and_every_field_is_looked_at() {
    let app = TestApp::start().await;
    let description = Description::of(&app).await;
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    let mut heard = romeo.events_online().await;
    juliet.events_online().await;
    let mut cases = Vec::new();
    for (path, methods) in description.0["paths"].as_object().unwrap() {
        // What is not below the root takes neither parameters nor a body.
        let Some(path) = path.strip_prefix(paths::ROOT) else { continue };
        // A position that is none is as good as one that is no more: an EventSource that is refused never comes back.
        if path == "/events" {
            continue;
        }
        for (method, operation) in methods.as_object().unwrap() {
            let operation = Operation {
                description: &description,
                caller: &juliet,
                path,
                method: method.to_ascii_uppercase().parse().unwrap(),
                parameters: operation["parameters"].as_array().into_iter().flatten().collect(),
                body: Some(&operation["requestBody"]["content"]["application/json"]["schema"])
                    .filter(|schema| schema.is_object()),
            };
            cases.extend(operation.cases());
        }
    }
    let count = cases.len();
    assert!(count > 2_000, "{count} cases");
    let description = &description;
    let look = |case: Case| async move {
        let answer = Answer::of(case.request).await;
        let fault = match answer.status {
            // What nobody reads to its end is refused before it is known what was asked.
            414 | 431 if answer.body.is_empty() => None,
            // The server that is behind has no such thing: nothing was said to it.
            400..=499 | 501 => {
                answer.problem();
                description.fault(&case.method, &case.path, &answer)
            }
            _ => Some("it was not refused".to_owned()),
        };
        fault.map(|fault| {
            let (answered, told) = (answer.status, short(&answer.body));
            format!("{} {} {}\n    {fault}: {answered} {told}", case.method, case.path, case.what)
        })
    };
    let faults: Vec<String> =
        stream::iter(cases).map(look).buffer_unordered(8).filter_map(async |fault| fault).collect().await;
    assert!(faults.is_empty(), "{} of {count} were not refused:\n{}", faults.len(), faults.join("\n"));
    // Nobody's session came to harm.
    let id = juliet.send("romeo", "Are you still there?").await;
    heard.find("the message", |event| event.raw.contains(&id)).await;
    assert_eq!(juliet.get(&format!("/conversations/{}", jid("romeo"))).await.status, 200);
}
