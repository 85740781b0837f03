//! That a package says nothing of the machine that built it: it is none of its readers' business, and it weighs.
//!
//! Knows folders and bytes. Must never know how either came about.

use std::{env, fs, path::Path};

use anyhow::{Result, bail};

use crate::{places, stamp};

/// Where compilers say that sources were, on whatever machine: Rust's own, and a registry's.
const OF_COMPILERS: [&str; 2] = ["/rustc/", "/registry/src/"];

/// Fails if a file of a package names a place of this machine, or one of a compiler's.
pub(super) fn refuse(package: &Path) -> Result<()> {
    let home = env::home_dir();
    let traces = traces(places::root(), home.as_deref());
    for file in stamp::files_under(package)? {
        if let Some(trace) = first_in(&fs::read(&file)?, &traces) {
            bail!(
                "{} names a place of the machine that built it (`{trace}`): what leaves those out is in \
                 `xtask/src/setup/wasm.rs`.",
                file.display()
            );
        }
    }
    Ok(())
}

/// What gives a machine away whose checkout and home are these.
fn traces(checkout: &Path, home: Option<&Path>) -> Vec<String> {
    let own = [Some(checkout), home].into_iter().flatten().map(|folder| format!("{}/", folder.display()));
    // Whoever is at home at the root of all is so everywhere.
    own.filter(|folder| folder != "//").chain(OF_COMPILERS.map(str::to_owned)).collect()
}

/// The first of the traces that is somewhere in the bytes.
fn first_in<'a>(bytes: &[u8], traces: &'a [String]) -> Option<&'a str> {
    let is_there = |trace: &&String| bytes.windows(trace.len()).any(|part| part == trace.as_bytes());
    traces.iter().find(is_there).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_of_the_machine_is_found_in_what_is_no_text() {
        let traces = traces(Path::new("/srv/sparkweb"), Some(Path::new("/house/me")));
        for (said, found) in [
            ("/house/me/.rustup/toolchains/x/library/std/src/rt.rs", Some("/house/me/")),
            ("/srv/sparkweb/sdk/src/lib.rs", Some("/srv/sparkweb/")),
            ("/cargo/registry/src/mirror-1949cf8c6b5b557f/url-2.5.0/src/lib.rs", Some("/registry/src/")),
            ("/rustc/59807616e1fa/library/core/src/option.rs", Some("/rustc/")),
            ("https://docs.rs/rustc, /house/mean and /srv/sparkweb", None),
        ] {
            let module = [b"\0asm\x01\xff\xfe", said.as_bytes(), b"\0\xc3"].concat();
            assert_eq!(first_in(&module, &traces), found, "{said}");
        }
        let everywhere = super::traces(Path::new("/srv/sparkweb"), Some(Path::new("/")));
        assert_eq!(first_in(b"https://spark.test/", &everywhere), None);
    }
}
