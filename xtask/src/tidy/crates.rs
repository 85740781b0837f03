//! Which crate may name which: the graph in ARCHITECTURE.md.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Offence;
use crate::process::{ask, cargo};

/// A crate and those of ours that it may depend on.
const GRAPH: [(&str, &[&str]); 11] = [
    ("sparkweb-protocol", &[]),
    ("sparkweb-server", &["sparkweb-protocol"]),
    ("sparkweb-sdk", &["sparkweb-protocol"]),
    ("sparkweb-sdk-wasm", &["sparkweb-protocol", "sparkweb-sdk", "sparkweb-widgets"]),
    ("sparkweb-widgets", &["sparkweb-protocol", "sparkweb-sdk"]),
    // Pages as a customer would write them: tags, attributes, events. No crate of ours.
    ("sparkweb-demo-site", &[]),
    ("sparkweb-tests", &["sparkweb-protocol", "sparkweb-server", "sparkweb-sdk", "sparkweb-https"]),
    // Another library's, in a process of its own.
    ("sparkweb-authenticator", &[]),
    // What tests and benchmarks have the gateway ask.
    ("sparkweb-https", &[]),
    ("sparkweb-bench", &["sparkweb-protocol", "sparkweb-server", "sparkweb-sdk", "sparkweb-https"]),
    // Compiled before anything else.
    ("xtask", &[]),
];

pub(super) fn check() -> Result<Vec<Offence>> {
    let mut command = cargo();
    command.args(["metadata", "--no-deps", "--format-version", "1", "--offline"]);
    let metadata = ask(&mut command).context("`cargo metadata` failed: run it by hand to see why")?;
    Ok(offences(&serde_json::from_str(&metadata).context("reading what `cargo metadata` says")?))
}

fn offences(metadata: &Value) -> Vec<Offence> {
    let packages: Vec<&Value> = metadata["packages"].as_array().into_iter().flatten().collect();
    let ours: BTreeSet<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut offences = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let mut offend = |says| offences.push(Offence { path: format!("crate {name}"), line: 0, says });
        let Some((_, allowed)) = GRAPH.iter().find(|(known, _)| *known == name) else {
            offend(
                "is not in the graph of crates: decide what it may name, in an ADR and in xtask".to_owned(),
            );
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let other = dependency["name"].as_str().unwrap_or_default();
            if ours.contains(other) && !allowed.contains(&other) {
                offend(format!("depends on {other}, which the graph of crates does not allow"));
            }
        }
    }
    offences
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_arrow_that_is_not_drawn_is_an_offence() {
        let metadata = json!({"packages": [
            {"name": "sparkweb-protocol", "dependencies": [{"name": "serde"}, {"name": "sparkweb-server"}]},
            {"name": "sparkweb-server", "dependencies": [{"name": "sparkweb-protocol"}]},
            {"name": "sparkweb-utils", "dependencies": []},
        ]});
        let says: Vec<String> = offences(&metadata).iter().map(ToString::to_string).collect();
        assert_eq!(
            says,
            [
                "crate sparkweb-protocol: depends on sparkweb-server, which the graph of crates does not allow",
                "crate sparkweb-utils: is not in the graph of crates: decide what it may name, in an ADR and in xtask",
            ]
        );
    }

    #[test]
    fn the_graph_has_no_circle() {
        for (from, to) in GRAPH.iter().flat_map(|(from, to)| to.iter().map(move |to| (*from, *to))) {
            let back = GRAPH.iter().find(|(name, _)| *name == to).map_or(&[][..], |(_, allowed)| *allowed);
            assert!(!back.contains(&from), "{from} and {to} name each other");
        }
    }
}
