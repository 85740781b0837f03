//! How the contact list is laid out: unread conversations, groups, order, and what the filter leaves.
//!
//! Knows contacts and conversations as the wire has them. Must never know the DOM or the client.

use std::cmp::Ordering;

use protocol::{Availability, Contact};
use sdk::Map;

use crate::letters::lower;

/// What the list shows of one contact.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    /// The contact.
    pub(crate) contact: &'a Contact,
    /// Why it is in the list.
    pub(crate) standing: Standing,
    /// How many messages of theirs nobody has looked at.
    pub(crate) unread: u32,
    /// When the newest message of the conversation was sent; 0 where there is none.
    pub(crate) last_at_ms: i64,
}

/// Why somebody, or something, is in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// They are in the roster.
    Listed,
    /// It is a room, or somebody in one.
    OfRoom,
    /// They wrote.
    Stranger,
}

/// Which part of the list a group heading opens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Section {
    /// Conversations with something unread.
    Unread,
    /// Rooms, and people in them.
    Rooms,
    /// A group of the roster.
    Group(String),
    /// Contacts in no group.
    Ungrouped,
    /// People who wrote and are no contacts.
    Others,
}

impl Section {
    /// The section as text, to remember it by.
    pub(crate) fn key(&self) -> &str {
        match self {
            Section::Unread => "\u{0}unread",
            Section::Rooms => "\u{0}rooms",
            Section::Group(name) => name,
            Section::Ungrouped => "",
            Section::Others => "\u{0}others",
        }
    }
}

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Row {
    /// A heading.
    Heading {
        /// Of what.
        section: Section,
        /// How many contacts are under it.
        count: usize,
        /// Whether they are shown.
        open: bool,
    },
    /// The contact at this index of the entries.
    Contact {
        /// Under which heading, since a contact may be in several groups.
        section: Section,
        /// Which.
        index: usize,
    },
}

/// The name under which somebody is listed: the one given to them, else their address's local part.
pub(crate) fn display_name(contact: &Contact) -> &str {
    match contact.name.as_deref().map(str::trim) {
        Some(name) if !name.is_empty() => name,
        _ => contact.jid.local().unwrap_or(contact.jid.as_str()),
    }
}

/// Sorts by an order in which no two are equal; once, whatever the order is.
fn sort(indices: &mut [usize], order: &dyn Fn(&usize, &usize) -> Ordering) {
    indices.sort_unstable_by(order);
}

/// Lays the list out. `closed` says which sections the person has closed; a filter shows all that it finds.
pub(crate) fn arrange(entries: &[Entry<'_>], filter: &str, closed: &dyn Fn(&Section) -> bool) -> Vec<Row> {
    let names: Vec<String> = entries.iter().map(|entry| lower(display_name(entry.contact))).collect();
    let words: Vec<String> = filter.split_whitespace().map(lower).collect();
    let by_name = |&a: &usize, &b: &usize| names[a].cmp(&names[b]).then_with(|| a.cmp(&b));
    let by_presence =
        |a: &usize, b: &usize| rank(entries[*a]).cmp(&rank(entries[*b])).then_with(|| by_name(a, b));

    if !words.is_empty() {
        let mut found: Vec<usize> = (0..entries.len())
            .filter(|&index| {
                let address = lower(entries[index].contact.jid.as_str());
                words.iter().all(|word| names[index].contains(word) || address.contains(word))
            })
            .collect();
        // Who is called what was typed comes before who merely contains it.
        let opens = |index: usize| {
            let first = &words[0];
            !(names[index].starts_with(first)
                || names[index].split_whitespace().any(|name| name.starts_with(first)))
        };
        sort(&mut found, &|a, b| opens(*a).cmp(&opens(*b)).then_with(|| by_presence(a, b)));
        return found.into_iter().map(|index| Row::Contact { section: Section::Ungrouped, index }).collect();
    }

    let mut rows = Vec::with_capacity(entries.len() + 8);
    let mut unread: Vec<usize> = (0..entries.len()).filter(|&index| entries[index].unread > 0).collect();
    if !unread.is_empty() {
        let newest_first = |a: &usize, b: &usize| entries[*b].last_at_ms.cmp(&entries[*a].last_at_ms);
        sort(&mut unread, &|a, b| newest_first(a, b).then_with(|| a.cmp(b)));
        push_section(&mut rows, &Section::Unread, &unread, true, true);
    }
    let mut groups: Map<(String, Section), Vec<usize>> = Map::new();
    for (index, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.unread == 0) {
        // After every named group, whatever they are called.
        let last = "\u{10ffff}".to_owned();
        let without_group = match entry.standing {
            // Before every named group.
            Standing::OfRoom => Some((String::new(), Section::Rooms)),
            Standing::Stranger => Some((last, Section::Others)),
            Standing::Listed => entry.contact.groups.is_empty().then_some((last, Section::Ungrouped)),
        };
        if let Some(key) = without_group {
            groups.get_or_insert_with(&key, Vec::new).push(index);
        }
        for group in &entry.contact.groups {
            groups.get_or_insert_with(&(lower(group), Section::Group(group.clone())), Vec::new).push(index);
        }
    }
    // A list without groups needs no heading to tell it from anything.
    let headed = groups.len() > 1
        || !unread.is_empty()
        || groups.keys().any(|(_, section)| *section != Section::Ungrouped);
    for ((_, section), mut members) in groups.into_items() {
        sort(&mut members, &by_presence);
        let open = !headed || !closed(&section);
        push_section(&mut rows, &section, &members, open, headed);
    }
    rows
}

fn push_section(rows: &mut Vec<Row>, section: &Section, members: &[usize], open: bool, headed: bool) {
    if headed {
        rows.push(Row::Heading { section: section.clone(), count: members.len(), open });
    }
    if open {
        rows.extend(members.iter().map(|&index| Row::Contact { section: section.clone(), index }));
    }
}

/// The order of presences in the list: who can be reached first.
fn rank(entry: Entry<'_>) -> u8 {
    match entry.contact.presence.availability {
        Availability::Chat | Availability::Available => 0,
        Availability::Away => 1,
        Availability::DoNotDisturb => 2,
        Availability::ExtendedAway => 3,
        Availability::Offline => 4,
    }
}

#[cfg(test)]
mod tests {
    use protocol::{Presence, Subscription};

    use super::*;

    /// `jid[=Name][#group][#group][*unread][!presence]`
    fn contact(text: &str) -> (Contact, u32) {
        let cut =
            |mark: char| text.split(mark).nth(1).map(|rest| rest.split(['=', '#', '*', '!']).next().unwrap());
        let availability = match cut('!') {
            Some("away") => Availability::Away,
            Some("on") => Availability::Available,
            _ => Availability::Offline,
        };
        let contact = Contact {
            jid: text.split(['=', '#', '*', '!']).next().unwrap().parse().unwrap(),
            name: cut('=').map(str::to_owned),
            groups: text
                .split('#')
                .skip(1)
                .map(|g| g.split(['=', '*', '!']).next().unwrap().to_owned())
                .collect(),
            subscription: Subscription::Both,
            pending: false,
            pre_approved: false,
            presence: Presence { availability, ..Presence::default() },
            avatar: None,
        };
        (contact, cut('*').map_or(0, |count| count.parse().unwrap()))
    }

    #[track_caller]
    fn check(contacts: &[&str], filter: &str, closed: &[&str], expected: &[&str]) {
        let contacts: Vec<_> = contacts.iter().map(|text| contact(text)).collect();
        let entries: Vec<_> = contacts
            .iter()
            .map(|(contact, unread)| Entry {
                contact,
                standing: match contact.jid.domain() {
                    "stranger" => Standing::Stranger,
                    "room" => Standing::OfRoom,
                    _ => Standing::Listed,
                },
                unread: *unread,
                last_at_ms: i64::from(*unread),
            })
            .collect();
        let rows = arrange(&entries, filter, &|section| closed.contains(&section.key()));
        let got: Vec<String> = rows
            .iter()
            .map(|row| match row {
                Row::Heading { section, count, open } => {
                    format!(
                        "{} {:?} {count}",
                        if *open { "v" } else { ">" },
                        section.key().trim_start_matches('\0')
                    )
                }
                Row::Contact { index, .. } => display_name(entries[*index].contact).to_owned(),
            })
            .collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn without_groups_there_are_no_headings() {
        check(&["b@x", "a@x"], "", &[], &["a", "b"]);
    }

    #[test]
    fn presence_comes_before_name() {
        check(&["a@x", "b@x!away", "c@x!on", "d@x!on"], "", &[], &["c", "d", "b", "a"]);
    }

    #[test]
    fn groups_are_sorted_and_those_without_come_last() {
        check(
            &["a@x#zeta", "b@x#Alpha", "c@x", "d@x#Alpha#zeta"],
            "",
            &[],
            &["v \"Alpha\" 2", "b", "d", "v \"zeta\" 2", "a", "d", "v \"\" 1", "c"],
        );
    }

    #[test]
    fn those_who_only_wrote_come_after_all_contacts() {
        check(&["a@stranger", "b@x"], "", &[], &["v \"\" 1", "b", "v \"others\" 1", "a"]);
    }

    #[test]
    fn rooms_come_before_all_groups() {
        check(
            &["a@x#1", "b@room", "c@stranger", "d@room"],
            "",
            &[],
            &["v \"rooms\" 2", "b", "d", "v \"1\" 1", "a", "v \"others\" 1", "c"],
        );
    }

    #[test]
    fn closed_groups_keep_their_heading() {
        check(&["a@x#one", "b@x#two"], "", &["one"], &["> \"one\" 1", "v \"two\" 1", "b"]);
    }

    #[test]
    fn unread_conversations_come_first_and_are_shown_once() {
        check(&["a@x#one", "b@x#one*1", "c@x*7"], "", &[], &["v \"unread\" 2", "c", "b", "v \"one\" 1", "a"]);
    }

    #[test]
    fn the_filter_looks_at_names_and_addresses_and_into_closed_groups() {
        let contacts = [
            "ro@x=Romeo Montague#one",
            "be@x=Benvolio#one",
            "la@mont.x=Lawrence",
            "mo@x=Monica#two",
            "pa@x=Piedmont",
        ];
        check(&contacts, "mont", &["one"], &["Romeo Montague", "Lawrence", "Piedmont"]);
        check(&contacts, "  ROMEO mont ", &[], &["Romeo Montague"]);
        check(&contacts, "nobody", &[], &[]);
    }
}
