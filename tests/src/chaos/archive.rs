//! Somebody's archive as slixmpp reads it.

use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::app::{jid, password};

/// All of it, oldest first, at the server at a port for STARTTLS.
pub(super) async fn read(name: &str, port: u16, ca_file: &Path) -> Vec<Value> {
    let python = std::env::var_os("SPARKWEB_TEST_PYTHON").unwrap_or_else(|| "python3".into());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/archive.py");
    let mut child = Command::new(python)
        .arg(script)
        .args([jid(name), port.to_string()])
        .arg(ca_file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(format!("{}\n", password(name)).as_bytes()).await.unwrap();
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    assert!(output.status.success(), "slixmpp could not read the archive");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
