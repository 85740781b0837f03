//! What only the browser knows: the time and how people there write it, what is kept for this page, where it goes.
//!
//! Must never know chats.

use js_sys::{Date, Intl, Object, Reflect};
use protocol::TimestampMs;
use sdk::Map;
use wasm_bindgen::JsValue;
use web_sys::{Document, Storage, Window};

use crate::strings;
use crate::time::{self, Day, DayName};

/// The window. There is one wherever custom elements are.
pub(crate) fn window() -> Window {
    leptos::prelude::window()
}

/// The document.
pub(crate) fn document() -> Document {
    leptos::prelude::document()
}

/// Now.
#[expect(clippy::cast_possible_truncation, reason = "whole milliseconds, far below 2^53")]
pub(crate) fn now_ms() -> TimestampMs {
    Date::now() as i64
}

/// The day of an instant where the reader is.
pub(crate) fn day_of(at_ms: TimestampMs) -> Day {
    #[expect(clippy::cast_possible_truncation, reason = "minutes within a day")]
    let offset_mins = -date(at_ms).get_timezone_offset() as i32;
    Day::of(at_ms, offset_mins)
}

/// The time of day, as people there write it: `14:05`, `2:05 PM`.
pub(crate) fn clock_time(at_ms: TimestampMs) -> String {
    formatted(at_ms, &[("hour", "numeric"), ("minute", "2-digit")])
}

/// The heading of a day: "Today", "Yesterday", "Monday", "12 March", "12 March 2020".
pub(crate) fn day_heading(day: Day) -> String {
    let at_ms = day.noon_utc_ms();
    match time::name(day, day_of(now_ms())) {
        DayName::Today => strings::TODAY.to_owned(),
        DayName::Yesterday => strings::YESTERDAY.to_owned(),
        DayName::Weekday => formatted(at_ms, &[("weekday", "long"), ("timeZone", "UTC")]),
        DayName::Date => formatted(at_ms, &[("day", "numeric"), ("month", "long"), ("timeZone", "UTC")]),
        DayName::DateAndYear => formatted(
            at_ms,
            &[("day", "numeric"), ("month", "long"), ("year", "numeric"), ("timeZone", "UTC")],
        ),
    }
}

/// When something was, in the few letters that a row has for it: `14:05`, "Yesterday", "Mon", "12 Mar", "12/03/2020".
pub(crate) fn short_time(at_ms: TimestampMs) -> String {
    match time::name(day_of(at_ms), day_of(now_ms())) {
        DayName::Today => clock_time(at_ms),
        DayName::Yesterday => strings::YESTERDAY.to_owned(),
        DayName::Weekday => formatted(at_ms, &[("weekday", "short")]),
        DayName::Date => formatted(at_ms, &[("day", "numeric"), ("month", "short")]),
        DayName::DateAndYear => formatted(at_ms, &[("dateStyle", "short")]),
    }
}

fn date(at_ms: TimestampMs) -> Date {
    #[expect(clippy::cast_precision_loss, reason = "JavaScript's instants are doubles")]
    Date::new(&JsValue::from_f64(at_ms as f64))
}

/// Formats by the reader's language. Formatters cost far more to make than to use, so each kind is made once.
fn formatted(at_ms: TimestampMs, options: &'static [(&'static str, &'static str)]) -> String {
    use std::cell::RefCell;
    thread_local! {
        static FORMATS: RefCell<Map<usize, js_sys::Function>> = const { RefCell::new(Map::new()) };
    }
    let format = FORMATS.with_borrow_mut(|formats| {
        let make = || {
            let object = Object::new();
            for (key, value) in options {
                // Setting a property of an object made just now can't fail.
                let _ = Reflect::set(&object, &JsValue::from_str(key), &JsValue::from_str(value));
            }
            Intl::DateTimeFormat::new(&js_sys::Array::new(), &object).format()
        };
        formats.get_or_insert_with(&options.as_ptr().addr(), make).clone()
    });
    let text = format.call1(&JsValue::UNDEFINED, &date(at_ms));
    text.ok().and_then(|text| text.as_string()).unwrap_or_default()
}

/// Something kept in this browser for this page's origin. `None` too where keeping is forbidden.
pub(crate) fn kept(key: &str) -> Option<String> {
    storage()?.get_item(key).ok()?
}

/// Keeps something, where that is allowed; what is kept only adds comfort.
pub(crate) fn keep(key: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, value);
    }
}

fn storage() -> Option<Storage> {
    window().local_storage().ok()?
}

/// A parameter of the page's query, decoded.
pub(crate) fn query_parameter(name: &str) -> Option<String> {
    let query = window().location().search().ok()?;
    web_sys::UrlSearchParams::new_with_str(&query).ok()?.get(name)
}

/// Whether the page is in front of somebody: visible and with the focus.
pub(crate) fn is_attended() -> bool {
    let document = document();
    document.visibility_state() == web_sys::VisibilityState::Visible && document.has_focus().unwrap_or(false)
}
