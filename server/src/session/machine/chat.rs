//! What the person asks of a conversation, and what they do to messages in it: correct, take back, react.

use protocol::{
    ConversationId, Conversations, CorrectMessage, Direction, Event, Jid, MAX_REACTIONS, Message, MessageId,
    TimestampMs,
};

use super::Machine;
use super::content;
use super::conversations::Arrival;
use super::line::{Author, Change, Edit, Line};
use super::messages::is_action;
use crate::session::chat::{ChatCommand, SendError};
use crate::xmpp::{About, Content, is_reaction};

impl Machine {
    pub(super) fn chat_command(&mut self, now_ms: TimestampMs, command: ChatCommand) {
        match command {
            ChatCommand::SendMessage { conversation, message, wait, reply } => {
                self.send_message(now_ms, conversation, message, wait, reply);
            }
            ChatCommand::SetChatState { conversation, state, reply } => {
                self.send_chat_state(conversation, state);
                self.answer(reply, ());
            }
            ChatCommand::MarkRead { conversation, up_to, reply } => {
                self.mark_read(&conversation, &up_to);
                self.answer(reply, ());
            }
            ChatCommand::History { conversation, query, reply } => self.history(conversation, query, reply),
            ChatCommand::Correct { conversation, id, correction, reply } => {
                let result = self.correct(now_ms, &conversation, &id, correction);
                self.answer(reply, result);
            }
            ChatCommand::Retract { conversation, id, reply } => {
                let result = self.retract(now_ms, &conversation, &id);
                self.answer(reply, result);
            }
            ChatCommand::React { conversation, id, emojis, reply } => {
                let result = self.react(now_ms, &conversation, &id, emojis);
                self.answer(reply, result);
            }
            ChatCommand::SetDraft { conversation, text, reply } => {
                let result = self.set_draft(conversation, text);
                self.answer(reply, result);
            }
            ChatCommand::Draft { conversation, reply } => {
                let draft = self.draft(conversation);
                self.answer(reply, draft);
            }
            ChatCommand::List { reply } => {
                let conversations = Conversations { conversations: self.all_conversations() };
                self.answer(reply, conversations);
            }
            ChatCommand::Summary { conversation, reply } => {
                let summary = self.conversation(&conversation);
                self.answer(reply, summary);
            }
            ChatCommand::Close { conversation, reply } => {
                if self.conversations.remove(&conversation) {
                    self.publish(Event::ConversationRemoved { jid: conversation });
                }
                self.answer(reply, ());
            }
        }
    }

    fn correct(
        &mut self,
        now_ms: TimestampMs,
        conversation: &ConversationId,
        id: &MessageId,
        correction: CorrectMessage,
    ) -> Result<Message, SendError> {
        if self.is_blocked(conversation) {
            return Err(SendError::Blocked);
        }
        let mut message = self.own_message(conversation, id)?;
        let CorrectMessage { body, mentions } = correction;
        if message.body == body && message.mentions == mentions {
            return Ok(message);
        }
        message.mentions = content::check_mentions(&body, mentions)?;
        content::check_body(&body, &message.files, &message.mentions, None)?;
        // It was about the text that was there before.
        message.data = None;
        message.body = body;
        message.action = is_action(&message.body);
        message.edited_at_ms = Some(now_ms);

        let mut outgoing = self.bare_message(conversation.clone().into());
        outgoing.body = Some(message.body.clone());
        outgoing.quote = self.quote(conversation, message.reply_to.as_ref());
        outgoing.content = Content {
            about: Some(About::Correct(id.clone())),
            reply_to: message.reply_to.clone(),
            files: message.files.clone(),
            mentions: message.mentions.clone(),
            data: None,
            unstyled: message.unstyled,
        };
        let edit_id = outgoing.id.clone();
        self.post_edit(now_ms, conversation, outgoing)?;
        let line = Line::new(message, self.me(), false);
        self.apply_own(now_ms, conversation, id, edit_id, Change::Correct(Box::new(line)))
    }

    fn retract(
        &mut self,
        now_ms: TimestampMs,
        conversation: &ConversationId,
        id: &MessageId,
    ) -> Result<(), SendError> {
        match self.own_message(conversation, id) {
            Ok(_) => {}
            // What is gone is gone.
            Err(SendError::Retracted) => return Ok(()),
            Err(error) => return Err(error),
        }
        let mut outgoing = self.bare_message(conversation.clone().into());
        outgoing.content.about = Some(About::Retract(self.known_as(conversation, id)));
        let edit_id = outgoing.id.clone();
        self.post_edit(now_ms, conversation, outgoing)?;
        self.apply_own(now_ms, conversation, id, edit_id, Change::Retract).map(drop)
    }

    fn react(
        &mut self,
        now_ms: TimestampMs,
        conversation: &ConversationId,
        id: &MessageId,
        emojis: Vec<String>,
    ) -> Result<Message, SendError> {
        if self.is_blocked(conversation) {
            return Err(SendError::Blocked);
        }
        let mut chosen: Vec<String> = Vec::new();
        for emoji in emojis {
            if !is_reaction(&emoji) {
                return Err(SendError::Content("a reaction must be an emoji of at most 64 bytes"));
            }
            if !chosen.contains(&emoji) {
                chosen.push(emoji);
            }
        }
        if chosen.len() > MAX_REACTIONS {
            return Err(SendError::Content("there may be 20 different reactions at the most"));
        }
        let line = self.conversations.find(conversation, id, None).ok_or(SendError::NoSuchMessage)?;
        if line.message.retraction.is_some() {
            return Err(SendError::Retracted);
        }
        if line.reactions_of(&self.me()) == chosen {
            return Ok(line.message.clone());
        }
        let mut outgoing = self.bare_message(conversation.clone().into());
        outgoing.content.about =
            Some(About::React { to: self.known_as(conversation, id), emojis: chosen.clone() });
        let edit_id = outgoing.id.clone();
        self.post_edit(now_ms, conversation, outgoing)?;
        self.apply_own(now_ms, conversation, id, edit_id, Change::React(chosen))
    }

    /// A message of the person's own that may still be changed.
    fn own_message(&self, conversation: &ConversationId, id: &MessageId) -> Result<Message, SendError> {
        match self.conversations.find(conversation, id, Some(Direction::Outgoing)) {
            Some(line) if line.message.retraction.is_some() => Err(SendError::Retracted),
            Some(line) => Ok(line.message.clone()),
            None if self.conversations.find(conversation, id, None).is_some() => Err(SendError::NotOwn),
            None => Err(SendError::NoSuchMessage),
        }
    }

    /// The person as the author of what they say.
    pub(super) fn me(&self) -> Author {
        Author::person(&self.jid.clone().into())
    }

    /// The address under which they say it.
    pub(super) fn own_address(&self, conversation: &ConversationId) -> Jid {
        let in_room = self.rooms.own_address(&conversation.bare());
        in_room.or(self.bound.clone()).unwrap_or_else(|| self.jid.clone().into())
    }

    /// The id by which others know a message: in a room that of its archive (XEP-0424 section 4.1, XEP-0444 section
    /// 4.1), else its author's.
    fn known_as(&self, conversation: &ConversationId, id: &MessageId) -> MessageId {
        let line = self.conversations.find(conversation, id, None);
        let archive_id = line
            .filter(|_| self.room_of(conversation).is_some())
            .and_then(|line| line.message.archive_id.clone());
        archive_id.and_then(|id| id.0.parse().ok()).unwrap_or_else(|| id.clone())
    }

    /// What the person does shows at once. The message as it is then.
    fn apply_own(
        &mut self,
        at_ms: TimestampMs,
        conversation: &ConversationId,
        target: &MessageId,
        edit_id: MessageId,
        change: Change,
    ) -> Result<Message, SendError> {
        let edit = Edit {
            target: target.clone(),
            id: Some(edit_id),
            author: self.me(),
            shown: self.rooms.own_address(&conversation.bare()).unwrap_or_else(|| self.jid.clone().into()),
            at_ms,
            change,
        };
        let changed = self.edit(conversation, edit, Arrival::Live);
        let kept = || self.conversations.find(conversation, target, None).map(|line| line.message.clone());
        changed.or_else(kept).ok_or(SendError::NoSuchMessage)
    }
}
