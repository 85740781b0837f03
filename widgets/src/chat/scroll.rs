//! Where the timeline is scrolled to: at the newest message, it stays there; anywhere else, the message under the
//! reader's eye stays where it is, whatever is put above or below.
//!
//! Knows boxes. Must never know messages.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, ResizeObserver};

use crate::page::hold;
use crate::watch::effect;

/// How near to the end counts as being there, in pixels.
const NEAR_END: i32 = 24;
/// How near to the beginning older messages are asked for, in pixels.
const NEAR_BEGINNING: i32 = 800;

/// The scroll position of one timeline. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Scroll {
    /// What scrolls.
    pub(super) scroller: NodeRef<Div>,
    /// What is scrolled.
    pub(super) content: NodeRef<Div>,
    /// Whether the newest message is in sight and is to stay so.
    pub(super) at_end: RwSignal<bool>,
    /// What the reader looks at, as of the last scrolling.
    anchor: StoredValue<Option<Anchor>, LocalStorage>,
    /// The heights of content and box when they were last looked at.
    heights: StoredValue<(i32, i32)>,
}

/// A message, where it was on the screen, and where the timeline was scrolled to then.
struct Anchor {
    row: web_sys::Element,
    top: f64,
    scroll_top: i32,
}

impl Scroll {
    pub(super) fn new() -> Scroll {
        let scroll = Scroll {
            scroller: NodeRef::new(),
            content: NodeRef::new(),
            at_end: RwSignal::new(true),
            anchor: StoredValue::new_local(None),
            heights: StoredValue::new((0, 0)),
        };
        scroll.follow_sizes();
        scroll
    }

    /// The reader scrolled, or we did.
    pub(super) fn on_scroll(self) {
        let Some(scroller) = self.scroller.get_untracked() else { return };
        let heights = (scroller.scroll_height(), scroller.client_height());
        if self.at_end.get_untracked() && heights != self.heights.get_value() {
            // Not the reader moved, but what is shown grew or shrank: `hold_still` is about to follow it.
            return;
        }
        let at_end = heights.0 - heights.1 - scroller.scroll_top() <= NEAR_END;
        if at_end != self.at_end.get_untracked() {
            self.at_end.set(at_end);
        }
        self.anchor.set_value(self.find_anchor());
    }

    /// Whether what is in sight is close to the first message, or fills nothing yet.
    pub(super) fn is_near_beginning(self) -> bool {
        self.scroller
            .get_untracked()
            .is_some_and(|scroller| scroller.client_height() > 0 && scroller.scroll_top() < NEAR_BEGINNING)
    }

    /// To the newest message, at once.
    pub(super) fn to_end(self) {
        self.at_end.set(true);
        self.settle();
    }

    fn find_anchor(self) -> Option<Anchor> {
        let scroller = self.scroller.get_untracked()?;
        let sight = scroller.get_bounding_client_rect();
        let rows = scroller.query_selector_all(".message").ok()?;
        let top_of = |at: u32| {
            let row = rows.get(at)?.dyn_into::<web_sys::Element>().ok()?;
            let top = row.get_bounding_client_rect().top();
            Some((row, top))
        };
        // The rows lie in order, so the first one that begins in sight is found by halves: one that begins above may grow
        // above (a picture that comes), which is not to move what is below.
        let (mut low, mut high) = (0, rows.length());
        while low < high {
            let middle = low + (high - low) / 2;
            if top_of(middle)?.1 >= sight.top() { high = middle } else { low = middle + 1 }
        }
        let begins = top_of(low).filter(|(_, top)| *top < sight.bottom());
        // Where none begins, one fills all that is in sight.
        let (row, top) = begins.or_else(|| top_of(low.checked_sub(1)?))?;
        Some(Anchor { row, top, scroll_top: scroller.scroll_top() })
    }

    /// After anything changed its size or place: brings what the reader looked at back to where it was. Called before
    /// anything is painted.
    fn hold_still(self) {
        if self.at_end.try_get_untracked() == Some(true) {
            return self.settle();
        }
        let Some(Some(scroller)) = self.scroller.try_get_untracked() else { return };
        self.anchor.try_update_value(|anchor| {
            let Some(anchor) = anchor.as_ref().filter(|anchor| anchor.row.is_connected()) else { return };
            let scrolled = scroller.scroll_top() - anchor.scroll_top;
            #[expect(clippy::cast_possible_truncation, reason = "a distance on a screen")]
            let moved = (anchor.row.get_bounding_client_rect().top() - anchor.top).round() as i32 + scrolled;
            if moved != 0 {
                scroller.set_scroll_top(scroller.scroll_top() + moved);
            }
        });
        self.anchor.try_update_value(|anchor| *anchor = self.find_anchor());
    }

    /// Shows the unread line near the top, if it lies above what is in sight; then does what is to be done there.
    pub(super) fn to_unread(self, then: impl FnOnce() + 'static) {
        request_animation_frame(move || {
            let Some(Some(scroller)) = self.scroller.try_get_untracked() else { return };
            self.settle();
            if let Ok(Some(line)) = scroller.query_selector(".unread-line") {
                let above = scroller.get_bounding_client_rect().top() - line.get_bounding_client_rect().top();
                if above > 0.0 {
                    #[expect(clippy::cast_possible_truncation, reason = "a distance on a screen")]
                    scroller.set_scroll_top(scroller.scroll_top() - above as i32 - 64);
                    self.at_end.set(false);
                }
            }
            then();
        });
    }

    /// Moves the focus by some messages, for the arrow keys.
    pub(super) fn step_focus(self, step: i32) {
        let Some(scroller) = self.scroller.get_untracked() else { return };
        let Ok(rows) = scroller.query_selector_all(".message") else { return };
        let count = i32::try_from(rows.length()).unwrap_or(0);
        let focused = scroller.query_selector(".message:focus, .message:focus-within").ok().flatten();
        let focused = focused.map(web_sys::Node::from);
        let at = (0..count).find(|at| rows.get(at.unsigned_abs()) == focused);
        let next = at.map_or(count - 1, |at| (at + step).clamp(0, count - 1));
        if let Some(row) = rows.get(next.unsigned_abs()).and_then(|row| row.dyn_into::<HtmlElement>().ok()) {
            // Scrolls the timeline only: the row is inside it.
            let _ = row.focus();
        }
    }

    fn settle(self) {
        if let Some(Some(scroller)) = self.scroller.try_get_untracked() {
            scroller.set_scroll_top(scroller.scroll_height());
            self.heights.try_set_value((scroller.scroll_height(), scroller.client_height()));
        }
    }

    /// Holds still whenever the box changes (a keyboard, a growing composer) or the content does (messages, pictures).
    fn follow_sizes(self) {
        let on_resize = Closure::<dyn Fn()>::new(move || self.hold_still());
        let Ok(observer) = ResizeObserver::new(on_resize.as_ref().unchecked_ref()) else { return };
        let observing = observer.clone();
        effect(move || {
            for node in [self.scroller, self.content] {
                if let Some(node) = node.get() {
                    observing.observe(&node);
                }
            }
        });
        hold((Disconnect(observer), on_resize));
    }
}

/// Ends an observation when dropped.
struct Disconnect(ResizeObserver);

impl Drop for Disconnect {
    fn drop(&mut self) {
        self.0.disconnect();
    }
}
