//! What just happened: the DOM events of the elements, as the page around them sees them.

use js_sys::{Date, JSON};
use leptos::prelude::*;
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::{CustomEvent, Event};

use crate::{
    page,
    snippet::{self, Snippet},
};

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

/// What the panel shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Panel {
    Happenings,
    Code,
}

/// A line that says what happened last; it opens into the whole list, or into the code of the page.
#[component]
pub(crate) fn Inspector() -> impl IntoView {
    let happenings = RwSignal::new(Vec::<Happening>::new());
    listen(happenings);
    let open = RwSignal::new(None::<Panel>);
    let last = move || happenings.with(|all| all.first().map(|last| last.says.clone()).unwrap_or_default());
    let code = snippet::of(page::file_name().trim_end_matches(".html"));
    let has_code = code.is_some();
    let show = move |panel| {
        let code = code.clone();
        match panel {
            Panel::Happenings => list(happenings).into_any(),
            Panel::Code => code
                .map(|(language, code)| view! { <figure class="snippet"><Snippet language code /></figure> })
                .into_any(),
        }
    };
    view! {
        <div class="inspector">
            <div class="inspector-bar">
                <Opener panel=Panel::Happenings open name="What just happened" />
                <code class="last">{last}</code>
                {has_code.then(|| view! { <Opener panel=Panel::Code open name="This page's HTML" /> })}
            </div>
            {move || open.get().map(|panel| view! { <div class="inspector-panel">{show(panel)}</div> })}
        </div>
    }
}

/// Opens its panel in place of another's, or closes it.
#[component]
fn Opener(panel: Panel, open: RwSignal<Option<Panel>>, name: &'static str) -> impl IntoView {
    let is_open = move || open.get() == Some(panel);
    view! {
        <button
            class="opener"
            aria-expanded=move || is_open().to_string()
            on:click=move |_| open.update(|open| *open = (*open != Some(panel)).then_some(panel))
        >
            <svg viewBox="0 0 20 20" aria-hidden="true">
                <path d="M6 12l4-4 4 4" />
            </svg>
            {name}
        </button>
    }
}

fn list(happenings: RwSignal<Vec<Happening>>) -> impl IntoView {
    view! {
        <Show when=move || happenings.with(Vec::is_empty)>
            <p class="hint">"Nothing yet. Sign in, or open a conversation: the elements tell the page."</p>
        </Show>
        <ol class="console" aria-label="Events of the elements, the newest first">
            <For each=move || happenings.get() key=|happening| happening.number let:happening>
                <li>
                    <time>{happening.time}</time>
                    {happening.says}
                </li>
            </For>
        </ol>
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
