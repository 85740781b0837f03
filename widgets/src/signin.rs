//! `<spark-signin>`: signing in, and out.
//!
//! Roster and chat offer the same form where a page has no such element. Once somebody is signed in, it shows who, and
//! the way out; or nothing, where a roster on the page does.
//!
//! | attribute | |
//! |---|---|
//! | `gateway` | where the gateway is; else as `register` was told, else the page's `<meta name="sparkweb-gateway">`, else the module's origin |
//! | `theme` | `light` or `dark`; else what `color-scheme` the page has |
//!
//! | event | when | detail |
//! |---|---|---|
//! | `spark-signed-in` | somebody is signed in, also at load | `jid` |
//! | `spark-signed-out` | they no longer are | `jid` |
//! | `spark-unread`, `spark-message`, `spark-connection` | as `docs/elements.md` says | |
//! | `spark-error` | something failed | `code`, `detail` |
//!
//! | part | |
//! |---|---|
//! | `form`, `field`, `button` | the form, each of its fields, each of its buttons |
//!
//! | slot | |
//! |---|---|
//! | `title` | in place of the heading |
//!
//! Knows who is signed in. Must never know tokens: the client keeps the sign-in.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::avatar::avatar;
use crate::element::{Element, Tag};
use crate::node::{button, div, p, span};
use crate::page;
use crate::session::{Part, Phase, Session};
use crate::strings;

mod form;

pub(crate) use form::sign_in_form;

/// The tag.
pub(crate) const TAG: Tag = Tag { name: "spark-signin", attributes: &["gateway", "theme"], view };

fn view(element: Element) -> AnyView {
    let body = move || {
        let session = Session::of(element);
        page::speak(session);
        let phase = session.phase();
        move || match phase.get() {
            Phase::Starting => ().into_any(),
            Phase::SignedOut => sign_in_form(session),
            Phase::SignedIn if session.has_roster() => ().into_any(),
            Phase::SignedIn => signed_in(session),
        }
    };
    div().class("frame").child(body).into_any()
}

fn signed_in(session: Session) -> AnyView {
    let account =
        session.peek(|model| model.account().map(|account| (account.jid.clone(), account.name.clone())));
    let Some((jid, name)) = account else { return ().into_any() };
    let address = jid.to_string();
    let shown = Signal::derive(move || {
        session
            .read(Part::Account, |model| model.account().map(|account| account.name.clone()))
            .unwrap_or_default()
    });
    div()
        .class("signed-in")
        .child((
            avatar(session, &jid.into(), shown, None),
            div().class("who").child((
                p().class("one-line").child(name),
                p().class("address one-line")
                    .child(span().attr("title", address.clone()).child(strings::signed_in_as(&address))),
            )),
            button()
                .attr("type", "button")
                .class("button quiet")
                .attr("part", "button")
                .on(leptos::ev::click, move |_| sign_out(session))
                .child(strings::SIGN_OUT),
        ))
        .into_any()
}

/// Signs this browser out.
pub(crate) fn sign_out(session: Session) {
    let (client, element) = (session.client(), session.element());
    spawn_local(async move {
        if let Err(error) = client.sign_out(false).await {
            page::tell_error(element, &error);
        }
    });
}
