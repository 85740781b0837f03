//! Every secret that a test uses or is given, noted for `cargo xtask test`, which looks for them at the end in all that the
//! gateways have logged and kept.
//!
//! Where `CANARY_RUN` names a folder, `secrets` in it has them, one on a line, in hex, and what each is; `logs` and
//! `stores` have what they must not be in. Where it doesn't, nothing is noted.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::Value;
use server::config::Config;

use super::sealed;

/// What is shorter might stand anywhere.
const LEAST_BYTES: usize = 8;

/// The fields of answers that hold secrets, or lists of them, and what these are.
const FIELDS: [(&str, &str); 10] = [
    ("access_token", "access token"),
    ("refresh_token", "refresh token"),
    ("pending_token", "token of a sign-in under way"),
    ("token", "token"),
    ("ticket", "ticket"),
    ("secret", "secret of an app"),
    ("uri", "secret of an app"),
    ("codes", "recovery code"),
    ("recovery_codes", "recovery code"),
    ("recoveryCodes", "recovery code"),
];

fn run() -> Option<&'static Path> {
    static RUN: OnceLock<Option<PathBuf>> = OnceLock::new();
    RUN.get_or_init(|| std::env::var_os("CANARY_RUN").map(PathBuf::from)).as_deref()
}

/// Notes one, and what it is.
pub(crate) fn note(kind: &str, secret: impl AsRef<[u8]>) {
    static NOTED: OnceLock<Mutex<HashSet<Vec<u8>>>> = OnceLock::new();
    let (Some(run), secret) = (run(), secret.as_ref()) else { return };
    let mut noted = NOTED.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if secret.len() < LEAST_BYTES || !noted.insert(secret.to_vec()) {
        return;
    }
    fs::create_dir_all(run).unwrap();
    let mut file = OpenOptions::new().create(true).append(true).open(run.join("secrets")).unwrap();
    // At once, so that lines of two processes are not mixed.
    let line: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    file.write_all(format!("{line} {kind}\n").as_bytes()).unwrap();
}

/// Notes those of an answer.
pub(super) fn note_those_of(body: &str) {
    if run().is_some()
        && FIELDS.iter().any(|(field, _)| body.contains(field))
        && let Ok(value) = serde_json::from_str(body)
    {
        walk(&value);
    }
}

/// Notes those of all answers in what came over a wire, as programs get them that are not ours. Says how many there were.
pub(super) fn note_those_in(bytes: &[u8]) -> usize {
    let behind = |name: String| {
        let places =
            bytes.windows(name.len()).enumerate().filter(move |(_, window)| *window == name.as_bytes());
        places.map(|(at, window)| &bytes[at + window.len()..])
    };
    let mut count = 0;
    for (field, kind) in FIELDS {
        for rest in behind(format!("\"{field}\":")) {
            // What follows is the value, and then the rest of the answer.
            if let Ok(value) = Value::deserialize(&mut serde_json::Deserializer::from_slice(rest)) {
                note_texts(kind, &value);
                count += usize::from(value.is_string() || value.is_array());
            }
        }
    }
    for rest in behind("set-cookie: __Host-sparkweb=".to_owned()) {
        let end = rest.iter().position(|byte| matches!(byte, b';' | b'\r')).unwrap_or(rest.len());
        note("cookie", &rest[..end]);
        count += 1;
    }
    count
}

fn walk(value: &Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if let Some((_, kind)) = FIELDS.iter().find(|(field, _)| field == name) {
                    note_texts(kind, value);
                }
                walk(value);
            }
        }
        Value::Array(items) => items.iter().for_each(walk),
        _ => {}
    }
}

fn note_texts(kind: &str, value: &Value) {
    match value {
        Value::String(text) => note_token(kind, text),
        Value::Array(items) => items.iter().for_each(|item| note_texts(kind, item)),
        _ => {}
    }
}

/// Notes a token. Of one that is signed, the signature alone would do.
pub(crate) fn note_token(kind: &str, token: &str) {
    note(kind, token);
    note(kind, token.rsplit('.').next().unwrap_or_default());
}

/// Notes what the store of a gateway with these settings has sealed by now, and the keys by which it is.
pub(crate) async fn note_sealed(config: &Config) {
    let (Some(_), Some(url), Some(keys)) = (run(), &config.store.url, &config.store.key_file) else { return };
    sealed::note(url.expose_secret(), &fs::read_to_string(keys).unwrap()).await;
}

/// Hands over what was logged.
pub(crate) fn keep_log(text: &str) {
    if let Some(run) = run() {
        fs::write(fresh(&run.join("logs"), "log"), text).unwrap();
    }
}

/// Hands over the files of a store, as they are at the moment: the database, and what lies beside it.
pub(crate) fn keep_store(file: &Path) {
    let (Some(_), Some(folder), Some(name)) = (run(), file.parent(), file.file_name()) else { return };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(name.as_encoded_bytes()) {
            keep_file(&entry.path());
        }
    }
}

/// Hands over what lies in a folder that a database writes to.
pub(crate) fn keep_folder(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_file() {
            keep_file(&entry.path());
        }
    }
}

/// Hands over a file that holds what a store does.
pub(crate) fn keep_file(file: &Path) {
    let Some(run) = run() else { return };
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    // By a program of its own: to open a database here and close it would end the locks that the gateway's SQLite has on it.
    let copied = Command::new("cp").arg(file).arg(fresh(&run.join("stores"), &name)).output().unwrap();
    // What SQLite has written ahead may be in its database by now.
    let is_gone = || fs::exists(file).is_ok_and(|is_there| !is_there);
    assert!(copied.status.success() || is_gone(), "{}", String::from_utf8_lossy(&copied.stderr));
}

/// A file that nobody else writes, with this at the end of its name.
fn fresh(folder: &Path, name: &str) -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    fs::create_dir_all(folder).unwrap();
    folder.join(format!("{}-{}-{name}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst)))
}

/// What there is to look through when a test has ended: the store of its gateway, and what its Prosody has of passwords.
#[derive(Debug)]
pub(super) struct Remains {
    pub(super) store: Option<PathBuf>,
    pub(super) accounts: PathBuf,
}

impl Remains {
    /// Hands over the store as it is at the moment.
    pub(super) fn keep_store(&self) {
        if let Some(file) = &self.store {
            keep_store(file);
        }
    }
}

impl Drop for Remains {
    fn drop(&mut self) {
        if run().is_none() {
            return;
        }
        self.keep_store();
        for entry in fs::read_dir(&self.accounts).into_iter().flatten().flatten() {
            let path = entry.path();
            if let (Some(name), Ok(account)) = (path.file_stem(), fs::read_to_string(&path)) {
                note_keys(&account, &super::password(&name.to_string_lossy()));
            }
        }
    }
}

/// Notes what there is of somebody's password at Prosody: the keys that SCRAM makes of it (RFC 5802 section 3).
fn note_keys(account: &str, password: &str) {
    let value = |key: &str| {
        let at = account.find(&format!("\"{key}\""))?;
        Some(account[at..].split('=').nth(1)?.split(';').next()?.trim().trim_matches('"').to_owned())
    };
    for key in ["stored_key", "server_key"] {
        if let Some(hex) = value(key) {
            note("key of a password", unhex(&hex));
        }
    }
    if let (Some(salt), Some(count)) = (value("salt"), value("iteration_count"))
        && let Some(count) = count.parse().ok().and_then(std::num::NonZeroU32::new)
    {
        let mut salted = [0; 20];
        let algorithm = aws_lc_rs::pbkdf2::PBKDF2_HMAC_SHA1;
        aws_lc_rs::pbkdf2::derive(algorithm, count, salt.as_bytes(), password.as_bytes(), &mut salted);
        note("key of a password", salted);
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}
