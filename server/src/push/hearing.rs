//! Hearing what sessions say, and writing down what of it is pushed.
//!
//! What is said is taken at once, so that no session waits for the store, and none for another. What can't be written yet is
//! kept, up to a bound.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use protocol::{BareJid, ConversationId, PushKind, PushSettings, TimestampMs};
use tokio::time::{Instant, sleep_until};

use super::attention::{Attention, Gaze};
use super::content::{Content, Form, topic, word};
use super::decision::{Standing, Verdict, shown};
use super::endpoint::insists_on_showing;
use super::{Push, PushError};
use crate::clock;
use crate::events::{Earlier, Entry, MessageNotice, Notice, NoticesOf, beginning};
use crate::store::{PushChange, PushDeviceRecord, PushPosition, PushPut};

/// The most that is taken at once.
const BATCH: usize = 1024;
/// How long to wait before the store is tried again after it failed.
const RETRY: Duration = Duration::from_secs(1);
/// The most that is kept of one person while the store fails; what was said first is lost first.
const MAX_WAITING: usize = 1000;
/// How much later somebody must have been there for it to be written down again (milliseconds).
const VISIT_MS: i64 = 60 * 60 * 1000;

/// Hears, for as long as there is anybody who says something.
pub(super) async fn hear(push: Push, mut notices: NoticesOf) {
    let mut waiting: HashMap<BareJid, Vec<Notice>> = HashMap::new();
    let mut batch = Vec::new();
    let mut again = Instant::now();
    loop {
        tokio::select! {
            count = notices.recv_many(&mut batch, BATCH) => if count == 0 { return },
            () = sleep_until(again), if !waiting.is_empty() => {}
        }
        for (jid, notice) in batch.drain(..) {
            match notice {
                Notice::Visited => push.note_visit(clock::now_ms(), &jid).await,
                Notice::Watched(is_claimed) => {
                    let now_ms = clock::now_ms();
                    push.attend(&jid, |attention| attention.claimed(now_ms, is_claimed));
                }
                Notice::Looked => push.attend(&jid, Attention::said),
                notice => waiting.entry(jid).or_default().push(notice),
            }
        }
        for (jid, said) in std::mem::take(&mut waiting) {
            if let Err(error) = push.take(clock::now_ms(), &jid, &said).await {
                tracing::error!(%error, "what is to be pushed can't be written down yet");
                again = Instant::now() + RETRY;
                let skipped = said.len().saturating_sub(MAX_WAITING);
                waiting.insert(jid, said.into_iter().skip(skipped).collect());
            }
        }
    }
}

/// What there is to write of one person.
struct Writing<'a> {
    jid: &'a BareJid,
    now_ms: TimestampMs,
    devices: Vec<PushDeviceRecord>,
    settings: PushSettings,
    gaze: Gaze,
    positions: BTreeMap<String, PushPosition>,
    changes: Vec<PushChange>,
}

impl Push {
    /// Somebody is there.
    async fn note_visit(&self, now_ms: TimestampMs, jid: &BareJid) {
        let is_news = {
            let mut visits = self.0.visits.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let before = visits.get(jid).copied();
            let is_news = before.is_none_or(|before| now_ms - before >= VISIT_MS);
            if is_news {
                visits.insert(jid.clone(), now_ms);
            }
            is_news
        };
        if is_news && let Err(error) = self.0.store.note_push_visit(jid.as_str(), now_ms).await {
            // It is written down the next time.
            tracing::warn!(%error, "a visit is not noted");
        }
    }

    /// Writes down what of this is pushed, and that it was looked at.
    pub(super) async fn take(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        said: &[Notice],
    ) -> Result<(), PushError> {
        let (store, settings) = (&self.0.store, self.settings(jid).await?);
        let mut devices = store.push_devices(jid.as_str()).await?;
        devices.retain(|device| device.refused_at_ms.is_none());
        let kept = store.push_positions(jid.as_str()).await?;
        let positions = kept.into_iter().map(|position| (position.archive.clone(), position)).collect();
        let (gaze, changes) = (self.gaze(now_ms, jid), Vec::new());
        let mut writing = Writing { jid, now_ms, devices, settings, gaze, positions, changes };
        for notice in said {
            self.write(&mut writing, notice)?;
        }
        let positions: Vec<PushPosition> = writing.positions.into_values().collect();
        store.note_pushes(now_ms, jid.as_str(), &positions, &writing.changes).await?;
        if !writing.changes.is_empty() {
            self.0.wake.notify_one();
        }
        Ok(())
    }

    fn write(&self, writing: &mut Writing<'_>, notice: &Notice) -> Result<(), PushError> {
        match notice {
            Notice::Message(message) => {
                writing.looked_at(&message.archive, message.entry.as_ref(), message.at_ms);
                self.write_message(writing, message)?;
            }
            Notice::Earlier { archive, entries } => {
                for entry in unheard(entries, writing.position(archive).as_ref()) {
                    match &entry.what {
                        Earlier::Message(message) => self.write_message(writing, message)?,
                        Earlier::Seen(conversation) => {
                            writing.withdraw(PushKind::Message, conversation.as_str(), None);
                        }
                    }
                }
                if let Some(last) = entries.last() {
                    writing.looked_at(archive, Some(&last.id), last.at_ms);
                }
            }
            Notice::Within(room) => writing.begin(room),
            Notice::Read(conversation) => writing.withdraw(PushKind::Message, conversation.as_str(), None),
            Notice::Retracted { conversation, id } => {
                writing.withdraw(PushKind::Message, conversation.as_str(), Some(id.as_str()));
            }
            Notice::Invited { room, name, by } => {
                let content = Content {
                    conversation: Some(room.clone().into()),
                    title: Some(name.clone().unwrap_or_else(|| room.as_str().to_owned())),
                    sender: by.clone(),
                    ..Content::of(PushKind::Invitation, writing.now_ms)
                };
                self.put_once(writing, content, room)?;
            }
            Notice::ContactRequested { jid, name } => {
                let content = Content {
                    conversation: Some(jid.clone().into()),
                    title: Some(name.clone().unwrap_or_else(|| jid.as_str().to_owned())),
                    ..Content::of(PushKind::ContactRequest, writing.now_ms)
                };
                self.put_once(writing, content, jid)?;
            }
            Notice::InvitationClosed(room) => writing.withdraw(PushKind::Invitation, room.as_str(), None),
            Notice::ContactRequestClosed(jid) => {
                writing.withdraw(PushKind::ContactRequest, jid.as_str(), None);
            }
            Notice::Visited | Notice::Watched(_) | Notice::Looked => {}
        }
        Ok(())
    }

    /// Tells somebody what a page of theirs has to say, on all their devices.
    ///
    /// # Errors
    /// [`PushError`].
    pub async fn notify(
        &self,
        now_ms: TimestampMs,
        jid: &BareJid,
        subject: &str,
        body: &str,
    ) -> Result<(), PushError> {
        let (settings, gaze) = (self.settings(jid).await?, self.gaze(now_ms, jid));
        let mut devices = self.0.store.push_devices(jid.as_str()).await?;
        devices.retain(|device| device.refused_at_ms.is_none());
        let (positions, changes) = (BTreeMap::new(), Vec::new());
        let mut writing = Writing { jid, now_ms, devices, settings, gaze, positions, changes };
        let content = Content {
            title: Some(beginning(subject)).filter(|subject| !subject.is_empty()),
            body: Some(beginning(body)),
            ..Content::of(PushKind::Message, now_ms)
        };
        self.put(&mut writing, content, "", now_ms, false)?;
        self.0.store.note_pushes(now_ms, jid.as_str(), &[], &writing.changes).await?;
        self.0.wake.notify_one();
        Ok(())
    }

    fn write_message(&self, writing: &mut Writing<'_>, message: &MessageNotice) -> Result<(), PushError> {
        let Verdict::At(due_at_ms) = self.standing(writing).about_message(message) else { return Ok(()) };
        let content = Content {
            kind: if message.names_person { PushKind::Mention } else { PushKind::Message },
            conversation: Some(message.conversation.clone()),
            title: Some(message.title.clone()),
            sender: message.sender.clone(),
            body: Some(message.body.clone()),
            message_id: Some(message.id.clone()),
            at_ms: message.at_ms,
        };
        self.put(writing, content, message.conversation.as_str(), due_at_ms, false)
    }

    /// What is asked is asked once, however often the server says so.
    fn put_once(&self, writing: &mut Writing<'_>, content: Content, of: &BareJid) -> Result<(), PushError> {
        match self.standing(writing).when() {
            Verdict::At(due_at_ms) => self.put(writing, content, of.as_str(), due_at_ms, true),
            Verdict::Nothing => Ok(()),
        }
    }

    fn put(
        &self,
        writing: &mut Writing<'_>,
        content: Content,
        of: &str,
        due_at_ms: TimestampMs,
        once: bool,
    ) -> Result<(), PushError> {
        let kind = content.kind;
        let about = content.message_id.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default();
        let content = shown(content, writing.settings.shows);
        let ms = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        for device in &writing.devices {
            let topic = topic(&device.id, kind, of);
            let sealed = content.seal(&self.0.keyring, &topic)?;
            writing.changes.push(PushChange::Put(PushPut {
                device: device.id.clone(),
                topic,
                host: device.host.clone(),
                kind: word(kind).to_owned(),
                about: about.clone(),
                sealed,
                due_at_ms,
                pause_ms: ms(self.0.settings.pause),
                expires_at_ms: due_at_ms.saturating_add(ms(self.0.settings.life)),
                once,
            }));
        }
        Ok(())
    }

    fn standing<'a>(&self, writing: &'a Writing<'_>) -> Standing<'a> {
        Standing {
            now_ms: writing.now_ms,
            settings: &writing.settings,
            gaze: writing.gaze,
            unseen_ms: self.unseen_ms(),
        }
    }
}

impl Writing<'_> {
    /// Up to where was looked at an archive. Where nobody has, the person's own is of interest since they subscribed; a room's
    /// is not: they may just have come in.
    fn position(&self, archive: &BareJid) -> Option<PushPosition> {
        let since = || {
            // Some archives stamp in whole seconds, and what was said in this one is of interest.
            let at_ms = self.devices.iter().map(|device| device.made_at_ms).min()?.saturating_sub(1_000);
            let archive = archive.as_str().to_owned();
            (archive == self.jid.as_str()).then_some(PushPosition { archive, entry: None, at_ms })
        };
        self.positions.get(archive.as_str()).cloned().or_else(since)
    }

    /// What is said in a room from now on is of interest, if it was not before.
    fn begin(&mut self, room: &BareJid) {
        let archive = room.as_str().to_owned();
        // As above: some stamp in whole seconds.
        let at_ms = self.now_ms.saturating_sub(1_000);
        let position = PushPosition { archive: archive.clone(), entry: None, at_ms };
        self.positions.entry(archive).or_insert(position);
    }

    fn looked_at(&mut self, archive: &BareJid, entry: Option<&protocol::ArchiveId>, at_ms: TimestampMs) {
        let archive = archive.as_str().to_owned();
        let entry = entry.map(|id| id.0.clone());
        self.positions.insert(archive.clone(), PushPosition { archive, entry, at_ms });
    }

    fn withdraw(&mut self, kind: PushKind, of: &str, about: Option<&str>) {
        const DAY_MS: i64 = 24 * 60 * 60 * 1000;
        for device in &self.devices {
            // Who can't be told in silence is not told.
            let hears = Form::read(&device.form) == Form::V1 && !insists_on_showing(&device.host);
            self.changes.push(PushChange::Withdraw {
                device: device.id.clone(),
                topic: topic(&device.id, kind, of),
                about: about.map(str::to_owned),
                tell_until_ms: hears.then(|| self.now_ms.saturating_add(DAY_MS)),
            });
        }
    }
}

/// The entries of an archive that were not looked at yet. Where nothing was, all are of the time before anybody wanted to be
/// told.
fn unheard<'a>(entries: &'a [Entry], position: Option<&PushPosition>) -> Vec<&'a Entry> {
    let Some(position) = position else { return Vec::new() };
    let known = position.entry.as_deref();
    let after: Vec<&Entry> = match entries.iter().rposition(|entry| Some(entry.id.0.as_str()) == known) {
        Some(at) => entries.iter().skip(at + 1).collect(),
        // It lies before what is here, or is no more.
        None => entries.iter().filter(|entry| entry.at_ms > position.at_ms).collect(),
    };
    // What was read since is not told.
    let seen = |of: &ConversationId| {
        after
            .iter()
            .rposition(|entry| matches!(&entry.what, Earlier::Seen(conversation) if conversation == of))
    };
    let is_unseen = |(at, entry): (usize, &&'a Entry)| match &entry.what {
        Earlier::Message(message) => seen(&message.conversation).is_none_or(|seen| at > seen),
        Earlier::Seen(_) => true,
    };
    after.iter().enumerate().filter(|(at, entry)| is_unseen((*at, entry))).map(|(_, entry)| *entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `id:time` of a message, `id:time!` of one that shows that the conversation was seen; of Romeo, or of the nurse (`n`).
    fn entry(text: &str) -> Entry {
        let (id, rest) = text.split_once(':').unwrap();
        let conversation: ConversationId =
            if id.starts_with('n') { "nurse@spark.test" } else { "romeo@spark.test" }.parse().unwrap();
        let at_ms = rest.trim_end_matches('!').parse().unwrap();
        let what = if rest.ends_with('!') {
            Earlier::Seen(conversation)
        } else {
            Earlier::Message(Box::new(MessageNotice {
                conversation,
                title: String::new(),
                sender: None,
                body: String::new(),
                id: id.parse().unwrap(),
                archive: "juliet@spark.test".parse().unwrap(),
                entry: None,
                at_ms,
                in_room: false,
                names_person: false,
                notify: None,
            }))
        };
        Entry { id: protocol::ArchiveId(id.to_owned()), at_ms, what }
    }

    #[test]
    fn what_was_looked_at_is_not_told_again() {
        let page = ["a:1", "b:2", "n1:3", "c:4!", "n2:5", "d:6"].map(entry);
        for (known, at_ms, expected) in [
            (Some("d"), 6, ""),
            (Some("n2"), 5, "d"),
            (Some("a"), 1, "n1 c n2 d"),
            (Some("c"), 4, "n2 d"),
            // It is on an earlier page, or is no more.
            (Some("x"), 0, "n1 c n2 d"),
            (Some("x"), 4, "n2 d"),
            (None, 5, "d"),
            (None, 9, ""),
        ] {
            let entry = known.map(str::to_owned);
            let position = PushPosition { archive: String::new(), entry, at_ms };
            let unheard: Vec<&str> =
                unheard(&page, Some(&position)).into_iter().map(|entry| entry.id.0.as_str()).collect();
            assert_eq!(unheard.join(" "), expected, "{known:?} {at_ms}");
        }
        assert!(unheard(&page, None).is_empty(), "nobody wanted to be told before");
    }
}
