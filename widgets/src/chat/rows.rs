//! The timeline's rows as signals: what stays the same keeps its place on the page, and with it the focus, the
//! selection and the scroll position.
//!
//! Knows entries and places. Must never know how a row looks.

use std::sync::Arc;

use leptos::prelude::*;
use protocol::Direction;
use sdk::{Entry, Map};

use crate::browser;
use crate::time::Day;
use crate::timeline::{self, Line, Place};

/// A message and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) entry: Arc<Entry>,
    pub(super) place: Place,
}

/// A row by its key, which it keeps whatever becomes of it.
pub(super) type KeyedRow = (u32, ArcRwSignal<Row>);

/// A day, and how often it was there before.
pub(super) type SectionKey = (Day, usize);

/// A day and its rows.
pub(super) type Section = (SectionKey, ArcRwSignal<Vec<KeyedRow>>);

/// Every row of one timeline.
#[derive(Default)]
pub(super) struct Rows {
    rows: Map<u32, ArcRwSignal<Row>>,
    days: Map<SectionKey, ArcRwSignal<Vec<KeyedRow>>>,
}

/// What the layout needs to know of each entry.
pub(super) fn lines(entries: &[Arc<Entry>]) -> Vec<Line> {
    entries
        .iter()
        .map(|entry| Line {
            key: entry.key,
            own: entry.message.direction == Direction::Outgoing,
            sender: entry.message.sender.as_ref().map_or(0, |sender| hash(&sender.nick)),
            at_ms: entry.message.sent_at_ms,
            day: browser::day_of(entry.message.sent_at_ms),
        })
        .collect()
}

/// Tells nicknames apart (FNV-1a). Two that it can't would stand together, each under the first one's name.
fn hash(nick: &str) -> u32 {
    nick.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

impl Rows {
    /// Lays the entries out, and wakes only what changed.
    pub(super) fn update(&mut self, entries: &[Arc<Entry>], first_unread: Option<u32>) -> Vec<Section> {
        let (mut rows, mut days) = (Map::new(), Map::new());
        let mut sections = Vec::new();
        for section in timeline::arrange(&lines(entries), first_unread) {
            let mut keyed = Vec::with_capacity(section.places.len());
            for (entry, place) in entries[section.from..].iter().zip(&section.places) {
                let row = Row { entry: Arc::clone(entry), place: *place };
                let signal = match self.rows.remove(&entry.key) {
                    Some(signal) => {
                        if signal.with_untracked(|before| *before != row) {
                            signal.set(row);
                        }
                        signal
                    }
                    None => ArcRwSignal::new(row),
                };
                keyed.push((entry.key, signal.clone()));
                rows.insert(entry.key, signal);
            }
            let key = (section.day, section.again);
            let signal = match self.days.remove(&key) {
                Some(signal) => {
                    let keys = |rows: &[KeyedRow]| rows.iter().map(|(key, _)| *key).collect::<Vec<_>>();
                    if signal.with_untracked(|before| keys(before) != keys(&keyed)) {
                        signal.set(keyed);
                    }
                    signal
                }
                None => ArcRwSignal::new(keyed),
            };
            days.insert(key, signal.clone());
            sections.push((key, signal));
        }
        self.rows = rows;
        self.days = days;
        sections
    }
}
