//! What just happened: the DOM events of the elements, as the page around them sees them.

use js_sys::{Date, JSON};
use leptos::prelude::*;
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::{CustomEvent, Event};

use crate::page;

/// What the elements say to the page. They bubble, so the document hears them all.
const EVENTS: [&str; 7] = [
    "spark-signed-in",
    "spark-signed-out",
    "spark-open",
    "spark-message",
    "spark-unread",
    "spark-connection",
    "spark-error",
];
/// More are only noise.
const MOST: usize = 100;

#[derive(Clone)]
struct Happening {
    number: usize,
    time: String,
    says: String,
}

/// A line that says what happened last, and opens into the list.
#[component]
pub(crate) fn Inspector() -> impl IntoView {
    let happenings = RwSignal::new(Vec::<Happening>::new());
    listen(happenings);
    let last = move || happenings.with(|all| all.first().map(|last| last.says.clone()).unwrap_or_default());
    view! {
        <details class="inspector">
            <summary>
                <strong>"What just happened"</strong>
                <code>{last}</code>
            </summary>
            <ol class="console" aria-label="Events of the elements, the newest first">
                <For each=move || happenings.get() key=|happening| happening.number let:happening>
                    <li>
                        <time>{happening.time}</time>
                        {happening.says}
                    </li>
                </For>
            </ol>
        </details>
    }
}

fn listen(happenings: RwSignal<Vec<Happening>>) {
    let Some(document) = page::document() else { return };
    let listener = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        let detail = event.dyn_ref::<CustomEvent>().map_or(JsValue::NULL, CustomEvent::detail);
        let detail = JSON::stringify(&detail).map(String::from).unwrap_or_default();
        happenings.update(|all| {
            let number = all.first().map_or(0, |last| last.number + 1);
            let time = String::from(Date::new_0().to_locale_time_string("en-GB"));
            all.insert(0, Happening { number, time, says: format!("{} {detail}", event.type_()) });
            all.truncate(MOST);
        });
    });
    for name in EVENTS {
        // Fails only where the name is not a string.
        let _ = document.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
    }
    // The page listens as long as it lives.
    listener.forget();
}
