//! What a bare machine lacks, installed: each thing is looked for first, and nothing missing means nothing done.
//!
//! Knows which command needs what; must never ask for root unless a system package is missing.

mod node;
mod python;
mod system;
mod tools;
mod wasm;

use std::{ffi::OsString, path::PathBuf, process::Command};

use anyhow::Result;

use crate::{places, process, progress::Progress};

/// Something a command cannot do without.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Need {
    /// A C compiler, for the TLS library.
    Compiler,
    /// Rust for the browser, and the wasm-bindgen that fits the library.
    Wasm,
    /// trunk, for the demo site.
    Trunk,
    /// Node, and what `package.json` lists: binaryen, TypeScript, Playwright.
    Node,
    /// An XMPP server to manage.
    Prosody,
    /// What it has of newer protocols, to test with.
    ProsodyModules,
    /// Another one, to test with.
    Ejabberd,
    /// A database to test with.
    Postgres,
    /// What takes a backup of SQLite.
    Sqlite,
    /// Another implementation of authenticator apps.
    Oathtool,
    /// A browser to test in.
    Chromium,
    /// Python, and what `tests/requirements.txt` lists: slixmpp, schemathesis.
    Python,
}

impl Need {
    /// Everything.
    pub(crate) const ALL: &[Self] = &[
        Self::Compiler,
        Self::Wasm,
        Self::Trunk,
        Self::Node,
        Self::Prosody,
        Self::ProsodyModules,
        Self::Ejabberd,
        Self::Postgres,
        Self::Sqlite,
        Self::Oathtool,
        Self::Chromium,
        Self::Python,
    ];
}

/// The tools, found or installed.
#[derive(Default)]
pub(crate) struct Tools {
    wasm: Option<wasm::Toolchain>,
    wasm_bindgen: Option<PathBuf>,
    trunk: Option<PathBuf>,
    python: Option<PathBuf>,
}

/// Sees to it that everything in `needs` is there.
pub(crate) fn install(progress: &mut Progress, needs: &[Need]) -> Result<Tools> {
    let needed = |need| needs.contains(&need);
    let mut tools = Tools::default();
    progress.step_if_needed("system packages", |step| system::install(step, needs))?;
    if needed(Need::Wasm) {
        progress.step_if_needed("Rust for the browser", |step| {
            let (toolchain, did) = wasm::install(step)?;
            tools.wasm = Some(toolchain);
            Ok(did)
        })?;
        let version = places::locked_version("wasm-bindgen")?;
        progress.step_if_needed(&format!("wasm-bindgen {version}"), |step| {
            let (folder, did) = tools::wasm_bindgen(step, &version)?;
            tools.wasm_bindgen = Some(folder);
            Ok(did)
        })?;
    }
    if needed(Need::Trunk) {
        progress.step_if_needed(&format!("trunk {}", places::TRUNK_VERSION), |step| {
            let (folder, did) = tools::trunk(step)?;
            tools.trunk = Some(folder);
            Ok(did)
        })?;
    }
    if needed(Need::Node) {
        progress.step_if_needed("packages from npm", node::install)?;
    }
    if needed(Need::Python) {
        progress.step_if_needed("packages for Python, to test with", |step| {
            let (python, did) = python::install(step)?;
            tools.python = Some(python);
            Ok(did)
        })?;
    }
    Ok(tools)
}

impl Tools {
    /// A program which builds for the browser: `cargo`, or one that calls it.
    pub(crate) fn wasm_command(&self, program: &str) -> Command {
        let mut command = match &self.wasm {
            Some(wasm::Toolchain::Sysroot(folder)) if program == "cargo" => {
                Command::new(folder.join("bin/cargo"))
            }
            _ if program == "cargo" => process::cargo(),
            _ => Command::new(self.program(program)),
        };
        command.current_dir(places::root()).env("PATH", self.path());
        command.env("CARGO_TARGET_DIR", places::wasm_target());
        if let Some(wasm::Toolchain::Sysroot(folder)) = &self.wasm {
            // Rust of the same name further along PATH, or of a caller's choice, has no std for the browser.
            for name in ["RUSTC", "RUSTC_WRAPPER", "RUSTUP_TOOLCHAIN", "CARGO"] {
                command.env_remove(name);
            }
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", folder.join("bin/rust-lld"));
            // Its standard library is made so, and all that is built over it must be.
            command.envs(wasm::TRAPPING_PANICS);
        }
        command
    }

    /// `cargo build` of what browsers download: over a standard library made for size, in which a panic is a trap.
    pub(crate) fn wasm_package_build(&self) -> Command {
        let mut command = self.wasm_command("cargo");
        command.arg("build").env("CARGO_TARGET_DIR", places::wasm_packages_target());
        if self.wasm_is_of_rustup() {
            command.args(wasm::STD_FOR_SIZE).envs(wasm::TRAPPING_PANICS);
        }
        command
    }

    /// A program out of `node_modules/.bin`.
    pub(crate) fn node_program(name: &str) -> Command {
        let mut command = Command::new(places::root().join("node_modules/.bin").join(name));
        command.current_dir(places::root());
        command
    }

    /// Python with what `tests/requirements.txt` lists.
    pub(crate) fn python(&self) -> Option<&PathBuf> {
        self.python.as_ref()
    }

    /// Whether clippy can look at code for the browser: Debian's toolchain has none of its own here.
    pub(crate) fn wasm_is_of_rustup(&self) -> bool {
        matches!(self.wasm, Some(wasm::Toolchain::Installed))
    }

    /// What decides a wasm build's result besides the sources.
    pub(crate) fn wasm_version(&self) -> String {
        process::ask(self.wasm_command("cargo").arg("--version")).unwrap_or_default()
    }

    fn program(&self, name: &str) -> PathBuf {
        let known = match name {
            "trunk" => self.trunk.as_ref(),
            "wasm-bindgen" => self.wasm_bindgen.as_ref(),
            _ => None,
        };
        known.map_or_else(|| PathBuf::from(name), |folder| folder.join(name))
    }

    fn path(&self) -> OsString {
        let mut folders = Vec::new();
        if let Some(wasm::Toolchain::Sysroot(folder)) = &self.wasm {
            folders.push(folder.join("bin"));
        }
        folders.extend(self.wasm_bindgen.clone());
        folders.extend(self.trunk.clone());
        folders.push(places::root().join("node_modules/.bin"));
        folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        std::env::join_paths(folders).unwrap_or_default()
    }
}
