//! Rules for single files: how they begin, how long they are, and what must not be in them.

use super::{Offence, Source, tokens};

/// A file longer than this has more than one responsibility.
const MOST_LINES: usize = 500;

/// Hosts that only a developer's own settings may name: what is committed must build behind any mirror.
const REGISTRY_HOSTS: [&str; 6] = [
    "registry.npmjs.org",
    "registry.yarnpkg.com",
    "static.crates.io",
    "index.crates.io",
    "files.pythonhosted.org",
    "proxy.golang.org",
];

/// The beginnings of paths that exist on one machine only.
const MACHINE_PATHS: [&str; 6] = ["/home/", "/root/", "/Users/", "/work/", "/var/folders/", "C:\\Users\\"];

/// What waits for time to pass.
const SLEEPS: [&str; 3] = ["setTimeout(resolve", "waitForTimeout(", "setTimeout(r,"];

/// What a merge leaves where two sides changed the same lines.
const CONFLICT_MARKERS: [&str; 2] = ["<<<<<<< ", ">>>>>>> "];

pub(super) fn check(source: &Source) -> Vec<Offence> {
    let Source { path, text } = source;
    let mut offences = Vec::new();
    let mut offend = |line: usize, says: &str| {
        offences.push(Offence { path: path.clone(), line, says: says.to_owned() });
    };
    let generated = path.ends_with(".lock") || path.ends_with("package-lock.json") || path == "LICENSE";
    let lines = text.lines().count();
    let limited = [".rs", ".mjs", ".js", ".css", ".html"].iter().any(|kind| path.ends_with(kind));
    if limited && lines > MOST_LINES {
        offend(0, &format!("has {lines} lines, and {MOST_LINES} is the most: split it by responsibility"));
    }
    if path.ends_with(".rs") && !text.starts_with("//!") {
        offend(1, "does not begin with `//!`: say what the module knows and what it must never know");
    }
    if path.ends_with("/mod.rs") {
        offend(0, "is a `mod.rs`: name it for its module, `foo.rs` beside `foo/`");
    }
    // The rule's own words are no offence.
    let states_the_rule = path == "xtask/src/tidy/files.rs";
    for (number, line) in text.lines().enumerate() {
        if states_the_rule {
            break;
        }
        if CONFLICT_MARKERS.iter().any(|marker| line.starts_with(marker)) {
            offend(number + 1, "is what a merge left: make one text of both sides");
        }
        if REGISTRY_HOSTS.iter().any(|host| line.contains(host)) {
            offend(number + 1, "names a registry's host: what is committed must build behind any mirror");
        }
        if !generated && MACHINE_PATHS.iter().any(|place| names_machine_path(line, place)) {
            offend(number + 1, "names a path of one machine");
        }
        if path.starts_with("tests/") && SLEEPS.iter().any(|sleep| line.contains(sleep)) {
            offend(number + 1, "waits for time to pass: wait for what is to happen, with a deadline");
        }
    }
    if path.starts_with("tests/") && path.ends_with(".rs") {
        for (number, line) in tokens::code(text).lines().enumerate() {
            if tokens::names(line, "sleep") {
                offend(number + 1, "waits for time to pass: wait for what is to happen, with a deadline");
            }
        }
    }
    offences
}

/// A path of this machine, and not the tail of another word or address.
fn names_machine_path(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| c.is_whitespace() || "\"'`(=:<".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(path: &str, text: &str) -> Vec<String> {
        let source = Source { path: path.to_owned(), text: text.to_owned() };
        check(&source).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn good_files_pass() {
        for (path, text) in [
            ("server/src/a.rs", "//! Knows a.\n"),
            ("docs/API.md", "See https://example.com/home/of/a.\n"),
            ("tests/src/main.rs", "//! Tests.\n// no sleep here\nlet a = \"sleep\";"),
        ] {
            assert_eq!(says(path, text), Vec::<String>::new(), "{path}");
        }
    }

    #[test]
    fn others_are_told_where_and_why() {
        let long = format!("//! Long.\n{}", "\n".repeat(500));
        for (path, text, expected) in [
            ("a/src/b.rs", "use std::fs;", "a/src/b.rs:1: does not begin with `//!`"),
            ("a/src/b.rs", long.as_str(), "a/src/b.rs: has 501 lines"),
            ("a/src/b/mod.rs", "//! B.", "a/src/b/mod.rs: is a `mod.rs`"),
            ("README.md", "x\nsee \"/home/me/x\"", "README.md:2: names a path of one machine"),
            (
                "package-lock.json",
                "https://registry.npmjs.org/a",
                "package-lock.json:1: names a registry's host",
            ),
            ("docs/a.md", "a\n>>>>>>> b (c)\n", "docs/a.md:2: is what a merge left"),
            ("tests/a.rs", "//! A.\nsleep(TEN);", "tests/a.rs:2: waits for time to pass"),
            ("tests/b.mjs", "await page.waitForTimeout(10)", "tests/b.mjs:1: waits for time to pass"),
        ] {
            let found = says(path, text);
            assert!(found.len() == 1 && found[0].starts_with(expected), "{found:?} for {expected:?}");
        }
    }
}
