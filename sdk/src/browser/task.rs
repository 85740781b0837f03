//! Work in the background, time, and waking up early.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::future::{AbortHandle, Either, LocalBoxFuture, abortable, select};
use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(module = "/src/browser.js")]
extern "C" {
    #[wasm_bindgen(js_name = sleep)]
    fn slept(ms: u32) -> Promise;
}

/// Work in the background that ends when this is dropped.
pub(crate) struct Task(AbortHandle);

impl Task {
    /// Starts it. It runs no earlier than when the caller lets go of the thread.
    pub(crate) fn spawn(work: impl Future<Output = ()> + 'static) -> Self {
        Task::spawn_boxed(Box::pin(work))
    }

    /// Boxed, so that the module has this once rather than once per kind of work.
    fn spawn_boxed(work: LocalBoxFuture<'static, ()>) -> Self {
        let (work, handle) = abortable(work);
        wasm_bindgen_futures::spawn_local(async move {
            // Being aborted is one of the two ways in which it may end.
            let _ = work.await;
        });
        Task(handle)
    }
}

impl Task {
    /// Lets it run to its own end.
    pub(crate) fn detach(self) {
        std::mem::forget(self);
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Waits.
pub(crate) async fn sleep(ms: u32) {
    // It is never broken.
    let _ = JsFuture::from(slept(ms)).await;
}

/// Wakes everybody who waits.
#[derive(Clone, Default)]
pub(crate) struct Wake(Rc<RefCell<Vec<oneshot::Sender<()>>>>);

impl Wake {
    /// Wakes everybody who waits just now.
    pub(crate) fn all(&self) {
        for sleeper in self.0.take() {
            // Whoever no longer waits is not to be woken.
            let _ = sleeper.send(());
        }
    }

    fn queue(&self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let mut sleepers = self.0.borrow_mut();
        sleepers.retain(|sleeper| !sleeper.is_canceled());
        sleepers.push(sender);
        receiver
    }

    /// Waits until woken.
    pub(crate) async fn woken(&self) {
        let receiver = self.queue();
        let _ = receiver.await;
    }

    /// Waits until woken, or for so long.
    pub(crate) async fn woken_or_after(&self, ms: u32) {
        let woken = std::pin::pin!(self.woken());
        let timer = std::pin::pin!(sleep(ms));
        match select(woken, timer).await {
            Either::Left(_) | Either::Right(_) => {}
        }
    }
}
