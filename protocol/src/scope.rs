//! What a token allows.

use serde::{Deserialize, Serialize};

/// Something that may be done. Every operation of the API names the one that it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// See the session: snapshot, events, roster, presence, history, avatars.
    Read,
    /// Send messages and typing notices, and mark messages read.
    Send,
    /// Set the person's presence.
    Presence,
    /// See sign-ins, end them, and make tokens.
    SignIns,
    /// Edit the contact list, answer those who want to be on it, block.
    Contacts,
    /// Go into rooms and out of them, and do there what the room allows.
    Rooms,
    /// Say what the person says of themselves, and what they look like.
    Profile,
    /// Change the password, and remove the account.
    Account,
    /// Send and see stanzas as they are. No sign-in has it unless the gateway is set so.
    Raw,
    /// See what administrators see. Nobody has it who was not given it.
    Admin,
}

impl Scope {
    /// Each of them.
    pub const ALL: [Scope; 10] = [
        Scope::Read,
        Scope::Send,
        Scope::Presence,
        Scope::SignIns,
        Scope::Contacts,
        Scope::Rooms,
        Scope::Profile,
        Scope::Account,
        Scope::Raw,
        Scope::Admin,
    ];

    /// The word for it in a token's `scope` (RFC 6749 section 3.3).
    pub fn word(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Send => "send",
            Scope::Presence => "presence",
            Scope::SignIns => "sign-ins",
            Scope::Contacts => "contacts",
            Scope::Rooms => "rooms",
            Scope::Profile => "profile",
            Scope::Account => "account",
            Scope::Raw => "raw",
            Scope::Admin => "admin",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_in_tokens_and_in_json() {
        for scope in Scope::ALL {
            assert_eq!(serde_json::to_string(&scope).unwrap(), format!("\"{}\"", scope.word()));
        }
    }
}
