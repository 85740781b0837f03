//! The description of the API against what a gateway answers, by a validator that knows nothing of either.

use protocol::paths;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Answer, Caller, Event, TestApp, jid, password};

const DEN: &str = "den@rooms.spark.test";

/// The document as it is served.
pub(super) struct Description(pub(super) Value);

impl Description {
    pub(super) async fn of(app: &TestApp) -> Self {
        let answer = Answer::of(app.request(Method::GET, paths::OPENAPI)).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
        Description(answer.json())
    }

    /// How a value is not of a schema.
    fn breaches(&self, schema: &Value, value: &Value) -> Vec<String> {
        let whole = json!({ "allOf": [schema], "components": self.0["components"] });
        let validator = jsonschema::draft202012::new(&whole).unwrap();
        validator.iter_errors(value).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
    }

    /// Fails unless a value is of this schema.
    #[track_caller]
    fn validate(&self, what: &str, schema: &Value, value: &Value) {
        let breaches = self.breaches(schema, value);
        assert!(breaches.is_empty(), "{what}: {breaches:#?}\n{value:#}");
    }

    /// How the operation may not answer so, if it may not.
    pub(super) fn fault(&self, method: &Method, path: &str, answer: &Answer) -> Option<String> {
        let operation =
            &self.0["paths"][format!("{}{path}", paths::ROOT)][method.as_str().to_ascii_lowercase()];
        let mut response = &operation["responses"][answer.status.to_string()];
        if let Some(reference) = response["$ref"].as_str() {
            response = self.0.pointer(reference.trim_start_matches('#')).unwrap();
        }
        if !response.is_object() {
            return Some("the status is not described".to_owned());
        }
        let Some(content) = response.get("content") else {
            return (!answer.body.is_empty()).then(|| "no body is described".to_owned());
        };
        let schema = &content[answer.header("content-type")]["schema"];
        if !schema.is_object() {
            return Some("the type of the body is not described".to_owned());
        }
        let breaches = self.breaches(schema, &answer.json());
        if !breaches.is_empty() {
            return Some(format!("{breaches:#?}"));
        }
        let codes = response["x-error-codes"].as_array();
        codes
            .is_some_and(|codes| !codes.contains(&answer.json()["code"]))
            .then(|| "the code is not described".to_owned())
    }

    /// Fails unless the operation may answer so.
    #[track_caller]
    fn check(&self, method: &Method, path: &str, answer: &Answer) {
        let fault = self.fault(method, path, answer);
        assert_eq!(fault, None, "{method} {path}: {} {}", answer.status, answer.body);
    }
}

/// Somebody whose every answer is looked at.
struct Checked<'a> {
    description: &'a Description,
    caller: &'a Caller,
}

impl Checked<'_> {
    /// Asks an operation by its path in the description, and what to put in the place of its parameters.
    async fn ask(&self, method: Method, path: &str, parts: &[(&str, &str)], body: Option<Value>) -> Answer {
        let mut place = path.to_owned();
        for (name, value) in parts {
            place = place.replace(&format!("{{{name}}}"), value);
        }
        let mut request = self.caller.request(method.clone(), &place);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = Answer::of(request).await;
        self.description.check(&method, path.split('?').next().unwrap_or_default(), &answer);
        answer
    }

    async fn get(&self, path: &str, parts: &[(&str, &str)]) -> Answer {
        let answer = self.ask(Method::GET, path, parts, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer
    }

    async fn put(&self, path: &str, parts: &[(&str, &str)], body: Value) {
        let answer = self.ask(Method::PUT, path, parts, Some(body)).await;
        assert!(matches!(answer.status, 200 | 201 | 204), "{path}: {} {}", answer.status, answer.body);
    }
}

#[tokio::test]
async fn the_description_is_there_for_anybody() {
    let app = TestApp::start().await;
    let first = Answer::of(app.request(Method::GET, paths::OPENAPI)).await;
    let tag = first.header("etag");
    assert!(tag.len() > 30, "{tag}");
    let again = Answer::of(app.request(Method::GET, paths::OPENAPI).header("if-none-match", tag)).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    let committed = include_str!("../../../docs/openapi.json");
    assert_eq!(first.json(), serde_json::from_str::<Value>(committed).unwrap());
}

#[tokio::test]
async fn answers_are_as_described() {
    let app = TestApp::start().await;
    let description = Description::of(&app).await;
    let answer = app.try_sign_in("juliet", &password("juliet")).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    description.check(&Method::POST, "/sign-ins", &answer);

    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    juliet.events_online().await;
    romeo.send("juliet", "But soft!").await;
    let juliet = Checked { description: &description, caller: &juliet };
    let romeo = jid("romeo");
    let with_romeo = [("jid", romeo.as_str())];
    let den = [("jid", DEN)];
    juliet.put("/roster/{jid}", &with_romeo, json!({ "name": "Romeo", "groups": ["Verona"] })).await;
    juliet.put("/presence", &[], json!({ "availability": "away", "status": "in the orchard" })).await;
    let message =
        json!({ "id": "m1", "body": "O Romeo", "mentions": [{ "jid": romeo, "begin": 2, "end": 7 }] });
    let messages = "/conversations/{jid}/messages";
    let sent = juliet.ask(Method::POST, messages, &with_romeo, Some(message)).await;
    assert_eq!(sent.status, 201, "{}", sent.body);
    let parts = [("jid", romeo.as_str()), ("id", "m1")];
    juliet.put("/conversations/{jid}/messages/{id}", &parts, json!({ "body": "O Romeo!" })).await;
    juliet.put("/conversations/{jid}/messages/{id}/reactions", &parts, json!({ "emojis": ["👋"] })).await;
    juliet.put("/conversations/{jid}/draft", &with_romeo, json!({ "text": "Wherefore" })).await;
    juliet.put("/rooms/{jid}", &den, json!({ "nick": "jules", "create": true })).await;
    juliet.put("/bookmarks/{jid}", &den, json!({ "name": "The Den", "nick": "jules" })).await;
    juliet.put("/rooms/{jid}/subject", &den, json!({ "subject": "wolves" })).await;
    juliet
        .put("/profile", &[], json!({ "full_name": "Juliet Capulet", "emails": ["j@capulet.example"] }))
        .await;
    juliet.put("/blocks/{jid}", &[("jid", "tybalt@spark.test")], json!({})).await;
    for path in [
        "/snapshot",
        "/presence",
        "/roster",
        "/subscription-requests",
        "/profile",
        "/blocks",
        "/conversations",
        "/rooms",
        "/bookmarks",
        "/invitations",
        "/room-services",
        "/server",
    ] {
        juliet.get(path, &[]).await;
    }
    for path in
        [messages, "/conversations/{jid}", "/contacts/{jid}", "/contacts/{jid}/profile", "/entities/{jid}"]
    {
        juliet.get(path, &with_romeo).await;
    }
    for path in [
        "/rooms/{jid}",
        "/rooms/{jid}/info",
        "/rooms/{jid}/config",
        "/rooms/{jid}/occupants",
        "/rooms/{jid}/affiliations?affiliation=owner",
    ] {
        juliet.get(path, &den).await;
    }
    juliet.get("/room-services/{jid}/rooms", &[("jid", "rooms.spark.test")]).await;
    juliet.get("/pubsub/{service}/nodes", &[("service", "pep")]).await;
}

#[tokio::test]
async fn failures_are_as_described() {
    let app = TestApp::start().await;
    let description = Description::of(&app).await;
    let anybody = Answer::of(app.request(Method::GET, paths::SNAPSHOT)).await;
    description.check(&Method::GET, "/snapshot", &anybody);
    description.check(&Method::POST, "/sign-ins", &app.try_sign_in("juliet", "a guess").await);
    let caller = app.sign_in("juliet").await;
    caller.events_online().await;
    let juliet = Checked { description: &description, caller: &caller };
    let messages = "/conversations/{jid}/messages";
    let long = "x".repeat(70_000);
    let mut statuses = Vec::new();
    for (method, path, jid, body) in [
        (Method::GET, messages, "ro%20meo@spark.test", None),
        (Method::GET, "/conversations/{jid}/messages?limit=0", "romeo@spark.test", None),
        (Method::POST, messages, "romeo@spark.test", Some(json!({ "body": long }))),
        (Method::POST, messages, "romeo@spark.test", Some(json!({ "body": "", "to": 1 }))),
        (Method::POST, messages, "romeo@spark.test", Some(json!({ "body": "a\u{0}b" }))),
        (Method::GET, "/rooms/{jid}", "cave@rooms.spark.test", None),
        (Method::PUT, "/rooms/{jid}", "cave@rooms.spark.test", Some(json!({ "nick": "jules" }))),
        (Method::GET, "/rooms/{jid}/info", "cave@nowhere.example", None),
        (Method::DELETE, "/roster/{jid}", "tybalt@spark.test", None),
        (Method::GET, "/directory?query=rom", "", None),
    ] {
        let answer = juliet.ask(method, path, &[("jid", jid)], body).await;
        assert!(answer.status >= 400, "{path}: {}", answer.body);
        statuses.push(answer.status);
    }
    statuses.sort_unstable();
    statuses.dedup();
    assert!(statuses.len() >= 4, "{statuses:?}");
}

#[tokio::test]
async fn events_are_as_described() {
    let app = TestApp::start().await;
    let description = Description::of(&app).await;
    let stream = &description.0["paths"][paths::EVENTS]["get"]["responses"]["200"];
    let schema = &stream["content"]["text/event-stream"]["x-event-schema"];
    let (juliet, romeo) = (app.sign_in("juliet").await, app.sign_in("romeo").await);
    let mut events = juliet.events().await;
    juliet.set_status("in the orchard").await;
    juliet.send("romeo", "O Romeo").await;
    romeo.send("juliet", "But soft!").await;
    let room = json!({ "nick": "jules", "create": true });
    Answer::of(juliet.request(Method::PUT, &format!("/rooms/{DEN}")).json(&room)).await;
    Answer::of(juliet.request(Method::DELETE, &format!("/rooms/{DEN}"))).await;
    let seen = events.until("leaving", |event: &Event| event.name == "room_left").await;
    for event in &seen {
        assert_eq!(event.json()["type"], event.name.as_str(), "{}", event.raw);
        description.validate(&event.name, schema, &event.json());
    }
    for name in ["ready", "own_presence_changed", "message_added", "delivery_changed", "room_changed"] {
        assert!(seen.iter().any(|event| event.name == name), "{name}");
    }
}
