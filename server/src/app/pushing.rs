//! Pushing, and the sessions that stay connected for it: who has devices and is not there hears by theirs what happens.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream;
use protocol::BareJid;
use tokio_util::sync::CancellationToken;

use super::StartError;
use crate::api::Opener;
use crate::auth::Auth;
use crate::clock;
use crate::config::Config;
use crate::events::Notices;
use crate::fetch::Fetcher;
use crate::keyring::Keyring;
use crate::push::{Ask, Push, PushError};
use crate::session::Sessions;
use crate::store::Store;
use crate::task::OwnedTask;

/// How often is looked who has devices.
const LOOK: Duration = Duration::from_secs(60);

/// Sessions that are opened at the same time, at the most. The budget of connections says how fast.
const AT_ONCE: usize = 16;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Pushing, while it goes on.
#[derive(Debug)]
pub(super) struct Pushing {
    pub(super) push: Push,
    sender: OwnedTask<()>,
    notices: Notices,
    _hearer: OwnedTask<()>,
    vigil: Option<OwnedTask<()>>,
}

impl Pushing {
    /// Begins. Sessions that are opened from now on tell what happens.
    pub(super) async fn begin(
        config: &Config,
        store: Store,
        keyring: Arc<Keyring>,
        fetcher: Fetcher,
        sessions: &Sessions,
        closing: CancellationToken,
    ) -> Result<Self, StartError> {
        let (notices, heard) = Notices::new();
        sessions.tell(notices.clone());
        let asked = sessions.clone();
        let ask = Ask::by(move |jid| {
            if let Some(session) = asked.get(jid) {
                session.ask_who_looks();
            }
        });
        let (now_ms, settings, says) = (clock::now_ms(), config.push(), notices.clone());
        let push = Push::open(now_ms, settings, store, keyring, fetcher, says, ask).await?;
        Ok(Pushing {
            sender: OwnedTask::spawn(push.clone().send(closing)),
            _hearer: OwnedTask::spawn(push.clone().hear(heard)),
            vigil: None,
            notices,
            push,
        })
    }

    /// Opens the sessions of those who have devices, as many as may be, and keeps them.
    pub(super) fn watch(&mut self, config: &Config, auth: Auth, sessions: Sessions, opener: Opener) {
        let vigil = Vigil {
            push: self.push.clone(),
            auth,
            sessions,
            opener,
            notices: self.notices.clone(),
            max_sessions: config.push.max_sessions,
            days_ms: i64::from(config.push.days).saturating_mul(DAY_MS),
        };
        self.vigil = Some(OwnedTask::spawn(vigil.keep()));
    }

    /// Opens no more sessions: they are about to end.
    pub(super) fn watching_no_more(mut self) -> Self {
        self.vigil = None;
        self
    }

    /// Waits until what is under way has ended. What waits is sent by the next gateway.
    pub(super) async fn end(self) {
        // One that failed has nothing under way.
        let _ = self.sender.await;
    }
}

/// Keeps the sessions of those who have devices.
struct Vigil {
    push: Push,
    auth: Auth,
    sessions: Sessions,
    opener: Opener,
    notices: Notices,
    max_sessions: usize,
    days_ms: i64,
}

impl Vigil {
    async fn keep(self) {
        let mut ticks = tokio::time::interval(LOOK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.look().await {
                tracing::error!(%error, "it can't be looked who has devices");
            }
        }
    }

    async fn look(&self) -> Result<(), PushError> {
        let now_ms = clock::now_ms();
        self.push.sweep(now_ms).await?;
        let mut people = self.push.people().await?;
        people.retain(|(_, seen_at_ms)| now_ms - seen_at_ms <= self.days_ms);
        people.truncate(self.max_sessions);
        let people: Vec<BareJid> = people.into_iter().map(|(jid, _)| jid).collect();
        self.auth.spare(people.iter());
        self.notices.keep(people.iter().cloned().collect::<HashSet<_>>());
        let absent = people
            .into_iter()
            .filter(|jid| self.sessions.get(jid).is_none() && !self.sessions.was_replaced(jid));
        stream::iter(absent)
            .for_each_concurrent(AT_ONCE, |jid| async move { self.opener.open(&jid).await })
            .await;
        Ok(())
    }
}
