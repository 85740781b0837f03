//! Web Locks: one holder at a time among all tabs of an origin. Where the browser has none (pages which are not a
//! secure context), one holder at a time within this module.

use std::cell::RefCell;
use std::collections::VecDeque;

use futures_channel::oneshot;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

use crate::Map;

#[wasm_bindgen]
extern "C" {
    type LockManager;

    #[wasm_bindgen(method)]
    fn request(this: &LockManager, name: &str, options: &Object, callback: &Function) -> Promise;
}

/// A lock that is held until this is dropped, or until another tab takes it by force.
pub(crate) struct Lock {
    /// Dropping it gives the lock back.
    _held: Held,
    taken: oneshot::Receiver<()>,
}

#[expect(dead_code, reason = "held for what dropping it does")]
enum Held {
    Shared(oneshot::Sender<()>),
    Alone(Turn),
}

/// How to come by a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Wait until whoever holds it lets go.
    Wait,
    /// Take it from whoever holds it: for a holder that no longer answers.
    Force,
}

impl Lock {
    /// Waits for the lock of this name. Dropping the future stops waiting.
    pub(crate) async fn acquire(name: &str, manner: Manner) -> Self {
        match manager() {
            Some(manager) => acquire_shared(&manager, name, manner).await,
            None => acquire_alone(name).await,
        }
    }

    /// Waits until another tab has taken the lock by force.
    pub(crate) async fn taken(&mut self) {
        if (&mut self.taken).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

fn manager() -> Option<LockManager> {
    super::property(&super::property(&super::global(), "navigator")?, "locks").map(JsCast::unchecked_into)
}

async fn acquire_shared(manager: &LockManager, name: &str, manner: Manner) -> Lock {
    let (granted, wait) = oneshot::channel();
    let callback = Closure::once_into_js(move |_lock: JsValue| -> Promise {
        let (release, released) = oneshot::channel();
        // If nobody waits any more, `release` is dropped here and the lock goes straight back.
        let _ = granted.send(release);
        wasm_bindgen_futures::future_to_promise(async move {
            let _ = released.await;
            Ok(JsValue::UNDEFINED)
        })
    });
    let options = Object::new();
    if manner == Manner::Force {
        // Setting a property of a fresh object can't fail.
        let _ = Reflect::set(&options, &JsValue::from_str("steal"), &JsValue::TRUE);
    }
    let request = manager.request(name, &options, callback.unchecked_ref());
    let (taker, taken) = oneshot::channel();
    wasm_bindgen_futures::spawn_local(async move {
        // The promise is kept when the lock was given back, and broken when it was taken by force.
        if wasm_bindgen_futures::JsFuture::from(request).await.is_err() {
            let _ = taker.send(());
        }
    });
    match wait.await {
        Ok(release) => Lock { _held: Held::Shared(release), taken },
        // The browser refused: an opaque origin, or a page that is being closed. Alone is better than never.
        Err(_) => acquire_alone(name).await,
    }
}

thread_local! {
    /// Who waits for which lock, when this module is on its own. A name is here while somebody holds it.
    static QUEUES: RefCell<Map<String, VecDeque<oneshot::Sender<Turn>>>> = const { RefCell::new(Map::new()) };
}

/// A lock within this module; dropping it hands it to whoever waits longest.
struct Turn(String);

impl Drop for Turn {
    fn drop(&mut self) {
        let name = std::mem::take(&mut self.0);
        let next = QUEUES.with_borrow_mut(|queues| {
            let next = queues.get_mut(&name)?.pop_front();
            if next.is_none() {
                queues.remove(&name);
            }
            next
        });
        if let Some(next) = next {
            // Whoever waits no longer drops it, which hands it on.
            let _ = next.send(Turn(name));
        }
    }
}

async fn acquire_alone(name: &str) -> Lock {
    let queued = QUEUES.with_borrow_mut(|queues| match queues.get_mut(&name.to_owned()) {
        Some(queue) => {
            let (sender, receiver) = oneshot::channel();
            queue.push_back(sender);
            Some(receiver)
        }
        None => {
            queues.insert(name.to_owned(), VecDeque::new());
            None
        }
    });
    let turn = match queued {
        Some(queued) => queued.await.unwrap_or_else(|_| Turn(name.to_owned())),
        None => Turn(name.to_owned()),
    };
    Lock { _held: Held::Alone(turn), taken: oneshot::channel().1 }
}
