//! What an operation takes and gives, said where its route is: the description of the API is made of it.

use axum::http::StatusCode;
use protocol::{ErrorCode, MAX_ROOM_TEXT_BYTES};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use super::extract::MAX_QUERY_BYTES;

/// What an operation is about: operations of one subject stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    SignIns,
    Session,
    Contacts,
    Profiles,
    Conversations,
    Rooms,
    Publishing,
    Push,
    Files,
    Services,
    Accounts,
    Administration,
    About,
}

impl Subject {
    pub(super) const ALL: [Subject; 13] = [
        Subject::SignIns,
        Subject::Session,
        Subject::Contacts,
        Subject::Profiles,
        Subject::Conversations,
        Subject::Rooms,
        Subject::Publishing,
        Subject::Push,
        Subject::Files,
        Subject::Services,
        Subject::Accounts,
        Subject::Administration,
        Subject::About,
    ];

    /// Its name, and what it is.
    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Subject::SignIns => ("Sign-ins", "Coming in and going out."),
            Subject::Session => {
                ("Session", "The state of the person's session, and what happens from then on.")
            }
            Subject::Contacts => {
                ("Contacts", "The contact list, who sees whom, and whom the person has blocked.")
            }
            Subject::Profiles => ("Profiles", "What people say of themselves, and what they look like."),
            Subject::Conversations => ("Conversations", "Messages, drafts, who is typing, what is read."),
            Subject::Rooms => ("Rooms", "Being in rooms, finding them, and keeping order in them."),
            Subject::Publishing => ("Publishing", "Nodes to which people publish, and being told of it."),
            Subject::Push => {
                ("Push", "Being told what happens while nobody looks, and doing something from there.")
            }
            Subject::Files => (
                "Files",
                "Files on their way to the XMPP server's upload service and back, and pages in small.",
            ),
            Subject::Services => {
                ("Services", "What is beside chat: calls, meetings, the directory, the server.")
            }
            Subject::Accounts => ("Accounts", "Making an account, changing its password, removing it."),
            Subject::Administration => ("Administration", "What is for administrators alone."),
            Subject::About => ("About", "The API itself."),
        }
    }
}

/// A type of the protocol, by its schema.
#[derive(Debug, Clone, Copy)]
pub(super) struct Type(pub(super) fn(&mut SchemaGenerator) -> Schema);

impl Type {
    pub(super) fn of<T: JsonSchema>() -> Self {
        Type(SchemaGenerator::subschema_for::<T>)
    }
}

/// The form of a parameter.
#[derive(Debug, Clone)]
pub(super) enum Form {
    Type(Type),
    Plain(Value),
}

/// A parameter of the query, or a header.
#[derive(Debug, Clone)]
pub(super) struct Param {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) form: Form,
    pub(super) required: bool,
}

impl Param {
    fn plain(name: &'static str, about: &'static str, schema: Value) -> Self {
        Param { name, about, form: Form::Plain(schema), required: false }
    }

    /// Of a type of the protocol.
    pub(super) fn of<T: JsonSchema>(name: &'static str, about: &'static str) -> Self {
        Param { name, about, form: Form::Type(Type::of::<T>()), required: false }
    }

    /// Any text that a query can carry.
    pub(super) fn text(name: &'static str, about: &'static str) -> Self {
        Param::plain(name, about, json!({ "type": "string", "maxLength": MAX_QUERY_BYTES }))
    }

    /// What a header says.
    pub(super) fn said(name: &'static str, about: &'static str) -> Self {
        Param::plain(name, about, json!({ "type": "string" }))
    }

    /// A text of at least one character, and no more bytes than these.
    pub(super) fn short(name: &'static str, about: &'static str, max_bytes: usize) -> Self {
        Param::plain(name, about, json!({ "type": "string", "minLength": 1, "maxLength": max_bytes }))
    }

    /// What to say to those whom it concerns.
    pub(super) fn reason() -> Self {
        let schema = json!({ "type": "string", "maxLength": MAX_ROOM_TEXT_BYTES });
        Param::plain("reason", "Why.", schema)
    }

    /// One of these words.
    pub(super) fn word(name: &'static str, about: &'static str, words: &[&str]) -> Self {
        Param::plain(name, about, json!({ "type": "string", "enum": words }))
    }

    pub(super) fn flag(name: &'static str, about: &'static str) -> Self {
        Param::plain(name, about, json!({ "type": "boolean", "default": false }))
    }

    /// An instant in milliseconds.
    pub(super) fn instant(name: &'static str, about: &'static str) -> Self {
        Param::plain(name, about, json!({ "type": "integer", "format": "int64" }))
    }

    pub(super) fn bytes(name: &'static str, about: &'static str) -> Self {
        Param::plain(name, about, json!({ "type": "integer", "format": "int64", "minimum": 0 }))
    }

    /// How much of a list to give at once.
    pub(super) fn limit(default: u16, max: u16) -> Self {
        let schema = json!({ "type": "integer", "minimum": 1, "maximum": max, "default": default });
        Param::plain("limit", "The most entries of the page.", schema)
    }

    pub(super) fn required(mut self) -> Self {
        self.required = true;
        self
    }
}

/// What a body is made of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content {
    Json(Type),
    /// A form, with a field for each of the type's.
    Form(Type),
    /// Bytes of one of these media types.
    Bytes(&'static [&'static str]),
    /// Text of this media type.
    Text(&'static str),
    /// Server-sent events, each of this type.
    Events(Type),
    /// JSON of no type of the protocol.
    AnyJson,
    Nothing,
}

/// What an operation is called, takes, gives, and how it can fail.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    pub(super) id: &'static str,
    pub(super) subject: Subject,
    pub(super) summary: &'static str,
    pub(super) note: Option<&'static str>,
    pub(super) path: Vec<(&'static str, Form)>,
    pub(super) query: Vec<Param>,
    pub(super) headers: Vec<Param>,
    pub(super) body: Option<Content>,
    pub(super) answers: Vec<(StatusCode, Content)>,
    pub(super) tagged: bool,
    /// It may be asked for under a condition.
    pub(super) conditional: bool,
    /// `202` says when to ask again.
    pub(super) asks_again: bool,
    /// What it has others be told, elsewhere than here.
    pub(super) told: Option<Type>,
    pub(super) codes: Vec<ErrorCode>,
}

/// How a question to the XMPP server can fail.
const ASKING: [ErrorCode; 8] = [
    ErrorCode::MalformedJid,
    ErrorCode::UnsupportedCharacter,
    ErrorCode::NotFound,
    ErrorCode::Unsupported,
    ErrorCode::XmppUnreachable,
    ErrorCode::XmppRefused,
    ErrorCode::SessionOffline,
    ErrorCode::XmppTimeout,
];

/// What a room can say to whatever is asked of it.
const ASKING_ROOMS: [ErrorCode; 12] = [
    ErrorCode::MalformedParameter,
    ErrorCode::UnsupportedCharacter,
    ErrorCode::RequestTooLarge,
    ErrorCode::RoomPasswordRequired,
    ErrorCode::RoomMembersOnly,
    ErrorCode::RoomBanned,
    ErrorCode::RoomNickTaken,
    ErrorCode::RoomNickRefused,
    ErrorCode::RoomFull,
    ErrorCode::RoomGone,
    ErrorCode::NotInRoom,
    ErrorCode::RoomNotAllowed,
];

impl Operation {
    /// `id` is the handler's name where no other has the same, and `summary` a sentence without its full stop.
    pub(super) fn new(id: &'static str, subject: Subject, summary: &'static str) -> Self {
        Operation {
            id,
            subject,
            summary,
            note: None,
            path: Vec::new(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            answers: Vec::new(),
            tagged: false,
            conditional: false,
            asks_again: false,
            told: None,
            codes: Vec::new(),
        }
    }

    /// What there is to know beside the summary.
    pub(super) fn note(mut self, note: &'static str) -> Self {
        self.note = Some(note);
        self
    }

    /// What a part of the path is, where its name does not say it.
    pub(super) fn at<T: JsonSchema>(mut self, name: &'static str) -> Self {
        self.path.push((name, Form::Type(Type::of::<T>())));
        self
    }

    /// A part of the path that is a text of at most so many bytes.
    pub(super) fn at_text(mut self, name: &'static str, max_bytes: usize) -> Self {
        self.path.push((name, Param::short(name, "", max_bytes).form));
        self
    }

    pub(super) fn query(mut self, param: Param) -> Self {
        self.query.push(param);
        self
    }

    pub(super) fn header(mut self, param: Param) -> Self {
        self.headers.push(param);
        self
    }

    /// The body is JSON.
    pub(super) fn takes<T: JsonSchema>(self) -> Self {
        self.takes_content(Content::Json(Type::of::<T>()))
    }

    pub(super) fn takes_content(mut self, content: Content) -> Self {
        self.body = Some(content);
        self
    }

    /// `200` with JSON.
    pub(super) fn gives<T: JsonSchema>(self) -> Self {
        self.answers(StatusCode::OK, Content::Json(Type::of::<T>()))
    }

    /// `201` with JSON.
    pub(super) fn makes<T: JsonSchema>(self) -> Self {
        self.answers(StatusCode::CREATED, Content::Json(Type::of::<T>()))
    }

    /// `204`: it was done.
    pub(super) fn done(self) -> Self {
        self.answers(StatusCode::NO_CONTENT, Content::Nothing)
    }

    pub(super) fn answers(mut self, status: StatusCode, content: Content) -> Self {
        self.answers.push((status, content));
        self
    }

    /// It may be taken and still be under way: the answer says when to ask again.
    pub(super) fn answers_later<T: JsonSchema>(mut self) -> Self {
        self.asks_again = true;
        self.answers(StatusCode::ACCEPTED, Content::Json(Type::of::<T>()))
    }

    /// It may be taken and ask for more.
    pub(super) fn or_asks_for_more<T: JsonSchema>(self) -> Self {
        self.answers(StatusCode::ACCEPTED, Content::Json(Type::of::<T>()))
    }

    /// It has whoever asks be told things of this type, elsewhere.
    pub(super) fn tells<T: JsonSchema>(mut self) -> Self {
        self.told = Some(Type::of::<T>());
        self
    }

    /// The answer has an `ETag`, and with `If-None-Match` it is `304` while it is the same.
    pub(super) fn tagged(mut self) -> Self {
        self.tagged = true;
        self.header(Param::said("If-None-Match", "The `ETag` of the answer that is there already."))
            .answers(StatusCode::NOT_MODIFIED, Content::Nothing)
    }

    /// It changes what is got at the same path, and with `If-Match` or `If-None-Match` only if that is as they say. What
    /// is got there is `tagged`.
    pub(super) fn conditional(mut self) -> Self {
        self.conditional = true;
        self.header(Param::text("If-Match", "Only if what is there has this `ETag`, or any for `*`."))
            .header(Param::text("If-None-Match", "`*`: only if there is none yet."))
            .fails(&[ErrorCode::PreconditionFailed])
    }

    /// The XMPP server is asked, and may fail to answer.
    pub(super) fn asks(self) -> Self {
        self.fails(&ASKING)
    }

    /// A room is asked, and may refuse.
    pub(super) fn asks_room(self) -> Self {
        self.asks().fails(&ASKING_ROOMS)
    }

    /// How it can fail beside what every operation of its form can.
    pub(super) fn fails(mut self, codes: &[ErrorCode]) -> Self {
        self.codes.extend(codes);
        self
    }
}
