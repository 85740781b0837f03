//! Puts the styles of all elements into one sheet, without what only people read.
//!
//! Knows CSS as far as comments and white space go; the sheets here have no strings in which either would matter.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

/// In the order in which they build on each other.
const SHEETS: [&str; 6] = ["tokens", "base", "roster", "chat", "message", "signin"];

fn main() -> Result<(), Box<dyn Error>> {
    let mut styles = String::new();
    for sheet in SHEETS {
        let path = format!("styles/{sheet}.css");
        println!("cargo::rerun-if-changed={path}");
        styles.push_str(&fs::read_to_string(&path)?);
    }
    let folder = env::var("OUT_DIR")?;
    fs::write(Path::new(&folder).join("styles.css"), compact(&styles))?;
    Ok(())
}

fn compact(css: &str) -> String {
    let mut text = String::with_capacity(css.len());
    for (index, part) in css.split("/*").enumerate() {
        // What comes before the first comment; after that each part begins with the rest of one.
        let code = if index == 0 { part } else { part.split_once("*/").map_or("", |(_, code)| code) };
        for word in code.split_whitespace() {
            let opens = text.ends_with(['{', '}', ';', ',']) || text.is_empty();
            if !opens && !word.starts_with(['{', '}']) {
                text.push(' ');
            }
            text.push_str(word);
        }
    }
    text.replace(": ", ":").replace(";}", "}")
}
