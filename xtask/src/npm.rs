//! The two packages for npm, and the same files for the server to serve.
//!
//! Knows how a wasm crate becomes a package. What is in one is decided in `sdk-wasm/npm/`: each of its folders is
//! a package, but for `shared`, which is in both; all written by hand but for `core.js`, `core.d.ts`, `core_bg.wasm`, `snippets/` and `protocol.d.ts`,
//! which are generated.

mod sizes;
mod traces;
mod types;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use self::sizes::Limits;
use crate::{
    places,
    progress::{Progress, Step},
    setup::Tools,
    stamp::{self, Stamp},
};

/// One package: the SDK alone, or the elements with the SDK in them.
struct Package {
    /// Its folder in `sdk-wasm/npm/` and in `dist/npm/`.
    name: &'static str,
    /// Its folder below `/sparkweb/` where the gateway serves it.
    served_as: &'static str,
    features: &'static [&'static str],
    limits: Limits,
    /// What a page loads only once it needs it, and how much each may weigh: a file, or made of the folder of its name
    /// without `spark-`.
    on_demand: &'static [(&'static str, Limits)],
    /// Folders of which those are made.
    parts: &'static [&'static str],
}

/// What only the browser can do about passkeys, in both packages.
const PASSKEYS: (&str, Limits) = ("passkeys", Limits { at_most: 3_000, aim: 2_500 });
/// Files on their way out, in both packages.
const FILES: (&str, Limits) = ("files", Limits { at_most: 5_000, aim: 4_000 });
/// What a page does so that it is told while it is closed, in both packages.
const PUSH: (&str, Limits) = ("push", Limits { at_most: 6_000, aim: 5_000 });
/// The service worker, in both packages.
const WORKER: (&str, Limits) = ("spark-worker", Limits { at_most: 6_000, aim: 5_000 });
/// For pages that are given a token.
const TOKEN: (&str, Limits) = ("spark-token", Limits { at_most: 1_000, aim: 500 });

const PACKAGES: [Package; 2] = [
    Package {
        name: "sdk",
        served_as: "sdk",
        features: &[],
        limits: Limits { at_most: 100_000, aim: 100_000 },
        on_demand: &[FILES, PASSKEYS, PUSH, TOKEN, WORKER],
        parts: &["files", "push", "worker"],
    },
    Package {
        name: "widgets",
        served_as: "elements",
        features: &["--features", "widgets"],
        limits: Limits { at_most: 250_000, aim: 180_000 },
        on_demand: &[
            FILES,
            PASSKEYS,
            PUSH,
            TOKEN,
            WORKER,
            ("spark-attach", Limits { at_most: 7_500, aim: 6_500 }),
            ("spark-signin", Limits { at_most: 10_000, aim: 8_000 }),
            ("spark-security", Limits { at_most: 15_000, aim: 12_000 }),
            ("spark-media", Limits { at_most: 8_000, aim: 7_000 }),
            ("spark-notifications", Limits { at_most: 11_000, aim: 10_000 }),
        ],
        parts: &[
            "attach",
            "files",
            "forms",
            "media",
            "notifications",
            "push",
            "security",
            "signin",
            "worker",
        ],
    },
];

/// Everything that a package is made of.
const INPUTS: [&str; 10] = [
    "Cargo.toml",
    "Cargo.lock",
    "package-lock.json",
    "protocol",
    "sdk",
    "sdk-wasm",
    "widgets",
    "xtask/src/npm.rs",
    "xtask/src/setup/wasm.rs",
    "xtask/js",
];

/// What rustc makes use of for this target, and every browser since 2022 has.
const WASM_FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// What crates of the graph export and nothing of ours calls: wasm-streams, by way of leptos, its sources and sinks.
const UNUSED_EXPORTS: [&str; 2] = ["intounderlying", "__wbg_intounderlying"];

/// Builds both packages where something has changed, prints what they weigh, and fails where that is too much.
pub(crate) fn build(progress: &mut Progress, tools: &Tools, force: bool) -> Result<()> {
    let mut types = false;
    for package in &PACKAGES {
        let version = tools.wasm_version();
        let stamp = Stamp::of(
            places::dist().join(format!("stamps/npm-{}", package.name)),
            places::root(),
            &INPUTS,
            &[&version],
        )?;
        if force || !stamp.is_set() {
            stamp.clear()?;
            if !types {
                progress.step("types of the protocol", |step| {
                    types::write(step, &places::dist().join("types"), &protocol_types())
                })?;
                types = true;
            }
            package.build(progress, tools)?;
            stamp.set()?;
        }
    }
    let mut heavy = Vec::new();
    println!("\n{}", sizes::HEADER);
    for package in &PACKAGES {
        let weight = sizes::Weight::of(&package.served())?;
        let (always, later) = weight.apart(package.on_demand);
        for (name, weight, limits) in [(package.name, always, package.limits)].into_iter().chain(later) {
            println!("{}", weight.table(name, limits));
            heavy.extend(weight.verdict(name, limits));
        }
    }
    anyhow::ensure!(heavy.is_empty(), "{}", heavy.join("\n"));
    Ok(())
}

impl Package {
    fn folder(&self) -> PathBuf {
        places::dist().join("npm").join(self.name)
    }

    fn served(&self) -> PathBuf {
        places::public().join("sparkweb").join(self.served_as)
    }

    fn build(&self, progress: &mut Progress, tools: &Tools) -> Result<()> {
        let name = self.name;
        let wasm = progress.step(&format!("compile {name}"), |step| {
            let mut cargo = tools.wasm_package_build();
            cargo.args(["--package", "sparkweb-sdk-wasm", "--lib", "--profile", "wasm-release"]);
            cargo.args(["--target", "wasm32-unknown-unknown"]).args(self.features);
            step.run(&mut cargo, "The compiler's message is below.")?;
            Ok(places::wasm_packages_target().join("wasm32-unknown-unknown/wasm-release/sdk_wasm.wasm"))
        })?;
        progress.step(&format!("bind {name}"), |step| {
            stamp::empty(&self.folder())?;
            let mut bindgen = tools.wasm_command("wasm-bindgen");
            bindgen
                .args(["--target", "web", "--out-name", "core", "--out-dir"])
                .arg(self.folder())
                .arg(&wasm);
            step.run(
                &mut bindgen,
                "Is wasm-bindgen of the version in Cargo.lock? `cargo xtask setup` sees to it.",
            )
        })?;
        progress.step(&format!("shrink {name}"), |step| {
            let wasm = self.folder().join("core_bg.wasm");
            let mut optimise = Tools::node_program("wasm-opt");
            let mut drop = Command::new("node");
            drop.arg(places::root().join("xtask/js/drop.mjs")).arg(&wasm).args(UNUSED_EXPORTS);
            step.run(&mut drop, "binaryen could not read what wasm-bindgen made.")?;
            // The second round finds what undoing and redoing the control flow has laid bare.
            optimise.args(["--flatten", "--rereloop", "-Oz", "-Oz", "-Oz", "--converge"]).args(WASM_FEATURES);
            optimise.arg(&wasm).arg("-o").arg(&wasm);
            step.run(&mut optimise, "binaryen refused what rustc and wasm-bindgen made.")?;
            let mut shorten = Command::new("node");
            shorten.arg(places::root().join("xtask/js/shorten.mjs"));
            shorten.arg(places::root().join("node_modules/.bin/wasm-opt")).arg(&wasm);
            shorten.arg(self.folder().join("core.js")).args(WASM_FEATURES);
            step.run(&mut shorten, "wasm-bindgen's glue is no longer of the form that shorten.mjs knows.")
        })?;
        progress.step(&format!("pack {name}"), |step| {
            self.add_written_files()?;
            self.check_types(step)?;
            self.bundle_on_demand(step)?;
            self.minify(step)?;
            // Another toolchain brings a standard library that was built with the places in it.
            if tools.wasm_is_of_rustup() {
                traces::refuse(&self.folder())?;
            }
            self.lay_out_for_the_server()?;
            let mut compress = Command::new("node");
            compress.arg(places::root().join("xtask/js/compress.mjs")).arg(self.served());
            step.run(&mut compress, "Node could not compress the files.")?;
            squeeze(&self.served())?;
            let mut pack = Command::new("npm");
            pack.args(["pack", "--silent", "--pack-destination", ".."]).current_dir(self.folder());
            step.run(&mut pack, "npm refused the package: see its package.json in `sdk-wasm/npm`.")
        })
    }

    /// What people wrote, over what the tools made; with the workspace's version.
    fn add_written_files(&self) -> Result<()> {
        let written = places::root().join("sdk-wasm/npm").join(self.name);
        stamp::copy_into(&written, &self.folder())?;
        stamp::copy_into(&places::root().join("sdk-wasm/npm/shared"), &self.folder())?;
        fs::copy(places::root().join("LICENSE"), self.folder().join("LICENSE"))?;
        fs::copy(protocol_types(), self.folder().join("protocol.d.ts"))?;
        let manifest = self.folder().join("package.json");
        let text = fs::read_to_string(&manifest)
            .with_context(|| format!("`sdk-wasm/npm/{}` has no package.json", self.name))?;
        fs::write(&manifest, with_version(&text, env!("CARGO_PKG_VERSION")))?;
        // Declares the raw exports of the wasm file, which nobody imports.
        let raw = self.folder().join("core_bg.wasm.d.ts");
        if raw.exists() { Ok(fs::remove_file(raw)?) } else { Ok(()) }
    }

    /// What a customer's editor would say about the declarations.
    fn check_types(&self, step: &Step<'_>) -> Result<()> {
        let declarations: Vec<PathBuf> = stamp::files_under(&self.folder())?
            .into_iter()
            .filter(|path| path.to_string_lossy().ends_with(".d.ts"))
            .collect();
        let mut check = Tools::node_program("tsc");
        check.args([
            "--noEmit",
            "--strict",
            "--target",
            "esnext",
            "--module",
            "esnext",
            "--lib",
            "esnext,dom",
        ]);
        check.args(["--moduleResolution", "bundler"]).args(&declarations);
        step.run(&mut check, "The package's TypeScript declarations do not fit together.")
    }

    /// Makes one file of each folder that is loaded on demand: its parts would come one after the other.
    fn bundle_on_demand(&self, step: &Step<'_>) -> Result<()> {
        for (name, _) in self.on_demand {
            let parts = self.folder().join(name.trim_start_matches("spark-"));
            if !parts.is_dir() {
                continue;
            }
            let mut bundle = Tools::node_program("esbuild");
            // A site's worker imports ours by `importScripts`, which takes no modules.
            let format = if *name == WORKER.0 { "--format=iife" } else { "--format=esm" };
            bundle.arg(parts.join("main.js")).args(["--bundle", format, "--log-level=warning"]);
            bundle.arg(format!("--outfile={}", self.folder().join(name).with_extension("js").display()));
            step.run(&mut bundle, "esbuild refused a script of the package.")?;
        }
        for parts in self.parts {
            let parts = self.folder().join(parts);
            fs::remove_dir_all(&parts).with_context(|| format!("removing {}", parts.display()))?;
        }
        Ok(())
    }

    /// Half of what wasm-bindgen writes is comments, and so is much of what we do; the declarations have them too.
    fn minify(&self, step: &Step<'_>) -> Result<()> {
        let folder = self.folder();
        let scripts: Vec<PathBuf> = stamp::files_under(&folder)?
            .into_iter()
            .filter(|path| path.extension().is_some_and(|kind| kind == "js"))
            .collect();
        let mut minify = Tools::node_program("esbuild");
        minify.args(&scripts).args(["--minify", "--tree-shaking=true", "--format=esm"]);
        minify.args(["--log-level=warning", "--allow-overwrite"]);
        minify.arg(format!("--outbase={}", folder.display())).arg(format!("--outdir={}", folder.display()));
        step.run(&mut minify, "esbuild refused a script of the package.")
    }

    fn lay_out_for_the_server(&self) -> Result<()> {
        stamp::empty(&self.served())?;
        for file in stamp::files_under(&self.folder())? {
            if is_served(&file) {
                let target = self.served().join(file.strip_prefix(self.folder())?);
                if let Some(folder) = target.parent() {
                    fs::create_dir_all(folder)?;
                }
                fs::copy(&file, target)?;
            }
        }
        // By this the gateway tells builds apart, and a service worker what belongs together.
        fs::write(self.served().with_extension("build"), stamp::digest(&self.served(), &[""], &[])?)?;
        Ok(())
    }
}

/// Compresses by gzip what is worth it, as well as its format allows: it is done once and downloaded for ever.
fn squeeze(folder: &Path) -> Result<()> {
    for compressed in stamp::files_under(folder)? {
        if compressed.extension().is_some_and(|kind| kind == "gz") {
            let plain = fs::read(compressed.with_extension(""))?;
            let mut small = Vec::new();
            zopfli::compress(zopfli::Options::default(), zopfli::Format::Gzip, plain.as_slice(), &mut small)?;
            fs::write(&compressed, small)?;
        }
    }
    Ok(())
}

fn protocol_types() -> PathBuf {
    places::dist().join("protocol.d.ts")
}

/// A page loads these; the rest of a package is for developers.
fn is_served(file: &Path) -> bool {
    file.extension().is_some_and(|kind| ["js", "wasm", "css"].iter().any(|served| kind == *served))
}

fn with_version(manifest: &str, version: &str) -> String {
    manifest.replacen("\"version\": \"0.0.0\"", &format!("\"version\": \"{version}\""), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_has_the_version_of_the_workspace() {
        let manifest = "{\n  \"name\": \"@sparkweb/sdk\",\n  \"version\": \"0.0.0\"\n}\n";
        assert!(with_version(manifest, "1.2.3").contains("\"version\": \"1.2.3\""));
    }

    #[test]
    fn only_what_a_page_loads_is_served() {
        for (file, served) in [
            ("core.js", true),
            ("core_bg.wasm", true),
            ("snippets/a/inline0.js", true),
            ("core.d.ts", false),
            ("package.json", false),
            ("LICENSE", false),
        ] {
            assert_eq!(is_served(Path::new(file)), served, "{file}");
        }
    }
}
