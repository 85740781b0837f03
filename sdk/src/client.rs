//! The client of one gateway: the one thing that pages hold.
//!
//! It knows how the parts fit together: who is signed in, what of the model is shown, who wants to hear of changes.
//! The life of a sign-in is in `session`, what waits to be sent in `sender`, one conversation in `conversation`.

mod contacts;
mod conversation;
mod sender;
mod session;
mod sign_in;
mod subscribers;

use std::cell::{Cell, Ref, RefCell};
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use protocol::{
    AvatarHash, BareJid, ConversationId, EndReason, MessageId, Presence, SetPresence, TimestampMs, paths,
};

pub use conversation::ConversationHandle;
pub use subscribers::Subscription;

use crate::avatars::Avatars;
use crate::browser::{self, Channel, Listener, Task, Wake};
use crate::http::Http;
use crate::model::{Change, Model};
use crate::pending::Pending;
use crate::store::{Drafts, Kept, Outbox, View};
use crate::tabs::Word;
use crate::typing::Typing;
use crate::{Error, Map, Status};
use sender::Sender;
use session::Session;
use subscribers::Subscribers;

/// The client of one gateway. Cloning it is cheap; all clones are the same client.
#[derive(Clone)]
pub struct Client(Rc<Shared>);

struct Shared {
    http: Rc<Http>,
    model: RefCell<Model>,
    status: Cell<Status>,
    subscribers: Subscribers,
    session: RefCell<Option<Rc<Session>>>,
    /// The sign-in that asks for more.
    pending: RefCell<Option<Rc<Pending>>>,
    /// Whether the sign-in that is being made is to last when this tab is closed.
    lasts: Cell<bool>,
    /// To the other tabs, and to other modules of this page.
    channel: RefCell<Option<Channel>>,
    sender: Sender,
    /// When the last message was written, as its id says.
    last_sent_ms: Cell<TimestampMs>,
    outbox: Outbox,
    view: View,
    drafts: Drafts,
    /// The drafts that are about to be told to the gateway.
    telling: RefCell<Map<ConversationId, Task>>,
    avatars: Rc<Avatars>,
    /// The conversations that somebody wants to see, whoever is signed in.
    opened: RefCell<Map<ConversationId, ()>>,
    typing: RefCell<Map<ConversationId, Typing>>,
    /// The timers which tell that somebody stopped writing.
    pauses: RefCell<Map<ConversationId, Task>>,
    /// The newest message of each conversation that the gateway was told is read.
    read: RefCell<Map<ConversationId, MessageId>>,
    /// The network came back, says the browser.
    online: Wake,
    listeners: RefCell<Vec<Listener>>,
    /// Names this tab among those of the browser.
    tab: String,
}

thread_local! {
    static CLIENTS: RefCell<Map<String, Client>> = const { RefCell::new(Map::new()) };
    static DEFAULT_GATEWAY: RefCell<String> = const { RefCell::new(String::new()) };
}

impl Client {
    /// The client of the gateway at this address: always the same one, however often it is asked for. The address is
    /// that under which `/sparkweb/` is found; relative ones go by the page's, and an empty one is the page's origin
    /// unless [`Client::set_default_gateway`] named another.
    pub fn for_gateway(url: &str) -> Client {
        let gateway = match url {
            "" => browser::absolute_url(&DEFAULT_GATEWAY.with_borrow(String::clone)),
            url => browser::absolute_url(url),
        };
        if let Some(client) = CLIENTS.with_borrow(|clients| clients.get(&gateway).cloned()) {
            return client;
        }
        let client = Client(Rc::new(Shared {
            outbox: Outbox::of(&gateway),
            view: View::of(&gateway),
            drafts: Drafts::of(&gateway),
            http: Rc::new(Http::new(gateway.clone())),
            model: RefCell::default(),
            status: Cell::new(Status::Restoring),
            subscribers: Subscribers::default(),
            session: RefCell::default(),
            pending: RefCell::default(),
            lasts: Cell::new(true),
            channel: RefCell::default(),
            pauses: RefCell::default(),
            telling: RefCell::default(),
            sender: Sender::default(),
            last_sent_ms: Cell::default(),
            avatars: Rc::default(),
            opened: RefCell::default(),
            typing: RefCell::default(),
            read: RefCell::default(),
            online: Wake::default(),
            listeners: RefCell::default(),
            tab: browser::random_bytes().iter().map(|byte| char::from(b'a' + byte % 26)).collect(),
        }));
        CLIENTS.with_borrow_mut(|clients| clients.insert(gateway, client.clone()));
        client
    }

    /// Which gateway an empty address means. Clients that were asked for before stay what they are.
    pub fn set_default_gateway(url: &str) {
        DEFAULT_GATEWAY.set(url.to_owned());
    }

    /// The gateway that [`Client::set_default_gateway`] named.
    pub fn default_gateway() -> Option<String> {
        Some(DEFAULT_GATEWAY.with_borrow(String::clone)).filter(|url| !url.is_empty())
    }

    /// The gateway's address.
    pub fn gateway(&self) -> &str {
        self.0.http.gateway()
    }

    /// Takes up the sign-in that was kept, if there is one. The first call does it; others do nothing.
    pub fn start(&self) {
        if !self.0.listeners.borrow().is_empty() {
            return;
        }
        let (online, stored, sight) = (self.clone(), self.clone(), self.clone());
        self.0.listeners.replace(vec![
            Listener::new("online", move |_| online.0.online.all()),
            Listener::new("visibilitychange", move |_| {
                sight.report_sight(false);
                // Whoever comes back to the page should not have to wait for the next try.
                sight.0.online.all();
            }),
            Listener::new("storage", move |event| {
                let key = browser::storage_key(&event);
                // No key at all means that somebody emptied the storage.
                if key.as_deref().is_none_or(|key| key == stored.0.http.sign_ins().key()) {
                    stored.follow_sign_in();
                }
            }),
        ]);
        let hearing = self.clone();
        let name = ["sparkweb:", self.gateway()].concat();
        self.0.channel.replace(Channel::join(&name, move |text| hearing.hear(&text)));
        if self.0.session.borrow().is_none() {
            match self.0.http.sign_ins().get() {
                Some(kept) => self.begin(&kept),
                None => self.set_status(Status::SignedOut { reason: None }),
            }
        }
    }

    /// How the client stands with the gateway.
    pub fn status(&self) -> Status {
        self.0.status.get()
    }

    /// What is known of the session. Don't hold it across an `await`.
    pub fn model(&self) -> Ref<'_, Model> {
        self.0.model.borrow()
    }

    /// Calls a function with every change, until the subscription is dropped. The model may be read in it.
    pub fn subscribe(&self, on_change: impl Fn(&Change) + 'static) -> Subscription {
        self.0.subscribers.add(on_change)
    }

    /// Signs out, in this and all other tabs, and forgets drafts and unsent messages. `everywhere` ends the person's
    /// sign-ins in other browsers and their session too.
    ///
    /// # Errors
    /// If the gateway could not be told. This browser is signed out all the same.
    pub async fn sign_out(&self, everywhere: bool) -> Result<(), Error> {
        boxed(self.sign_out_now(everywhere)).await
    }

    async fn sign_out_now(&self, everywhere: bool) -> Result<(), Error> {
        let Some(kept) = self.0.http.sign_ins().get() else {
            self.end(Some(EndReason::SignedOut));
            return Ok(());
        };
        let jid = kept.sign_in.jid.clone();
        // A token that has expired can't sign out; what can't be renewed is over anyway.
        let token = match self.0.http.fresh_token().await {
            Ok(token) => token,
            Err(_) => kept.sign_in.access_token,
        };
        self.end(Some(EndReason::SignedOut));
        self.0.drafts.clear(&jid);
        self.0.outbox.clear(&jid).await;
        match self.0.http.sign_out(&token, everywhere).await {
            Err(error) if error.is_signed_out() => Ok(()),
            answer => answer,
        }
    }

    /// Sets how the person is seen, and a sentence to go with it; an empty one clears it.
    ///
    /// # Errors
    /// If the gateway refuses or doesn't answer.
    pub async fn set_presence(&self, presence: Presence) -> Result<(), Error> {
        let Presence { availability, status, .. } = presence;
        self.0.http.put(paths::PRESENCE, &SetPresence { availability, status }).await
    }

    /// An address for somebody's avatar, good for an `<img>` until the person signs out. Fetched once per picture.
    ///
    /// # Errors
    /// If the gateway has no such picture or doesn't answer.
    pub async fn avatar_url(&self, jid: &BareJid, hash: &AvatarHash) -> Result<String, Error> {
        boxed(self.0.avatars.url(&self.0.http, jid, hash)).await
    }

    /// A conversation: what it is to read and write in it.
    pub fn conversation(&self, jid: &ConversationId) -> ConversationHandle {
        ConversationHandle::new(self.clone(), jid.clone())
    }

    /// Asks the gateway for anything: an operation by its method (`GET`, `POST`, `PUT`, `PATCH`, `DELETE`) and its path
    /// below `/sparkweb/api/v1`, JSON in and JSON out. For what the model need not know.
    ///
    /// # Errors
    /// What the gateway refuses with, or no answer.
    pub async fn ask(&self, method: &str, path: &str, body: Option<String>) -> Result<String, Error> {
        self.0.http.ask(method, path, body).await
    }

    /// An access token which is good for a while, for requests whose bodies are no JSON.
    ///
    /// # Errors
    /// If nobody is signed in, or the gateway can't be asked for one.
    pub async fn access_token(&self) -> Result<String, Error> {
        self.0.http.fresh_token().await
    }

    /// Tells the gateway whether this tab can be seen: while no tab of anybody's can, what can wait may wait, and what
    /// happens is told elsewhere. If it has asked, those that can't be seen leave it to the others.
    fn report_sight(&self, is_asked: bool) {
        let Some(body) = browser::sight(&self.0.tab, is_asked) else { return };
        let client = self.clone();
        self.run(async move {
            // Whoever did not hear of it asks.
            let _ = client.0.http.ask("PUT", "/activity", Some(body)).await;
        });
    }

    fn set_status(&self, status: Status) {
        if self.0.status.replace(status) != status {
            self.0.subscribers.tell(&Change::Status);
        }
    }

    /// Edits the model, then tells everybody what changed.
    fn edit(&self, edit: impl FnOnce(&mut Model) -> Vec<Change>) {
        let changes = edit(&mut self.0.model.borrow_mut());
        self.tell(&changes);
    }

    fn tell(&self, changes: &[Change]) {
        for change in changes {
            self.0.subscribers.tell(change);
        }
    }

    /// The person who is signed in.
    fn account(&self) -> Option<BareJid> {
        self.0.session.borrow().as_ref().map(|session| session.account().clone())
    }

    /// A sign-in was made here.
    fn keep(&self, kept: &Kept) {
        self.0.http.sign_ins().set(kept, Some(self.0.lasts.get()));
        self.begin(kept);
        self.say(Word::SignIn);
    }

    /// Takes up a sign-in.
    fn begin(&self, kept: &Kept) {
        self.forget();
        let account = &kept.sign_in.jid;
        self.0.http.set_account(Some(account.clone()));
        if kept.sign_in.must_set_up {
            self.set_status(Status::MustSetUp);
            return self.tell_all();
        }
        self.0.status.set(Status::Loading);
        let session = Session::new(account.clone());
        self.0.session.replace(Some(Rc::clone(&session)));
        self.live(&session);
        self.0.subscribers.tell(&Change::Status);
        self.tell_all();
    }

    /// The sign-in is over: here, and by the storage's event in all other tabs.
    fn end(&self, reason: Option<EndReason>) {
        let ours = self.account();
        if self.0.http.sign_ins().get().is_some_and(|kept| ours.is_none_or(|jid| jid == kept.sign_in.jid)) {
            self.0.http.sign_ins().remove();
        }
        self.stop(reason);
        self.say(Word::SignIn);
    }

    fn stop(&self, reason: Option<EndReason>) {
        self.0.view.clear();
        self.forget();
        self.0.http.set_account(None);
        self.set_status(Status::SignedOut { reason });
        self.tell_all();
    }

    /// Another tab, or another module of this page, signed in or out.
    fn follow_sign_in(&self) {
        match (self.0.http.sign_ins().get(), self.account()) {
            (Some(kept), Some(ours)) if kept.sign_in.jid == ours => {}
            (Some(kept), _) => self.begin(&kept),
            (None, None) if self.status() != Status::MustSetUp => {}
            (None, _) => self.stop(Some(EndReason::SignedOut)),
        }
    }

    /// Drops all that belongs to the person.
    fn forget(&self) {
        if let Some(session) = self.0.session.take() {
            session.end();
        }
        self.0.pending.take();
        self.0.outbox.close();
        self.0.view.close();
        self.0.model.replace(Model::default());
        self.0.avatars.clear();
        self.0.typing.take();
        self.0.pauses.take();
        self.0.telling.take();
        self.0.read.take();
        self.0.sender.reset();
    }

    fn tell_all(&self) {
        let timelines: Vec<Change> = self.0.opened.borrow().keys().cloned().map(Change::Timeline).collect();
        self.tell(&[
            Change::Account,
            Change::Roster,
            Change::Conversations,
            Change::SubscriptionRequests,
            Change::Blocks,
        ]);
        self.tell(&timelines);
    }
}

/// Behind a pointer: whoever waits holds no copy of the machinery.
fn boxed<'a, T>(work: impl Future<Output = T> + 'a) -> LocalBoxFuture<'a, T> {
    Box::pin(work)
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Client").field(&self.gateway()).finish()
    }
}
