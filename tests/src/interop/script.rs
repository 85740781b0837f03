//! What a feature is, as lines of text, and how they are followed.
//!
//! A line is who does what; `$name` stands for a value that is known by that name (see [`Stage`]). What a pattern is,
//! `matching` says; it names more values.
//!
//! The other side, which is `peer` (a contact), `twin` (the person's own other client) or `stranger`:
//! - `peer sends <…/>`, `peer hears <…/>`, `peer hears no <…/>`;
//! - `peer does <plugin>.<method> {…} -> …` has a plugin of slixmpp do something, and looks at what came of it;
//! - `peer reads {…}` looks at what slixmpp's plugins read in what was heard last;
//! - `peer answers <question/> with <…/>` says what @xmpp/client answers a question with;
//! - `peer learns <id>` takes what the server has from the answer to the question of that id;
//! - `peer connects <name> <resource>`, `peer closes`.
//!
//! The gateway's:
//! - `PUT /path {…} -> 204 {…}` asks it something, as the person; behind `other` as whoever signed in by `other signs in
//!   as <name> with <password> -> <status>`. A body is JSON, XML, or bytes as `base64:…`;
//! - `fetch <address> -> 200` gets what is there;
//! - `event <name> {…}` waits for an event of the person's stream, `no event <name> {…}` says that there was none.
//!
//! `otherwise …` says that the server has no such thing, and what the gateway does instead. A line may begin with
//! `[words]`: it counts only where each of them is true of the server or of the library (`slixmpp`, `!urn:xmpp:mam:2`).

use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::matching;
use super::stage::Stage;
use crate::xmpp::pattern::{fill, parse};

/// How long a step may take.
const STEP: Duration = Duration::from_secs(10);

/// Follows a script. What comes of it is what the gateway does instead, where the server has no such thing.
pub(super) async fn follow(stage: &mut Stage<'_>, script: &str) -> Result<Option<String>, String> {
    stage.begin();
    let mut otherwise = None;
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let Some(line) = stage.counting(line) else { continue };
        if let Some(what) = line.strip_prefix("otherwise ") {
            otherwise = Some(what.to_owned());
            continue;
        }
        let line = fill(line, &stage.values);
        match timeout(STEP, step(stage, &line)).await {
            Ok(Ok(())) => {}
            Ok(Err(why)) => return Err(format!("{line}\n    {why}")),
            Err(_) => return Err(format!("{line}\n    did not come; there was\n{}", stage.seen())),
        }
    }
    Ok(otherwise)
}

async fn step(stage: &mut Stage<'_>, line: &str) -> Result<(), String> {
    let (first, rest) = line.split_once(' ').ok_or("a line is who does what")?;
    match first {
        "event" => {
            let (name, pattern) = rest.split_once(' ').unwrap_or((rest, "{}"));
            event(stage, name, &value(pattern)?).await
        }
        "no" => {
            let rest = rest.strip_prefix("event ").ok_or("no what?")?;
            let (name, pattern) = rest.split_once(' ').unwrap_or((rest, "{}"));
            let pattern = value(pattern)?;
            stage.catch_up().await?;
            match stage.take_event(name, &pattern) {
                true => Err("it came".to_owned()),
                false => Ok(()),
            }
        }
        "other" => other(stage, rest).await,
        "fetch" => {
            let (url, expected) = rest.split_once(" -> ").ok_or("what is answered?")?;
            let request = stage.app.http.get(url);
            answered(stage, request, expected).await
        }
        "GET" | "PUT" | "POST" | "DELETE" => {
            let (request, expected) = question(line, &|method, path| stage.me.request(method, path))?;
            answered(stage, request, expected).await
        }
        who => {
            let (verb, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            client(stage, who, verb, rest).await
        }
    }
}

/// Waits for an event that is as expected; others are kept for later lines.
async fn event(stage: &mut Stage<'_>, name: &str, pattern: &Value) -> Result<(), String> {
    while !stage.take_event(name, pattern) {
        stage.next_event().await?;
    }
    Ok(())
}

async fn other(stage: &mut Stage<'_>, line: &str) -> Result<(), String> {
    if let Some(rest) = line.strip_prefix("signs in as ") {
        let (name, rest) = rest.split_once(" with ").ok_or("with which password?")?;
        let (password, status) = rest.split_once(" -> ").ok_or("what is answered?")?;
        let answer = stage.app.try_sign_in(name, password).await;
        if answer.status.to_string() != status {
            return Err(format!("{} {}", answer.status, answer.body));
        }
        if answer.status == 201 {
            stage.other = Some(stage.app.sign_in_with(name, password).await);
        }
        return Ok(());
    }
    let other = stage.other.clone().ok_or("nobody else is signed in")?;
    let (request, expected) = question(line, &|method, path| other.request(method, path))?;
    answered(stage, request, expected).await
}

type Ask<'a> = dyn Fn(Method, &str) -> RequestBuilder + 'a;

/// `PUT /path body -> status pattern`: the request, made in whoever's name, and what is expected.
fn question<'l>(line: &'l str, ask: &Ask<'_>) -> Result<(RequestBuilder, &'l str), String> {
    let (asked, expected) = line.rsplit_once(" -> ").ok_or("what is answered?")?;
    let mut words = asked.splitn(3, ' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let request = ask(method.parse().map_err(|_| "an unknown method")?, path);
    let request = match words.next() {
        None => request,
        Some(body) => match body.strip_prefix("base64:") {
            Some(bytes) => request.body(super::base64(bytes)),
            None if body.starts_with('<') => {
                request.header("content-type", "application/xml").body(body.to_owned())
            }
            None => request.json(&value(body)?),
        },
    };
    Ok((request, expected))
}

async fn answered(stage: &mut Stage<'_>, request: RequestBuilder, expected: &str) -> Result<(), String> {
    let answer = request.send().await.map_err(|error| error.to_string())?;
    let was = answer.status().as_u16();
    // A picture is no text, and nothing of it is looked at.
    let body = answer.bytes().await.map_err(|error| error.to_string())?;
    let (status, pattern) = expected.split_once(' ').unwrap_or((expected, ""));
    let wanted = if pattern.is_empty() { Value::Null } else { value(pattern)? };
    let is_as_expected = was.to_string() == status
        && (pattern.is_empty()
            || serde_json::from_slice(&body)
                .is_ok_and(|body| matching::json(&wanted, &body, &mut stage.values)));
    if is_as_expected {
        Ok(())
    } else {
        Err(format!("was answered {was} {}", String::from_utf8_lossy(&body)))
    }
}

async fn client(stage: &mut Stage<'_>, who: &str, verb: &str, rest: &str) -> Result<(), String> {
    match verb {
        "connects" => {
            let (name, resource) = rest.split_once(' ').ok_or("as what?")?;
            stage.connect(who, name, resource).await
        }
        "closes" => stage.peers.command(who, "close", json!({})).await.map(drop),
        "sends" => {
            parse(rest)?;
            stage.peers.command(who, "send", json!({ "xml": rest })).await.map(drop)
        }
        "hears" => match rest.strip_prefix("no ") {
            None => {
                let pattern = parse(rest)?;
                while !stage.take_heard(who, &pattern)? {
                    stage.peers.listen().await?;
                }
                Ok(())
            }
            Some(pattern) => {
                stage.hear_out(who).await?;
                match stage.take_heard(who, &parse(pattern)?)? {
                    true => Err("it came".to_owned()),
                    false => Ok(()),
                }
            }
        },
        "learns" => {
            let pattern = parse(&format!("<iq id='{rest}'/>"))?;
            while !stage.take_heard(who, &pattern)? {
                stage.peers.listen().await?;
            }
            stage.learn();
            Ok(())
        }
        "reads" => {
            let read = stage.read.clone();
            match matching::json(&value(rest)?, &read, &mut stage.values) {
                true => Ok(()),
                false => Err(format!("reads {read}")),
            }
        }
        "does" => {
            let (call, expected) = match rest.rsplit_once(" -> ") {
                Some((call, expected)) => (call, Some(value(expected)?)),
                None => (rest, None),
            };
            let (what, with) = call.split_once(' ').unwrap_or((call, "{}"));
            let (plugin, method) = what.split_once('.').ok_or("which plugin?")?;
            let with = json!({ "plugin": plugin, "method": method, "with": value(with)? });
            let result = stage.peers.command(who, "call", with).await?;
            match expected.is_none_or(|expected| matching::json(&expected, &result, &mut stage.values)) {
                true => Ok(()),
                false => Err(format!("came to {result}")),
            }
        }
        "answers" => {
            let (question, reply) = rest.split_once(" with ").ok_or("with what?")?;
            let question = parse(question)?;
            let with = json!({ "name": question.name(), "ns": question.ns(), "xml": reply });
            stage.peers.command(who, "answer", with).await.map(drop)
        }
        _ => Err("nobody knows how to do this".to_owned()),
    }
}

fn value(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("{text} is no JSON: {error}"))
}
