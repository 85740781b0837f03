//! One message as it is kept, and what may be done to it by whom: corrections, retractions, reactions.
//!
//! It knows the message and who wrote it. It doesn't know where an edit came from: live, from another client, out of
//! the archive, or from this session itself; all of them are the same here, and the same one may come twice.

use std::collections::BTreeMap;

use protocol::{
    Direction, Jid, Message, MessageId, MessageKind, OccupantId, Reaction, Retraction, TimestampMs,
};

/// The most people whose reactions to one message are kept.
const MAX_REACTING: usize = 500;
/// The most other ids by which a message is known.
const MAX_ALIASES: usize = 64;

/// Whose a message is, where it matters: only they may correct it or take it back.
///
/// The bare JID in a conversation between two, since any of a person's clients speaks for them. In a room the nickname
/// proves nothing, and it is the occupant id (XEP-0421), or the occupant's JID where the room gives no such ids.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Author(String);

impl Author {
    /// A person in a conversation between two.
    pub(super) fn person(from: &Jid) -> Self {
        Author(from.bare().as_str().to_owned())
    }

    /// Somebody whom a room has a name for, whatever nickname they take.
    pub(super) fn occupant(id: &OccupantId) -> Self {
        Author(format!("/{}", id.0))
    }

    /// Somebody who goes by this nickname, for as long as they stay: `None` for what was said before the person came.
    pub(super) fn nickname(address: &Jid, stay: Option<u64>) -> Self {
        match stay {
            Some(stay) => Author(format!("/{stay}/{}", address.bare())),
            None => Author(address.as_str().to_owned()),
        }
    }
}

/// A message that is kept, and what is to be known of it besides.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) message: Message,
    pub(super) author: Author,
    /// Its author wants to know when it was seen.
    pub(super) markable: bool,
    /// It names the person, in a room.
    pub(super) names_person: bool,
    /// Other ids by which it is known: its origin-id, those of its corrections.
    pub(super) aliases: Vec<MessageId>,
    reactions: Vec<Reacted>,
}

/// One person's reactions.
#[derive(Debug, Clone)]
struct Reacted {
    author: Author,
    shown: Jid,
    emojis: Vec<String>,
    at_ms: TimestampMs,
}

/// Something that is done to a message.
#[derive(Debug, Clone)]
pub(super) struct Edit {
    /// Which message, by any of its ids.
    pub(super) target: MessageId,
    /// The id of the edit itself: by it the same one is known again.
    pub(super) id: Option<MessageId>,
    /// Who does it.
    pub(super) author: Author,
    /// Who is shown to do it.
    pub(super) shown: Jid,
    pub(super) at_ms: TimestampMs,
    pub(super) change: Change,
}

/// What is done.
#[derive(Debug, Clone)]
pub(super) enum Change {
    /// The message says this instead. Where there is nothing that it could take the place of, it stands for itself.
    Correct(Box<Line>),
    /// It is taken back.
    Retract,
    /// These are all of somebody's reactions.
    React(Vec<String>),
}

impl Line {
    pub(super) fn new(message: Message, author: Author, markable: bool) -> Self {
        Line { message, author, markable, names_person: false, aliases: Vec::new(), reactions: Vec::new() }
    }

    /// Somebody else wrote it, and it counts as unread until it is seen.
    pub(super) fn is_countable(&self) -> bool {
        self.message.direction == Direction::Incoming
            && self.message.kind != MessageKind::Headline
            && self.message.retraction.is_none()
    }

    /// Both are the same message. The archive's id settles it; without one, the author's id does, for the author's own
    /// messages alone: an id is as its author chose it, and two people may choose the same.
    pub(super) fn is(&self, other: &Line) -> bool {
        match (&self.message.archive_id, &other.message.archive_id) {
            (Some(a), Some(b)) => a == b,
            // What was said in a room, or in private by somebody there, has no author for sure when it is told again; under
            // its id, nickname and text it is no news.
            _ if other.message.sender.is_some() && other.message.delayed => {
                let (a, b) = (&self.message, &other.message);
                a.id == b.id && (self.author == other.author || a.from == b.from && a.body == b.body)
            }
            _ => self.message.id == other.message.id && self.author == other.author,
        }
    }

    /// An edit means this message: by its id, and for all but reactions by its author.
    pub(super) fn is_meant_by(&self, edit: &Edit) -> bool {
        // A room names messages by its archive, since two people's ids may be the same (XEP-0424 section 4.1).
        let is_of_room = self.message.kind == MessageKind::Groupchat;
        let archive_id = self.message.archive_id.as_ref().filter(|_| is_of_room);
        let is_named = self.message.id == edit.target
            || self.aliases.contains(&edit.target)
            || archive_id.is_some_and(|id| id.0 == edit.target.as_str());
        is_named && (matches!(edit.change, Change::React(_)) || self.author == edit.author)
    }

    /// It is known by this id too.
    pub(super) fn also_known_as(&mut self, id: Option<MessageId>) {
        if let Some(id) = id
            && self.aliases.len() < MAX_ALIASES
            && self.message.id != id
            && !self.aliases.contains(&id)
        {
            self.aliases.push(id);
        }
    }

    /// Takes over what another telling of the same message knows better.
    pub(super) fn learn(&mut self, other: Line) {
        self.message.archive_id = other.message.archive_id.or_else(|| self.message.archive_id.take());
        if let Some(retraction) = other.message.retraction {
            self.retract(retraction);
        }
    }

    /// Does what an edit says, which must mean this message. False if that is no news.
    pub(super) fn apply(&mut self, edit: &Edit) -> bool {
        if self.message.retraction.is_some() {
            return false;
        }
        match &edit.change {
            Change::Retract => {
                self.retract(Retraction { at_ms: edit.at_ms, by: None, reason: None });
                true
            }
            Change::Correct(line) => {
                // The same correction again, out of the archive.
                if edit.id.as_ref().is_some_and(|id| self.aliases.contains(id)) {
                    return false;
                }
                self.also_known_as(edit.id.clone());
                if self.message.edited_at_ms.is_some_and(|last| last > edit.at_ms) {
                    return false;
                }
                self.correct(&line.message, edit.at_ms);
                self.names_person = line.names_person;
                true
            }
            Change::React(emojis) => self.react(edit, emojis),
        }
    }

    fn correct(&mut self, by: &Message, at_ms: TimestampMs) {
        self.message.body.clone_from(&by.body);
        self.message.action = by.action;
        self.message.unstyled = by.unstyled;
        self.message.files.clone_from(&by.files);
        self.message.mentions.clone_from(&by.mentions);
        self.message.data.clone_from(&by.data);
        // What a message answers does not change; not every client says it again.
        if by.reply_to.is_some() {
            self.message.reply_to.clone_from(&by.reply_to);
        }
        self.message.edited_at_ms = Some(at_ms);
    }

    /// Empties it.
    pub(super) fn retract(&mut self, retraction: Retraction) {
        self.reactions.clear();
        let message = &mut self.message;
        message.body = String::new();
        message.action = false;
        message.unstyled = false;
        message.reply_to = None;
        message.edited_at_ms = None;
        message.files.clear();
        message.mentions.clear();
        message.reactions.clear();
        message.data = None;
        message.retraction = Some(retraction);
    }

    fn react(&mut self, edit: &Edit, emojis: &[String]) -> bool {
        let is_full = self.reactions.len() >= MAX_REACTING;
        match self.reactions.iter_mut().find(|reacted| reacted.author == edit.author) {
            // The latest of somebody's sets counts, in whatever order they arrive.
            Some(reacted) if reacted.at_ms > edit.at_ms || reacted.emojis == emojis => return false,
            Some(reacted) => {
                reacted.emojis = emojis.to_vec();
                reacted.at_ms = edit.at_ms;
            }
            None if is_full => return false,
            None => {
                self.reactions.push(Reacted {
                    author: edit.author.clone(),
                    shown: edit.shown.clone(),
                    emojis: emojis.to_vec(),
                    at_ms: edit.at_ms,
                });
                if emojis.is_empty() {
                    return false;
                }
            }
        }
        self.message.reactions = self.summary();
        true
    }

    /// Somebody's reactions.
    pub(super) fn reactions_of(&self, author: &Author) -> &[String] {
        let reacted = self.reactions.iter().find(|reacted| reacted.author == *author);
        reacted.map(|reacted| reacted.emojis.as_slice()).unwrap_or_default()
    }

    /// Each emoji once, in the order in which they came, with who chose it.
    fn summary(&self) -> Vec<Reaction> {
        let mut order: Vec<Reaction> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for reacted in &self.reactions {
            for emoji in &reacted.emojis {
                let at = *places.entry(emoji).or_insert_with(|| {
                    order.push(Reaction { emoji: emoji.clone(), from: Vec::new() });
                    order.len() - 1
                });
                if let Some(reaction) = order.get_mut(at) {
                    reaction.from.push(reacted.shown.clone());
                }
            }
        }
        order
    }

    /// How much of the store it takes, about.
    pub(super) fn bytes(&self) -> usize {
        let files: usize = self.message.files.iter().map(|file| file.url.len() + 256).sum();
        self.message.body.len() + self.message.data.as_deref().map_or(0, str::len) + files
    }
}
