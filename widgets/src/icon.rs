//! The icons: one family, on a grid of 20, drawn with a stroke of 1.5.
//!
//! Knows paths. Icons say nothing by themselves to a screen reader: what they stand for is said in words beside them.

use leptos::prelude::*;

use crate::node::{path, svg};
use protocol::Availability;

/// An icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Icon {
    Search,
    Close,
    Chevron,
    Check,
    Send,
    Clip,
    Down,
    Clock,
    Checks,
    Seen,
    Warning,
    SignOut,
    Chat,
    People,
    Offline,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Icon::Search => "M14 8.75a5.25 5.25 0 1 1-10.5 0 5.25 5.25 0 0 1 10.5 0ZM12.6 12.6l3.9 3.9",
            Icon::Close => "M5.5 5.5l9 9M14.5 5.5l-9 9",
            Icon::Chevron => "M5.5 8l4.5 4.5L14.5 8",
            Icon::Check => "M4.5 10.5l3.5 3.5 7.5-8",
            Icon::Send => "M10 16V4.5M5 9.5l5-5 5 5",
            Icon::Clip => {
                "M16.5 9.3l-6.6 6.6a3.9 3.9 0 0 1-5.5-5.5l6.6-6.6a2.6 2.6 0 0 1 3.7 3.7l-6.6 6.6a1.3 1.3 0 0 1-1.8-1.9l6-6"
            }
            Icon::Down => "M10 4v11.5M5 10.5l5 5 5-5",
            Icon::Clock => "M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0ZM10 6.5V10l2.5 1.5",
            Icon::Checks => "M2 10.5l3.5 3.5 7-8M9.2 13.2l.8.8 7.5-8",
            Icon::Seen => "M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0ZM7 10.2l2.2 2.3 3.9-4.6",
            Icon::Warning => "M10 3.5 17 16H3L10 3.5ZM10 8.5V12M10 14v.01",
            Icon::SignOut => "M12 6.5v-2H4.5v11H12v-2M8.5 10H17M14.5 7.5 17 10l-2.5 2.5",
            Icon::Chat => {
                "M4.5 4h11A1.5 1.5 0 0 1 17 5.5v7a1.5 1.5 0 0 1-1.5 1.5H9.5L6 17v-3H4.5A1.5 1.5 0 0 1 3 12.5v-7A1.5 1.5 0 0 1 4.5 4Z"
            }
            Icon::People => {
                "M10.5 6.5a3 3 0 1 1-6 0 3 3 0 0 1 6 0ZM2.5 16c0-2.8 2.2-4.5 5-4.5s5 1.7 5 4.5M13 3.8a2.8 2.8 0 0 1 0 5.4M14.7 11.9c1.8.6 2.8 2.1 2.8 4.1"
            }
            Icon::Offline => {
                "M3 3l14 14M5.6 8.1A3.4 3.4 0 0 0 6.3 15H14M8.4 5.3a4.8 4.8 0 0 1 6.2 3.6 3.1 3.1 0 0 1 2 5"
            }
        }
    }

    /// Whether it points along the line, and so turns with the direction of writing.
    fn turns(self) -> bool {
        matches!(self, Icon::SignOut)
    }
}

/// Draws an icon.
pub(crate) fn icon(icon: Icon) -> AnyView {
    let class = if icon.turns() { "icon turns" } else { "icon" };
    svg()
        .attr("class", class)
        .attr("viewBox", "0 0 20 20")
        .attr("aria-hidden", "true")
        .child(path().attr("d", icon.path()))
        .into_any()
}

/// The word for an availability in class names.
pub(crate) fn availability_class(availability: Availability) -> &'static str {
    match availability {
        Availability::Chat | Availability::Available => "available",
        Availability::Away | Availability::ExtendedAway => "away",
        Availability::DoNotDisturb => "busy",
        Availability::Offline => "offline",
    }
}

/// The dot that shows an availability by its shape and its colour: a disc, a moon, a bar, a ring.
pub(crate) fn presence_dot(availability: Signal<Availability>, inline: bool) -> AnyView {
    let shape = move || match availability_class(availability.get()) {
        "available" => "M5 0a5 5 0 1 0 0 10A5 5 0 0 0 5 0Z",
        "away" => "M4.2.1a4 4 0 0 0 5.7 5.7A5 5 0 1 1 4.2.1Z",
        "busy" => "M5 0a5 5 0 1 0 0 10A5 5 0 0 0 5 0ZM2.4 4h5.2v2H2.4Z",
        _ => "M5 0a5 5 0 1 0 0 10A5 5 0 0 0 5 0ZM5 2a3 3 0 1 1 0 6 3 3 0 0 1 0-6Z",
    };
    let class = move || {
        let place = if inline { "dot inline" } else { "dot" };
        format!("{place} {}", availability_class(availability.get()))
    };
    crate::node::span()
        .class(class)
        .attr("aria-hidden", "true")
        .child(svg().attr("viewBox", "0 0 10 10").child(path().attr("fill-rule", "evenodd").attr("d", shape)))
        .into_any()
}
