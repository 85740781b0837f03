//! The contacts, and how each of them is there.

use std::collections::BTreeMap;

use protocol::{
    Availability, AvatarHash, BareJid, ConnectionState, Contact, ContactDetails, Event, Presence, Roster,
    Subscription, SubscriptionRequest, SubscriptionRequests, TimestampMs,
};

use super::Machine;
use crate::session::command::SessionError;
use crate::session::contacts::ContactsCommand;
use crate::xmpp::{
    Answer as Answered, FetchAvatar, FetchLastActivity, IncomingPresence, PresenceChange, Request,
    RosterItem, RosterVersion, SetRosterItem,
};

/// The most devices of one contact: who says they have more is not believed.
const MAX_DEVICES: usize = 32;

/// Everybody in the roster.
#[derive(Debug, Default)]
pub(super) struct Contacts(BTreeMap<BareJid, Entry>);

#[derive(Debug)]
struct Entry {
    name: Option<String>,
    groups: Vec<String>,
    subscription: Subscription,
    pending: bool,
    pre_approved: bool,
    /// By the resource, which is empty for an account that speaks for itself.
    devices: Devices,
    /// What is left of them when no device is there.
    gone: Presence,
    /// Published by PEP: this counts before what a presence says.
    published_avatar: Option<Option<AvatarHash>>,
    announced_avatar: Option<AvatarHash>,
}

/// Devices by their resource, in its order. Hardly anybody has three, and a tree takes room for eleven.
#[derive(Debug, Default)]
struct Devices(Vec<(String, Device)>);

impl Devices {
    fn iter(&self) -> impl Iterator<Item = (&String, &Device)> {
        self.0.iter().map(|(resource, device)| (resource, device))
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn clear(&mut self) {
        self.0 = Vec::new();
    }

    fn find(&self, resource: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(resource))
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
                self.0.insert(at, (resource.to_owned(), device));
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

impl Entry {
    fn new(item: RosterItem) -> Self {
        Entry {
            name: item.name,
            groups: item.groups,
            subscription: item.subscription.unwrap_or_default(),
            pending: item.pending,
            pre_approved: item.pre_approved,
            devices: Devices::default(),
            gone: Presence::default(),
            published_avatar: None,
            announced_avatar: None,
        }
    }

    /// That of the device with the highest priority, and of several the most available one.
    fn presence(&self) -> &Presence {
        let best = self.devices.iter().map(|(_, device)| device).max_by_key(|device| rank(device));
        best.map_or(&self.gone, |device| &device.presence)
    }

    fn avatar(&self) -> Option<&AvatarHash> {
        self.published_avatar.as_ref().map_or(self.announced_avatar.as_ref(), Option::as_ref)
    }

    fn contact(&self, jid: &BareJid) -> Contact {
        Contact {
            jid: jid.clone(),
            name: self.name.clone(),
            groups: self.groups.clone(),
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
        self.0.iter().map(|(jid, entry)| entry.contact(jid)).collect()
    }

    /// One of them; somebody who is in no roster if they are not in this one.
    pub(super) fn get(&self, jid: &BareJid) -> Contact {
        self.find(jid).unwrap_or_else(|| Entry::new(stranger(jid)).contact(jid))
    }

    /// One of them, if they are in the roster.
    pub(super) fn find(&self, jid: &BareJid) -> Option<Contact> {
        self.0.get(jid).map(|entry| entry.contact(jid))
    }

    /// They may see the person's presence, and so may be told what the person does.
    pub(super) fn may_see_us(&self, jid: &BareJid) -> bool {
        self.0
            .get(jid)
            .is_some_and(|entry| matches!(entry.subscription, Subscription::From | Subscription::Both))
    }

    /// A whole roster, fetched after a gap: nobody's presence is known any more, avatars are.
    fn replace(&mut self, items: Vec<RosterItem>) {
        let mut before = std::mem::take(&mut self.0);
        let entries = items.into_iter().map(|item| {
            let jid = item.jid.clone();
            let mut entry = Entry::new(item);
            if let Some(old) = before.remove(&jid) {
                entry.published_avatar = old.published_avatar;
                entry.announced_avatar = old.announced_avatar;
            }
            (jid, entry)
        });
        // Made as a whole the tree is dense; it stays for as long as the session.
        self.0 = entries.collect();
    }

    /// A new stream, and the roster is what it was: nobody's presence is known any more.
    fn forget_presences(&mut self) {
        for entry in self.0.values_mut() {
            entry.devices.clear();
            entry.gone = Presence::default();
        }
    }

    /// Nobody tells any more how these are there. Of those whose presence showed until now.
    pub(super) fn forget_presence_of(&mut self, is_one: impl Fn(&BareJid) -> bool) -> Vec<Event> {
        let mut events = Vec::new();
        for (jid, entry) in &mut self.0 {
            let shows = !entry.devices.is_empty() || entry.gone != Presence::default();
            if shows && is_one(jid) {
                let before = entry.presence().clone();
                entry.devices.clear();
                entry.gone = Presence::default();
                if before != entry.gone {
                    events.push(Event::PresenceChanged { jid: jid.clone(), presence: Presence::default() });
                }
            }
        }
        events
    }

    /// The devices of a contact, the one that counts first.
    fn devices(&self, jid: &BareJid) -> Vec<protocol::Device> {
        let Some(entry) = self.0.get(jid) else { return Vec::new() };
        let mut devices: Vec<(&String, &Device)> = entry.devices.iter().collect();
        devices.sort_by_key(|(_, device)| std::cmp::Reverse(rank(device)));
        let shown = devices.into_iter().map(|(resource, device)| protocol::Device {
            resource: resource.clone(),
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
        let entry = self.0.entry(jid.clone()).or_insert_with(|| Entry::new(stranger(&jid)));
        (entry.name, entry.groups) = (name, groups);
        let contact = entry.contact(&jid);
        (before.as_ref() != Some(&contact)).then_some(Event::ContactChanged { contact })
    }

    pub(super) fn remove(&mut self, jid: BareJid) -> Option<Event> {
        self.0.remove(&jid).map(|_| Event::ContactRemoved { jid })
    }

    /// One item changed. Nothing if it is known already.
    fn push(&mut self, item: RosterItem) -> Option<Event> {
        let jid = item.jid.clone();
        if item.subscription.is_none() {
            return self.remove(jid);
        }
        let before = self.find(&jid);
        let mut fresh = Entry::new(item);
        if let Some(entry) = self.0.remove(&jid) {
            fresh = Entry {
                devices: entry.devices,
                gone: entry.gone,
                published_avatar: entry.published_avatar,
                announced_avatar: entry.announced_avatar,
                ..fresh
            };
        }
        let contact = fresh.contact(&jid);
        self.0.insert(jid, fresh);
        (before.as_ref() != Some(&contact)).then_some(Event::ContactChanged { contact })
    }

    /// Somebody published an avatar, or that they have none. Nothing if it changes nothing.
    pub(super) fn set_avatar(&mut self, jid: &BareJid, hash: Option<AvatarHash>) -> Option<Event> {
        let entry = self.0.get_mut(jid)?;
        let before = entry.avatar().cloned();
        entry.published_avatar = Some(hash);
        avatar_event(jid, before.as_ref(), entry)
    }

    /// Somebody's device said something. Nothing if it changes nothing that is shown.
    fn set_presence(&mut self, now_ms: TimestampMs, presence: IncomingPresence) -> Vec<Event> {
        let jid = presence.from.bare();
        let Some(entry) = self.0.get_mut(&jid) else { return Vec::new() };
        let before = entry.presence().clone();
        let avatar_before = entry.avatar().cloned();
        let resource = presence.from.resource().unwrap_or_default();
        match presence.change {
            PresenceChange::Available { availability, priority, status, idle_since_ms, client, avatar } => {
                let presence = Presence { availability, status, since_ms: idle_since_ms };
                entry.devices.insert(resource, Device { priority, presence, client });
                if let Some(avatar) = avatar {
                    entry.announced_avatar = avatar;
                }
            }
            PresenceChange::Unavailable { status } => {
                // An account that says so for itself means all of its devices.
                if resource.is_empty() {
                    entry.devices.clear();
                } else {
                    entry.devices.remove(resource);
                }
                let since_ms = Some(presence.stamp_ms.unwrap_or(now_ms));
                entry.gone = Presence { availability: Availability::Offline, status, since_ms };
            }
            PresenceChange::Error => {
                entry.devices.clear();
                entry.gone = Presence::default();
            }
            // What comes of these comes as a roster push.
            PresenceChange::Subscribe { .. }
            | PresenceChange::Unsubscribe
            | PresenceChange::SubscriptionChanged => return Vec::new(),
        }
        let mut events = Vec::new();
        if *entry.presence() != before {
            events.push(Event::PresenceChanged { jid: jid.clone(), presence: entry.presence().clone() });
        }
        events.extend(avatar_event(&jid, avatar_before.as_ref(), entry));
        events
    }
}

fn avatar_event(jid: &BareJid, before: Option<&AvatarHash>, entry: &Entry) -> Option<Event> {
    let avatar = entry.avatar();
    (avatar != before).then(|| Event::AvatarChanged { jid: jid.clone(), avatar: avatar.cloned() })
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

impl Machine {
    pub(super) fn contacts_command(&mut self, command: ContactsCommand) {
        match command {
            ContactsCommand::Roster { reply } => {
                let roster = Roster { contacts: self.contacts.all() };
                self.answer(reply, roster);
            }
            ContactsCommand::Contact { jid, reply } => {
                let details = self.contacts.find(&jid).ok_or(SessionError::NotAContact).map(|contact| {
                    let devices = self.contacts.devices(&jid);
                    ContactDetails { contact, devices, blocked: self.blocks.covers(&jid) }
                });
                self.answer(reply, details);
            }
            ContactsCommand::LastActivity { jid, reply } => {
                if self.contacts.find(&jid).is_none() {
                    return self.answer(reply, Err(SessionError::NotAContact));
                }
                let request = Request::FetchLastActivity(FetchLastActivity { jid });
                self.relay(request, reply, |answer| match answer {
                    Answered::LastActivity(activity) => Some(activity),
                    _ => None,
                });
            }
            ContactsCommand::SetContact { jid, contact, reply } => self.set_contact(jid, contact, reply),
            ContactsCommand::RemoveContact { jid, reply } => self.remove_contact(jid, reply),
            ContactsCommand::SetSubscription { jid, subscription, reply } => {
                self.set_subscription(jid, subscription, reply);
            }
            ContactsCommand::SubscriptionRequests { reply } => {
                let requests = SubscriptionRequests { requests: self.requests.all() };
                self.answer(reply, requests);
            }
            ContactsCommand::AnswerSubscriptionRequest { jid, answer, reply } => {
                self.answer_request(jid, answer, reply);
            }
            ContactsCommand::Avatar { jid, hash, reply } => {
                let request = Request::FetchAvatar(FetchAvatar { jid, hash });
                self.relay(request, reply, |answer| match answer {
                    Answered::Avatar(avatar) => Some(avatar),
                    _ => None,
                });
            }
        }
    }

    /// The answer to the question for the roster: all of it, or that it is what it was.
    pub(super) fn roster_fetched(&mut self, answer: Answered) {
        match answer {
            Answered::Roster { items, version } => {
                self.contacts.replace(items);
                self.roster_version = version.unwrap_or_default();
            }
            Answered::RosterUnchanged => self.contacts.forget_presences(),
            _ => return,
        }
        let contacts = self.contacts.all();
        self.publish(Event::RosterReplaced { contacts });
        self.close_answered_requests();
    }

    /// The server changed an item.
    pub(super) fn roster_push(&mut self, item: RosterItem, version: Option<RosterVersion>) {
        let jid = item.jid.clone();
        if let Some(version) = version {
            self.roster_version = version;
        }
        if let Some(event) = self.contacts.push(item) {
            self.publish(event);
        }
        // Another of the person's clients has answered.
        if self.contacts.may_see_us(&jid) {
            self.close_request(jid);
        }
    }

    pub(super) fn presence_of(&mut self, now_ms: TimestampMs, presence: IncomingPresence) {
        if matches!(self.connection, ConnectionState::Ended { .. }) {
            return;
        }
        if self.is_of_room(&presence) {
            return;
        }
        let jid = presence.from.bare();
        match presence.change {
            PresenceChange::Subscribe { name, text } => {
                return self.requested(SubscriptionRequest { jid, name, text, received_at_ms: now_ms });
            }
            PresenceChange::Unsubscribe => return self.close_request(jid),
            _ => {}
        }
        for event in self.contacts.set_presence(now_ms, presence) {
            let is_gone = matches!(&event, Event::PresenceChanged { presence, .. } if presence.availability == Availability::Offline);
            self.publish(event);
            // Who is gone is not typing.
            if is_gone && self.conversations.set_chat_state(&jid, None, now_ms) {
                self.publish(Event::ChatStateChanged { jid: jid.clone(), state: None });
            }
        }
    }
}
