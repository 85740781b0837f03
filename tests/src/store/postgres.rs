//! A PostgreSQL of a test's own: its folder, and a socket in it in the place of a port.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use server::task::OwnedTask;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::app::{secrets, within};

/// Whom Debian's package makes. PostgreSQL refuses to be run by root.
const USER: &str = "postgres";

/// A PostgreSQL that runs; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Postgres {
    url: String,
    _child: Child,
    /// Reads what it says for as long as it runs, so that it never waits for a reader.
    _log: OwnedTask<()>,
    folder: TempDir,
}

impl Postgres {
    /// Starts one with an empty database, and waits until it takes connections.
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let programs = programs();
        give_away(folder.path()).await;
        let data = folder.path().join("data");
        let made = run(&programs.join("initdb"))
            .args(["--auth=trust", "--username=spark", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
            .arg(&data)
            .output();
        let made = within("initdb", made).await.unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut child = run(&programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(folder.path())
            // No port: nobody else can have it, and nobody else gets in. What is lost with the machine is the test's own.
            .args(["-c", "listen_addresses=", "-c", "fsync=off"])
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("PostgreSQL runs");
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        within("PostgreSQL's start", async {
            let mut log = String::new();
            while let Some(line) = lines.next_line().await.unwrap() {
                if line.contains("ready to accept connections") {
                    return;
                }
                log += &line;
            }
            panic!("PostgreSQL did not start:\n{log}");
        })
        .await;
        let reader = OwnedTask::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let url = format!("postgres:///postgres?user=spark&host={}", folder.path().display());
        Postgres { url, _child: child, _log: reader, folder }
    }

    /// For `store.url`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Writes all of it into a file, while it is used.
    pub(crate) async fn dump(&self, file: &Path) {
        client("pg_dump", &["--dbname", &self.url, "--file"], file).await;
    }

    /// Has all that is in such a file.
    pub(crate) async fn restore(&self, file: &Path) {
        let options = ["--dbname", &self.url, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file"];
        client("psql", &options, file).await;
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Whatever was written is in its log before it is anywhere else.
        secrets::keep_folder(&self.folder.path().join("data/pg_wal"));
    }
}

/// Runs a program that asks a PostgreSQL for something.
async fn client(program: &str, options: &[&str], file: &Path) {
    let mut command = Command::new(programs().join(program));
    command.args(options).arg(file).stdout(Stdio::null()).kill_on_drop(true);
    let ended = within(program, command.output()).await.unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}

/// Debian keeps its programs by version, off the `PATH`.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut found: Vec<PathBuf> = versions
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .filter(|folder| folder.join("initdb").exists())
        .collect();
    found.sort();
    let on_path = || {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).find(|folder| folder.join("initdb").exists())
    };
    found.pop().or_else(on_path).expect("PostgreSQL is installed: `cargo xtask setup` sees to it")
}

fn is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) == 0
}

/// A program as somebody who may run it; it ends with us, however we end.
fn run(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    if is_root() {
        command.args([format!("--reuid={USER}"), format!("--regid={USER}"), "--clear-groups".to_owned()]);
    }
    command.args(["--pdeathsig", "TERM"]).arg(program);
    command
}

async fn give_away(folder: &Path) {
    if is_root() {
        let mut command = Command::new("chown");
        let given = command.arg(format!("{USER}:")).arg(folder).status();
        assert!(within("chown", given).await.unwrap().success());
    }
}
