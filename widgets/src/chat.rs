//! `<spark-chat>`: one conversation.
//!
//! | attribute | |
//! |---|---|
//! | `gateway` | where the gateway is; else as `register` was told, else the page's `<meta name="sparkweb-gateway">`, else the module's origin |
//! | `jid` | with whom or in which room, or, as `room@service/nickname`, with whom there in private; changes when the chat follows a `spark-open` |
//! | `jid-param` | the parameter of the page's query that says with whom, where `jid` doesn't: `jid-param="jid"` |
//! | `pinned` | stays with its conversation, whatever is opened on the page |
//! | `previews` | `off`: links have no preview |
//! | `theme` | `light` or `dark`; else what `color-scheme` the page has |
//!
//! | event | when | detail |
//! |---|---|---|
//! | `spark-error` | something failed | `code`, `detail` |
//!
//! While it speaks for the page it also tells `spark-signed-in`, `spark-signed-out`, `spark-unread`, `spark-message` and
//! `spark-connection`, as `docs/elements.md` says.
//!
//! | part | |
//! |---|---|
//! | `header`, `timeline`, `day`, `message`, `bubble`, `quote`, `file`, `picture`, `player`, `preview`, `viewer`, `reaction`, `avatar`, `composer`, `attach`, `field`, `send`, `jump`, `banner`, `notice` | what they are called |
//! | `own` | a `message` that the person wrote |
//!
//! | slot | |
//! |---|---|
//! | `actions` | at the end of the header |
//! | `empty` | in place of what is said while no conversation is chosen |
//!
//! Roles: a `log` whose messages the arrow keys walk through, a quiet region which says each new message once, and a
//! `textbox`. Knows how a conversation is shown. Must never know how contacts are.

use leptos::prelude::*;
use protocol::ConversationId;
use sdk::ConversationHandle;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use crate::browser;
use crate::element::{Element, Tag};
use crate::icon::Icon;
use crate::node::{div, slot};
use crate::notice::{banner, notice};
use crate::page;
use crate::session::{Phase, Session};
use crate::signin::sign_in_form;
use crate::strings;
use crate::watch::{effect, memo};

pub(crate) mod body;
mod bubble;
mod composer;
mod header;
mod log;
mod reading;
mod rows;
mod scroll;

/// The tag.
pub(crate) const TAG: Tag = Tag {
    name: "spark-chat",
    attributes: &["gateway", "jid", "jid-param", "pinned", "previews", "theme"],
    view,
};

/// The conversation that is shown, as its parts see it. Cheap to copy.
#[derive(Clone, Copy)]
struct Chat {
    session: Session,
    jid: StoredValue<ConversationId>,
    handle: StoredValue<ConversationHandle, LocalStorage>,
    name: Memo<String>,
    /// Something was sent from here.
    sent: Trigger,
}

impl Chat {
    fn new(session: Session, jid: ConversationId) -> Chat {
        let handle = session.client().conversation(&jid);
        handle.open();
        let whose = jid.clone();
        let name = memo(move || session.read_conversation(&whose, |model| model.title_of(&whose)));
        Chat {
            session,
            jid: StoredValue::new(jid),
            handle: StoredValue::new_local(handle),
            name,
            sent: Trigger::new(),
        }
    }

    fn jid(self) -> ConversationId {
        self.jid.get_value()
    }

    fn handle(self) -> ConversationHandle {
        self.handle.get_value()
    }

    /// Reads something of the conversation, tracked.
    fn read<T>(self, read: impl FnOnce(&sdk::Model, &ConversationId) -> T) -> T {
        self.jid.with_value(|jid| self.session.read_conversation(jid, |model| read(model, jid)))
    }
}

fn view(element: Element) -> AnyView {
    follow(element);
    let body = move || {
        let session = Session::of(element);
        page::speak(session);
        let phase = session.phase();
        let chosen = memo(move || {
            let named = element.attribute("jid").filter(|jid| !jid.is_empty());
            named.or_else(|| browser::query_parameter(&element.attribute("jid-param")?))
        });
        mark_open(session, chosen);
        move || match phase.get() {
            Phase::Starting => skeleton(),
            Phase::SignedOut => signed_out(session),
            Phase::SignedIn => match chosen.get() {
                None => nothing_chosen(),
                Some(text) => match text.parse() {
                    Ok(jid) => conversation(session, jid),
                    Err(_) => {
                        notice(Icon::Warning, strings::CHOOSE_TITLE, &strings::bad_address(&text), None)
                    }
                },
            },
        }
    };
    div().class("frame chat").child(body).into_any()
}

fn conversation(session: Session, jid: ConversationId) -> AnyView {
    let chat = Chat::new(session, jid);
    (header::header(chat), banner(session), log::log(chat), composer::composer(chat)).into_any()
}

/// The form, where no other element offers it.
fn signed_out(session: Session) -> AnyView {
    let body = move || {
        if session.is_speaker() {
            sign_in_form(session)
        } else {
            notice(Icon::Chat, strings::SIGNED_OUT_TITLE, strings::CHAT_SIGNED_OUT, None)
        }
    };
    body.into_any()
}

fn nothing_chosen() -> AnyView {
    let words = notice(Icon::Chat, strings::CHOOSE_TITLE, strings::CHOOSE, None);
    slot().attr("name", "empty").child(words).into_any()
}

/// Shows what is opened on the page, unless it is pinned or the page took the event for itself.
fn follow(element: Element) {
    let on_open = Closure::<dyn Fn(web_sys::CustomEvent)>::new(move |event: web_sys::CustomEvent| {
        if event.default_prevented() || untrack(|| element.attribute("pinned")).is_some() {
            return;
        }
        let jid = js_sys::Reflect::get(&event.detail(), &JsValue::from_str("jid"));
        if let Some(jid) = jid.ok().and_then(|jid| jid.as_string()) {
            element.set_attribute("jid", &jid);
            // Says that the conversation is shown here: nobody else has to.
            event.prevent_default();
        }
    });
    let document = browser::document();
    // Both fail only for what is no function.
    let _ = document.add_event_listener_with_callback("spark-open", on_open.as_ref().unchecked_ref());
    let listener = StoredValue::new_local(Some(on_open));
    on_cleanup(move || {
        if let Some(Some(on_open)) = listener.try_update_value(Option::take) {
            let function = on_open.as_ref().unchecked_ref();
            let _ = browser::document().remove_event_listener_with_callback("spark-open", function);
        }
    });
}

/// Lets rosters mark the conversation that is shown here.
fn mark_open(session: Session, chosen: Memo<Option<String>>) {
    let open = session.open();
    effect(move || open.set(chosen.get().and_then(|text| text.parse().ok())));
}

/// The layout that is about to come.
fn skeleton() -> AnyView {
    const WIDTHS: [&str; 6] = ["46%", "30%", "58%", "42%", "36%", "52%"];
    div()
        .class("skeleton")
        .attr("role", "status")
        .attr("aria-label", strings::LOADING)
        .child(WIDTHS.map(|width| div().class("bone").style("inline-size", width)).into_iter().collect_view())
        .into_any()
}
