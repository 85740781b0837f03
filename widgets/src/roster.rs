//! `<spark-roster>`: who is there, and who wrote.
//!
//! | attribute | |
//! |---|---|
//! | `gateway` | where the gateway is; else as `register` was told, else the page's `<meta name="sparkweb-gateway">`, else the module's origin |
//! | `chat-href` | where a conversation opens when nothing on this page shows it: `chat.html` gets `?jid=…`, and a `{jid}` in it becomes the address |
//! | `density` | `compact`: rows of 40 px instead of 52 |
//! | `theme` | `light` or `dark`; else what `color-scheme` the page has |
//!
//! | event | when | detail |
//! |---|---|---|
//! | `spark-open` | somebody chose a conversation; `preventDefault()` says that the page opened it | `jid` |
//! | `spark-error` | something failed | `code`, `detail` |
//!
//! While it speaks for the page it also tells `spark-signed-in`, `spark-signed-out`, `spark-unread`, `spark-message` and
//! `spark-connection`, as `docs/elements.md` says.
//!
//! | part | |
//! |---|---|
//! | `header`, `filter`, `list`, `row`, `heading`, `avatar`, `badge`, `banner`, `notice` | what they are called |
//!
//! | slot | |
//! |---|---|
//! | `actions` | at the end of the header |
//! | `empty` | in place of what is said when there are no contacts |
//!
//! Roles: a `searchbox` and a `tree` of groups and contacts, which holds the focus and names the row it is on.
//! Knows how contacts are shown. Must never know how a conversation is.

use leptos::prelude::*;

use crate::browser;
use crate::element::{Element, Tag};
use crate::icon::Icon;
use crate::node::div;
use crate::notice::{banner, notice};
use crate::page;
use crate::session::{Phase, Session};
use crate::signin::sign_in_form;
use crate::strings;

mod filter;
mod header;
mod keys;
mod list;
mod panel;
mod row;
mod state;
mod still;

/// The tag.
pub(crate) const TAG: Tag =
    Tag { name: "spark-roster", attributes: &["gateway", "chat-href", "density", "theme"], view };

fn view(element: Element) -> AnyView {
    let body = move || {
        let session = Session::of(element);
        page::speak(session);
        let phase = session.phase();
        move || match phase.get() {
            Phase::Starting => skeleton(),
            Phase::SignedOut => signed_out(session),
            Phase::SignedIn => signed_in(session),
        }
    };
    div().class("frame roster").child(body).into_any()
}

fn signed_in(session: Session) -> AnyView {
    let state = state::State::new(session);
    (header::header(session), banner(session), filter::filter(state), list::list(state)).into_any()
}

/// The form, where no other element offers it.
fn signed_out(session: Session) -> AnyView {
    let body = move || {
        if session.is_speaker() {
            sign_in_form(session)
        } else {
            notice(Icon::People, strings::SIGNED_OUT_TITLE, strings::ROSTER_SIGNED_OUT, None)
        }
    };
    body.into_any()
}

/// The layout that is about to come: header, filter and rows, at their sizes.
fn skeleton() -> AnyView {
    const WIDTHS: [&str; 8] = ["52%", "38%", "61%", "45%", "34%", "57%", "41%", "49%"];
    let row = |width: &'static str| {
        let bones = (
            div().class("bone").style("inline-size", width),
            div().class("bone").style("inline-size", "72%").style("opacity", "0.6"),
        );
        let face = div().class("avatar").child(div().class("face"));
        div().class("row").child((face, div().class("lines").child(bones)))
    };
    div()
        .class("skeleton")
        .attr("role", "status")
        .attr("aria-label", strings::LOADING)
        .child(WIDTHS.map(row).into_iter().collect_view())
        .into_any()
}

/// Opens a conversation: on this page if something here shows it, else where `chat-href` says.
fn open(session: Session, jid: &protocol::ConversationId, elsewhere: bool) {
    let element = session.element();
    let href = untrack(|| element.attribute("chat-href")).map(|href| {
        let encoded = String::from(js_sys::encode_uri_component(jid.as_str()));
        match href.contains("{jid}") {
            true => href.replace("{jid}", &encoded),
            false => format!("{href}{}jid={encoded}", if href.contains('?') { '&' } else { '?' }),
        }
    });
    if elsewhere && let Some(href) = &href {
        // A blocked window is the reader's own choice.
        let _ = browser::window().open_with_url_and_target_and_features(href, "_blank", "noopener");
        return;
    }
    if page::ask_to_open(element, jid) {
        return;
    }
    if let Some(href) = href {
        // It fails only for addresses that are none.
        let _ = browser::window().location().assign(&href);
    }
}
