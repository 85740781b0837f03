//! The contacts, and how each of them is there.
//!
//! A session holds them for hours and hardly looks at them, and there are fifty of them where there is one of anything
//! else: so they are kept tightly, in lists rather than trees, which have room for as many again.

use std::collections::HashSet;
use std::sync::Arc;

use protocol::{Availability, AvatarHash, BareJid, Contact, Event, Presence, Subscription, TimestampMs};

use crate::xmpp::{IncomingPresence, PresenceChange, RosterItem, SetRosterItem};

/// The most devices of one contact: who says they have more is not believed.
const MAX_DEVICES: usize = 32;

/// Of whom nothing was heard.
static UNKNOWN: Presence = Presence { availability: Availability::Offline, status: None, since_ms: None };

/// Everybody in the roster, in the order of their addresses.
#[derive(Debug, Default)]
pub(super) struct Contacts(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    jid: BareJid,
    name: Option<Box<str>>,
    groups: Groups,
    subscription: Subscription,
    pending: bool,
    pre_approved: bool,
    /// Nothing for the many of whom nothing was heard.
    heard: Option<Box<Heard>>,
}

/// The groups of a contact; a roster has few lists of them.
type Groups = Arc<[String]>;

/// What a contact told of themselves.
#[derive(Debug, Default)]
struct Heard {
    /// By the resource, which is empty for an account that speaks for itself.
    devices: Devices,
    /// What is left of them when no device is there.
    gone: Presence,
    /// Published by PEP: this counts before what a presence says.
    published_avatar: Option<Option<AvatarHash>>,
    announced_avatar: Option<AvatarHash>,
}

/// Devices by their resource, in its order. Hardly anybody has three.
#[derive(Debug, Default)]
struct Devices(Vec<(Box<str>, Device)>);

impl Devices {
    fn iter(&self) -> impl Iterator<Item = (&str, &Device)> {
        self.0.iter().map(|(resource, device)| (&**resource, device))
    }

    fn clear(&mut self) {
        self.0 = Vec::new();
    }

    fn find(&self, resource: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| (**known).cmp(resource))
    }

    fn remove(&mut self, resource: &str) {
        if let Ok(at) = self.find(resource) {
            self.0.remove(at);
        }
    }

    /// Takes one in, or what is new about it, if there is room.
    fn insert(&mut self, resource: &str, device: Device) {
        match self.find(resource) {
            Ok(at) => {
                if let Some((_, known)) = self.0.get_mut(at) {
                    *known = device;
                }
            }
            Err(at) if self.0.len() < MAX_DEVICES => {
                self.0.reserve_exact(1);
                self.0.insert(at, (resource.into(), device));
            }
            Err(_) => {}
        }
    }
}

#[derive(Debug)]
struct Device {
    priority: i8,
    presence: Presence,
    client: Option<String>,
}

/// Of several devices the one of the highest rank counts.
fn rank(device: &Device) -> (i8, u8) {
    let rank = match device.presence.availability {
        Availability::Chat => 5,
        Availability::Available => 4,
        Availability::DoNotDisturb => 3,
        Availability::Away => 2,
        Availability::ExtendedAway => 1,
        Availability::Offline => 0,
    };
    (device.priority, rank)
}

impl Heard {
    /// That of the device with the highest priority, and of several the most available one.
    fn presence(&self) -> &Presence {
        let best = self.devices.iter().map(|(_, device)| device).max_by_key(|device| rank(device));
        best.map_or(&self.gone, |device| &device.presence)
    }

    fn avatar(&self) -> Option<&AvatarHash> {
        self.published_avatar.as_ref().map_or(self.announced_avatar.as_ref(), Option::as_ref)
    }

    /// It is not known any more how they are there; what they look like is.
    fn forget_presence(&mut self) {
        self.devices.clear();
        self.gone = Presence::default();
    }
}

impl Entry {
    fn new(item: RosterItem) -> Self {
        Entry {
            jid: item.jid,
            name: item.name.map(String::into_boxed_str),
            groups: item.groups.into(),
            subscription: item.subscription.unwrap_or_default(),
            pending: item.pending,
            pre_approved: item.pre_approved,
            heard: None,
        }
    }

    fn presence(&self) -> &Presence {
        self.heard.as_ref().map_or(&UNKNOWN, |heard| heard.presence())
    }

    fn avatar(&self) -> Option<&AvatarHash> {
        self.heard.as_ref().and_then(|heard| heard.avatar())
    }

    fn contact(&self) -> Contact {
        Contact {
            jid: self.jid.clone(),
            name: self.name.as_deref().map(str::to_owned),
            groups: self.groups.to_vec(),
            subscription: self.subscription,
            pending: self.pending,
            pre_approved: self.pre_approved,
            presence: self.presence().clone(),
            avatar: self.avatar().cloned(),
        }
    }
}

impl Contacts {
    /// Everybody, sorted by JID.
    pub(super) fn all(&self) -> Vec<Contact> {
        self.0.iter().map(Entry::contact).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// What the person calls somebody, if they do.
    pub(super) fn name(&self, jid: &BareJid) -> Option<&str> {
        self.entry(jid)?.name.as_deref()
    }

    /// One of them; somebody who is in no roster if they are not in this one.
    pub(super) fn get(&self, jid: &BareJid) -> Contact {
        self.find(jid).unwrap_or_else(|| Entry::new(stranger(jid)).contact())
    }

    /// One of them, if they are in the roster.
    pub(super) fn find(&self, jid: &BareJid) -> Option<Contact> {
        self.entry(jid).map(Entry::contact)
    }

    /// They may see the person's presence, and so may be told what the person does.
    pub(super) fn may_see_us(&self, jid: &BareJid) -> bool {
        self.entry(jid)
            .is_some_and(|entry| matches!(entry.subscription, Subscription::From | Subscription::Both))
    }

    /// A whole roster, fetched after a gap: nobody's presence is known any more, avatars are.
    pub(super) fn replace(&mut self, items: Vec<RosterItem>) {
        let mut before = std::mem::take(self);
        let mut lists: HashSet<Groups> = HashSet::new();
        let mut entries: Vec<Entry> = items.into_iter().map(Entry::new).collect();
        for entry in &mut entries {
            match lists.get(&entry.groups) {
                Some(list) => entry.groups = Arc::clone(list),
                None => {
                    lists.insert(Arc::clone(&entry.groups));
                }
            }
        }
        // Of those that are there twice, which no server should send, the last counts.
        entries.reverse();
        entries.sort_by(|a, b| a.jid.cmp(&b.jid));
        entries.dedup_by(|a, b| a.jid == b.jid);
        entries.shrink_to_fit();
        for entry in &mut entries {
            entry.heard = before.entry_mut(&entry.jid).and_then(|old| old.heard.take());
        }
        self.0 = entries;
        self.forget_presences();
    }

    /// A new stream, and the roster is what it was: nobody's presence is known any more.
    pub(super) fn forget_presences(&mut self) {
        for heard in self.0.iter_mut().filter_map(|entry| entry.heard.as_mut()) {
            heard.forget_presence();
        }
    }

    /// Nobody tells any more how these are there. Of those whose presence showed until now.
    pub(super) fn forget_presence_of(&mut self, is_one: impl Fn(&BareJid) -> bool) -> Vec<Event> {
        let mut events = Vec::new();
        for entry in &mut self.0 {
            let Some(heard) = entry.heard.as_mut().filter(|_| is_one(&entry.jid)) else { continue };
            let shows = *heard.presence() != UNKNOWN;
            heard.forget_presence();
            if shows {
                events.push(Event::PresenceChanged { jid: entry.jid.clone(), presence: UNKNOWN.clone() });
            }
        }
        events
    }

    /// The devices of a contact, the one that counts first.
    pub(super) fn devices(&self, jid: &BareJid) -> Vec<protocol::Device> {
        let Some(heard) = self.entry(jid).and_then(|entry| entry.heard.as_ref()) else { return Vec::new() };
        let mut devices: Vec<(&str, &Device)> = heard.devices.iter().collect();
        devices.sort_by_key(|(_, device)| std::cmp::Reverse(rank(device)));
        let shown = devices.into_iter().map(|(resource, device)| protocol::Device {
            resource: resource.to_owned(),
            availability: device.presence.availability,
            priority: device.priority,
            status: device.presence.status.clone(),
            since_ms: device.presence.since_ms,
            client: device.client.clone(),
        });
        shown.collect()
    }

    /// The person's own edit, which the server has taken. The push that tells of it may have come already.
    pub(super) fn edit(&mut self, edit: SetRosterItem) -> Option<Event> {
        let SetRosterItem { jid, name, groups } = edit;
        let before = self.find(&jid);
        let at = self.position(&jid).unwrap_or_else(|at| self.insert(at, Entry::new(stranger(&jid))));
        let entry = self.0.get_mut(at)?;
        (entry.name, entry.groups) = (name.map(String::into_boxed_str), groups.into());
        let contact = entry.contact();
        (before.as_ref() != Some(&contact)).then_some(Event::ContactChanged { contact })
    }

    pub(super) fn remove(&mut self, jid: BareJid) -> Option<Event> {
        self.0.remove(self.position(&jid).ok()?);
        Some(Event::ContactRemoved { jid })
    }

    /// One item changed. Nothing if it is known already.
    pub(super) fn push(&mut self, item: RosterItem) -> Option<Event> {
        if item.subscription.is_none() {
            return self.remove(item.jid);
        }
        let before = self.find(&item.jid);
        let fresh = Entry::new(item);
        let at = match self.position(&fresh.jid) {
            Ok(at) => {
                let entry = self.0.get_mut(at)?;
                *entry = Entry { heard: entry.heard.take(), ..fresh };
                at
            }
            Err(at) => self.insert(at, fresh),
        };
        let contact = self.0.get(at)?.contact();
        (before.as_ref() != Some(&contact)).then_some(Event::ContactChanged { contact })
    }

    /// Somebody published an avatar, or that they have none. Nothing if it changes nothing.
    pub(super) fn set_avatar(&mut self, jid: &BareJid, hash: Option<AvatarHash>) -> Option<Event> {
        let entry = self.entry_mut(jid)?;
        let before = entry.avatar().cloned();
        entry.heard.get_or_insert_default().published_avatar = Some(hash);
        avatar_event(before.as_ref(), entry)
    }

    /// Somebody's device said something. Nothing if it changes nothing that is shown.
    pub(super) fn set_presence(&mut self, now_ms: TimestampMs, presence: IncomingPresence) -> Vec<Event> {
        let Some(entry) = self.entry_mut(&presence.from.bare()) else { return Vec::new() };
        let before = entry.presence().clone();
        let avatar_before = entry.avatar().cloned();
        let resource = presence.from.resource().unwrap_or_default();
        let heard = entry.heard.get_or_insert_default();
        match presence.change {
            PresenceChange::Available { availability, priority, status, idle_since_ms, client, avatar } => {
                let presence = Presence { availability, status, since_ms: idle_since_ms };
                heard.devices.insert(resource, Device { priority, presence, client });
                if let Some(avatar) = avatar {
                    heard.announced_avatar = avatar;
                }
            }
            PresenceChange::Unavailable { status } => {
                // An account that says so for itself means all of its devices.
                if resource.is_empty() {
                    heard.devices.clear();
                } else {
                    heard.devices.remove(resource);
                }
                let since_ms = Some(presence.stamp_ms.unwrap_or(now_ms));
                heard.gone = Presence { availability: Availability::Offline, status, since_ms };
            }
            // Prosody has a device that goes away send back what it has not acknowledged: the others are there still.
            PresenceChange::Error if !resource.is_empty() => heard.devices.remove(resource),
            PresenceChange::Error => heard.forget_presence(),
            // What comes of these comes as a roster push.
            PresenceChange::Subscribe { .. }
            | PresenceChange::Unsubscribe
            | PresenceChange::SubscriptionChanged => return Vec::new(),
        }
        let mut events = Vec::new();
        if *entry.presence() != before {
            events
                .push(Event::PresenceChanged { jid: entry.jid.clone(), presence: entry.presence().clone() });
        }
        events.extend(avatar_event(avatar_before.as_ref(), entry));
        events
    }

    /// Where somebody is, or would be.
    fn position(&self, jid: &BareJid) -> Result<usize, usize> {
        self.0.binary_search_by(|entry| entry.jid.cmp(jid))
    }

    fn entry(&self, jid: &BareJid) -> Option<&Entry> {
        self.0.get(self.position(jid).ok()?)
    }

    fn entry_mut(&mut self, jid: &BareJid) -> Option<&mut Entry> {
        let at = self.position(jid).ok()?;
        self.0.get_mut(at)
    }

    /// Puts somebody where they belong, and says where that is.
    fn insert(&mut self, at: usize, entry: Entry) -> usize {
        self.0.reserve_exact(1);
        self.0.insert(at, entry);
        at
    }
}

fn avatar_event(before: Option<&AvatarHash>, entry: &Entry) -> Option<Event> {
    let avatar = entry.avatar();
    (avatar != before).then(|| Event::AvatarChanged { jid: entry.jid.clone(), avatar: avatar.cloned() })
}

/// Somebody of whom nothing is known.
fn stranger(jid: &BareJid) -> RosterItem {
    RosterItem {
        jid: jid.clone(),
        name: None,
        groups: Vec::new(),
        subscription: Some(Subscription::None),
        pending: false,
        pre_approved: false,
    }
}
