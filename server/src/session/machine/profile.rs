//! What people say of themselves and look like: asked for, and published step by step.
//!
//! A server keeps up to two cards and two pictures of a person, in PEP and in vcard-temp. Some keep them in step by
//! themselves (XEP-0398 has it of pictures alone); where one does not, both are written, and the newer place comes first.

use protocol::{
    AvatarHash, Event, MAX_PROFILE_ITEMS, MAX_PROFILE_NOTE_BYTES, MAX_PROFILE_TEXT_BYTES, Profile,
};

use super::text::is_xml;
use super::{Answering, Asked, Machine};
use crate::session::command::{Reply, SessionError};
use crate::session::profile::ProfileCommand;
use crate::xmpp::keeps_cards_in_step;
use crate::xmpp::{
    Answer as Answered, CardFormat, DiscoverInfo, FetchAvatarHash, FetchCard, FetchProfile, Picture,
    PublishAvatarData, PublishAvatarMetadata, PublishCard, PublishNickname, Request, RequestError,
};

/// The largest stanza of servers that don't say what theirs is (XEP-0478): Prosody's, and what ejabberd recommends.
const MAX_STANZA_BYTES: u32 = 256 * 1024;

/// What a question about profiles and pictures was for.
#[derive(Debug)]
pub(super) enum AskedOfProfile {
    /// Which picture the person has, on a new stream.
    OwnAvatar,
    /// The person is to say this of themselves.
    Saying { step: Saying, profile: Box<Profile>, is_saved: bool, reply: Done },
    /// The person is to look like this.
    Showing { step: Showing, picture: Option<Picture>, is_saved: bool, reply: Done },
    /// The person is to go by this name.
    Naming { name: String, reply: Done },
}

type Done = Reply<Result<(), SessionError>>;

/// The steps by which a profile is published, each the question that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Saying {
    FetchV4,
    PublishV4,
    FetchTemp,
    PublishTemp,
    Nickname,
}

/// The steps by which a picture is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Showing {
    Data,
    Metadata,
    Discover,
    FetchTemp,
    PublishTemp,
}

impl Machine {
    pub(super) fn profile_command(&mut self, command: ProfileCommand) {
        match command {
            ProfileCommand::Profile { jid, reply } => {
                let jid = jid.unwrap_or_else(|| self.jid.clone());
                self.relay(Request::FetchProfile(FetchProfile { jid }), reply, |answer| match answer {
                    Answered::Profile(profile) => Some(*profile),
                    _ => None,
                });
            }
            ProfileCommand::SetProfile { profile, reply } => match checked(*profile) {
                Ok(profile) => self.say_of_oneself(Saying::FetchV4, Box::new(profile), false, reply),
                Err(error) => self.answer(reply, Err(error)),
            },
            ProfileCommand::SetNickname { name, reply } => {
                match checked_text("name", name.trim(), MAX_PROFILE_TEXT_BYTES) {
                    Ok(name) if self.is_online() => {
                        let request = Request::PublishNickname(PublishNickname { name: name.clone() });
                        self.ask(request, Asked::Profile(AskedOfProfile::Naming { name, reply }));
                    }
                    Ok(_) => self.answer(reply, Err(SessionError::Offline)),
                    Err(error) => self.answer(reply, Err(error)),
                }
            }
            ProfileCommand::SetAvatar { picture, reply } => {
                let max = self.max_picture_bytes();
                if picture.as_ref().is_some_and(|picture| picture.bytes.len() > max) {
                    return self.answer(reply, Err(SessionError::PictureTooLarge { max }));
                }
                let step = if picture.is_some() { Showing::Data } else { Showing::Metadata };
                self.show_oneself(step, picture, false, reply);
            }
            ProfileCommand::CurrentAvatar { jid, reply } => {
                let avatar = if jid == self.jid {
                    self.avatar.clone()
                } else {
                    self.contacts.find(&jid).and_then(|contact| contact.avatar)
                };
                self.answer(reply, avatar.ok_or(SessionError::NoPicture));
            }
        }
    }

    /// A picture must fit into a stanza: a server ends a stream on which one comes that is too large.
    fn max_picture_bytes(&self) -> usize {
        let limit = self.server.max_stanza_bytes().unwrap_or(MAX_STANZA_BYTES);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        (0..=protocol::MAX_AVATAR_BYTES / 1024)
            .rev()
            .map(|kib| kib * 1024)
            .find(|bytes| Picture::stanza_bytes(*bytes) <= limit)
            .unwrap_or(0)
    }

    /// A new stream: the picture may have changed since.
    pub(super) fn fetch_own_avatar(&mut self) {
        let request = Request::FetchAvatarHash(FetchAvatarHash { jid: self.jid.clone() });
        self.ask(request, Asked::Profile(AskedOfProfile::OwnAvatar));
    }

    pub(super) fn set_own_avatar(&mut self, avatar: Option<AvatarHash>) {
        if self.avatar != avatar {
            self.avatar.clone_from(&avatar);
            self.publish(Event::AvatarChanged { jid: self.jid.clone(), avatar });
        }
    }

    pub(super) fn profile_answered(&mut self, asked: AskedOfProfile, result: Answering) {
        match asked {
            AskedOfProfile::OwnAvatar => {
                if let Ok(Answered::AvatarHash(hash)) = result {
                    self.set_own_avatar(hash);
                }
            }
            AskedOfProfile::Naming { name, reply } => {
                let result = result.map(drop).map_err(SessionError::Request);
                if result.is_ok() {
                    self.set_name(Some(name).filter(|name| !name.is_empty()));
                }
                self.answer(reply, result);
            }
            AskedOfProfile::Saying { step, profile, is_saved, reply } => {
                self.said_of_oneself(step, profile, is_saved, reply, result);
            }
            AskedOfProfile::Showing { step, picture, is_saved, reply } => {
                self.shown_oneself(step, picture, is_saved, reply, result);
            }
        }
    }

    fn said_of_oneself(
        &mut self,
        step: Saying,
        profile: Box<Profile>,
        is_saved: bool,
        reply: Done,
        result: Answering,
    ) {
        use Saying as S;
        match (step, result) {
            (_, Err(error)) if is_final(error) => self.answer(reply, Err(error.into())),
            (S::FetchV4, Ok(Answered::Card(card))) => {
                let request = Request::PublishCard(PublishCard { card: card.with(&profile) });
                let asked = AskedOfProfile::Saying { step: S::PublishV4, profile, is_saved, reply };
                self.ask(request, Asked::Profile(asked));
            }
            (S::PublishV4, Ok(_)) => self.say_of_oneself(S::FetchTemp, profile, true, reply),
            (S::FetchV4 | S::PublishV4, _) => self.say_of_oneself(S::FetchTemp, profile, is_saved, reply),
            // The server keeps the cards in step. That it does so with pictures (XEP-0398) says nothing of the rest.
            (S::FetchTemp, Ok(Answered::Card(card))) if is_saved && card.profile() == *profile => {
                self.say_of_oneself(S::Nickname, profile, true, reply);
            }
            (S::FetchTemp, Ok(Answered::Card(card))) => {
                let request = Request::PublishCard(PublishCard { card: card.with(&profile) });
                let asked = AskedOfProfile::Saying { step: S::PublishTemp, profile, is_saved, reply };
                self.ask(request, Asked::Profile(asked));
            }
            (S::PublishTemp, Ok(_)) => self.say_of_oneself(S::Nickname, profile, true, reply),
            // One of the two places is enough.
            (S::FetchTemp | S::PublishTemp, _) if is_saved => {
                self.say_of_oneself(S::Nickname, profile, true, reply);
            }
            (S::FetchTemp | S::PublishTemp, Err(error)) => self.answer(reply, Err(error.into())),
            (S::FetchTemp, Ok(_)) => self.answer(reply, Err(RequestError::Malformed.into())),
            (S::Nickname, result) => {
                // The cards have it, whether or not the other place takes it.
                if result.is_ok() {
                    self.set_name(profile.nickname);
                }
                self.answer(reply, Ok(()));
            }
        }
    }

    fn say_of_oneself(&mut self, step: Saying, profile: Box<Profile>, is_saved: bool, reply: Done) {
        if !self.is_online() {
            return self.answer(reply, Err(SessionError::Offline));
        }
        let request = match step {
            Saying::FetchV4 | Saying::PublishV4 => Request::FetchCard(FetchCard { format: CardFormat::V4 }),
            Saying::FetchTemp | Saying::PublishTemp => {
                Request::FetchCard(FetchCard { format: CardFormat::Temp })
            }
            Saying::Nickname => match &profile.nickname {
                Some(name) if self.name.as_ref() != Some(name) => {
                    Request::PublishNickname(PublishNickname { name: name.clone() })
                }
                _ => return self.answer(reply, Ok(())),
            },
        };
        self.ask(request, Asked::Profile(AskedOfProfile::Saying { step, profile, is_saved, reply }));
    }

    fn shown_oneself(
        &mut self,
        step: Showing,
        picture: Option<Picture>,
        is_saved: bool,
        reply: Done,
        result: Answering,
    ) {
        use Showing as S;
        match (step, result) {
            (_, Err(error)) if is_final(error) => self.answer(reply, Err(error.into())),
            (S::Data, Ok(_)) => self.show_oneself(S::Metadata, picture, is_saved, reply),
            (S::Metadata, Ok(_)) => self.show_oneself(S::Discover, picture, true, reply),
            (S::Discover, Ok(Answered::Info(info))) if is_saved && keeps_cards_in_step(&info) => {
                // The server puts it into presences, from the next one on.
                self.photo = None;
                self.show_in_presence();
                self.oneself_is_shown(picture, reply);
            }
            (S::Data | S::Metadata | S::Discover, _) => {
                self.show_oneself(S::FetchTemp, picture, is_saved, reply);
            }
            (S::FetchTemp, Ok(Answered::Card(card))) => {
                let card = card.with_photo(picture.as_ref());
                let asked = AskedOfProfile::Showing { step: S::PublishTemp, picture, is_saved, reply };
                self.ask(Request::PublishCard(PublishCard { card }), Asked::Profile(asked));
            }
            (S::PublishTemp, Ok(_)) => {
                self.photo = Some(picture.as_ref().map(|picture| picture.hash.clone()));
                self.show_in_presence();
                self.oneself_is_shown(picture, reply);
            }
            (S::FetchTemp | S::PublishTemp, _) if is_saved => self.oneself_is_shown(picture, reply),
            (S::FetchTemp | S::PublishTemp, Err(error)) => self.answer(reply, Err(error.into())),
            (S::FetchTemp, Ok(_)) => self.answer(reply, Err(RequestError::Malformed.into())),
        }
    }

    fn show_oneself(&mut self, step: Showing, picture: Option<Picture>, is_saved: bool, reply: Done) {
        if !self.is_online() {
            return self.answer(reply, Err(SessionError::Offline));
        }
        let request = match (step, &picture) {
            (Showing::Data, Some(picture)) => {
                Request::PublishAvatarData(PublishAvatarData { picture: picture.clone() })
            }
            (Showing::Data | Showing::Metadata, _) => {
                Request::PublishAvatarMetadata(PublishAvatarMetadata { picture: picture.clone() })
            }
            (Showing::Discover, _) => self.discover_oneself(),
            (Showing::FetchTemp | Showing::PublishTemp, _) => {
                Request::FetchCard(FetchCard { format: CardFormat::Temp })
            }
        };
        self.ask(request, Asked::Profile(AskedOfProfile::Showing { step, picture, is_saved, reply }));
    }

    /// Those who look at vCards hear of another picture by presence (XEP-0153 section 4.1).
    fn show_in_presence(&mut self) {
        if self.is_online() && self.presence.availability != protocol::Availability::Offline {
            self.send_presence();
        }
    }

    fn oneself_is_shown(&mut self, picture: Option<Picture>, reply: Done) {
        self.set_own_avatar(picture.map(|picture| picture.hash));
        self.answer(reply, Ok(()));
    }

    fn discover_oneself(&self) -> Request {
        Request::DiscoverInfo(DiscoverInfo { jid: self.jid.clone().into(), node: None })
    }
}

/// Nothing further is to be tried: the server did not say no to this place, but nothing at all.
fn is_final(error: RequestError) -> bool {
    match error {
        RequestError::Lost | RequestError::TimedOut => true,
        RequestError::Refused(_) | RequestError::Malformed | RequestError::Unwritable => false,
    }
}

fn checked_text(what: &'static str, text: &str, max: usize) -> Result<String, SessionError> {
    if text.len() > max {
        return Err(SessionError::TooLong { what, max });
    }
    if is_xml(text) { Ok(text.to_owned()) } else { Err(SessionError::UnsupportedCharacter) }
}

/// A profile within its bounds, its texts without the blanks around them, without those that are empty.
fn checked(profile: Profile) -> Result<Profile, SessionError> {
    let max = MAX_PROFILE_TEXT_BYTES;
    let text = |what, text: Option<String>, max| match text.as_deref().map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => checked_text(what, text, max).map(Some),
    };
    let list = |what: &'static str, items: Vec<String>| {
        if items.len() > MAX_PROFILE_ITEMS {
            return Err(SessionError::TooMany { what, max: MAX_PROFILE_ITEMS });
        }
        let mut kept: Vec<String> = Vec::new();
        for item in items {
            let item = checked_text(what, item.trim(), max)?;
            if !item.is_empty() && !kept.contains(&item) {
                kept.push(item);
            }
        }
        Ok(kept)
    };
    Ok(Profile {
        full_name: text("full name", profile.full_name, max)?,
        nickname: text("nickname", profile.nickname, max)?,
        given_name: text("given name", profile.given_name, max)?,
        family_name: text("family name", profile.family_name, max)?,
        organisation: text("organisation", profile.organisation, max)?,
        title: text("title", profile.title, max)?,
        emails: list("emails", profile.emails)?,
        phones: list("phones", profile.phones)?,
        urls: list("urls", profile.urls)?,
        birthday: text("birthday", profile.birthday, max)?,
        note: text("note", profile.note, MAX_PROFILE_NOTE_BYTES)?,
    })
}
