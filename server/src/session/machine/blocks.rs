//! Whom the person has blocked (XEP-0191), as the server has it.

use std::collections::BTreeSet;

use protocol::{BareJid, Event, Jid};

use super::{Answering, Asked, Machine};
use crate::session::blocks::BlocksCommand;
use crate::session::command::{Reply, SessionError};
use crate::xmpp::{
    Answer as Answered, Block, BlockChange, FetchBlocks, Request, RequestError, StanzaError, Unblock,
};

/// Who is blocked, as far as it is known.
#[derive(Debug, Default)]
pub(super) enum Blocks {
    /// Nothing has been said yet.
    #[default]
    Unknown,
    /// The server can't block.
    Unsupported,
    /// These are.
    Known(BTreeSet<Jid>),
}

/// What a question about blocks was for.
#[derive(Debug)]
pub(super) enum AskedOfBlocks {
    /// The list, on a new stream.
    List,
    /// The list, for somebody who came before it.
    Show { reply: Reply<Result<protocol::Blocks, SessionError>> },
    /// The person changes it.
    Change { change: BlockChange, reply: Reply<Result<(), SessionError>> },
}

impl Blocks {
    /// Everybody who is blocked, sorted.
    pub(super) fn all(&self) -> Vec<Jid> {
        match self {
            Blocks::Known(jids) => jids.iter().cloned().collect(),
            Blocks::Unknown | Blocks::Unsupported => Vec::new(),
        }
    }

    /// This very address is blocked.
    pub(super) fn has(&self, jid: &Jid) -> bool {
        matches!(self, Blocks::Known(jids) if jids.contains(jid))
    }

    /// They are blocked, by their own address or by their domain's.
    pub(super) fn covers(&self, jid: &BareJid) -> bool {
        let Blocks::Known(jids) = self else { return false };
        // The common case costs nothing.
        !jids.is_empty()
            && (jids.contains(&Jid::from(jid.clone()))
                || jid.domain().parse::<Jid>().is_ok_and(|domain| jids.contains(&domain)))
    }
}

impl Machine {
    pub(super) fn blocks_command(&mut self, command: BlocksCommand) {
        let (request, change, reply) = match command {
            BlocksCommand::Blocks { reply } => {
                if matches!(self.blocks, Blocks::Unknown) && self.is_online() {
                    let asked = Asked::Blocks(AskedOfBlocks::Show { reply });
                    return self.ask(Request::FetchBlocks(FetchBlocks), asked);
                }
                let result = self.list_blocks();
                return self.answer(reply, result);
            }
            BlocksCommand::Block { jid, reply } => {
                let change = BlockChange::Blocked(vec![jid.clone()]);
                (Request::Block(Block { jid }), change, reply)
            }
            BlocksCommand::Unblock { jid, reply } => {
                let change = match jid.clone() {
                    Some(jid) => BlockChange::Unblocked(vec![jid]),
                    None => BlockChange::AllUnblocked,
                };
                (Request::Unblock(Unblock { jid }), change, reply)
            }
        };
        if !self.is_online() {
            return self.answer(reply, Err(SessionError::Offline));
        }
        self.ask(request, Asked::Blocks(AskedOfBlocks::Change { change, reply }));
    }

    /// A new stream: the server tells of changes only to those who have asked for the list.
    pub(super) fn fetch_blocks(&mut self) {
        self.ask(Request::FetchBlocks(FetchBlocks), Asked::Blocks(AskedOfBlocks::List));
    }

    pub(super) fn blocks_answered(&mut self, asked: AskedOfBlocks, result: Answering) {
        match (asked, result) {
            (AskedOfBlocks::List, result) => self.blocks_listed(result),
            (AskedOfBlocks::Show { reply }, result) => {
                self.blocks_listed(result);
                let result = self.list_blocks();
                self.answer(reply, result);
            }
            (AskedOfBlocks::Change { change, reply }, Ok(_)) => {
                // The push that tells of it may have come already, and may come yet.
                self.blocks_changed(change);
                self.answer(reply, Ok(()));
            }
            (AskedOfBlocks::Change { reply, .. }, Err(error)) => self.answer(reply, Err(error.into())),
        }
    }

    fn blocks_listed(&mut self, result: Answering) {
        match result {
            Ok(Answered::Blocks(jids)) => {
                let before = self.blocks.all();
                self.blocks = Blocks::Known(jids.into_iter().collect());
                let blocks = self.blocks.all();
                if blocks != before {
                    self.publish(Event::BlocksReplaced { blocks });
                }
            }
            Err(RequestError::Refused(_)) => self.blocks = Blocks::Unsupported,
            // What is known of them still holds, as far as anybody knows.
            Ok(_) | Err(_) => {}
        }
    }

    fn list_blocks(&self) -> Result<protocol::Blocks, SessionError> {
        match &self.blocks {
            Blocks::Known(_) => Ok(protocol::Blocks { blocks: self.blocks.all() }),
            Blocks::Unsupported => Err(RequestError::Refused(StanzaError::Unsupported).into()),
            Blocks::Unknown => Err(SessionError::Offline),
        }
    }

    /// Somebody was blocked or unblocked, by whichever client of the person's.
    pub(super) fn blocks_changed(&mut self, change: BlockChange) {
        let Blocks::Known(known) = &mut self.blocks else { return };
        let (mut events, mut is_more) = (Vec::new(), false);
        match change {
            BlockChange::Blocked(jids) => {
                let new = jids.into_iter().filter(|jid| known.insert(jid.clone()));
                events.extend(new.map(|jid| Event::JidBlocked { jid }));
                is_more = true;
            }
            BlockChange::Unblocked(jids) => {
                let gone = jids.into_iter().filter(|jid| known.remove(jid));
                events.extend(gone.map(|jid| Event::JidUnblocked { jid }));
            }
            BlockChange::AllUnblocked => {
                if !std::mem::take(known).is_empty() {
                    events.push(Event::BlocksReplaced { blocks: Vec::new() });
                }
            }
        }
        for event in events {
            self.publish(event);
        }
        if is_more {
            self.forget_blocked();
        }
    }

    /// What those who are blocked do is not known from now on, and what they ask needs no answer.
    fn forget_blocked(&mut self) {
        for jid in self.requests.jids() {
            if self.blocks.covers(&jid) {
                self.close_request(jid);
            }
        }
        let blocks = &self.blocks;
        for event in self.contacts.forget_presence_of(|jid| blocks.covers(jid)) {
            self.publish(event);
        }
    }
}
