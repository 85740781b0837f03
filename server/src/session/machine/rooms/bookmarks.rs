//! The rooms that the person keeps a note of, and going into those that they want to be in always (XEP-0402).
//!
//! The notes are the person's, whichever client makes them: what another client notes is done here too. A room is gone
//! into when a note begins to say so, and not again because the note still does: who left it left it.

use std::collections::BTreeMap;

use protocol::{BareJid, Bookmark, Bookmarks as Views, Event, Notify, SetBookmark};

use super::super::{Answering, Asked as Question, Machine, text};
use super::{Asked, Doing, Room, Rooms, occupant_address, room_error};
use crate::session::command::{Reply, SessionError};
use crate::session::rooms::{BookmarkChange, RoomError};
use crate::xmpp::{
    Answer as Answered, FetchBookmarks, PublishBookmark, Request, RetractBookmark, RoomBookmark,
    RoomPassword, RoomRefusal, StorePrivateBookmarks,
};

/// The longest name, nickname or password in bytes, and the most bookmarks.
const MAX_BYTES: usize = protocol::MAX_ROOM_TEXT_BYTES;
const MAX_BOOKMARKS: usize = 1000;

/// All of them, and where they are kept.
#[derive(Debug, Default)]
pub(super) struct Bookmarks {
    all: BTreeMap<BareJid, RoomBookmark>,
    /// In the private storage: the server knows of no better place, or the person's are there still.
    is_private: bool,
}

impl Rooms {
    /// What the person calls a room, else what it calls itself.
    pub(in super::super) fn name(&self, jid: &BareJid) -> Option<String> {
        let given = self.bookmarks.get(jid).and_then(|bookmark| bookmark.name.clone());
        given.or_else(|| self.all.get(jid)?.about.as_ref()?.info.name.clone())
    }

    /// What of a room is worth a notification, where the person has said so.
    pub(in super::super) fn notify(&self, jid: &BareJid) -> Option<Notify> {
        self.bookmarks.get(jid)?.notify
    }
}

impl Bookmarks {
    pub(super) fn get(&self, jid: &BareJid) -> Option<&RoomBookmark> {
        self.all.get(jid)
    }

    pub(super) fn views(&self) -> Vec<Bookmark> {
        self.all.values().map(RoomBookmark::view).collect()
    }
}

impl Machine {
    pub(in super::super) fn fetch_bookmarks(&mut self) {
        self.ask(Request::FetchBookmarks(FetchBookmarks), Question::Room(Asked::Bookmarks));
    }

    pub(super) fn bookmarks_fetched(&mut self, result: Answering) {
        let Ok(Answered::Bookmarks { all, is_private }) = result else { return };
        let all: BTreeMap<_, _> = all.into_iter().map(|bookmark| (bookmark.jid.clone(), bookmark)).collect();
        let before_views = self.rooms.bookmarks.views();
        let before = std::mem::replace(&mut self.rooms.bookmarks, Bookmarks { all, is_private }).all;
        let bookmarks = self.rooms.bookmarks.views();
        if bookmarks != before_views {
            self.publish(Event::BookmarksReplaced { bookmarks });
        }
        for bookmark in before.values() {
            if self.rooms.bookmarks.get(&bookmark.jid).is_none() {
                self.follow(Some(bookmark), None);
            }
        }
        let now: Vec<RoomBookmark> = self.rooms.bookmarks.all.values().cloned().collect();
        for bookmark in now {
            self.follow(before.get(&bookmark.jid), Some(&bookmark));
        }
        self.begin_joins();
    }

    /// What the person's account says that another of their clients noted. Nobody else's notes are theirs.
    pub(super) fn bookmarks_published(
        &mut self,
        of: &BareJid,
        changed: Vec<RoomBookmark>,
        removed: Vec<BareJid>,
    ) {
        if *of != self.jid {
            return;
        }
        for bookmark in changed {
            self.bookmark_is(&bookmark);
        }
        for jid in removed {
            self.bookmark_gone(&jid);
        }
    }

    fn bookmark_is(&mut self, bookmark: &RoomBookmark) {
        let known = &mut self.rooms.bookmarks.all;
        if known.len() >= MAX_BOOKMARKS && !known.contains_key(&bookmark.jid) {
            return;
        }
        let before = known.insert(bookmark.jid.clone(), bookmark.clone());
        if before.as_ref().map(RoomBookmark::view) != Some(bookmark.view()) {
            self.publish(Event::BookmarkChanged { bookmark: bookmark.view() });
        }
        self.follow(before.as_ref(), Some(bookmark));
        self.begin_joins();
    }

    fn bookmark_gone(&mut self, jid: &BareJid) {
        let Some(before) = self.rooms.bookmarks.all.remove(jid) else { return };
        self.publish(Event::BookmarkRemoved { jid: jid.clone() });
        self.follow(Some(&before), None);
    }

    /// Goes where a note begins to say that the person is always, and leaves where it no longer does (section 4).
    fn follow(&mut self, before: Option<&RoomBookmark>, now: Option<&RoomBookmark>) {
        if let Some(bookmark) = now.or(before)
            && (before.and_then(|before| before.notify) != now.and_then(|now| now.notify)
                || before.map(|before| &before.name) != now.map(|now| &now.name))
        {
            self.publish_conversation(&bookmark.jid.clone().into());
        }
        let was_in = before.is_some_and(|bookmark| bookmark.autojoin);
        match (was_in, before, now) {
            // Other clients note what they like.
            (false, _, Some(bookmark))
                if bookmark.autojoin
                    && self.may_be_room(&bookmark.jid)
                    && !self.rooms.contains(&bookmark.jid) =>
            {
                let nick = bookmark.nick.clone().unwrap_or_else(|| self.display_name());
                let Some(address) = occupant_address(&bookmark.jid, &nick) else { return };
                let nick = address.resource().unwrap_or_default().to_owned();
                let mut room = Room::new(nick, bookmark.password.clone(), false);
                // It is the person's room, and is tried again until it says why not.
                room.is_shown = true;
                self.rooms.all.insert(bookmark.jid.clone(), room);
            }
            (true, Some(bookmark), now) if !now.is_some_and(|now| now.autojoin) => self.leave(&bookmark.jid),
            _ => {}
        }
    }

    pub(super) fn bookmarks(&mut self, reply: Reply<Views>) {
        let views = Views { bookmarks: self.rooms.bookmarks.views() };
        self.answer(reply, views);
    }

    pub(super) fn set_bookmark(
        &mut self,
        jid: BareJid,
        wanted: SetBookmark,
        reply: Reply<Result<Bookmark, RoomError>>,
    ) {
        if !self.may_be_room(&jid) {
            return self.answer(reply, Err(RoomRefusal::NotFound.into()));
        }
        let before = self.rooms.bookmarks.get(&jid);
        let bookmark = match noted(jid, wanted, before) {
            Ok(bookmark) => bookmark,
            Err(error) => return self.answer(reply, Err(error)),
        };
        if before.is_none() && self.rooms.bookmarks.all.len() >= MAX_BOOKMARKS {
            return self.answer(reply, Err(RoomError::TooMany));
        }
        if !self.is_online() {
            return self.answer(reply, Err(SessionError::Offline.into()));
        }
        let asked = |bookmark| Question::Room(Asked::BookmarkSet { bookmark: Box::new(bookmark), reply });
        if self.rooms.bookmarks.is_private {
            let mut all = self.rooms.bookmarks.all.clone();
            all.insert(bookmark.jid.clone(), bookmark.clone());
            let all = StorePrivateBookmarks(all.into_values().collect());
            self.ask(Request::StorePrivateBookmarks(all), asked(bookmark));
        } else {
            let publish = PublishBookmark(bookmark.clone());
            self.publish_to_self(Request::PublishBookmark(publish), asked(bookmark));
        }
    }

    /// The private storage has no place for it (XEP-0048).
    pub(super) fn mute_room(&mut self, jid: BareJid, reply: Reply<Result<Bookmark, RoomError>>) {
        let before = self.rooms.bookmarks.get(&jid).map(RoomBookmark::view);
        if before.is_none() && !self.rooms.is_joined(&jid) {
            return self.answer(reply, Err(RoomError::NotJoined));
        }
        if self.rooms.bookmarks.is_private {
            return self.answer(reply, Err(RoomRefusal::NotAllowed.into()));
        }
        let change = BookmarkChange { notify: Some(Notify::Never), ..BookmarkChange::default() };
        self.set_bookmark(jid, change.apply(before), reply);
    }

    pub(super) fn remove_bookmark(&mut self, jid: &BareJid, reply: Doing) {
        if self.rooms.bookmarks.get(jid).is_none() {
            return self.answer(reply, Ok(()));
        }
        if !self.is_online() {
            return self.answer(reply, Err(SessionError::Offline.into()));
        }
        let request = if self.rooms.bookmarks.is_private {
            let mut all = self.rooms.bookmarks.all.clone();
            all.remove(jid);
            Request::StorePrivateBookmarks(StorePrivateBookmarks(all.into_values().collect()))
        } else {
            Request::RetractBookmark(RetractBookmark(jid.clone()))
        };
        self.ask(request, Question::Room(Asked::BookmarkGone { room: jid.clone(), reply }));
    }

    pub(super) fn bookmark_set(
        &mut self,
        bookmark: &RoomBookmark,
        reply: Reply<Result<Bookmark, RoomError>>,
        result: Answering,
    ) {
        let result = result.map_err(room_error).map(|_| {
            let view = bookmark.view();
            self.bookmark_is(bookmark);
            view
        });
        self.answer(reply, result);
    }

    pub(super) fn bookmark_removed(&mut self, jid: &BareJid, reply: Doing, result: Answering) {
        let result = result.map_err(room_error).map(|_| self.bookmark_gone(jid));
        self.answer(reply, result);
    }
}

/// The note that somebody wants; what other clients keep in the one there was stays.
fn noted(
    jid: BareJid,
    wanted: SetBookmark,
    before: Option<&RoomBookmark>,
) -> Result<RoomBookmark, RoomError> {
    let SetBookmark { name, nick, password, autojoin, notify } = wanted;
    for text in [&name, &nick, &password].into_iter().flatten() {
        if text.len() > MAX_BYTES {
            return Err(RoomError::TooLong);
        }
        if !text::is_xml(text) {
            return Err(SessionError::UnsupportedCharacter.into());
        }
    }
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let nick = given(nick);
    if nick.as_deref().is_some_and(|nick| occupant_address(&jid, nick).is_none()) {
        return Err(RoomError::Nick);
    }
    let password = match password {
        None => before.and_then(|before| before.password.clone()),
        Some(password) => given(Some(password)).map(RoomPassword),
    };
    Ok(RoomBookmark {
        name: given(name),
        nick,
        password,
        autojoin,
        notify,
        extensions: before.map(|before| before.extensions.clone()).unwrap_or_default(),
        jid,
    })
}
