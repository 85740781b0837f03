//! A room as Prosody keeps it: what it is, what was said in it, and the notes by which people are in it always.

use std::fmt::Write as _;
use std::{fs, io};

use super::{Prepared, store};
use crate::demo::lua;
use protocol::TimestampMs;

/// A room that is there before anybody comes. Everybody in it sees everybody's address.
#[derive(Debug, Clone)]
pub struct Room {
    /// The part of its address before the `@`.
    pub name: String,
    /// What it calls itself.
    pub title: String,
    /// What it is about.
    pub subject: String,
    /// Who is what to it: name and affiliation, in Prosody's words.
    pub affiliations: Vec<(String, String)>,
    /// Who is in it whenever they are signed in: name and nickname.
    pub regulars: Vec<(String, String)>,
    /// What was said in it.
    pub said: Vec<SaidInRoom>,
}

/// Something that was said in a room.
#[derive(Debug, Clone)]
pub struct SaidInRoom {
    /// By whom: the part of their address before the `@`.
    pub from: String,
    /// Under which nickname.
    pub nick: String,
    /// When.
    pub at_ms: TimestampMs,
    /// What.
    pub body: String,
}

/// Writes a room, unless it is there.
///
/// # Errors
/// When a file can't be written.
pub fn seed_room(prosody: &Prepared, room: &Room) -> io::Result<()> {
    let domain = prosody.domain();
    let host = format!("rooms.{domain}");
    let jid = format!("{}@{host}", room.name);
    let config = store(prosody, &host, "config", &room.name, "dat")?;
    if config.exists() {
        return Ok(());
    }
    fs::write(config, description(room, &jid, domain))?;
    fs::write(store(prosody, &host, "muc_log", &room.name, "list")?, archive(room, &jid, domain))?;
    let all = prosody.data_folder().join(lua::path(&host)).join("persistent.dat");
    if !all.exists() {
        fs::write(all, format!("return {{ [{}] = true; }};\n", lua::string(&jid)))?;
    }
    for (name, nick) in &room.regulars {
        let notes = store(prosody, domain, "private", name, "dat")?;
        if !notes.exists() {
            fs::write(notes, bookmark(&jid, &room.title, nick))?;
        }
    }
    Ok(())
}

fn description(room: &Room, jid: &str, domain: &str) -> String {
    let mut text = format!(
        "return {{ [\"_jid\"] = {}; [\"_data\"] = {{ [\"name\"] = {}; [\"subject\"] = {}; [\"subject_from\"] = {}; \
         [\"persistent\"] = true; [\"whois\"] = \"anyone\"; }}; [\"_affiliation_data\"] = {{}};",
        lua::string(jid),
        lua::string(&room.title),
        lua::string(&room.subject),
        lua::string(jid),
    );
    for (name, affiliation) in &room.affiliations {
        let _ =
            write!(text, " [{}] = {};", lua::string(&format!("{name}@{domain}")), lua::string(affiliation));
    }
    text.push_str(" };\n");
    text
}

fn archive(room: &Room, jid: &str, domain: &str) -> String {
    let mut text = String::new();
    for (number, said) in room.said.iter().enumerate() {
        let _ = writeln!(
            text,
            "item({{ [\"name\"] = \"message\"; [\"attr\"] = {{ [\"from\"] = {from}; [\"type\"] = \"groupchat\"; [\"id\"] = {id}; }}; \
             {{ [\"name\"] = \"body\"; [\"attr\"] = {{}}; {body}; }}; \
             {{ [\"name\"] = \"x\"; [\"attr\"] = {{ [\"xmlns\"] = \"http://jabber.org/protocol/muc#user\"; }}; \
             {{ [\"name\"] = \"item\"; [\"attr\"] = {{ [\"xmlns\"] = \"http://jabber.org/protocol/muc#user\"; [\"jid\"] = {who}; }}; }}; }}; \
             [\"when\"] = {when}; [\"with\"] = \"message<groupchat\"; [\"key\"] = {key}; }});",
            from = lua::string(&format!("{jid}/{}", said.nick)),
            id = lua::string(&format!("then-{}-{}", said.at_ms, said.from)),
            body = lua::string(&said.body),
            who = lua::string(&format!("{}@{domain}", said.from)),
            when = said.at_ms / 1000,
            key = lua::string(&format!("seed-{number:05}")),
        );
    }
    text
}

/// In the private storage (XEP-0048): Prosody takes it over into bookmarks of its own at the first sign-in.
fn bookmark(jid: &str, title: &str, nick: &str) -> String {
    format!(
        "return {{ [\"storage:storage:bookmarks\"] = {{ [\"name\"] = \"storage\"; [\"attr\"] = {{ [\"xmlns\"] = \"storage:bookmarks\"; }}; \
         {{ [\"name\"] = \"conference\"; [\"attr\"] = {{ [\"xmlns\"] = \"storage:bookmarks\"; [\"jid\"] = {}; [\"name\"] = {}; [\"autojoin\"] = \"true\"; }}; \
         {{ [\"name\"] = \"nick\"; [\"attr\"] = {{ [\"xmlns\"] = \"storage:bookmarks\"; }}; {}; }}; }}; }}; }};\n",
        lua::string(jid),
        lua::string(title),
        lua::string(nick),
    )
}
