//! One at a time for each person, whoever they are.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use protocol::BareJid;
use tokio::sync::OwnedMutexGuard;

/// Somebody's turn. Over when it is dropped.
#[derive(Debug)]
pub struct Turn(#[expect(dead_code, reason = "held until it is dropped")] OwnedMutexGuard<()>);

/// Turns of everybody. A person for whom nobody has or awaits one takes no room.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<HashMap<BareJid, Arc<tokio::sync::Mutex<()>>>>);

impl Turns {
    /// Waits until nobody else has this person's.
    pub(super) async fn take(&self, jid: &BareJid) -> Turn {
        let lock = {
            let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            locks.retain(|_, lock| Arc::strong_count(lock) > 1);
            Arc::clone(locks.entry(jid.clone()).or_default())
        };
        Turn(lock.lock_owned().await)
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn whoever_comes_second_waits_and_others_do_not() {
        let turns = Turns::default();
        let (juliet, romeo): (BareJid, BareJid) =
            ("juliet@spark.test".parse().unwrap(), "romeo@spark.test".parse().unwrap());
        let first = turns.take(&juliet).await;
        let mut second = Box::pin(turns.take(&juliet));
        assert!(second.as_mut().now_or_never().is_none());
        drop(turns.take(&romeo).await);
        drop(first);
        drop(second.await);
        drop(turns.take(&romeo).await);
        assert_eq!(turns.0.lock().unwrap().len(), 1);
    }
}
