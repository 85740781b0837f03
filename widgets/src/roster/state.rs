//! What the roster's parts share: the rows as laid out, what is typed into the filter, where the keyboard is.

use std::collections::BTreeSet;
use std::sync::Arc;

use leptos::html::{Div, Input};
use leptos::prelude::*;
use protocol::{BareJid, Contact, Presence, Subscription};
use sdk::Model;

use crate::browser;
use crate::contacts::{self, Entry, Row, Section};
use crate::session::{Part, Session};
use crate::watch::memo;

/// Where the closed groups are remembered.
const CLOSED_KEY: &str = "spark-roster-closed";
/// Between names of closed groups; no group's name can hold it.
const BETWEEN: char = '\u{1f}';

/// A row, by what it is rather than where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    Heading { section: Section, count: usize, open: bool },
    Contact { section: Section, jid: BareJid },
}

impl Item {
    /// Both are the same row, maybe opened or closed meanwhile.
    pub(super) fn is(&self, other: &Item) -> bool {
        match (self, other) {
            (Item::Heading { section: a, .. }, Item::Heading { section: b, .. }) => a == b,
            _ => self == other,
        }
    }
}

/// All rows and where each begins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Layout {
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
    pub(super) fn between(&self, from: u32, to: u32) -> std::ops::Range<usize> {
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
    closed: RwSignal<BTreeSet<String>>,
}

impl State {
    pub(super) fn new(session: Session) -> State {
        let kept = browser::kept(CLOSED_KEY).unwrap_or_default();
        let closed: RwSignal<BTreeSet<String>> =
            RwSignal::new(kept.split_terminator(BETWEEN).map(str::to_owned).collect());
        let filter = RwSignal::new(String::new());
        let compact = memo(move || session.element().attribute("density").as_deref() == Some("compact"));
        let layout = memo(move || {
            let (heading, row) = if compact.get() { (32, 40) } else { (32, 52) };
            let filter = filter.get();
            Arc::new(closed.with(|closed| {
                session.read(Part::Roster, |model| lay_out(model, &filter, closed, heading, row))
            }))
        });
        State {
            session,
            filter,
            filter_input: NodeRef::new(),
            list: NodeRef::new(),
            layout,
            active: RwSignal::new(None),
            closed,
        }
    }

    /// Opens or closes a group, and remembers it.
    pub(super) fn toggle(self, section: &Section) {
        self.closed.update(|closed| {
            if !closed.remove(section.key()) {
                closed.insert(section.key().to_owned());
            }
        });
        let kept = self
            .closed
            .with_untracked(|closed| closed.iter().fold(String::new(), |text, key| text + key + "\u{1f}"));
        browser::keep(CLOSED_KEY, &kept);
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

fn lay_out(model: &Model, filter: &str, closed: &BTreeSet<String>, heading: u32, row: u32) -> Layout {
    let strangers: Vec<Contact> = model
        .conversations()
        .values()
        .filter(|conversation| {
            model.contact(&conversation.jid).is_none() && conversation.last_message.is_some()
        })
        .map(|conversation| stranger(&conversation.jid))
        .collect();
    let listed = model.contacts().values().map(|contact| (contact, true));
    let entries: Vec<Entry<'_>> = listed
        .chain(strangers.iter().map(|contact| (contact, false)))
        .map(|(contact, listed)| {
            let conversation = model.conversation(&contact.jid);
            let last = conversation.and_then(|conversation| conversation.last_message.as_ref());
            Entry {
                contact,
                listed,
                unread: conversation.map_or(0, |conversation| conversation.unread),
                last_at_ms: last.map_or(0, |message| message.sent_at_ms),
            }
        })
        .collect();
    let rows = contacts::arrange(&entries, filter, &|section| closed.contains(section.key()));
    let mut layout = Layout { items: Vec::with_capacity(rows.len()), tops: vec![0] };
    let mut top = 0;
    for laid in rows {
        top += if matches!(laid, Row::Heading { .. }) { heading } else { row };
        layout.tops.push(top);
        layout.items.push(match laid {
            Row::Heading { section, count, open } => Item::Heading { section, count, open },
            Row::Contact { section, index } => {
                Item::Contact { section, jid: entries[index].contact.jid.clone() }
            }
        });
    }
    layout
}

/// Somebody who wrote and is no contact, as a contact of whom nothing is known.
fn stranger(jid: &BareJid) -> Contact {
    Contact {
        jid: jid.clone(),
        name: None,
        groups: Vec::new(),
        subscription: Subscription::None,
        pending: false,
        pre_approved: false,
        presence: Presence::default(),
        avatar: None,
    }
}
