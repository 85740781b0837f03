//! The person themselves: what they are called, and how they want to be seen.

use protocol::{Event, Presence, SetPresence};

use super::{Effect, Machine, text};
use crate::session::account::AccountCommand;
use crate::session::command::SessionError;
use crate::xmpp::Outgoing;

/// The longest status text in bytes.
const MAX_STATUS_BYTES: usize = protocol::MAX_STATUS_BYTES;

impl Machine {
    pub(super) fn account_command(&mut self, command: AccountCommand) {
        match command {
            AccountCommand::Presence { reply } => {
                let presence = self.own_presence();
                self.answer(reply, presence);
            }
            AccountCommand::SetPresence { presence, reply } => {
                let result = self.set_presence(presence);
                self.answer(reply, result);
            }
        }
    }

    pub(super) fn set_name(&mut self, name: Option<String>) {
        if self.name != name {
            self.name = name;
            let name = self.display_name();
            self.publish(Event::OwnNameChanged { name });
        }
    }

    pub(super) fn display_name(&self) -> String {
        let address = || self.jid.local().unwrap_or(self.jid.as_str()).to_owned();
        self.name.clone().unwrap_or_else(address)
    }

    pub(super) fn own_presence(&self) -> Presence {
        Presence {
            availability: self.presence.availability,
            status: self.presence.status.clone(),
            since_ms: None,
        }
    }

    pub(super) fn set_presence(&mut self, presence: SetPresence) -> Result<(), SessionError> {
        let SetPresence { availability, status } = presence;
        let status = status.filter(|status| !status.trim().is_empty());
        if let Some(status) = &status {
            if status.len() > MAX_STATUS_BYTES {
                return Err(SessionError::StatusTooLong);
            }
            if !text::is_xml(status) {
                return Err(SessionError::UnsupportedCharacter);
            }
        }
        let presence = SetPresence { availability, status };
        if presence == self.presence {
            return Ok(());
        }
        self.presence = presence;
        if self.is_online() {
            self.send_presence();
            self.present_in_rooms();
        }
        let presence = self.own_presence();
        self.publish(Event::OwnPresenceChanged { presence });
        Ok(())
    }

    pub(super) fn send_presence(&mut self) {
        let SetPresence { availability, status } = self.presence.clone();
        self.effects.push(Effect::Send(Outgoing::Presence {
            availability,
            status,
            photo: self.photo.clone(),
        }));
    }
}
