//! What surrounds the elements on the demo's pages: navigation, the switches for theme and direction, the list of
//! what the elements say, and the snippets.
//!
//! Knows the pages, and the elements as any page knows them: tags and DOM events. It names no crate of SparkWeb's,
//! and nothing that the elements do depends on it.

#![expect(unreachable_pub, reason = "the component macro makes its properties public")]

mod header;
mod inspector;
mod page;
mod snippet;

use leptos::mount::mount_to;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

fn main() {
    console_error_panic_hook::set_once();
    fill("#site-header", || leptos::view! { <header::Header /> });
    fill("#site-inspector", || leptos::view! { <inspector::Inspector /> });
    for figure in page::all("[data-snippet]") {
        let Some((language, code)) = figure.get_attribute("data-snippet").and_then(|name| snippet::of(&name))
        else {
            continue;
        };
        mount_to(figure, move || leptos::view! { <snippet::Snippet language code=code.clone() /> }).forget();
    }
}

/// Mounts a view into the page's element, where the page has it.
fn fill<View: leptos::prelude::IntoView + 'static>(selector: &str, view: fn() -> View)
where
    View::State: 'static,
{
    if let Some(element) = page::all(selector).pop() {
        mount_to(element.unchecked_into::<HtmlElement>(), view).forget();
    }
}
