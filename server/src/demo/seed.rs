//! Filling a Prosody's data folder before it starts: accounts, rosters, archives, rooms.
//!
//! Written as Prosody's own `internal` storage writes it, because a message of last week can't be sent today. What is
//! there already is left alone, so that seeding twice is harmless.

mod room;

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::PathBuf;

use protocol::TimestampMs;

use super::lua;
use super::prosody::Prepared;

pub use room::{Room, SaidInRoom, seed_room};

/// An account and its roster.
#[derive(Debug, Clone)]
pub struct Account {
    /// The part before the `@`.
    pub name: String,
    /// The password.
    pub password: String,
    /// Contacts of the same domain: name, shown name, groups. Everybody sees everybody's presence.
    pub contacts: Vec<(String, String, Vec<String>)>,
}

/// Something that was said.
#[derive(Debug, Clone)]
pub struct Said {
    /// By whom.
    pub from: String,
    /// To whom.
    pub to: String,
    /// When.
    pub at_ms: TimestampMs,
    /// What.
    pub body: String,
}

/// Writes accounts and what they said to each other.
///
/// # Errors
/// When a file can't be written.
pub fn seed(prosody: &Prepared, accounts: &[Account], said: &[Said]) -> io::Result<()> {
    let domain = prosody.domain();
    for account in accounts {
        let file = store(prosody, domain, "accounts", &account.name, "dat")?;
        if file.exists() {
            continue;
        }
        fs::write(file, format!("return {{ [\"password\"] = {}; }};\n", lua::string(&account.password)))?;
        fs::write(store(prosody, domain, "roster", &account.name, "dat")?, roster(account, domain))?;
        let own: Vec<&Said> =
            said.iter().filter(|said| said.from == account.name || said.to == account.name).collect();
        if !own.is_empty() {
            fs::write(
                store(prosody, domain, "archive", &account.name, "list")?,
                archive(&account.name, domain, &own),
            )?;
        }
    }
    Ok(())
}

fn store(prosody: &Prepared, host: &str, name: &str, user: &str, extension: &str) -> io::Result<PathBuf> {
    let folder = prosody.data_folder().join(lua::path(host)).join(name);
    fs::create_dir_all(&folder)?;
    Ok(folder.join(format!("{}.{extension}", lua::path(user))))
}

fn roster(account: &Account, domain: &str) -> String {
    let mut text = "return {\n\t[false] = { [\"version\"] = 1; };\n".to_owned();
    for (name, shown, groups) in &account.contacts {
        let groups: String =
            groups.iter().map(|group| format!("[{}] = true; ", lua::string(group))).collect();
        let _ = writeln!(
            text,
            "\t[{}] = {{ [\"name\"] = {}; [\"subscription\"] = \"both\"; [\"groups\"] = {{ {groups}}}; }};",
            lua::string(&format!("{name}@{domain}")),
            lua::string(shown),
        );
    }
    text.push_str("};\n");
    text
}

fn archive(user: &str, domain: &str, said: &[&Said]) -> String {
    let mut text = String::new();
    for (number, said) in said.iter().enumerate() {
        let other = if said.from == user { &said.to } else { &said.from };
        let _ = writeln!(
            text,
            "item({{ [\"name\"] = \"message\"; [\"attr\"] = {{ [\"from\"] = {from}; [\"to\"] = {to}; [\"type\"] = \"chat\"; \
             [\"id\"] = {id}; }}; {{ [\"name\"] = \"body\"; [\"attr\"] = {{}}; {body}; }}; \
             [\"when\"] = {when}; [\"with\"] = {with}; [\"key\"] = {key}; }});",
            from = lua::string(&format!("{}@{domain}/then", said.from)),
            to = lua::string(&format!("{}@{domain}", said.to)),
            // The same in both archives, as it would be had it been sent.
            id = lua::string(&format!("then-{}-{}", said.at_ms, said.from)),
            body = lua::string(&said.body),
            when = said.at_ms / 1000,
            with = lua::string(&format!("{other}@{domain}")),
            key = lua::string(&format!("seed-{number:05}")),
        );
    }
    text
}
