//! The bar on top of every page: where to go, and two switches to look at the elements in other ways.

use leptos::prelude::*;

use crate::page;

const PAGES: [(&str, &str); 8] = [
    ("index.html", "Start"),
    ("together.html", "Together"),
    ("roster.html", "Roster"),
    ("chat.html", "Chat"),
    ("security.html", "Security"),
    ("notifications.html", "Notifications"),
    ("classic.html", "Classic"),
    ("sdk.html", "SDK"),
];

/// As the system has it, or one of the two.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Theme {
    Auto,
    Light,
    Dark,
}

impl Theme {
    fn name(self) -> &'static str {
        match self {
            Self::Auto => "",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn of(name: Option<&str>) -> Self {
        [Self::Light, Self::Dark].into_iter().find(|theme| Some(theme.name()) == name).unwrap_or(Self::Auto)
    }

    fn next(self) -> Self {
        match self {
            Self::Auto => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::Auto,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Auto => "Theme: as the system",
            Self::Light => "Theme: light",
            Self::Dark => "Theme: dark",
        }
    }

    fn drawing(self) -> &'static str {
        match self {
            Self::Auto => "M10 3a7 7 0 1 0 0 14ZM10 3a7 7 0 0 1 0 14",
            Self::Light => {
                "M10 7a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM10 2v2M10 16v2M2 10h2M16 10h2M4.3 4.3l1.5 1.5\
                 M14.2 14.2l1.5 1.5M15.7 4.3l-1.5 1.5M5.8 14.2l-1.5 1.5"
            }
            Self::Dark => "M16.5 11.9A7 7 0 0 1 8.1 3.5 7 7 0 1 0 16.5 11.9Z",
        }
    }
}

/// Brand, pages, switches.
#[component]
pub(crate) fn Header() -> impl IntoView {
    let here = page::file_name();
    let theme = RwSignal::new(Theme::of(page::remembered("theme").as_deref()));
    let mirrored = RwSignal::new(page::remembered("dir").as_deref() == Some("rtl"));
    Effect::new(move || {
        page::remember("theme", theme.get().name());
        set_on_root("data-theme", theme.get().name());
        colour_window(theme.get());
    });
    Effect::new(move || {
        let direction = if mirrored.get() { "rtl" } else { "" };
        page::remember("dir", direction);
        set_on_root("dir", direction);
    });
    view! {
        <div class="bar">
            <a class="brand" href="index.html"><img src="/site/icon.svg" alt="" />"SparkWeb"</a>
            <nav aria-label="Pages">
                {PAGES
                    .map(|(file, name)| {
                        let current = (file == here).then_some("page");
                        view! { <a href=file aria-current=current>{name}</a> }
                    })
                    .collect_view()}
            </nav>
            <div class="tools">
                <button
                    class="tool"
                    aria-label=move || theme.get().label()
                    title=move || theme.get().label()
                    on:click=move |_| theme.update(|theme| *theme = theme.next())
                >
                    <svg viewBox="0 0 20 20" aria-hidden="true"><path d=move || theme.get().drawing() /></svg>
                </button>
                <button
                    class="tool"
                    aria-label="Write from right to left"
                    title="Write from right to left"
                    aria-pressed=move || mirrored.get().to_string()
                    on:click=move |_| mirrored.update(|mirrored| *mirrored = !*mirrored)
                >
                    <svg viewBox="0 0 20 20" aria-hidden="true">
                        <path d="M4 6h12M13 3l3 3-3 3M16 14H4M7 11l-3 3 3 3" />
                    </svg>
                </button>
            </div>
        </div>
    }
}

/// The window's own bar is of the colour of the page's: of the theme that was chosen, or else of the system's.
fn colour_window(theme: Theme) {
    for colour in page::all("meta[name='theme-color']") {
        let is_dark = match theme {
            Theme::Auto => colour.get_attribute("media").is_some_and(|media| media.contains("dark")),
            chosen => chosen == Theme::Dark,
        };
        // Fails only for names that are no names.
        let _ = colour.set_attribute("content", if is_dark { "#17191d" } else { "#ffffff" });
    }
}

fn set_on_root(attribute: &str, value: &str) {
    let Some(root) = page::document().and_then(|document| document.document_element()) else { return };
    // Both calls fail only for names that are no names.
    let _ = if value.is_empty() {
        root.remove_attribute(attribute)
    } else {
        root.set_attribute(attribute, value)
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_switch_goes_round_and_is_remembered_by_name() {
        let mut theme = Theme::Auto;
        for expected in ["light", "dark", ""] {
            theme = theme.next();
            assert_eq!(theme.name(), expected);
            assert!(Theme::of(Some(theme.name())) == theme);
        }
        assert!(Theme::of(Some("mauve")) == Theme::Auto);
    }
}
