//! The session that the elements of a page share: which gateway, its client, and what of the model is being watched.
//!
//! Knows the client and its changes. Must never know what is done with them: views read, signals tell them when.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::prelude::*;
use protocol::{ConnectionState, ConversationId};
use sdk::{Change, Client, Map, Model, Status, Subscription};

use crate::element::Element;
use crate::gateway;
use crate::watch::memo;

/// How often at most the whole contact list is laid out anew, in milliseconds: presences come in storms.
const ROSTER_EVERY_MS: f64 = 60.0;

/// A part of the model that changes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The person: name, presence, avatar, connection.
    Account,
    /// Contacts and conversations: everything that the contact list shows.
    Roster,
}

/// What an element shows at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Not known yet, or on its way.
    Starting,
    /// Nobody is signed in, or not wholly.
    SignedOut,
    /// The model shows somebody's session.
    SignedIn,
}

/// One gateway's client, shared by all elements of the module, for as long as the page lives.
struct Shared {
    client: Client,
    status: ArcTrigger,
    account: ArcTrigger,
    roster: ArcTrigger,
    /// One for each conversation that somebody looks at.
    timelines: RefCell<Map<ConversationId, ArcTrigger>>,
    roster_told_at: Cell<f64>,
    roster_waits: Cell<bool>,
    /// The elements on the page, in the order in which they came: number and tag.
    elements: RefCell<Vec<(u32, &'static str)>>,
    next_element: Cell<u32>,
    speaker: ArcRwSignal<Option<u32>>,
    has_roster: ArcRwSignal<bool>,
    open: ArcRwSignal<Option<ConversationId>>,
    subscription: RefCell<Option<Subscription>>,
}

thread_local! {
    static SESSIONS: RefCell<Map<String, Rc<Shared>>> = const { RefCell::new(Map::new()) };
}

/// The shared session, as one element's view sees it. Cheap to copy; it lives as long as the view.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    shared: StoredValue<Rc<Shared>, LocalStorage>,
    element: Element,
    number: u32,
}

impl Session {
    /// The session at the gateway which the element, the page or the module names. Joins the elements on the page
    /// until the reactive owner is disposed of.
    pub(crate) fn of(element: Element) -> Session {
        let shared = shared(&gateway::of(element));
        let number = shared.join(element.tag());
        let leaving = StoredValue::new_local(Rc::clone(&shared));
        on_cleanup(move || {
            leaving.try_with_value(|shared| shared.leave(number));
        });
        Session { shared: StoredValue::new_local(shared), element, number }
    }

    /// The element whose view this is.
    pub(crate) fn element(self) -> Element {
        self.element
    }

    /// The client.
    pub(crate) fn client(self) -> Client {
        self.shared.with_value(|shared| shared.client.clone())
    }

    /// How the client stands with the gateway, tracked.
    pub(crate) fn status(self) -> Status {
        self.shared.with_value(|shared| {
            shared.status.track();
            shared.client.status()
        })
    }

    /// Reads a part of the model, tracked.
    pub(crate) fn read<T>(self, part: Part, read: impl FnOnce(&Model) -> T) -> T {
        self.shared.with_value(|shared| {
            match part {
                Part::Account => shared.account.track(),
                Part::Roster => shared.roster.track(),
            }
            read(&shared.client.model())
        })
    }

    /// Reads a conversation of the model, tracked: its messages, its summary and what the other side is doing.
    pub(crate) fn read_conversation<T>(self, jid: &ConversationId, read: impl FnOnce(&Model) -> T) -> T {
        self.shared.with_value(|shared| {
            shared.timelines.borrow_mut().get_or_insert_with(jid, ArcTrigger::new).track();
            read(&shared.client.model())
        })
    }

    /// Reads the model as it is now, untracked.
    pub(crate) fn peek<T>(self, read: impl FnOnce(&Model) -> T) -> T {
        self.shared.with_value(|shared| read(&shared.client.model()))
    }

    /// What the element shows at all, tracked.
    pub(crate) fn phase(self) -> Memo<Phase> {
        memo(move || match self.status() {
            Status::Restoring => Phase::Starting,
            Status::SignedOut { .. } | Status::SigningIn | Status::Pending | Status::MustSetUp => {
                Phase::SignedOut
            }
            Status::Loading | Status::Live | Status::Reconnecting { .. } => {
                let known = self.read(Part::Account, |model| model.account().is_some());
                if known { Phase::SignedIn } else { Phase::Starting }
            }
        })
    }

    /// How the session's connection to the XMPP server stands, tracked.
    pub(crate) fn connection(self) -> Option<ConnectionState> {
        self.read(Part::Account, |model| model.account().map(|account| account.connection))
    }

    /// Whether this element speaks for the page, tracked: it offers the sign-in form and tells what concerns the whole
    /// session, so that both happen once.
    pub(crate) fn is_speaker(self) -> bool {
        self.shared.with_value(|shared| shared.speaker.clone()).get() == Some(self.number)
    }

    /// Whether a roster is on the page, tracked: it shows who is signed in, and the way out.
    pub(crate) fn has_roster(self) -> bool {
        self.shared.with_value(|shared| shared.has_roster.clone()).get()
    }

    /// The conversation that a chat on the page shows, to be marked in the roster.
    pub(crate) fn open(self) -> ArcRwSignal<Option<ConversationId>> {
        self.shared.with_value(|shared| shared.open.clone())
    }
}

impl Shared {
    fn join(&self, tag: &'static str) -> u32 {
        let number = self.next_element.replace(self.next_element.get().wrapping_add(1));
        self.elements.borrow_mut().push((number, tag));
        self.elect();
        number
    }

    fn leave(&self, number: u32) {
        self.elements.borrow_mut().retain(|(known, _)| *known != number);
        self.elect();
    }

    /// The sign-in element speaks for the page, else a roster, else a chat; of equals the one that came first.
    fn elect(&self) {
        let rank =
            |tag: &str| ["spark-signin", "spark-roster", "spark-chat"].iter().position(|known| *known == tag);
        let speaker =
            self.elements.borrow().iter().min_by_key(|(_, tag)| rank(tag)).map(|(number, _)| *number);
        if self.speaker.get_untracked() != speaker {
            self.speaker.set(speaker);
        }
        let has_roster = self.elements.borrow().iter().any(|(_, tag)| *tag == "spark-roster");
        if self.has_roster.get_untracked() != has_roster {
            self.has_roster.set(has_roster);
        }
    }

    fn hear(self: &Rc<Self>, change: &Change) {
        match change {
            Change::Status => {
                self.status.notify();
                self.account.notify();
            }
            Change::Account => self.account.notify(),
            Change::Roster | Change::Conversations => {
                self.tell_roster();
                self.timelines.borrow().values().for_each(Notify::notify);
            }
            Change::ContactAdded(jid) | Change::Contact(jid) | Change::ContactRemoved(jid) => {
                self.tell_roster();
                self.tell_timeline(&jid.clone().into());
            }
            Change::Conversation(jid) | Change::ChatState(jid) | Change::Draft(jid) => {
                self.tell_roster();
                self.tell_timeline(jid);
            }
            Change::Timeline(jid) => self.tell_timeline(jid),
            // What no element shows.
            _ => {}
        }
    }

    fn tell_timeline(&self, jid: &ConversationId) {
        if let Some(trigger) = self.timelines.borrow().get(jid) {
            trigger.notify();
        }
    }

    /// Tells at once if it has been quiet, else once the time is up: the first change shows at once, a storm now and
    /// then.
    fn tell_roster(self: &Rc<Self>) {
        if self.roster_waits.get() {
            return;
        }
        let wait_ms = self.roster_told_at.get() + ROSTER_EVERY_MS - js_sys::Date::now();
        if wait_ms <= 0.0 {
            self.roster_told_at.set(js_sys::Date::now());
            self.roster.notify();
            return;
        }
        self.roster_waits.set(true);
        let shared = Rc::clone(self);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 60")]
        let wait = std::time::Duration::from_millis(wait_ms.min(ROSTER_EVERY_MS) as u64);
        set_timeout(
            move || {
                shared.roster_waits.set(false);
                shared.roster_told_at.set(js_sys::Date::now());
                shared.roster.notify();
            },
            wait,
        );
    }
}

fn shared(gateway: &str) -> Rc<Shared> {
    let client = Client::for_gateway(gateway);
    if let Some(shared) = SESSIONS.with_borrow(|sessions| sessions.get(&client.gateway().to_owned()).cloned())
    {
        return shared;
    }
    let shared = Rc::new(Shared {
        client: client.clone(),
        status: ArcTrigger::new(),
        account: ArcTrigger::new(),
        roster: ArcTrigger::new(),
        timelines: RefCell::default(),
        roster_told_at: Cell::new(0.0),
        roster_waits: Cell::new(false),
        elements: RefCell::default(),
        next_element: Cell::new(0),
        speaker: ArcRwSignal::new(None),
        has_roster: ArcRwSignal::new(false),
        open: ArcRwSignal::new(None),
        subscription: RefCell::default(),
    });
    let weak = Rc::downgrade(&shared);
    let subscription = client.subscribe(move |change| {
        if let Some(shared) = weak.upgrade() {
            shared.hear(change);
        }
    });
    shared.subscription.replace(Some(subscription));
    SESSIONS.with_borrow_mut(|sessions| sessions.insert(client.gateway().to_owned(), Rc::clone(&shared)));
    client.start();
    shared
}
