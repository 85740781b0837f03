//! Keeps rows where they are while somebody is about to choose one.
//!
//! People come and go, and the list is sorted by that. Without this, what is pressed may be somebody else than the one
//! who was looked at.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

/// How long rows stay after the last sign of somebody at the list.
const HELD_FOR: Duration = Duration::from_secs(3);

/// Whether rows keep their places. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Still {
    held: RwSignal<bool>,
    timer: StoredValue<Option<TimeoutHandle>>,
}

impl Still {
    pub(super) fn new() -> Self {
        Still { held: RwSignal::new(false), timer: StoredValue::new(None) }
    }

    /// Whether they do, tracked.
    pub(super) fn is_held(self) -> bool {
        self.held.get()
    }

    /// Somebody is at the list: rows stay for a while.
    pub(super) fn hold(self) {
        self.stop_timer();
        self.timer.set_value(set_timeout_with_handle(move || self.release(), HELD_FOR).ok());
        if !self.held.get_untracked() {
            self.held.set(true);
        }
    }

    /// Nobody is there any more: rows go where they belong.
    pub(super) fn release(self) {
        self.stop_timer();
        if self.held.try_get_untracked() == Some(true) {
            self.held.set(false);
        }
    }

    fn stop_timer(self) {
        if let Some(Some(timer)) = self.timer.try_update_value(Option::take) {
            timer.clear();
        }
    }
}
