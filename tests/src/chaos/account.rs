//! Somebody who sends as the SDK does: what the gateway has taken is not asked for again while the stream of events, which
//! says when it was sent, goes on; when that breaks, or an answer does not come, the same id is asked for again.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use protocol::MessageId;
use serde_json::json;
use server::task::OwnedTask;
use tokio::sync::{Mutex, watch};
use tokio::time::timeout;

use super::{RECEIVER, World};
use crate::app::{Events, jid, password};

/// How long a message may take, over all that goes wrong.
const SENT_WITHIN: Duration = Duration::from_secs(90);

/// What somebody was told of one message, and when.
#[derive(Debug, Default)]
pub(super) struct Told(Vec<String>);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|line| writeln!(f, "    {line}"))
    }
}

/// Somebody, signed in or not.
pub(super) struct Account {
    pub(super) name: &'static str,
    pub(super) world: World,
    sign_in: Mutex<Option<Arc<SignIn>>>,
}

/// A token, and what is heard with it.
struct SignIn {
    token: String,
    heard: watch::Receiver<Heard>,
    _listener: OwnedTask<()>,
}

#[derive(Debug, Default)]
struct Heard {
    /// How far messages have come.
    states: HashMap<String, String>,
    /// The stream has ended: what is on its way is not heard of any more.
    is_over: bool,
}

impl Account {
    pub(super) fn new(name: &'static str, world: World) -> Self {
        Account { name, world, sign_in: Mutex::default() }
    }

    /// Asks for a message until it is sent, or, if it may be left, until an answer does not come. False if it was left.
    pub(super) async fn send(&self, id: &MessageId, body: &str, told: &mut Told, may_leave: bool) -> bool {
        let sending = self.ask_until_sent(id, body, told, may_leave);
        let Ok(is_sent) = timeout(SENT_WITHIN, sending).await else {
            let faults = self.world.faults.lock().unwrap().join("\n");
            panic!("{id} \"{body}\" was not sent within {SENT_WITHIN:?}:\n{told}{faults}");
        };
        is_sent
    }

    async fn ask_until_sent(&self, id: &MessageId, body: &str, told: &mut Told, may_leave: bool) -> bool {
        let path = format!("/conversations/{}/messages", jid(RECEIVER));
        let message = json!({ "id": id, "body": body });
        loop {
            let sign_in = self.signed_in().await;
            told.0.push(format!("{} asks", self.world.clock()));
            let answer = self.world.ask(&sign_in.token, &path, &message).await;
            let answered = answer.as_ref().map_or("no answer".to_owned(), |(status, _)| status.to_string());
            told.0.push(format!("{} {answered}", self.world.clock()));
            match answer {
                Some((201, _)) => return true,
                Some((202, _)) => {
                    let state = sign_in.hears_of(id).await;
                    told.0.push(format!("{} heard {state:?}", self.world.clock()));
                    match state.as_deref() {
                        Some("sent" | "delivered" | "displayed") => return true,
                        Some(state) => panic!("{id} \"{body}\" is {state}:\n{told}"),
                        None => {}
                    }
                }
                None if may_leave => return false,
                // The answer was lost, or the gateway with it.
                None => drop(self.world.gateway().await),
                // Of another gateway: its stream is ending, too.
                Some((401, _)) => self.forget(&sign_in).await,
                Some((502..=504, _)) => self.world.server().await,
                Some((status, problem)) => panic!("{id} \"{body}\" got {status} {problem}:\n{told}"),
            }
        }
    }

    /// The sign-in that is good now, or a new one.
    async fn signed_in(&self) -> Arc<SignIn> {
        let mut current = self.sign_in.lock().await;
        if let Some(sign_in) = current.as_ref().filter(|sign_in| !sign_in.heard.borrow().is_over) {
            return Arc::clone(sign_in);
        }
        let sign_in = Arc::new(self.sign_in().await);
        *current = Some(Arc::clone(&sign_in));
        sign_in
    }

    async fn forget(&self, sign_in: &Arc<SignIn>) {
        let mut current = self.sign_in.lock().await;
        if current.as_ref().is_some_and(|current| Arc::ptr_eq(current, sign_in)) {
            *current = None;
        }
    }

    async fn sign_in(&self) -> SignIn {
        let who = json!({ "username": self.name, "password": password(self.name) });
        loop {
            let tokens = match self.world.ask("", "/sign-ins", &who).await {
                Some((201, tokens)) => tokens,
                None => {
                    self.world.gateway().await;
                    continue;
                }
                Some((502..=504, _)) => {
                    self.world.server().await;
                    continue;
                }
                Some((status, problem)) => panic!("{} got {status} {problem}", self.name),
            };
            let token = tokens["access_token"].as_str().unwrap().to_owned();
            // Heard from before anything is sent with this token: nothing is missed.
            let gateway = self.world.gateway().await;
            let url = format!("http://{gateway}/sparkweb/api/v1/events");
            let Some(events) = Events::try_open(self.world.http.get(url).bearer_auth(&token)).await else {
                continue;
            };
            let (heard, hears) = watch::channel(Heard::default());
            return SignIn { token, heard: hears, _listener: OwnedTask::spawn(listen(events, heard)) };
        }
    }
}

impl SignIn {
    /// How far a message has come that was on its way. `None` if that is not heard of any more.
    async fn hears_of(&self, id: &MessageId) -> Option<String> {
        let mut heard = self.heard.clone();
        let news =
            heard.wait_for(|heard| heard.is_over || heard.states.contains_key(id.as_str())).await.ok()?;
        news.states.get(id.as_str()).cloned()
    }
}

async fn listen(mut events: Events, heard: watch::Sender<Heard>) {
    while let Some(event) = events.next_block().await {
        if event.name == "delivery_changed" {
            let change = event.json();
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            let (id, state) = (text(&change["id"]), text(&change["delivery"]["state"]));
            heard.send_modify(|heard| drop(heard.states.insert(id, state)));
        }
    }
    heard.send_modify(|heard| heard.is_over = true);
}
