//! What a page has to download, and how much that may be.
//!
//! Knows files and their compressed siblings; must never know how they were built.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::{Context, Result};

use crate::stamp;

/// In bytes, gzip.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// More fails the build.
    pub(super) at_most: u64,
    /// More is worth a look.
    pub(super) aim: u64,
}

/// Above the tables. 1 KB is 1,000 bytes.
pub(super) const HEADER: &str = "  package                                raw KB  gzip KB    br KB";

/// What the files of one package weigh.
pub(super) struct Weight {
    files: Vec<FileWeight>,
}

struct FileWeight {
    name: String,
    raw: u64,
    gzip: u64,
    brotli: u64,
}

impl Weight {
    /// Of every file in a folder that has a compressed sibling or could have one.
    pub(super) fn of(folder: &Path) -> Result<Self> {
        let mut files = Vec::new();
        for path in stamp::files_under(folder)? {
            let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
            if name.ends_with(".gz") || name.ends_with(".br") {
                continue;
            }
            let size = |suffix: &str| {
                let mut sibling = path.clone().into_os_string();
                sibling.push(suffix);
                fs::metadata(sibling).map(|data| data.len()).ok()
            };
            let raw = size("").with_context(|| format!("reading the size of {name}"))?;
            files.push(FileWeight {
                name,
                raw,
                gzip: size(".gz").unwrap_or(raw),
                brotli: size(".br").unwrap_or(raw),
            });
        }
        Ok(Self { files })
    }

    /// What is loaded at once, and by itself what is loaded when it is needed.
    pub(super) fn apart(
        self,
        on_demand: &[(&'static str, Limits)],
    ) -> (Self, Vec<(&'static str, Self, Limits)>) {
        let mut files = self.files;
        let later = on_demand.iter().map(|&(name, limits)| {
            let is_of_it = |file: &mut FileWeight| file.name.strip_suffix(".js") == Some(name);
            (name, Self { files: files.extract_if(.., is_of_it).collect() }, limits)
        });
        let later = later.collect();
        (Self { files }, later)
    }

    fn gzip(&self) -> u64 {
        self.files.iter().map(|file| file.gzip).sum()
    }

    /// One line per file and one for the sum.
    pub(super) fn table(&self, package: &str, limits: Limits) -> String {
        let mut table = String::new();
        let mut line = |name: &str, raw: u64, gzip: u64, brotli: u64| {
            let _ = writeln!(table, "  {name:<36} {:>8} {:>8} {:>8}", kb(raw), kb(gzip), kb(brotli));
        };
        for file in &self.files {
            line(&format!("  {}", file.name), file.raw, file.gzip, file.brotli);
        }
        let sum = |of: fn(&FileWeight) -> u64| self.files.iter().map(of).sum();
        line(package, sum(|file| file.raw), sum(|file| file.gzip), sum(|file| file.brotli));
        let _ = write!(table, "    at most {} gzip; the aim is {}", kb(limits.at_most), kb(limits.aim));
        table
    }

    /// What is wrong with it, if anything.
    pub(super) fn verdict(&self, package: &str, limits: Limits) -> Option<String> {
        if self.files.is_empty() {
            return Some(format!("{package} has no files: build it with `cargo xtask npm --force`"));
        }
        (self.gzip() > limits.at_most).then(|| {
            format!(
                "{package} weighs {} KB (gzip), which is more than the {} KB a page may be asked to download. \
                 See what grew with `twiggy top`, and take it out.",
                kb(self.gzip()),
                kb(limits.at_most)
            )
        })
    }
}

fn kb(bytes: u64) -> String {
    format!("{}.{}", bytes / 1_000, bytes % 1_000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weighing(gzip: &[u64]) -> Weight {
        let file = |&gzip| FileWeight { name: "core.js".to_owned(), raw: gzip * 3, gzip, brotli: gzip };
        Weight { files: gzip.iter().map(file).collect() }
    }

    #[test]
    fn the_limit_is_on_the_sum_of_the_files() {
        let limits = Limits { at_most: 1_000, aim: 500 };
        assert_eq!(weighing(&[400, 600]).verdict("sdk", limits), None);
        assert!(
            weighing(&[400, 601])
                .verdict("sdk", limits)
                .is_some_and(|text| text.starts_with("sdk weighs 1.0 KB"))
        );
        assert!(weighing(&[]).verdict("sdk", limits).is_some());
    }

    #[test]
    fn what_is_loaded_on_demand_is_weighed_by_itself() {
        let limits = Limits { at_most: 100, aim: 50 };
        let mut weight = weighing(&[400, 101]);
        weight.files[1].name = "spark-security.js".to_owned();
        let (always, later) = weight.apart(&[("spark-security", limits)]);
        assert_eq!(always.gzip(), 400);
        let [(name, weight, limits)] = &later[..] else { panic!("one is loaded on demand") };
        assert!(weight.verdict(name, *limits).is_some_and(|text| text.starts_with("spark-security weighs")));
    }

    #[test]
    fn sizes_read_well() {
        assert_eq!([0, 99, 100, 1_999, 180_000].map(kb), ["0.0", "0.0", "0.1", "1.9", "180.0"]);
    }
}
