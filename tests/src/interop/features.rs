//! The features, and what each of them is in both directions: read from `tests/features`.
//!
//! A feature begins with `== name (where it is specified)`; `-> gateway` begins what the other client does and the gateway
//! shows, `<- gateway` what the gateway does and the other client sees. What is not there does not exist. `#` begins
//! what is for people.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

/// The files, in the order in which they are played and shown.
const FILES: [&str; 4] = ["chat", "contacts", "rooms", "services"];

/// A feature; a direction that is empty does not exist.
#[derive(Debug, Default)]
pub(super) struct Feature {
    pub(super) name: String,
    /// Where it is specified.
    pub(super) spec: String,
    /// The other client does it, the gateway shows it.
    pub(super) to_gateway: String,
    /// The gateway does it, the other client sees it.
    pub(super) from_gateway: String,
}

/// All of them, by subject.
pub(super) static FEATURES: LazyLock<Vec<Feature>> =
    LazyLock::new(|| FILES.iter().flat_map(|file| parse(&read(file))).collect());

/// What comes before all of them: who is there, and what the server has.
pub(super) fn preparation() -> String {
    without_comments(&read("preparation"))
}

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("features").join(file).with_extension("txt");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn without_comments(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect()
}

fn parse(text: &str) -> Vec<Feature> {
    let mut features: Vec<Feature> = Vec::new();
    let mut is_to_gateway = true;
    for line in without_comments(text).lines() {
        if let Some(title) = line.strip_prefix("== ") {
            let (name, spec) =
                title.strip_suffix(')').and_then(|title| title.split_once(" (")).expect("a name and where");
            features.push(Feature { name: name.to_owned(), spec: spec.to_owned(), ..Feature::default() });
        } else if line == "-> gateway" {
            is_to_gateway = true;
        } else if line == "<- gateway" {
            is_to_gateway = false;
        } else if !line.trim().is_empty() {
            let feature = features.last_mut().expect("a file begins with a feature");
            let script = if is_to_gateway { &mut feature.to_gateway } else { &mut feature.from_gateway };
            script.push_str(line);
            script.push('\n');
        }
    }
    features
}
