//! Children that come and go, each known by a key: those that stay are moved, not made anew.

use leptos::prelude::*;

/// One of them: its key, and how it is made if it is not there yet.
pub(crate) struct Keyed {
    key: String,
    make: Box<dyn FnOnce() -> AnyView + Send>,
}

impl Keyed {
    /// One of them.
    pub(crate) fn new(key: String, make: impl FnOnce() -> AnyView + Send + 'static) -> Self {
        Keyed { key, make: Box::new(make) }
    }
}

/// All of them, in order.
pub(crate) fn keyed(each: impl Fn() -> Vec<Keyed> + Send + Sync + 'static) -> AnyView {
    let each: Box<dyn Fn() -> Vec<Keyed> + Send + Sync> = Box::new(each);
    For(ForProps::builder()
        .each(each)
        .key(|item| item.key.clone())
        .children(|item: Keyed| (item.make)())
        .build())
    .into_any()
}
