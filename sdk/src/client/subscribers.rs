//! Who wants to hear of changes.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use crate::model::Change;

type OnChange = Rc<dyn Fn(&Change)>;

#[derive(Default)]
struct List {
    next_id: Cell<u32>,
    subscribers: RefCell<Vec<(u32, OnChange)>>,
}

/// Everybody who subscribed.
#[derive(Default)]
pub(super) struct Subscribers(Rc<List>);

impl Subscribers {
    pub(super) fn add(&self, on_change: impl Fn(&Change) + 'static) -> Subscription {
        let id = self.0.next_id.get();
        self.0.next_id.set(id.wrapping_add(1));
        self.0.subscribers.borrow_mut().push((id, Rc::new(on_change)));
        Subscription { id, list: Rc::downgrade(&self.0) }
    }

    /// Tells everybody. A subscriber may subscribe others, and end any subscription, while being told.
    pub(super) fn tell(&self, change: &Change) {
        let everybody: Vec<(u32, OnChange)> = self.0.subscribers.borrow().clone();
        for (id, on_change) in everybody {
            // Somebody told before may have ended this one's subscription.
            let subscribed = self.0.subscribers.borrow().iter().any(|(other, _)| *other == id);
            if subscribed {
                on_change(change);
            }
        }
    }
}

/// Somebody hears of changes for as long as this lives.
#[must_use = "dropping a subscription ends it"]
pub struct Subscription {
    id: u32,
    list: Weak<List>,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let Some(list) = self.list.upgrade() else { return };
        let ended = {
            let mut subscribers = list.subscribers.borrow_mut();
            let index = subscribers.iter().position(|(id, _)| *id == self.id);
            index.map(|index| subscribers.remove(index))
        };
        // What the function holds may itself hold a subscription: nothing is borrowed while it is dropped.
        drop(ended);
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Subscription").field(&self.id).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subscribers_may_end_subscriptions_while_being_told() {
        let subscribers = Subscribers::default();
        let told = Rc::new(RefCell::new(Vec::new()));
        let second: Rc<RefCell<Option<Subscription>>> = Rc::default();

        let (told_first, ends) = (Rc::clone(&told), Rc::clone(&second));
        let first = subscribers.add(move |_| {
            told_first.borrow_mut().push("first");
            ends.take();
        });
        let told_second = Rc::clone(&told);
        second.replace(Some(subscribers.add(move |_| told_second.borrow_mut().push("second"))));

        subscribers.tell(&Change::Status);
        drop(first);
        subscribers.tell(&Change::Status);
        assert_eq!(*told.borrow(), ["first"]);
    }
}
