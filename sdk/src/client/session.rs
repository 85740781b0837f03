//! The life of a sign-in in this tab: the snapshot, and then every event, by the tab's own stream or by the leader's.
//!
//! It knows who reads the stream, what to do about a gap, and when to try anew. It does not know what events mean.

mod gap;
mod words;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;

use futures_util::future::{Either, LocalBoxFuture, select};
use protocol::{
    BareJid, ConversationId, Delivery, Direction, EndReason, Envelope, Event, MessageId, Position, Snapshot,
    paths,
};

use self::gap::Gap;
use super::Client;
use crate::backoff::Backoff;
use crate::browser::{self, Lock, Manner, Task, Wake, sleep};
use crate::events::{Ended, EventStream, Told};
use crate::model::{Applied, Change};
use crate::tabs::{LEADER_SILENT_MS, Link, Word};
use crate::{Error, Status, json};

/// How soon a tab leads that no other keeps from it, in milliseconds.
const TURN_MS: u32 = 200;
/// How often the leader says that it is still there, in milliseconds.
const BEAT_MS: i64 = 5_000;

/// One sign-in, from the first snapshot to the end.
pub(super) struct Session {
    account: BareJid,
    /// How the stream stands, whoever reads it.
    link: Cell<Link>,
    /// Since when and until when no snapshot could be had.
    unloadable: Cell<Option<Link>>,
    leads: Cell<bool>,
    /// The gateway has made the model true: by a snapshot, or by telling what came after what was kept.
    is_true: Cell<bool>,
    /// Up to where in the log events came while no page was there.
    missed: Cell<u64>,
    /// When the leader last spoke.
    heard_ms: Cell<i64>,
    /// What came while the snapshot was on its way, read and as it was.
    gap: RefCell<Gap<(Envelope, Arc<str>)>>,
    loaded: Wake,
    ended: Wake,
}

impl Session {
    pub(super) fn new(account: BareJid) -> Rc<Self> {
        Rc::new(Session {
            account,
            link: Cell::new(Link::Up {}),
            unloadable: Cell::new(None),
            leads: Cell::new(false),
            is_true: Cell::new(false),
            missed: Cell::new(0),
            heard_ms: Cell::new(browser::now_ms()),
            gap: RefCell::default(),
            loaded: Wake::default(),
            ended: Wake::default(),
        })
    }

    pub(super) fn account(&self) -> &BareJid {
        &self.account
    }

    /// Ends all that runs for it.
    pub(super) fn end(&self) {
        self.ended.all();
    }
}

impl Client {
    /// Runs something until it is done or the session ends, whichever is first.
    pub(super) fn run(&self, work: impl Future<Output = ()> + 'static) {
        self.run_boxed(Box::pin(work));
    }

    fn run_boxed(&self, work: LocalBoxFuture<'static, ()>) {
        let Some(session) = self.0.session.borrow().clone() else { return };
        Task::spawn(async move {
            let ended = std::pin::pin!(session.ended.woken());
            match select(work, ended).await {
                Either::Left(_) | Either::Right(_) => {}
            }
        })
        .detach();
    }

    /// Lives a sign-in.
    pub(super) fn live(&self, session: &Rc<Session>) {
        let (client, session) = (self.clone(), Rc::clone(session));
        self.run(async move {
            client.say(Word::Hello);
            let is_whole = client.restore(&session).await;
            let name = ["sparkweb:", client.gateway(), ":stream:", session.account().as_str()].concat();
            loop {
                let mut lock = {
                    let mut turn = std::pin::pin!(client.lead_turn(&session, &name));
                    match select(turn.as_mut(), std::pin::pin!(sleep(TURN_MS))).await {
                        Either::Left((lock, _)) => lock,
                        Either::Right(_) => {
                            // Another tab leads, and what it knows is ahead of what is kept.
                            if !session.is_true.get() {
                                client.lost(&session);
                            }
                            turn.await
                        }
                    }
                };
                session.leads.set(true);
                if !is_whole && !session.is_true.get() {
                    // It may be on its way, from before it was this tab's turn: the stream goes on from there.
                    let is_loading = session.gap.borrow().is_loading();
                    if is_loading { session.loaded.woken().await } else { client.reload(&session).await }
                }
                {
                    let (lead, taken) = (std::pin::pin!(client.lead(&session)), std::pin::pin!(lock.taken()));
                    match select(lead, taken).await {
                        // Signed out: the session is over.
                        Either::Left(_) => return,
                        Either::Right(_) => {}
                    }
                }
                session.leads.set(false);
                session.heard_ms.set(browser::now_ms());
            }
        });
    }

    /// Shows what was when a page of the person's was last there, and what waits to be sent. Says whether the event stream
    /// can go on from there.
    async fn restore(&self, session: &Session) -> bool {
        let recalled = self.0.view.recall(session.account()).await;
        // It may have taken longer than the gateway.
        let recalled = recalled.filter(|_| self.model().position().is_none());
        let is_whole = recalled.as_ref().is_some_and(|(_, is_whole)| *is_whole);
        if let Some((model, _)) = recalled {
            self.0.model.replace(model);
            self.tell_all();
            self.show_opened(true);
        }
        self.restore_unsent(session.account()).await;
        is_whole
    }

    /// Waits for this tab's turn to read the stream: when the leader is gone, or has been silent for too long.
    async fn lead_turn(&self, session: &Session, name: &str) -> Lock {
        let turn = std::pin::pin!(Lock::acquire(name, Manner::Wait));
        let silence = std::pin::pin!(async {
            loop {
                sleep(LEADER_SILENT_MS).await;
                if browser::now_ms() - session.heard_ms.get() >= i64::from(LEADER_SILENT_MS) {
                    return;
                }
            }
        });
        match select(turn, silence).await {
            Either::Left((lock, _)) => lock,
            Either::Right(_) => Lock::acquire(name, Manner::Force).await,
        }
    }

    /// Reads the stream and hands it on, until somebody signs out.
    async fn lead(&self, session: &Rc<Session>) {
        let mut backoff = Backoff::default();
        let mut position = self.model().position();
        loop {
            let (ended, was_up) = self.read_stream(session, &mut position).await;
            let mut soon_ms = None;
            let least_secs = match ended {
                Ended::SignedOut(reason) => return self.end(Some(reason)),
                Ended::Failed(error) if error.is_signed_out() => return self.end(Some(EndReason::Unknown)),
                Ended::Failed(error) => error.retry_after_secs,
                Ended::Unavailable { retry_after_secs } => Some(retry_after_secs),
                Ended::Closed { retry_ms } => {
                    soon_ms = retry_ms.filter(|_| was_up);
                    None
                }
            };
            if was_up {
                backoff.reset();
            }
            let wait_ms = match soon_ms {
                Some(retry_ms) => spread(retry_ms),
                None => backoff.next_ms(browser::random(), least_secs),
            };
            let now_ms = browser::now_ms();
            // A stream that closes now and then is how streams are; one that can't be opened again is news.
            if !was_up || least_secs.is_some() {
                let since_ms = match session.link.get() {
                    Link::Down { since_ms, .. } => since_ms,
                    Link::Up {} => now_ms,
                };
                self.set_link(
                    session,
                    Link::Down { since_ms, next_try_ms: Some(now_ms + i64::from(wait_ms)) },
                );
            }
            self.0.online.woken_or_after(wait_ms).await;
            if let Link::Down { since_ms, .. } = session.link.get() {
                self.set_link(session, Link::Down { since_ms, next_try_ms: None });
            }
        }
    }

    /// Reads one stream to its end. Says how it ended, and whether it ever was one.
    async fn read_stream(&self, session: &Rc<Session>, position: &mut Option<Position>) -> (Ended, bool) {
        let mut was_up = false;
        let mut stream = match EventStream::open(&self.0.http, *position).await {
            Ok(stream) => stream,
            Err(error) => return (Ended::Failed(error), was_up),
        };
        let mut beat_ms = 0;
        loop {
            let heard = match stream.next().await {
                Ok(heard) => heard,
                Err(ended) => return (ended, was_up),
            };
            for Told { position: id, event, json } in heard {
                match event {
                    Event::Ready { recovered, position: newest, .. } => {
                        was_up = true;
                        if recovered {
                            if !session.is_true.get() {
                                session.missed.set(newest.offset);
                                self.became_true(session);
                            }
                            // Those that could not be loaded.
                            self.show_opened(true);
                        } else {
                            *position = Some(newest);
                            self.say(Word::Lost);
                            self.lost(session);
                        }
                        self.set_link(session, Link::Up {});
                        self.run_flush();
                        // A gateway that was started anew has heard of no tab.
                        self.ask_sight(false);
                    }
                    Event::ActivityAsked => self.ask_sight(true),
                    Event::Unavailable { retry_after_secs } => {
                        return (Ended::Unavailable { retry_after_secs }, was_up);
                    }
                    Event::SignedOut { reason } => return (Ended::SignedOut(reason), was_up),
                    event => {
                        let Some(id) = id else { continue };
                        *position = Some(id);
                        let kept = Arc::from(json.as_str());
                        self.say(Word::Event { position: id, json });
                        self.receive(session, Envelope { position: id, event }, kept);
                    }
                }
            }
            // Whatever came, if only a heartbeat, tells the other tabs that the leader is well.
            let now_ms = browser::now_ms();
            if now_ms - beat_ms >= BEAT_MS {
                beat_ms = now_ms;
                self.say(Word::Link { link: session.link.get() });
            }
        }
    }

    /// Takes an event over, by whichever way it came.
    fn receive(&self, session: &Rc<Session>, envelope: Envelope, json: Arc<str>) {
        let now = session.gap.borrow_mut().comes((envelope, json));
        if let Some((envelope, json)) = now
            && !self.apply(session, envelope, json)
        {
            self.lost(session);
        }
    }

    /// Applies an event; `false` if events before it are missing.
    fn apply(&self, session: &Rc<Session>, envelope: Envelope, json: Arc<str>) -> bool {
        let position = envelope.position;
        let history = match &envelope.event {
            Event::HistoryChanged { conversation } => Some(conversation.clone()),
            _ => None,
        };
        let settled = settled(&envelope.event).cloned();
        let draft = match &envelope.event {
            Event::DraftChanged { conversation, text } => Some((conversation.clone(), text.clone())),
            _ => None,
        };
        let applied = self.0.model.borrow_mut().apply(envelope);
        // What is being written here is newer than whatever the gateway has.
        if let Some((jid, text)) = draft
            && !self.0.telling.borrow().contains_key(&jid)
        {
            self.0.drafts.set(session.account(), &jid, &text);
        }
        match applied {
            Applied::Changes(mut changes) => {
                if session.leads.get() && self.0.view.add(session.account(), position, &json) {
                    self.lost(session);
                }
                if position.offset > session.missed.get() {
                    self.tell(&changes);
                    self.tell(&[Change::Event(json)]);
                } else {
                    // It is part of what a page finds when it comes.
                    changes.retain(|change| !matches!(change, Change::Message(..)));
                    self.tell(&changes);
                }
            }
            Applied::Known => return true,
            Applied::Gap => return false,
        }
        match history {
            Some(Some(jid)) if self.0.opened.borrow().contains_key(&jid) => self.conversation(&jid).reload(),
            Some(None) => self.reload_opened(),
            _ => {}
        }
        if let Some(id) = settled {
            self.settle(id, session.leads.get());
        }
        true
    }

    /// Events are missing: loads everything anew.
    fn lost(&self, session: &Rc<Session>) {
        let (client, session) = (self.clone(), Rc::clone(session));
        self.run(async move { client.reload(&session).await });
    }

    /// Loads the snapshot, however long it takes, and applies what came meanwhile.
    async fn reload(&self, session: &Rc<Session>) {
        if !session.gap.borrow_mut().begins() {
            return;
        }
        let mut backoff = Backoff::default();
        loop {
            session.gap.borrow_mut().asks();
            match self.snapshot(session).await {
                Ok(snapshot) => {
                    let is_first = self.model().position().is_none();
                    session.unloadable.set(None);
                    session.missed.set(0);
                    self.edit(|model| model.load(snapshot));
                    self.show_opened(is_first);
                    self.became_true(session);
                    self.show_status(session);
                    let waited = session.gap.borrow_mut().waited();
                    let mut is_whole = true;
                    for (envelope, json) in waited {
                        is_whole = self.apply(session, envelope, json) && is_whole;
                    }
                    if session.gap.borrow_mut().closes(is_whole) {
                        return session.loaded.all();
                    }
                }
                Err(error) if error.is_signed_out() => {
                    // Ending the session drops this very future, at its next `await`.
                    return self.end(Some(EndReason::Unknown));
                }
                Err(error) => self.unloadable(session, &error, backoff),
            }
            let wait_ms = backoff.next_ms(browser::random(), None);
            self.0.online.woken_or_after(wait_ms).await;
        }
    }

    async fn snapshot(&self, session: &Session) -> Result<Snapshot, Error> {
        let text = self.0.http.text(paths::SNAPSHOT).await?;
        let snapshot = json::read(&text).ok_or_else(Error::bad_answer)?;
        if session.leads.get() {
            self.0.view.begin(&text);
        }
        Ok(snapshot)
    }

    /// The model shows what is.
    fn became_true(&self, session: &Session) {
        if !session.is_true.replace(true) {
            // The leader does so whenever its stream begins.
            if !session.leads.get() {
                self.report_sight(false);
            }
            self.run_flush();
        }
    }

    fn unloadable(&self, session: &Session, error: &Error, mut backoff: Backoff) {
        let now_ms = browser::now_ms();
        let since_ms = match session.unloadable.get() {
            Some(Link::Down { since_ms, .. }) => since_ms,
            _ => now_ms,
        };
        let at_most_ms = backoff.next_ms(1.0, error.retry_after_secs);
        session
            .unloadable
            .set(Some(Link::Down { since_ms, next_try_ms: Some(now_ms + i64::from(at_most_ms)) }));
        self.show_status(session);
    }

    /// The conversations on screen: loads them for the first time, or anew after a gap.
    fn show_opened(&self, is_first: bool) {
        if is_first {
            let opened: Vec<ConversationId> = self.0.opened.borrow().keys().cloned().collect();
            for jid in opened {
                self.conversation(&jid).load_newest();
            }
        } else {
            self.reload_opened();
        }
    }

    fn reload_opened(&self) {
        let opened = self.model().opened();
        for jid in opened {
            self.conversation(&jid).reload();
        }
    }

    fn set_link(&self, session: &Session, link: Link) {
        if session.link.replace(link) != link {
            self.say(Word::Link { link });
        }
        self.show_status(session);
    }

    fn show_status(&self, session: &Session) {
        let down = session.unloadable.get().unwrap_or(session.link.get());
        self.set_status(match down {
            Link::Down { since_ms, next_try_ms } => Status::Reconnecting { since_ms, next_try_ms },
            Link::Up {} if session.is_true.get() => Status::Live,
            Link::Up {} => Status::Loading,
        });
    }
}

/// Somewhere up to this long, so that a thousand browsers don't come back at once.
fn spread(ms: u32) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "no longer than it was")]
    let part = (f64::from(ms.min(60_000)) * browser::random()) as u32;
    part
}

/// The message which the person's XMPP server has from now on, if that is what the event says.
fn settled(event: &Event) -> Option<&MessageId> {
    match event {
        Event::DeliveryChanged { id, delivery, .. } if *delivery != Delivery::Pending => Some(id),
        Event::MessageAdded { message, .. }
            if message.direction == Direction::Outgoing && message.delivery != Some(Delivery::Pending) =>
        {
            Some(&message.id)
        }
        _ => None,
    }
}
