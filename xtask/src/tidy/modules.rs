//! Which module of the server may name which, and which crates belong to one module alone.

use super::{Offence, Source, tokens};

/// A module and its siblings that it may name. What is not here may name all: `main`, `app`, `demo`.
const DIRECTIONS: [(&str, &[&str]); 11] = [
    ("xmpp", &[]),
    ("events", &[]),
    ("store", &[]),
    ("session", &["xmpp", "events", "store"]),
    ("auth", &["fetch", "store"]),
    ("push", &["events", "fetch", "store"]),
    ("fetch", &[]),
    ("preview", &["fetch"]),
    ("upload", &[]),
    ("download", &["fetch"]),
    ("api", &["auth", "download", "events", "fetch", "preview", "push", "session", "upload"]),
];

/// Crates, and the only modules that may name them.
const BELONGS: [(&[&str], &[&str]); 4] = [
    (&["axum", "axum_extra"], &["api", "app"]),
    (&["tokio_xmpp", "xmpp_parsers", "sasl", "minidom", "xso", "jid"], &["xmpp"]),
    (&["sqlx", "rusqlite"], &["store"]),
    // Whoever asks by other means asks without its bounds.
    (&["reqwest"], &["fetch"]),
];

pub(super) fn check(source: &Source) -> Vec<Offence> {
    let Some(module) = source.path.strip_prefix("server/src/").and_then(top_module) else {
        return Vec::new();
    };
    let code = tokens::code(&source.text);
    let mut offences = Vec::new();
    let mut offend = |line: usize, says: String| {
        offences.push(Offence { path: source.path.clone(), line, says });
    };
    for (line, name) in roots(&code) {
        for (crates, owners) in BELONGS {
            if crates.contains(&name.as_str()) && !owners.contains(&module) {
                offend(line, format!("names `{name}`, which belongs to {}", owners.join(" and ")));
            }
        }
    }
    let siblings = DIRECTIONS.iter().find(|(name, _)| *name == module).map(|(_, siblings)| *siblings);
    let Some(siblings) = siblings else { return offences };
    for (line, name) in of_this_crate(&code) {
        let directed = DIRECTIONS.iter().any(|(known, _)| *known == name);
        if directed && name != module && !siblings.contains(&name.as_str()) {
            offend(line, format!("`{module}` may not name `{name}`: see the directions in ARCHITECTURE.md"));
        }
    }
    offences
}

fn top_module(path: &str) -> Option<&str> {
    let first = path.split('/').next()?;
    Some(first.strip_suffix(".rs").unwrap_or(first))
}

/// Words which begin a path (`axum::…`) or are imported whole (`use axum;`), with their lines.
fn roots(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in code.lines().enumerate() {
        for word in tokens::words(line) {
            let begins = |(at, _): (usize, &str)| {
                let before = line[..at].trim_end();
                let after = line[at + word.len()..].trim_start();
                let is_word = !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
                let starts_path = after.starts_with("::") && !before.ends_with("::");
                let imported = before.ends_with("use") && after.starts_with([';', ' ']);
                is_word && (starts_path || imported)
            };
            if line.match_indices(word).any(begins) {
                found.push((number + 1, word.to_owned()));
            }
        }
    }
    found.dedup();
    found
}

/// The modules named by `crate::x`, and by `crate::{x, y::{z}}`, which may span lines.
fn of_this_crate(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let number = |offset: usize| code[..offset].matches('\n').count() + 1;
        let start = at + "crate::".len();
        let rest = &code[start..];
        if !rest.starts_with('{') {
            found.extend(tokens::words(rest).next().map(|word| (number(start), word.to_owned())));
            continue;
        }
        let mut depth = 0_usize;
        let mut expects_name = true;

        for (i, c) in rest.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 1 => break,
                '}' => depth -= 1,
                ',' if depth == 1 => expects_name = true,
                c if depth == 1 && expects_name && (c.is_alphabetic() || c == '_') => {
                    found.extend(tokens::words(&rest[i..]).next().map(|w| (number(start + i), w.to_owned())));
                    expects_name = false;
                }
                _ => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(path: &str, text: &str) -> Vec<String> {
        let source = Source { path: format!("server/src/{path}"), text: text.to_owned() };
        check(&source).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_the_directions_allow_is_no_offence() {
        for (path, text) in [
            (
                "api/v1.rs",
                "use axum::Router;\nuse crate::{auth::Tokens, session::{Sessions, xmpp_state}, events};",
            ),
            ("app.rs", "use axum::Router; use crate::{api, auth, session, xmpp};"),
            ("session/actor.rs", "use crate::{events::Log, xmpp::Connection, task};"),
            ("xmpp/login.rs", "use tokio_xmpp::xmlstream; use crate::{clock, xmpp::Incoming};"),
            ("demo/people.rs", "use crate::{xmpp, session};"),
            (
                "session.rs",
                "// axum::Router and tokio_xmpp are not ours\nlet jid = message.jid; struct A { sasl: u8 }",
            ),
            ("auth.rs", "use super::tokens; let session = 1; crate::clock::now()"),
        ] {
            assert_eq!(says(path, text), Vec::<String>::new(), "{path}: {text}");
        }
    }

    #[test]
    fn what_they_forbid_is() {
        for (path, text, expected) in [
            (
                "session/actor.rs",
                "\nuse axum::Router;",
                "session/actor.rs:2: names `axum`, which belongs to api and app",
            ),
            ("auth.rs", "fn f() -> jid::Jid { }", "auth.rs:1: names `jid`, which belongs to xmpp"),
            (
                "xmpp.rs",
                "use crate::session::Machine;",
                "xmpp.rs:1: `xmpp` may not name `session`: see the directions in ARCHITECTURE.md",
            ),
            (
                "events/log.rs",
                "use crate::{\n    clock,\n    auth::{self, x},\n};",
                "events/log.rs:3: `events` may not name `auth`: see the directions in ARCHITECTURE.md",
            ),
            (
                "auth/tokens.rs",
                "crate::session::f()",
                "auth/tokens.rs:1: `auth` may not name `session`: see the directions in ARCHITECTURE.md",
            ),
            (
                "api.rs",
                "pub use crate::xmpp::X;",
                "api.rs:1: `api` may not name `xmpp`: see the directions in ARCHITECTURE.md",
            ),
        ] {
            assert_eq!(says(path, text), [format!("server/src/{expected}")], "{text}");
        }
    }
}
