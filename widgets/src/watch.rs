//! What follows the reactive graph, boxed: its machinery once for all closures rather than once for each.

use leptos::prelude::*;

/// Runs something now, and again whenever what it reads changes.
pub(crate) fn effect(run: impl FnMut() + 'static) {
    let mut run: Box<dyn FnMut()> = Box::new(run);
    Effect::new(move |_: Option<()>| run());
}

/// A value that is worked out anew when what it reads changes, and told on when it differs.
pub(crate) fn memo<T: PartialEq + Send + Sync + 'static>(
    read: impl Fn() -> T + Send + Sync + 'static,
) -> Memo<T> {
    let read: Box<dyn Fn() -> T + Send + Sync> = Box::new(read);
    Memo::new(move |_: Option<&T>| read())
}
