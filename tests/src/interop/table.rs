//! `docs/interop.md`: what came of the run, for people.

use std::fs;
use std::path::Path;

use super::features::{FEATURES, Feature};
use super::{Outcome, Row, Run};

/// One direction of a row.
type Direction = fn(&Row) -> Option<&Outcome>;

const HEAD: &str = "# Interoperation

Each feature between the gateway and other clients, on each server, as `cargo xtask test` found it.
The other clients are of two libraries that share no code with the gateway or with each other: slixmpp, which reads and
writes with its own plugins where it has them, and @xmpp/client, with which the stanzas are compared as they are.
A feature works where it works with both.

This file is written by the run itself:
`UPDATE_EXPECT=1 cargo xtask test integration` writes it anew.
";

/// What failed, a text each.
pub(super) fn failures(run: &Run) -> Vec<String> {
    let failures = run.rows.iter().flat_map(|row| {
        let directions = [("to the gateway", &row.to_gateway), ("from the gateway", &row.from_gateway)];
        directions.into_iter().filter_map(move |(direction, outcome)| match outcome {
            Some(Err(why)) => Some((row, direction, why)),
            _ => None,
        })
    });
    failures
        .map(|(row, direction, why)| {
            format!("{}, {}, {}, {direction}:\n  {why}", row.feature.name, run.server, row.library.name())
        })
        .collect()
}

/// Compares the table of a run with the one that is committed, or writes that anew.
pub(super) fn check(runs: &[Run]) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/interop.md");
    let table = write(runs);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(file, table).unwrap();
        return;
    }
    let committed = fs::read_to_string(file).expect("docs/interop.md can be read");
    let servers = heading(runs);
    if !committed.contains(&servers) {
        // Another version may have more, or less, of which that table knows nothing.
        eprintln!("docs/interop.md is of other servers than {servers}: it was not compared");
        return;
    }
    assert!(
        committed == table,
        "docs/interop.md is not what the run found; `UPDATE_EXPECT=1 cargo xtask test integration` writes it anew:\n{table}"
    );
}

fn heading(runs: &[Run]) -> String {
    let servers: Vec<&str> = runs.iter().map(|run| run.server.as_str()).collect();
    format!("| feature | specification | | {} |\n", servers.join(" | "))
}

fn write(runs: &[Run]) -> String {
    let mut text = format!("{HEAD}\n{}|---|---|---|{}\n", heading(runs), "---|".repeat(runs.len()));
    for feature in FEATURES.iter() {
        let directions: [(&str, Direction); 2] = [
            ("to the gateway", |row| row.to_gateway.as_ref()),
            ("from the gateway", |row| row.from_gateway.as_ref()),
        ];
        for (name, direction) in directions {
            let cells: Vec<String> = runs.iter().map(|run| cell(run, feature, direction)).collect();
            if cells.iter().all(String::is_empty) {
                continue;
            }
            text.push_str(&format!(
                "| {} | {} | {name} | {} |\n",
                feature.name,
                feature.spec,
                cells.join(" | ")
            ));
        }
    }
    text
}

/// What both libraries found.
fn cell(run: &Run, feature: &Feature, direction: Direction) -> String {
    let mut found: Vec<String> = run
        .rows
        .iter()
        .filter(|row| row.feature.name == feature.name)
        .filter_map(direction)
        .map(|outcome| match outcome {
            Ok(None) => "works".to_owned(),
            Ok(Some(otherwise)) => format!("not on this server: {otherwise}"),
            Err(_) => "fails".to_owned(),
        })
        .collect();
    found.dedup();
    found.join("; ")
}
