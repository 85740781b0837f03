//! System packages, by the system's own package manager, and root only when one is missing.

use std::process::Command;

use anyhow::{Result, bail};

use super::Need;
use crate::{
    places::find_program,
    process::ask,
    progress::{Did, Step},
};

/// A program that no language's own package manager brings, and what the systems call its package.
struct Package {
    need: Need,
    /// Any of these on PATH will do, or at its place.
    programs: &'static [&'static str],
    apt: &'static [&'static str],
    /// What Debian's packages would start by themselves, now and with the machine.
    services: &'static [&'static str],
    dnf: &'static str,
    pacman: &'static str,
    brew: &'static str,
}

const PACKAGES: &[Package] = &[
    Package {
        need: Need::Compiler,
        programs: &["cc", "gcc", "clang"],
        apt: &["gcc", "libc6-dev"],
        services: &[],
        dnf: "gcc",
        pacman: "gcc",
        brew: "gcc",
    },
    Package {
        need: Need::Node,
        programs: &["npm"],
        apt: &["nodejs", "npm"],
        services: &[],
        dnf: "nodejs",
        pacman: "npm",
        brew: "node",
    },
    Package {
        need: Need::Prosody,
        programs: &["prosody"],
        apt: &["prosody", "lua-unbound"],
        services: &["prosody.service"],
        dnf: "prosody",
        pacman: "prosody",
        brew: "prosody",
    },
    // Tests alone use it, and only Debian has it as a package.
    Package {
        need: Need::ProsodyModules,
        programs: &["/usr/lib/prosody/modules/mod_sasl2_fast/mod_sasl2_fast.lua"],
        apt: &["prosody-modules"],
        services: &[],
        dnf: "prosody",
        pacman: "prosody",
        brew: "prosody",
    },
    Package {
        need: Need::Ejabberd,
        programs: &["ejabberdctl"],
        apt: &["ejabberd"],
        services: &["ejabberd.service", "epmd.service", "epmd.socket"],
        dnf: "ejabberd",
        pacman: "ejabberd",
        brew: "ejabberd",
    },
    Package {
        need: Need::Postgres,
        programs: &["pg_createcluster", "initdb"],
        apt: &["postgresql"],
        services: &["postgresql.service"],
        dnf: "postgresql-server",
        pacman: "postgresql",
        brew: "postgresql",
    },
    Package {
        need: Need::Sqlite,
        programs: &["sqlite3"],
        apt: &["sqlite3"],
        services: &[],
        dnf: "sqlite",
        pacman: "sqlite",
        brew: "sqlite",
    },
    Package {
        need: Need::Oathtool,
        programs: &["oathtool"],
        apt: &["oathtool"],
        services: &[],
        dnf: "oathtool",
        pacman: "oath-toolkit",
        brew: "oath-toolkit",
    },
    Package {
        need: Need::Chromium,
        programs: &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
        apt: &["chromium", "fonts-dejavu-core", "fonts-noto-color-emoji"],
        services: &[],
        dnf: "chromium",
        pacman: "chromium",
        brew: "chromium",
    },
    Package {
        need: Need::Python,
        programs: &["python3"],
        apt: &["python3", "python3-venv"],
        services: &[],
        dnf: "python3",
        pacman: "python",
        brew: "python3",
    },
];

/// The oldest Node that the npm packages run on.
const NODE_MAJOR: u32 = 20;

pub(super) fn install(step: &Step<'_>, needs: &[Need]) -> Result<Did> {
    let missing: Vec<&Package> = PACKAGES
        .iter()
        .filter(|package| needs.contains(&package.need))
        .filter(|package| package.need != Need::ProsodyModules || has_apt())
        .filter(|package| !package.programs.iter().any(|name| find_program(name).is_some()))
        .collect();
    if !missing.is_empty() {
        install_packages(step, &missing)?;
    }
    if needs.contains(&Need::Node) {
        require_node()?;
    }
    Ok(if missing.is_empty() { Did::Nothing } else { Did::Work })
}

/// Whether Debian's package manager is the system's.
pub(super) fn has_apt() -> bool {
    find_program("apt-get").is_some()
}

/// Installs packages of Debian's, by name.
pub(super) fn apt(step: &Step<'_>, packages: &[&str]) -> Result<()> {
    step.say(&format!("installing system packages, which takes root: {}", packages.join(" ")));
    let advice = "Install these packages by hand, then run the command again.";
    step.run(as_root("apt-get")?.args(["update", "-q"]), "Is the package archive reachable?")?;
    let mut command = as_root("apt-get")?;
    command.args(["install", "-y", "-q", "--no-install-recommends"]).args(packages);
    step.run(command.env("DEBIAN_FRONTEND", "noninteractive"), advice)
}

/// Debian's packages start what they bring. Ours is started by whoever needs it, with ports and data of its own, and an
/// XMPP server that the network can reach is nothing that a developer asked for. What the system has already is left as
/// it is.
fn keep_from_starting(step: &Step<'_>, services: &[&str]) -> Result<()> {
    if find_program("systemctl").is_none() {
        return Ok(());
    }
    let is_new = |service: &&&str| ask(Command::new("systemctl").args(["cat", service])).is_none();
    let new: Vec<&str> = services.iter().filter(is_new).copied().collect();
    if new.is_empty() {
        return Ok(());
    }
    step.say(&format!("masking what must not start by itself: {}", new.join(" ")));
    step.run(as_root("systemctl")?.arg("mask").args(&new), "Mask it by hand, then run the command again.")
}

fn install_packages(step: &Step<'_>, missing: &[&Package]) -> Result<()> {
    let named =
        |name: fn(&Package) -> &'static str| -> Vec<&str> { missing.iter().map(|p| name(p)).collect() };
    if has_apt() {
        let services: Vec<&str> =
            missing.iter().flat_map(|package| package.services.iter().copied()).collect();
        keep_from_starting(step, &services)?;
        let names: Vec<&str> = missing.iter().flat_map(|package| package.apt.iter().copied()).collect();
        return apt(step, &names);
    }
    let others: [(&str, &[&str], Vec<&str>, bool); 3] = [
        ("dnf", &["install", "-y"], named(|package| package.dnf), true),
        ("pacman", &["-S", "--needed", "--noconfirm"], named(|package| package.pacman), true),
        ("brew", &["install"], named(|package| package.brew), false),
    ];
    for (manager, verb, names, root) in others {
        if find_program(manager).is_some() {
            step.say(&format!("installing system packages: {}", names.join(" ")));
            let mut command = if root { as_root(manager)? } else { Command::new(manager) };
            command.args(verb).args(&names);
            return step.run(&mut command, "Install them by hand, then run the command again.");
        }
    }
    let programs: Vec<&str> =
        missing.iter().filter_map(|package| package.programs.first().copied()).collect();
    bail!(
        "These programs are missing: {}. This system has none of apt, dnf, pacman and brew: \
         install them by its own means, then run the command again.",
        programs.join(", ")
    )
}

fn as_root(program: &str) -> Result<Command> {
    if ask(Command::new("id").arg("-u")).as_deref() == Some("0") {
        return Ok(Command::new(program));
    }
    if find_program("sudo").is_none() {
        bail!("`{program}` needs root, and there is no sudo: run `cargo xtask setup` once as root.");
    }
    let mut command = Command::new("sudo");
    command.arg(program);
    Ok(command)
}

fn require_node() -> Result<()> {
    let version = ask(Command::new("node").arg("--version")).unwrap_or_default();
    match node_major(&version) {
        Some(major) if major >= NODE_MAJOR => Ok(()),
        _ => bail!(
            "Node {NODE_MAJOR} or newer is needed, and `node --version` says {version:?}. \
             Install a newer one (your system's backports, or a version manager such as nvm), and run this again."
        ),
    }
}

fn node_major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_are_read() {
        for (version, major) in [("v20.20.2", Some(20)), ("v8.1.0", Some(8)), ("", None), ("20", None)] {
            assert_eq!(node_major(version), major, "{version:?}");
        }
    }

    #[test]
    fn every_package_has_a_name_everywhere() {
        for package in PACKAGES {
            assert!(!package.programs.is_empty() && !package.apt.is_empty());
            for name in [package.dnf, package.pacman, package.brew] {
                assert!(!name.is_empty(), "{:?}", package.need);
            }
        }
    }
}
