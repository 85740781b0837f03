//! Rooms: getting in and out, who is there, what is said.
//!
//! Getting in and staying in is in `joining`, what is said in `talking`, what nobody else may say in `forgeries`.
//! The room's lines: `room join|leave|…` is what the person asks, `room here|gone|said|…` what a room says.

mod doubts;
mod flood;
mod forgeries;
mod joining;
mod keeping;
mod private;
mod talking;
mod unsaid;
mod writing;

use expect_test::Expect;
use protocol::{
    Affiliation, Conversation, JoinRoom, LeaveReason, Leaving, MessageId, Occupant, OccupantId, Presence,
    Role, RoomInfo,
};

use super::*;
use crate::session::rooms::{OccupantsQuery, RoomError, RoomsCommand};
use crate::xmpp::{RoomAbout, RoomChange, RoomPart, RoomPresence, RoomRefusal};

impl Script {
    pub(super) fn room_line(&mut self, words: &[&str]) -> Input {
        let room = || words[1].parse::<BareJid>().unwrap();
        let options = options(words);
        let get = |key: &str| options.get(key).cloned();
        match words[0] {
            "join" => {
                let request = JoinRoom {
                    nick: get("nick"),
                    password: get("password"),
                    create: words.contains(&"create"),
                };
                let reply = self.reply(|result: Result<protocol::Room, RoomError>| match result {
                    Ok(room) => format!("in {} as {} {:?}", room.jid, room.nick, room.role),
                    Err(error) => format!("refused: {error}"),
                });
                command(RoomsCommand::Join { room: room(), request, reply })
            }
            "leave" => {
                let reply = self.reply(|()| "left".to_owned());
                command(RoomsCommand::Leave { room: room(), reply })
            }
            "writing" => {
                let reply = self.reply(|found: Option<Conversation>| found.unwrap().writing.join(" "));
                command(ChatCommand::Summary { conversation: room().into(), reply })
            }
            "nick" => {
                let reply = self.reply(|result: Result<(), RoomError>| format!("{result:?}"));
                command(RoomsCommand::SetNick { room: room(), nick: words[2].to_owned(), reply })
            }
            "subject" => {
                let reply = self.reply(|result: Result<(), RoomError>| format!("{result:?}"));
                command(RoomsCommand::SetSubject { room: room(), subject: text(words[2]), reply })
            }
            "occupants" => {
                let query = OccupantsQuery { after: get("after"), limit: 2 };
                let reply = self.reply(|result: Result<protocol::Occupants, RoomError>| {
                    result.map_or_else(
                        |error| format!("refused: {error}"),
                        |page| {
                            let nicks: Vec<&str> = page.occupants.iter().map(|o| o.nick.as_str()).collect();
                            format!("{nicks:?} of {} after={:?}", page.total, page.after)
                        },
                    )
                });
                command(RoomsCommand::Occupants { room: room(), query, reply })
            }
            "about" => {
                let about = RoomAbout {
                    info: RoomInfo {
                        jid: "den@rooms.spark.test".parse().unwrap(),
                        name: Some(get("name").map_or_else(|| "The Den".to_owned(), |name| text(&name))),
                        description: None,
                        subject: None,
                        occupants: None,
                        language: None,
                        needs_password: false,
                        members_only: words.contains(&"members"),
                        moderated: false,
                        persistent: true,
                        public: true,
                        shows_addresses: words.contains(&"known"),
                        has_archive: words.contains(&"archive"),
                    },
                    vouches_for_archive_ids: words.contains(&"archive"),
                    vouches_for_occupant_ids: !words.contains(&"old"),
                    vouches_for_hats: words.contains(&"hats"),
                    can_moderate: false,
                    keeps_ids: !words.contains(&"own-ids"),
                };
                self.answer(words, Ok(Answered::RoomAbout(Box::new(about))))
            }
            "pong" => self.answer(
                words,
                match words[2] {
                    "there" => Ok(Answered::Done),
                    "silent" => Err(RequestError::TimedOut),
                    _ => Err(RequestError::Refused(StanzaError::Other)),
                },
            ),
            "here" => incoming(Incoming::RoomPresence(here(words))),
            "gone" => incoming(Incoming::RoomPresence(gone(words))),
            "no" => incoming(Incoming::RoomPresence(RoomPresence {
                from: words[1].parse().unwrap(),
                is_self: false,
                change: RoomChange::Refused(match words[2] {
                    "password" => RoomRefusal::PasswordRequired,
                    "members" => RoomRefusal::MembersOnly,
                    "taken" => RoomRefusal::NickTaken,
                    "full" => RoomRefusal::Full,
                    _ => RoomRefusal::Banned,
                }),
            })),
            "said" => incoming(Incoming::Message(Box::new(said(words[1], &words[2..])))),
            // `room page QueryArchive complete | r1 den@rooms/nick id=m1 body=hi at=5 | …`
            "page" => {
                let line = words.join(" ");
                let mut page = page(&line);
                let parts = line.split('|').skip(1);
                for (message, part) in page.messages.iter_mut().zip(parts) {
                    let words: Vec<&str> = part.split_whitespace().collect();
                    let archive_id = message.archive_id.take();
                    *message = IncomingMessage { archive_id, ..said(words[1], &words[2..]) };
                }
                self.answer(words, Ok(Answered::Archive(page)))
            }
            other => self.keeping_line(other, words),
        }
    }

    /// Bookmarks, invitations, keeping order.
    fn keeping_line(&mut self, word: &str, words: &[&str]) -> Input {
        let room = || words[1].parse::<BareJid>().unwrap();
        let options = options(words);
        let get = |key: &str| options.get(key).cloned();
        match word {
            "facts" => Input::Stream(StreamEvent::Facts(Box::default())),
            "bookmarks" => {
                let is_private = words.contains(&"private");
                let all =
                    words[2..].iter().filter(|word| word.contains('@')).map(|word| bookmark(word)).collect();
                self.answer(words, Ok(Answered::Bookmarks { all, is_private }))
            }
            "bookmarked" => incoming(Incoming::Bookmarks {
                jid: words[1].parse().unwrap(),
                changed: words[2..]
                    .iter()
                    .filter(|word| !word.starts_with('-'))
                    .map(|word| bookmark(word))
                    .collect(),
                removed: words[2..].iter().filter_map(|word| word.strip_prefix('-')?.parse().ok()).collect(),
            }),
            "bookmark" => {
                let bookmark = protocol::SetBookmark {
                    name: get("name"),
                    nick: get("nick"),
                    password: get("password"),
                    autojoin: words.contains(&"autojoin"),
                    notify: get("notify").map(|notify| match notify.as_str() {
                        "mentions" => protocol::Notify::OnMention,
                        _ => protocol::Notify::Never,
                    }),
                };
                let reply = self.reply(|result: Result<protocol::Bookmark, RoomError>| {
                    result
                        .map_or_else(|error| format!("refused: {error}"), |bookmark| format!("{bookmark:?}"))
                });
                command(RoomsCommand::SetBookmark { room: room(), bookmark, reply })
            }
            "mute" => {
                let reply = self.reply(|result: Result<protocol::Bookmark, RoomError>| {
                    result
                        .map_or_else(|error| format!("refused: {error}"), |bookmark| format!("{bookmark:?}"))
                });
                command(RoomsCommand::Mute { room: room(), reply })
            }
            "forget" => {
                let reply = self.reply(|result: Result<(), RoomError>| format!("{result:?}"));
                command(RoomsCommand::RemoveBookmark { room: room(), reply })
            }
            "done" => self.answer(words, Ok(Answered::Done)),
            "invited" => incoming(Incoming::Invitation(Box::new(crate::xmpp::RoomInvitation {
                room: room(),
                by: get("by").map(|by| by.parse().unwrap()),
                reason: get("reason"),
                password: get("password").map(crate::xmpp::RoomPassword),
                direct: words.contains(&"direct"),
            }))),
            "declined" => incoming(Incoming::InvitationDeclined {
                room: room(),
                by: get("by").unwrap().parse().unwrap(),
                reason: None,
            }),
            "decline" => {
                let reply = self.reply(|result: Result<(), RoomError>| format!("{result:?}"));
                command(RoomsCommand::Decline { room: room(), reason: get("reason"), reply })
            }
            "invite" => {
                let invite = protocol::Invite {
                    jid: words[2].parse().unwrap(),
                    reason: get("reason"),
                    direct: words.contains(&"direct"),
                };
                let reply = self.reply(|result: Result<(), RoomError>| format!("{result:?}"));
                command(RoomsCommand::Invite { room: room(), invite, reply })
            }
            "moderate" => {
                let id = words[2].parse().unwrap();
                let reply = self.reply(|result: Result<(), RoomError>| format!("{result:?}"));
                command(RoomsCommand::Moderate { room: room(), id, reason: get("reason"), reply })
            }
            "configure" => {
                let changes = options.iter().map(|(name, value)| protocol::FieldValues {
                    name: name.clone(),
                    values: vec![value.clone()],
                });
                let reply = self.reply(|result: Result<(), RoomError>| format!("{result:?}"));
                command(RoomsCommand::Configure { room: room(), changes: changes.collect(), reply })
            }
            "form" => {
                let fields = options.iter().map(|(name, value)| protocol::FormField {
                    name: name.clone(),
                    kind: protocol::FieldKind::TextSingle,
                    label: None,
                    description: None,
                    required: false,
                    options: vec![],
                    values: vec![value.clone()],
                });
                let form = protocol::Form { title: None, instructions: None, fields: fields.collect() };
                self.answer(words, Ok(Answered::Form(Box::new(form))))
            }
            other => panic!("no such line: {other}"),
        }
    }
}

fn hat(title: &str) -> protocol::Hat {
    protocol::Hat { uri: format!("urn:hats:{title}"), title: title.to_owned() }
}

/// `den@rooms.spark.test` or `den@rooms.spark.test:auto`
fn bookmark(word: &str) -> crate::xmpp::RoomBookmark {
    let (jid, rest) = word.split_once(':').unwrap_or((word, ""));
    crate::xmpp::RoomBookmark {
        jid: jid.parse().unwrap(),
        name: None,
        nick: Some("me".to_owned()),
        password: None,
        autojoin: rest == "auto",
        notify: None,
        extensions: crate::xmpp::Extensions::default(),
    }
}

/// `room here den@rooms.spark.test/nick [self] [created] [id=occupant-id] [jid=…] [hat=…] [moderator]`
fn here(words: &[&str]) -> RoomPresence {
    let from: Jid = words[1].parse().unwrap();
    let options = options(words);
    RoomPresence {
        is_self: words.contains(&"self"),
        change: RoomChange::Here {
            occupant: Box::new(Occupant {
                nick: from.resource().unwrap().to_owned(),
                jid: options.get("jid").map(|jid| jid.parse().unwrap()),
                occupant_id: options.get("id").cloned().map(OccupantId),
                role: match words {
                    _ if words.contains(&"moderator") => Role::Moderator,
                    _ if words.contains(&"visitor") => Role::Visitor,
                    _ => Role::Participant,
                },
                affiliation: Affiliation::None,
                presence: Presence { availability: Availability::Available, status: None, since_ms: None },
                hats: options.get("hat").map(|title| hat(title)).into_iter().collect(),
                avatar: None,
            }),
            is_created: words.contains(&"created"),
            shows_addresses: false,
        },
        from,
    }
}

/// `room gone den@rooms.spark.test/nick [self] [kicked|banned|destroyed|lost] [by=…] [to=new_nick]`
fn gone(words: &[&str]) -> RoomPresence {
    let options = options(words);
    let reason = [
        ("kicked", LeaveReason::Kicked),
        ("banned", LeaveReason::Banned),
        ("destroyed", LeaveReason::Destroyed),
    ];
    let reason = reason.into_iter().find(|(word, _)| words.contains(word));
    let alternate = options.get("alternate").map(|jid| jid.parse().unwrap());
    RoomPresence {
        from: words[1].parse().unwrap(),
        is_self: words.contains(&"self"),
        change: RoomChange::Gone {
            leaving: Leaving {
                reason: reason.map_or(LeaveReason::Left, |(_, reason)| reason),
                by: options.get("by").cloned(),
                text: None,
                alternate,
                code: None,
            },
            new_nick: options.get("to").cloned(),
            is_loss: words.contains(&"lost"),
        },
    }
}

/// As `recv`, in a room: `oid=` is the occupant-id, `origin=` the origin-id, `real=` the address, `subject=`.
fn said(from: &str, words: &[&str]) -> IncomingMessage {
    let options = options(words);
    IncomingMessage {
        kind: MessageKind::Groupchat,
        room: Some(RoomPart {
            occupant_id: options.get("oid").cloned().map(OccupantId),
            jid: options.get("real").map(|jid| jid.parse().unwrap()),
            subject: options.get("subject").cloned(),
            moderated: options.get("moderates").map(|id| crate::xmpp::Moderated {
                target: ArchiveId(id.clone()),
                by: "den@rooms.spark.test/wolf".parse().ok(),
                reason: Some("spam".to_owned()),
            }),
            is_reconfigured: words.contains(&"reconfigured"),
        }),
        origin_id: options.get("origin").map(|id| id.parse::<MessageId>().unwrap()),
        ..chat(from, words)
    }
}

/// What a room adds to what somebody in it says to one alone (`recv … private oid=…`).
pub(super) fn private_part(occupant_id: Option<String>) -> RoomPart {
    RoomPart { occupant_id: occupant_id.map(OccupantId), ..RoomPart::default() }
}

const DEN: &str = "den@rooms.spark.test";

/// A session that is in a room with an archive, as `me`, with occupant-id `o1`; `wolf` is there too.
const IN: &str = "- reset
- roster 2 romeo@spark.test
- page 4 complete
- room join den@rooms.spark.test nick=me
- room about FetchRoomInfo archive
- room here den@rooms.spark.test/wolf id=o2
- room here den@rooms.spark.test/me self id=o1
- room page QueryArchive complete
- room said den@rooms.spark.test subject=
";

#[track_caller]
fn check_in(script: &str, expected: Expect) {
    check(&format!("{IN}{script}"), expected);
}
