//! The gateway as it is run: the `sparkweb` program, in a process that can be killed.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use server::task::OwnedTask;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::{Caller, DOMAIN, client, secrets, within};

/// A gateway in a process of its own, which ends with this.
#[derive(Debug)]
pub(crate) struct Served {
    child: Child,
    pub(crate) address: SocketAddr,
    log: Arc<Mutex<String>>,
    _reader: OwnedTask<()>,
}

impl Served {
    /// Starts `sparkweb serve` before the XMPP server at a port of this machine, and waits until it listens.
    pub(crate) async fn start(xmpp_port: u16, ca_file: &Path) -> Self {
        Self::start_with(xmpp_port, ca_file, &[]).await
    }

    /// The same, with settings of the test's own.
    pub(crate) async fn start_with(xmpp_port: u16, ca_file: &Path, settings: &[(&str, &str)]) -> Self {
        let mut child = serve(xmpp_port, ca_file, settings)
            .spawn()
            .unwrap_or_else(|error| panic!("`{}` does not start: {error}", program().display()));
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(String::new()));
        let address = within("the gateway's address", async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if let Some((_, address)) = line.split_once("local_addr=") {
                    return address.trim().parse().unwrap();
                }
                log.lock().unwrap().push_str(&line);
            }
            panic!("the gateway ended: {}", log.lock().unwrap());
        })
        .await;
        let written = Arc::clone(&log);
        let reader = OwnedTask::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let mut log = written.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        Served { child, address, log, _reader: reader }
    }

    /// What one says that does not start with these settings.
    pub(crate) async fn refusal(xmpp_port: u16, ca_file: &Path, settings: &[(&str, &str)]) -> String {
        let ended = within("the gateway's end", serve(xmpp_port, ca_file, settings).output()).await.unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        secrets::keep_log(&said);
        assert!(!ended.status.success(), "{said}");
        said
    }

    /// SIGHUP.
    pub(crate) async fn hang_up(&self) {
        self.signal("-HUP").await;
    }

    /// Has it end as it ends when it is told to.
    pub(crate) async fn stop(mut self) {
        self.signal("-TERM").await;
        let ended = within("the gateway's end", self.child.wait()).await.unwrap();
        let log = self.log();
        assert!(ended.success() && !log.contains(" ERROR ") && !log.contains("panicked"), "{log}");
    }

    async fn signal(&self, which: &str) {
        let id = self.child.id().expect("it was not waited for").to_string();
        let told = Command::new("kill").args([which, &id]).status();
        assert!(within("kill", told).await.unwrap().success());
    }

    /// Waits until it has logged something so many times.
    pub(crate) async fn logs(&self, what: &str, times: usize) {
        within(format!("`{what}` in the log, {times} times"), async {
            while self.log().matches(what).count() < times {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    /// SIGKILL: it has no time for anything.
    pub(crate) async fn kill(&mut self) {
        assert!(self.is_alive(), "the gateway had ended by itself:\n{}", self.log());
        self.child.kill().await.unwrap();
        let log = self.log();
        assert!(!log.contains(" ERROR ") && !log.contains("panicked"), "{log}");
    }

    /// Somebody who is signed in there.
    pub(crate) async fn sign_in(&self, name: &str) -> Caller {
        Caller::sign_in(&client().build().unwrap(), &format!("http://{}", self.address), name).await
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        secrets::keep_log(&self.log());
    }
}

fn serve(xmpp_port: u16, ca_file: &Path, settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(program());
    command
        .arg("serve")
        .env("NO_COLOR", "1")
        .env("SPARKWEB_LOG", "warn,server=trace")
        .env("SPARKWEB_LISTEN", "127.0.0.1:0")
        .env("SPARKWEB_XMPP__DOMAIN", DOMAIN)
        .env("SPARKWEB_XMPP__SERVER", format!("localhost:{xmpp_port}"))
        .env("SPARKWEB_XMPP__CA_FILE", ca_file)
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// `SPARKWEB_BIN`, or what Cargo built beside this test.
fn program() -> PathBuf {
    let beside = || std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("sparkweb");
    std::env::var_os("SPARKWEB_BIN").map_or_else(beside, PathBuf::from)
}
