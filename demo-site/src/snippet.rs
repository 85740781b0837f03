//! Code to take away. It is cut from the pages themselves, so what is shown is what runs.

use leptos::prelude::*;

/// The code of this name: a page's part between `<!-- example -->` marks, or a whole script.
pub(crate) fn of(name: &str) -> Option<(&'static str, String)> {
    match name {
        "together" => Some(("HTML", example(include_str!("../pages/together.html")))),
        "roster" => Some(("HTML", example(include_str!("../pages/roster.html")))),
        "chat" => Some(("HTML", example(include_str!("../pages/chat.html")))),
        "notifications" => Some(("HTML", example(include_str!("../pages/notifications.html")))),
        "worker" => Some(("JavaScript", include_str!("../pages/worker.js").trim_end().to_owned())),
        "app" => Some(("JavaScript", include_str!("../assets/app.js").trim_end().to_owned())),
        "classic" => Some(("JavaScript", include_str!("../assets/classic.js").trim_end().to_owned())),
        "sdk" => Some(("JavaScript", include_str!("../assets/sdk.js").trim_end().to_owned())),
        _ => None,
    }
}

/// A block of code, and a button that copies it.
#[component]
pub(crate) fn Snippet(language: &'static str, code: String) -> impl IntoView {
    let copied = RwSignal::new(false);
    let text = code.clone();
    let copy = move |_| {
        let Some(window) = web_sys::window() else { return };
        // Where the browser refuses the clipboard, the text can still be selected by hand.
        let _ = window.navigator().clipboard().write_text(&text);
        copied.set(true);
    };
    view! {
        <figcaption>
            {language} <button class="copy" on:click=copy on:blur=move |_| copied.set(false)>
                {move || if copied.get() { "Copied" } else { "Copy" }}
            </button>
        </figcaption>
        <pre tabindex="0"><code>{code}</code></pre>
    }
}

fn example(page: &str) -> String {
    let inside = page.split("<!-- example -->").nth(1).unwrap_or_default();
    let inside = inside.split("<!-- /example -->").next().unwrap_or_default();
    let lines = inside.trim_matches('\n').trim_end();
    let indent =
        lines.lines().filter(|line| !line.trim().is_empty()).map(indent_of).min().unwrap_or_default();
    lines.lines().map(|line| line.get(indent..).unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_cut_out_and_moved_to_the_left() {
        let page = "<p>\n    <!-- example -->\n    <a>\n\n      <b>\n    </a>\n    <!-- /example -->\n</p>";
        assert_eq!(example(page), "<a>\n\n  <b>\n</a>");
    }

    #[test]
    fn every_snippet_that_a_page_asks_for_is_there() {
        let pages = [
            include_str!("../index.html"),
            include_str!("../pages/notifications.html"),
            include_str!("../pages/classic.html"),
            include_str!("../pages/sdk.html"),
        ];
        for page in pages {
            for part in page.split("data-snippet=\"").skip(1) {
                let name = part.split('"').next().unwrap_or_default();
                assert!(of(name).is_some_and(|(_, code)| code.lines().count() > 3), "{name}");
            }
        }
    }
}
