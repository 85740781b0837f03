//! What the roster's parts share: the rows as laid out, what is typed into the filter, where the keyboard is.

use std::ops::Range;
use std::sync::Arc;

use leptos::html::{Div, Input};
use leptos::prelude::*;
use protocol::{Contact, Conversation, ConversationId, ConversationKind, Presence, Subscription};
use sdk::Model;

use super::still::Still;
use crate::browser;
use crate::contacts::{self, Entry, Row, Section, Standing};
use crate::session::{Part, Session};

/// Where the closed groups are remembered.
const CLOSED_KEY: &str = "spark-roster-closed";
/// After the name of each closed group; no group's name can hold it.
const BETWEEN: char = '\u{1f}';

/// A row, by what it is rather than where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    Heading { section: Section, count: usize, open: bool },
    Contact { section: Section, jid: ConversationId },
}

impl Item {
    /// Both are the same row, maybe opened or closed meanwhile.
    pub(super) fn is(&self, other: &Item) -> bool {
        match (self, other) {
            (Item::Heading { section: a, .. }, Item::Heading { section: b, .. }) => a == b,
            _ => self == other,
        }
    }

    /// A name for the row that no other has, as an `id` has to be.
    pub(super) fn id(&self) -> String {
        let (section, jid) = match self {
            Item::Heading { section, .. } => (section, ""),
            Item::Contact { section, jid } => (section, jid.as_str()),
        };
        String::from(js_sys::encode_uri_component(&format!("{}{BETWEEN}{jid}", section.key())))
    }
}

/// What the person asked of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    filter: String,
    closed: String,
    compact: bool,
}

/// All rows and where each begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    asked: Asked,
    pub(super) items: Vec<Item>,
    /// The upper edge of each row in pixels, and the lower edge of the last.
    pub(super) tops: Vec<u32>,
}

impl Layout {
    /// The height of all rows.
    pub(super) fn height(&self) -> u32 {
        self.tops.last().copied().unwrap_or(0)
    }

    /// The rows between two heights.
    pub(super) fn between(&self, from: u32, to: u32) -> Range<usize> {
        let first = self.tops.partition_point(|top| *top <= from).saturating_sub(1);
        let last = self.tops.partition_point(|top| *top < to).min(self.items.len());
        first.min(last)..last
    }

    /// Where a row is now.
    pub(super) fn index_of(&self, item: &Item) -> Option<usize> {
        self.items.iter().position(|other| other.is(item))
    }
}

/// The state. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct State {
    pub(super) session: Session,
    pub(super) filter: RwSignal<String>,
    pub(super) filter_input: NodeRef<Input>,
    pub(super) list: NodeRef<Div>,
    pub(super) layout: Memo<Arc<Layout>>,
    /// The row that the keyboard is on.
    pub(super) active: RwSignal<Option<Item>>,
    /// Whether rows keep their places.
    pub(super) still: Still,
    /// The closed groups, as they are remembered.
    closed: RwSignal<String>,
}

impl State {
    pub(super) fn new(session: Session) -> State {
        let closed = RwSignal::new(browser::kept(CLOSED_KEY).unwrap_or_default());
        let filter = RwSignal::new(String::new());
        let still = Still::new();
        let layout = Memo::new(move |before: Option<&Arc<Layout>>| {
            let compact = session.element().attribute("density").as_deref() == Some("compact");
            let asked = Asked { filter: filter.get(), closed: closed.get(), compact };
            match before {
                Some(before) if still.is_held() && before.asked == asked => Arc::clone(before),
                _ => Arc::new(session.read(Part::Roster, |model| lay_out(model, asked))),
            }
        });
        State {
            session,
            filter,
            filter_input: NodeRef::new(),
            list: NodeRef::new(),
            layout,
            active: RwSignal::new(None),
            still,
            closed,
        }
    }

    /// Where a row is, if it is among those in sight; tracked.
    pub(super) fn find(self, in_sight: Memo<Range<usize>>, item: &Item) -> Option<usize> {
        let mut range = in_sight.get();
        self.layout
            .with(|layout| range.find(|index| layout.items.get(*index).is_some_and(|other| other.is(item))))
    }

    /// Opens or closes a group, and remembers it.
    pub(super) fn toggle(self, section: &Section) {
        let key = section.key();
        let closed = self.closed.get_untracked();
        let mut kept = String::new();
        for name in names(&closed).filter(|name| *name != key) {
            kept.push_str(name);
            kept.push(BETWEEN);
        }
        if kept.len() == closed.len() {
            kept.push_str(key);
            kept.push(BETWEEN);
        }
        browser::keep(CLOSED_KEY, &kept);
        self.closed.set(kept);
    }

    /// Does what choosing a row does.
    pub(super) fn choose(self, item: &Item, elsewhere: bool) {
        self.active.set(Some(item.clone()));
        match item {
            Item::Heading { section, .. } => self.toggle(section),
            Item::Contact { jid, .. } => super::open(self.session, jid, elsewhere),
        }
    }
}

/// The names of closed groups.
fn names(closed: &str) -> impl Iterator<Item = &str> {
    closed.split_terminator(BETWEEN)
}

fn lay_out(model: &Model, asked: Asked) -> Layout {
    let (heading, row) = if asked.compact { (32, 40) } else { (32, 52) };
    // Somebody in a room is nobody's contact: a nickname is all there is.
    let is_stranger = |id: &ConversationId| id.nick().is_some() || model.contact(&id.bare()).is_none();
    // In a room the person is, also where nothing was said yet.
    let is_begun = |conversation: &Conversation| {
        conversation.last_message.is_some() || conversation.kind == ConversationKind::Room
    };
    let strangers: Vec<(ConversationId, Contact)> = model
        .conversations()
        .values()
        .filter(|conversation| is_begun(conversation) && is_stranger(&conversation.jid))
        .map(|conversation| (conversation.jid.clone(), stranger(conversation)))
        .collect();
    let listed = model.contacts().values().map(|contact| (None, contact));
    let id_of = |id: Option<&ConversationId>, contact: &Contact| {
        id.cloned().unwrap_or_else(|| contact.jid.clone().into())
    };
    let entries: Vec<Entry<'_>> = listed
        .chain(strangers.iter().map(|(id, contact)| (Some(id), contact)))
        .map(|(id, contact)| {
            let conversation = model.conversation(&id_of(id, contact));
            let last = conversation.and_then(|conversation| conversation.last_message.as_ref());
            Entry {
                contact,
                standing: match id {
                    None => Standing::Listed,
                    Some(id) if model.is_person(id) => Standing::Stranger,
                    Some(_) => Standing::OfRoom,
                },
                unread: conversation.map_or(0, Conversation::noted),
                last_at_ms: last.map_or(0, |message| message.sent_at_ms),
            }
        })
        .collect();
    let rows = contacts::arrange(&entries, &asked.filter, &|section| {
        names(&asked.closed).any(|name| name == section.key())
    });
    let mut layout = Layout { asked, items: Vec::with_capacity(rows.len()), tops: vec![0] };
    let mut top = 0;
    for laid in rows {
        top += if matches!(laid, Row::Heading { .. }) { heading } else { row };
        layout.tops.push(top);
        layout.items.push(match laid {
            Row::Heading { section, count, open } => Item::Heading { section, count, open },
            Row::Contact { section, index } => {
                let stranger = index.checked_sub(entries.len() - strangers.len());
                let id = stranger.and_then(|at| strangers.get(at)).map(|(id, _)| id);
                Item::Contact { section, jid: id_of(id, entries[index].contact) }
            }
        });
    }
    layout
}

/// Somebody who wrote and is no contact, as a contact of whom nothing is known.
fn stranger(conversation: &Conversation) -> Contact {
    let id = &conversation.jid;
    Contact {
        jid: id.bare(),
        name: conversation.name.clone().or_else(|| id.nick().map(str::to_owned)),
        groups: Vec::new(),
        subscription: Subscription::None,
        pending: false,
        pre_approved: false,
        presence: Presence::default(),
        avatar: None,
    }
}
