//! The form: checks what can be checked here, signs in, says what went wrong where it belongs, and tries again by
//! itself where that helps.

use std::time::Duration;

use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{BareJid, ErrorCode};
use sdk::{Code, Error, Status};

use super::field::{Purpose, complaint, field};
use crate::node::{button, div, form, h2, p, slot, span, spark_security};
use crate::page;
use crate::session::Session;
use crate::strings;
use crate::watch::memo;

/// How long to wait before each further try, in seconds, where the gateway doesn't say.
const WAITS_SECS: [u32; 5] = [2, 4, 8, 15, 30];

/// What is being waited for before the next try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    Server,
    Network,
    /// Too many tries: the person has to press the button themselves.
    Limit,
}

/// The form's state. What was typed is in the inputs.
#[derive(Clone, Copy)]
struct Form {
    session: Session,
    username: NodeRef<Input>,
    password: NodeRef<Input>,
    username_error: RwSignal<Option<String>>,
    password_error: RwSignal<Option<String>>,
    other_error: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
    /// Why and for how many seconds yet.
    waiting: RwSignal<Option<(Cause, u32)>>,
    tries: StoredValue<usize>,
    /// The running second of the waiting.
    timer: StoredValue<Option<TimeoutHandle>>,
}

/// Draws the form. While more is asked for than name and password, it waits unseen with all that was typed, and
/// `<spark-security>` asks.
pub(crate) fn sign_in_form(session: Session) -> AnyView {
    let asks = memo(move || {
        // Between one proof and the next the sign-in is being checked, and still waits.
        matches!(session.status(), Status::Pending | Status::MustSetUp)
            || session.client().pending().is_some()
    });
    let gateway = session.client().gateway().to_owned();
    let more =
        move || asks.get().then(|| spark_security().attr("within", "").attr("gateway", gateway.clone()));
    div().class("ways-in").child((form_of(session, asks), more)).into_any()
}

fn form_of(session: Session, asks: Memo<bool>) -> AnyView {
    let state = Form {
        session,
        username: NodeRef::new(),
        password: NodeRef::new(),
        username_error: RwSignal::new(None),
        password_error: RwSignal::new(None),
        other_error: RwSignal::new(None),
        busy: RwSignal::new(false),
        waiting: RwSignal::new(None),
        tries: StoredValue::new(0),
        timer: StoredValue::new(None),
    };
    on_cleanup(move || state.stop_waiting());
    let why = move || match session.status() {
        Status::SignedOut { reason: Some(reason) } => {
            strings::signed_out(reason).unwrap_or(strings::SIGN_IN_LEAD)
        }
        _ => strings::SIGN_IN_LEAD,
    };
    form()
        .class("signin")
        .attr("part", "form")
        .attr("hidden", move || asks.get().then_some(""))
        .attr("novalidate", "")
        .on(leptos::ev::submit, move |event| {
            event.prevent_default();
            state.submit();
        })
        .child((
            slot().attr("name", "title").child(h2().child(strings::SIGN_IN)),
            p().class("lead").child(why),
            field(Purpose::Username, state.username, state.username_error),
            field(Purpose::Password, state.password, state.password_error),
            div().child((
                div().class("remark").attr("aria-live", "polite").child(move || state.remark()),
                state.submit_button(),
            )),
        ))
        .into_any()
}

impl Form {
    fn submit_button(self) -> AnyView {
        let face = move || {
            if self.busy.get() {
                (span().class("busy").attr("aria-hidden", "true"), strings::SIGN_IN_BUSY).into_any()
            } else if matches!(self.waiting.get(), Some((Cause::Server | Cause::Network, _))) {
                strings::SIGN_IN_NOW.into_any()
            } else {
                strings::SIGN_IN.into_any()
            }
        };
        button()
            .attr("type", "submit")
            .class("button primary")
            .attr("part", "button")
            .attr("aria-disabled", move || if self.busy.get() { "true" } else { "false" })
            .child(face)
            .into_any()
    }

    /// What concerns neither field.
    fn remark(self) -> Option<AnyView> {
        let words = match self.waiting.get() {
            Some((Cause::Server, secs)) => strings::server_away(secs),
            Some((Cause::Network, secs)) => strings::network_away(secs),
            Some((Cause::Limit, secs)) => strings::too_many_tries(secs),
            None => self.other_error.get()?,
        };
        Some(complaint(words))
    }

    fn submit(self) {
        if self.busy.get_untracked() {
            return;
        }
        let typed =
            |node: NodeRef<Input>| node.get_untracked().map(|input| input.value()).unwrap_or_default();
        let (username, password) = (typed(self.username).trim().to_owned(), typed(self.password));
        self.username_error.set(match username.as_str() {
            "" => Some(strings::USERNAME_MISSING.to_owned()),
            name if !is_name(name) => Some(strings::USERNAME_MALFORMED.to_owned()),
            _ => None,
        });
        self.password_error.set(password.is_empty().then(|| strings::PASSWORD_MISSING.to_owned()));
        if self.username_error.with_untracked(Option::is_some) {
            return focus(self.username);
        }
        if password.is_empty() {
            return focus(self.password);
        }
        self.stop_waiting();
        self.waiting.set(None);
        self.other_error.set(None);
        self.busy.set(true);
        let client = self.session.client();
        spawn_local(async move {
            let outcome = client.sign_in(&username, &password).await;
            // When it worked, the form is gone by now.
            let _ = self.busy.try_set(false);
            if let Err(error) = outcome
                && self.waiting.try_get_untracked().is_some()
            {
                self.explain(&username, &error);
            }
        });
    }

    /// Says what went wrong beside what it is about, and waits where waiting helps.
    fn explain(self, username: &str, error: &Error) {
        match error.code {
            Code::Gateway(ErrorCode::WrongCredentials) => {
                self.password_error.set(Some(strings::wrong_credentials(username)));
                focus(self.password);
                if let Some(input) = self.password.get_untracked() {
                    input.select();
                }
            }
            Code::Gateway(ErrorCode::AccountRefused) => {
                self.username_error.set(Some(strings::account_refused(username)));
                focus(self.username);
            }
            Code::Gateway(ErrorCode::MalformedJid) => {
                self.username_error.set(Some(strings::USERNAME_MALFORMED.to_owned()));
                focus(self.username);
            }
            Code::Gateway(ErrorCode::TooManyRequests) => self.wait(Cause::Limit, error),
            Code::Network => self.wait(Cause::Network, error),
            _ if error.is_temporary() => self.wait(Cause::Server, error),
            _ => {
                self.other_error.set(Some(error.detail.clone()));
                page::tell_error(self.session.element(), error);
            }
        }
    }

    fn wait(self, cause: Cause, error: &Error) {
        let tries = self.tries.get_value();
        self.tries.set_value(tries + 1);
        let usual = WAITS_SECS[tries.min(WAITS_SECS.len() - 1)];
        self.waiting.set(Some((cause, error.retry_after_secs.unwrap_or(usual).max(1))));
        self.count_down();
    }

    /// One second of waiting; at the end the next try, by itself where nobody has to think again first.
    fn count_down(self) {
        let tick = move || match self.waiting.get_untracked() {
            None => {}
            Some((cause, secs)) if secs > 1 => {
                self.waiting.set(Some((cause, secs - 1)));
                self.count_down();
            }
            Some((cause, _)) => {
                self.waiting.set(None);
                if cause != Cause::Limit {
                    self.submit();
                }
            }
        };
        self.timer.set_value(set_timeout_with_handle(tick, Duration::from_secs(1)).ok());
    }

    fn stop_waiting(self) {
        if let Some(Some(timer)) = self.timer.try_update_value(Option::take) {
            timer.clear();
        }
    }
}

/// Whether it may be a local part or an address.
fn is_name(text: &str) -> bool {
    let address = if text.contains('@') { text.to_owned() } else { format!("{text}@example.com") };
    address.parse::<BareJid>().is_ok()
}

fn focus(node: NodeRef<Input>) {
    if let Some(input) = node.get_untracked() {
        // It fails only for what is not on the page.
        let _ = input.focus();
    }
}
