//! What the person has seen: the unread line, the count of what came below, and telling the gateway what was read.
//!
//! Knows when somebody is looking. Must never know how messages look.

use leptos::prelude::*;
use protocol::{Direction, MessageId};
use sdk::Change;
use wasm_bindgen::prelude::*;

use super::Chat;
use super::rows::lines;
use super::scroll::Scroll;
use crate::browser;
use crate::page::hold;
use crate::strings;
use crate::timeline;
use crate::watch::effect;

/// The state. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    chat: Chat,
    scroll: Scroll,
    /// The message above which the unread line is. By its id: history that is loaded anew has new keys.
    pub(super) first_unread: RwSignal<Option<MessageId>>,
    /// How many messages came in while the reader was further up.
    pub(super) below: RwSignal<u32>,
    /// The first page is there and scrolled to where reading begins: from now on what is in sight is read.
    begun: StoredValue<bool>,
    /// What a screen reader is to say.
    pub(super) announced: RwSignal<String>,
}

impl Reading {
    pub(super) fn new(chat: Chat, scroll: Scroll) -> Reading {
        let reading = Reading {
            chat,
            scroll,
            first_unread: RwSignal::new(None),
            below: RwSignal::new(0),
            begun: StoredValue::new(false),
            announced: RwSignal::new(String::new()),
        };
        reading.hear();
        reading.watch_attention();
        effect(move || {
            if scroll.at_end.get() {
                reading.below.set(0);
                reading.mark();
            }
        });
        reading
    }

    /// The reader is where reading begins.
    pub(super) fn ready(self) {
        self.begun.try_set_value(true);
        self.mark();
    }

    /// The first messages are there: the line goes above what nobody has looked at yet. True if there is a line.
    pub(super) fn begin(self) -> bool {
        let first = self.chat.session.peek(|model| {
            let jid = self.chat.jid();
            let unread = model.conversation(&jid).map_or(0, |conversation| conversation.unread);
            let timeline = model.timeline(&jid)?;
            let key = timeline::first_unread(&lines(timeline.entries()), unread)?;
            Some(timeline.entry(key)?.id().clone())
        });
        let is_line = first.is_some();
        self.first_unread.set(first);
        is_line
    }

    /// Tells the gateway that all was seen, if somebody is looking at the newest message.
    pub(super) fn mark(self) {
        let unread = self.chat.session.peek(|model| {
            model.conversation(&self.chat.jid()).is_some_and(|conversation| conversation.unread > 0)
        });
        if unread && self.begun.try_get_value() == Some(true) && self.is_looking() {
            self.chat.handle().mark_read();
        }
    }

    fn is_looking(self) -> bool {
        let shown = self.chat.session.element().host().client_height() > 0;
        shown && self.scroll.at_end.get_untracked() && browser::is_attended()
    }

    /// Hears of each message once, live.
    fn hear(self) {
        let jid = self.chat.jid();
        let subscription = self.chat.session.client().subscribe(move |change| match change {
            Change::Message(with, message) if *with == jid => match message.direction {
                Direction::Outgoing => self.first_unread.set(None),
                Direction::Incoming => {
                    let name = self.chat.name.get_untracked();
                    self.announced.set(strings::announced(&name, &super::body::preview(message)));
                    if !self.is_looking() {
                        self.came_unseen();
                    }
                }
            },
            _ => {}
        });
        hold(subscription);
    }

    /// A message came while nobody was looking: the line goes above the first such.
    fn came_unseen(self) {
        if !self.scroll.at_end.get_untracked() {
            self.below.update(|count| *count += 1);
        }
        let newest = self.chat.session.peek(|model| {
            let jid = self.chat.jid();
            let unread = model.conversation(&jid).map_or(0, |conversation| conversation.unread);
            let entry = model.timeline(&jid)?.entries().iter().rfind(|entry| entry.progress.is_none())?;
            Some((entry.id().clone(), unread))
        });
        if let Some((id, unread)) = newest
            && (unread <= 1 || self.first_unread.with_untracked(Option::is_none))
        {
            self.first_unread.set(Some(id));
        }
    }

    /// Somebody coming back to the page has then seen what is in sight.
    fn watch_attention(self) {
        let on_attention = Closure::<dyn Fn()>::new(move || self.mark());
        let function = on_attention.as_ref().unchecked_ref::<js_sys::Function>().clone();
        // They fail only for what is no function.
        let _ = browser::window().add_event_listener_with_callback("focus", &function);
        let _ = browser::document().add_event_listener_with_callback("visibilitychange", &function);
        hold((Unlisten(function), on_attention));
    }
}

/// Stops listening when dropped.
struct Unlisten(js_sys::Function);

impl Drop for Unlisten {
    fn drop(&mut self) {
        let _ = browser::window().remove_event_listener_with_callback("focus", &self.0);
        let _ = browser::document().remove_event_listener_with_callback("visibilitychange", &self.0);
    }
}
