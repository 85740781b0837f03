//! A Rust that can build for the browser: rustup's target or, where rustup's host cannot be reached, a standard
//! library built from the sources which Debian packages.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use super::system;
use crate::{
    places,
    process::{ask, cargo},
    progress::{Did, Step},
    stamp,
};

const TARGET: &str = "wasm32-unknown-unknown";
/// Debian's Rust for building browsers: newer than Debian's own, with the sources of std and all they depend on.
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "libstd-rust-web-dev"];
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

/// A page that panics can't go on, and what it would say of it is a tenth of what people download: a panic is a trap. Where it
/// would say that it was, down to the folders of whoever built it, is nobody's business either.
/// Cargo and rustc have these settings and call them unstable, which is what the bootstrap variable is about.
pub(super) const TRAPPING_PANICS: [(&str, &str); 2] = [
    ("RUSTC_BOOTSTRAP", "1"),
    ("RUSTFLAGS", "-Zunstable-options -Cpanic=immediate-abort -Zfmt-debug=none -Zlocation-detail=none"),
];
/// The standard library built along, for size rather than speed.
pub(super) const STD_FOR_SIZE: [&str; 4] =
    ["-Z", "build-std=std,panic_abort", "-Z", "build-std-features=optimize_for_size"];

/// Where the standard library for the browser is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// In the toolchain that also builds the server.
    Installed,
    /// In a folder of ours, beside links to Debian's compiler.
    Sysroot(PathBuf),
}

pub(super) fn install(step: &Step<'_>) -> Result<(Toolchain, Did)> {
    // Lets the other way be tried, and chosen, on a machine that has both.
    let only_debian = std::env::var_os("SPARKWEB_WASM_FROM").is_some_and(|way| way == "debian");
    if !only_debian && default_toolchain_has_target() && default_toolchain_has_source() {
        return Ok((Toolchain::Installed, Did::Nothing));
    }
    if let Some(folder) = built_sysroot()? {
        return Ok((Toolchain::Sysroot(folder), Did::Nothing));
    }
    let mut why = "rustup was not asked".to_owned();
    if !only_debian {
        let advice = "Is the network reachable?";
        let added = step
            .run(Command::new("rustup").args(["target", "add", TARGET]), advice)
            .and_then(|()| step.run(Command::new("rustup").args(["component", "add", "rust-src"]), advice));
        match added {
            Ok(()) if default_toolchain_has_target() && default_toolchain_has_source() => {
                return Ok((Toolchain::Installed, Did::Work));
            }
            Ok(()) => "rustup added it to a toolchain which is not the one in use".clone_into(&mut why),
            Err(failure) => why = format!("{failure:#}"),
        }
    }
    if !system::has_apt() {
        bail!("No standard library for {TARGET}: {why}\nAdd it with `rustup target add {TARGET}`.");
    }
    step.say("building the standard library for the browser from the sources that Debian packages");
    let folder = build_from_debian(step).with_context(|| format!("After rustup failed ({why})"))?;
    Ok((Toolchain::Sysroot(folder), Did::Work))
}

fn default_toolchain_has_target() -> bool {
    let folder = ask(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]));
    folder.is_some_and(|folder| holds_std(Path::new(&folder)))
}

fn default_toolchain_has_source() -> bool {
    let sysroot = ask(Command::new("rustc").args(["--print", "sysroot"]));
    sysroot.is_some_and(|folder| Path::new(&folder).join("lib/rustlib/src/rust/library/Cargo.lock").exists())
}

fn holds_std(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with("libstd-") && name.ends_with(".rlib")
        })
    })
}

/// The folder for the compiler which Debian has installed now, whole or not.
fn sysroot() -> Result<Option<PathBuf>> {
    let Some(version) = ask(Command::new(DEBIAN_RUSTC).arg("--version")) else { return Ok(None) };
    let Some(number) = version.split_whitespace().nth(1) else { return Ok(None) };
    Ok(Some(places::cache()?.join(format!("wasm-sysroot-{number}-trapping"))))
}

fn built_sysroot() -> Result<Option<PathBuf>> {
    // Moved into place when whole; so what is there is whole.
    Ok(sysroot()?.filter(|folder| holds_std(&library_of(folder))))
}

fn library_of(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib").join(TARGET).join("lib")
}

fn build_from_debian(step: &Step<'_>) -> Result<PathBuf> {
    let installed = |package: &&str| {
        ask(Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Status}", package]))
            .is_some_and(|status| status == "installed")
    };
    if !DEBIAN_PACKAGES.iter().all(installed) {
        system::apt(step, &DEBIAN_PACKAGES)?;
    }
    if let Some(folder) = built_sysroot()? {
        return Ok(folder);
    }
    let sysroot = sysroot()?.with_context(|| format!("{DEBIAN_RUSTC} does not say its version"))?;
    let work = sysroot.with_extension("building");
    stamp::empty(&work)?;
    build_std(step, &work.join("std"))?;
    let made = work.join("sysroot");
    assemble(&work.join("std"), &made, &sysroot)?;
    // Cargo does not notice that a standard library was replaced.
    stamp::empty(&places::wasm_target())?;
    fs::rename(&made, &sysroot).with_context(|| format!("moving the sysroot to {}", sysroot.display()))?;
    fs::remove_dir_all(&work).context("removing what the sysroot was built from")?;
    Ok(sysroot)
}

/// Builds std as a dependency of nothing: std's rlibs are what is wanted.
fn build_std(step: &Step<'_>, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("src/lib.rs"), "")?;
    fs::write(
        folder.join("Cargo.toml"),
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n[workspace]\n\n\
         [profile.release]\nopt-level = \"z\"\ncodegen-units = 1\npanic = \"abort\"\n",
    )?;
    let mut command = Command::new("/usr/bin/cargo");
    command
        .args(["build", "--release", "--target", TARGET, "-Z", "build-std=std,panic_abort,test"])
        .args(["-Z", "build-std-features=optimize_for_size"])
        .current_dir(folder)
        .env("RUSTC", DEBIAN_RUSTC)
        .env("RUSTC_BOOTSTRAP", "1")
        // Without its bitcode the standard library takes no part in link-time optimisation.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes -Zunstable-options -Cpanic=immediate-abort -Zfmt-debug=none")
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("RUSTC_WRAPPER");
    step.run(
        &mut command,
        "Debian's Rust could not build its own standard library; its packages may be incomplete.",
    )
}

/// Lays out a sysroot in `made` which will work at `home`.
fn assemble(std: &Path, made: &Path, home: &Path) -> Result<()> {
    let library = library_of(made);
    fs::create_dir_all(&library)?;
    fs::create_dir_all(made.join("bin"))?;
    let built = std.join("target").join(TARGET).join("release/deps");
    for file in stamp::files_under(&built)? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libempty") {
            fs::copy(&file, library.join(name))?;
        }
    }
    let host = host_triple()?;
    let debian = ask(Command::new(DEBIAN_RUSTC).args(["--print", "sysroot"])).context("Debian's sysroot")?;
    symlink(Path::new(&debian).join("lib/rustlib").join(&host), made.join("lib/rustlib").join(&host))?;
    symlink("/usr/bin/cargo", made.join("bin/cargo"))?;
    symlink(find_lld(&host)?, made.join("bin/rust-lld"))?;
    for tool in ["rustc", "rustdoc"] {
        let wrapper = made.join("bin").join(tool);
        let script = format!("#!/bin/sh\nexec /usr/bin/{tool} --sysroot '{}' \"$@\"\n", home.display());
        fs::write(&wrapper, script)?;
        fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

fn host_triple() -> Result<String> {
    let version = ask(Command::new(DEBIAN_RUSTC).arg("-vV")).context("asking Debian's rustc for its host")?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("Debian's rustc names no host")?.to_owned())
}

/// Debian's Rust brings no linker for the browser; the toolchain in use does.
fn find_lld(host: &str) -> Result<PathBuf> {
    let sysroot = ask(cargo_rustc().args(["--print", "sysroot"])).context("asking rustc for its sysroot")?;
    let lld = Path::new(&sysroot).join("lib/rustlib").join(host).join("bin/rust-lld");
    if lld.is_file() {
        return Ok(lld);
    }
    places::find_program("rust-lld").or_else(|| places::find_program("wasm-ld")).context(
        "There is no linker for the browser: neither rust-lld in the Rust toolchain nor wasm-ld. \
         Install the package `lld`, and run this again.",
    )
}

/// The `rustc` beside the `cargo` that runs this program.
fn cargo_rustc() -> Command {
    let beside = Path::new(cargo().get_program()).with_file_name("rustc");
    Command::new(if beside.is_file() { beside } else { "rustc".into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sysroot_is_there_only_with_std_in_it() {
        let folder = std::env::temp_dir().join(format!("sparkweb-sysroot-{}", std::process::id()));
        let library = library_of(&folder);
        fs::create_dir_all(&library).unwrap();
        assert!(!holds_std(&library));
        fs::write(library.join("libstd-0123.rmeta"), "").unwrap();
        assert!(!holds_std(&library));
        fs::write(library.join("libstd-0123.rlib"), "").unwrap();
        assert!(holds_std(&library));
        fs::remove_dir_all(&folder).unwrap();
    }
}
