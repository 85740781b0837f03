//! Keeping order: configuration, roles and affiliations, and messages that moderators take back.

use protocol::{
    BareJid, ConversationId, Event, FieldKind, FieldValues, Form, FormField, MessageId, Retraction,
    TimestampMs,
};

use super::super::{Answering, Asked as Question, Machine, text};
use super::invitations::checked;
use super::{Asked, Doing, room_error};
use crate::session::command::{Reply, SessionError};
use crate::session::rooms::RoomError;
use crate::xmpp::{
    Answer as Answered, ConfigureRoom, FetchRoomConfig, ModerateMessage, Moderated, Request, RequestError,
    RoomRefusal,
};

/// The longest value of a field in bytes, and the most values.
const MAX_VALUE_BYTES: usize = protocol::MAX_FIELD_VALUE_BYTES;
const MAX_VALUES: usize = protocol::MAX_FIELD_VALUES;

type Relayed = Reply<Result<Answered, RoomError>>;

impl Machine {
    /// Asks a room, or its service, on somebody's behalf, who gets the answer as it is.
    pub(super) fn ask_room(&mut self, request: Request, reply: Relayed) {
        if !self.is_online() {
            return self.answer(reply, Err(SessionError::Offline.into()));
        }
        self.ask(request, Question::Room(Asked::Relay(reply)));
    }

    pub(super) fn room_relayed(&mut self, reply: Relayed, result: Answering) {
        self.answer(reply, result.map_err(room_error));
    }

    /// A form goes back whole (XEP-0004 section 3.2): what it is now is asked first.
    pub(super) fn configure(&mut self, room: BareJid, changes: Vec<FieldValues>, reply: Doing) {
        if !self.is_online() {
            return self.answer(reply, Err(SessionError::Offline.into()));
        }
        let question = FetchRoomConfig { room: room.clone() };
        let asked = Asked::Config { room, changes, reply };
        self.ask(Request::FetchRoomConfig(question), Question::Room(asked));
    }

    pub(super) fn configuring(
        &mut self,
        room: BareJid,
        changes: Vec<FieldValues>,
        reply: Doing,
        result: Answering,
    ) {
        let filled = match result {
            Ok(Answered::Form(form)) => fill(*form, changes),
            Ok(_) => Err(room_error(RequestError::Malformed)),
            Err(error) => Err(room_error(error)),
        };
        match filled {
            Ok(fields) => {
                let question = ConfigureRoom { room, fields };
                self.ask(Request::ConfigureRoom(question), Question::Room(Asked::Done(reply)));
            }
            Err(error) => self.answer(reply, Err(error)),
        }
    }

    pub(super) fn room_done(&mut self, reply: Doing, result: Answering) {
        self.answer(reply, result.map(drop).map_err(room_error));
    }

    pub(super) fn moderate(&mut self, room: BareJid, id: &MessageId, reason: Option<String>, reply: Doing) {
        let reason = match checked(reason) {
            Ok(reason) => reason,
            Err(error) => return self.answer(reply, Err(error)),
        };
        if !self.rooms.is_joined(&room) {
            return self.answer(reply, Err(RoomError::NotJoined));
        }
        let line = self.conversations.find(&room.clone().into(), id, None);
        let Some(target) = line.and_then(|line| line.message.archive_id.clone()) else {
            return self.answer(reply, Err(RoomError::NoSuchMessage));
        };
        let question = ModerateMessage { room, target, reason };
        self.ask(Request::ModerateMessage(question), Question::Room(Asked::Done(reply)));
    }

    /// The room says that a moderator took a message back.
    pub(super) fn moderated(&mut self, room: &BareJid, at_ms: TimestampMs, moderated: Moderated) {
        let Moderated { target, by, reason } = moderated;
        let retraction = Retraction { at_ms, by, reason };
        let talk = ConversationId::from(room.clone());
        let Some((message, is_newest)) = self.conversations.moderate(&talk, &target, retraction) else {
            return;
        };
        self.publish(Event::MessageChanged { conversation: talk.clone(), message });
        if is_newest {
            self.publish_conversation(&talk);
        }
    }
}

/// The whole form, with what is to change in it.
fn fill(form: Form, changes: Vec<FieldValues>) -> Result<Vec<FieldValues>, RoomError> {
    let mut fields: Vec<FormField> = form
        .fields
        .into_iter()
        .filter(|field| field.kind != FieldKind::Fixed && !field.name.is_empty())
        .collect();
    for FieldValues { name, values } in changes {
        let field = fields.iter_mut().find(|field| field.name == name && field.kind != FieldKind::Hidden);
        let field = field.ok_or(RoomError::Form("the form has no such field"))?;
        let is_bad = |value: &String| value.len() > MAX_VALUE_BYTES || !text::is_xml(value);
        if values.len() > MAX_VALUES || values.iter().any(is_bad) {
            return Err(RoomError::Form("a value is too long or can't be sent"));
        }
        let takes_many =
            matches!(field.kind, FieldKind::JidMulti | FieldKind::ListMulti | FieldKind::TextMulti);
        if values.len() > 1 && !takes_many {
            return Err(RoomError::Form("the field takes one value"));
        }
        if field.kind == FieldKind::Boolean && !values.iter().all(|value| value == "true" || value == "false")
        {
            return Err(RoomError::Form("the field takes true or false"));
        }
        let is_listed = |value: &String| field.options.iter().any(|option| option.value == *value);
        let is_closed = matches!(field.kind, FieldKind::ListSingle | FieldKind::ListMulti);
        if is_closed && !field.options.is_empty() && !values.iter().all(is_listed) {
            return Err(RoomError::Form("a value is none of the field's options"));
        }
        if field.required && values.is_empty() {
            return Err(RoomError::Form("the field must be filled in"));
        }
        field.values = values;
    }
    let filled = |field: FormField| FieldValues { name: field.name, values: field.values };
    Ok(fields.into_iter().map(filled).collect())
}

/// Why a room, or its service, did not do it.
pub(super) fn refusal(error: RequestError) -> RoomError {
    use crate::xmpp::StanzaError as S;
    match error {
        RequestError::Refused(S::Forbidden) => RoomRefusal::NotAllowed.into(),
        RequestError::Refused(S::ItemNotFound) => RoomRefusal::NotFound.into(),
        error => SessionError::Request(error).into(),
    }
}

#[cfg(test)]
mod tests {
    use protocol::FieldOption;

    use super::*;

    fn field(name: &str, kind: FieldKind, values: &[&str]) -> FormField {
        FormField {
            name: name.to_owned(),
            kind,
            label: None,
            description: None,
            required: name == "must",
            options: vec![FieldOption { value: "a".to_owned(), label: None }],
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        }
    }

    fn change(name: &str, values: &[&str]) -> Vec<FieldValues> {
        vec![FieldValues {
            name: name.to_owned(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        }]
    }

    #[test]
    fn a_form_goes_back_whole() {
        let form = Form {
            title: None,
            instructions: None,
            fields: vec![
                field("FORM_TYPE", FieldKind::Hidden, &["x"]),
                field("", FieldKind::Fixed, &["read this"]),
                field("name", FieldKind::TextSingle, &["old"]),
                field("is", FieldKind::Boolean, &["false"]),
                field("one", FieldKind::ListSingle, &["a"]),
                field("some", FieldKind::JidMulti, &[]),
                field("must", FieldKind::TextSingle, &["y"]),
            ],
        };
        let filled = fill(form.clone(), change("name", &["new"])).unwrap();
        let shown: Vec<String> =
            filled.iter().map(|field| format!("{}={}", field.name, field.values.join("+"))).collect();
        assert_eq!(shown, ["FORM_TYPE=x", "name=new", "is=false", "one=a", "some=", "must=y"]);
        for (name, values, is_taken) in [
            ("is", &["true"][..], true),
            ("is", &["yes"], false),
            ("one", &["a"], true),
            ("one", &["b"], false),
            ("name", &["a", "b"], false),
            ("some", &["a@b", "c@d"], true),
            ("must", &[], false),
            ("name", &["a\0"], false),
            ("FORM_TYPE", &["y"], false),
            ("none", &["y"], false),
        ] {
            assert_eq!(fill(form.clone(), change(name, values)).is_ok(), is_taken, "{name} {values:?}");
        }
    }
}
