//! Where things are: the repository's folders, and the per-user cache that outlives a checkout.
//!
//! Knows paths and versions of tools; must never create or change anything.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// trunk, which builds the demo site.
pub(crate) const TRUNK_VERSION: &str = "0.21.14";

/// The repository.
pub(crate) fn root() -> &'static Path {
    let member = Path::new(env!("CARGO_MANIFEST_DIR"));
    member.parent().unwrap_or(member)
}

/// What is built and not committed.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// What a run of such tests leaves: what its gateways logged and kept, and the secrets that must not be in it.
pub(crate) fn test_run(of: &str) -> PathBuf {
    root().join("target/test-run").join(of)
}

/// What the server serves, and carries inside in release builds: the demo site, and the packages in `sparkweb/`.
pub(crate) fn public() -> PathBuf {
    dist().join("public")
}

/// Wasm builds have a target folder of their own, so that they neither wait for nor disturb native ones.
pub(crate) fn wasm_target() -> PathBuf {
    root().join("target/wasm")
}

/// What browsers download is built with flags of its own, which would have everything else built anew.
pub(crate) fn wasm_packages_target() -> PathBuf {
    root().join("target/wasm-packages")
}

/// Tools are built once per user and version, not once per checkout: `$XDG_CACHE_HOME/sparkweb`.
pub(crate) fn cache() -> Result<PathBuf> {
    let base = match env::var_os("XDG_CACHE_HOME").filter(|value| !value.is_empty()) {
        Some(folder) => PathBuf::from(folder),
        None => env::home_dir().context("this user has no home folder: set XDG_CACHE_HOME")?.join(".cache"),
    };
    Ok(base.join("sparkweb"))
}

/// Programs of servers lie here, and few have it in their `PATH`.
const OF_SERVERS: &str = "/usr/sbin";

/// The first executable of this name in the folders of `PATH`, or where those of servers are.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders = env::split_paths(&path).chain([PathBuf::from(OF_SERVERS)]);
    folders.map(|folder| folder.join(name)).find(|candidate| candidate.is_file())
}

/// The version of a package in `Cargo.lock`; the tools that must match a library exactly take it from there.
pub(crate) fn locked_version(package: &str) -> Result<String> {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).context("reading Cargo.lock")?;
    version_in_lock(&lock, package).with_context(|| format!("Cargo.lock holds no {package}"))
}

fn version_in_lock(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locked_version_is_that_of_the_package_of_exactly_that_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.1.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";
        assert_eq!(version_in_lock(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in_lock(lock, "wasm"), None);
    }
}
