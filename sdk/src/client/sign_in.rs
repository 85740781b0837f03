//! Coming in, by one proof or by several, and the next tokens once the person may do more.

use std::future::ready;
use std::rc::Rc;

use protocol::{EndReason, ErrorCode, ProofKind, SignInRequest, paths};

use super::Client;
use crate::http::{Answering, CameIn};
use crate::pending::{self, Pending, Step};
use crate::{Code, Error, Status};

impl Client {
    /// Signs in, in this and all other tabs, or, without `remember`, in this tab until it is closed; unless the gateway asks
    /// for more: then [`Client::prove`] goes on. Whoever was signed in before is signed out of this browser once somebody else
    /// is in.
    ///
    /// # Errors
    /// `WrongCredentials`, `AccountRefused`, `TooManyRequests`, a word about the XMPP server, or no answer.
    pub fn sign_in<'a>(&'a self, username: &str, password: &str, remember: bool) -> Answering<'a, Step> {
        let (username, password) = (Some(username.to_owned()), Some(password.to_owned()));
        let request = SignInRequest { username, password, remember, assertion: None };
        // What the protocol's types hold can always be said in JSON.
        let body = serde_json::to_string(&request).unwrap_or_default();
        self.come_in(paths::SIGN_INS, body, Some(remember))
    }

    /// Goes on with the sign-in that asks for more, by something that people type: what [`Pending::accepts`] gives,
    /// passkeys apart.
    ///
    /// # Errors
    /// `WrongCode`, `WrongCredentials` or `TooManyRequests`, and it still waits; `NotFound`, and it has run out, and the
    /// client is signed out as after being away. Or as of [`Client::sign_in`].
    pub fn prove<'a>(&'a self, kind: ProofKind, text: &str) -> Answering<'a, Step> {
        match self.pending().and_then(|pending| pending.proof(&pending::typed(kind, text))) {
            Some((path, body)) => self.come_in(&path, body, None),
            None => Box::pin(ready(Err(Error::new(
                Code::Gateway(ErrorCode::NotFound),
                "No sign-in waits for a proof. Sign in first.",
            )))),
        }
    }

    /// A step of a sign-in as JSON, and the path where it is posted: a [`protocol::SignInRequest`], or a
    /// [`protocol::ProofRequest`]. `remember` is said with the first that goes by this client; a passkey's own first step,
    /// which only asks, need not.
    ///
    /// # Errors
    /// As of [`Client::sign_in`] and [`Client::prove`].
    pub fn come_in<'a>(&'a self, path: &str, body: String, remember: Option<bool>) -> Answering<'a, Step> {
        self.start();
        if let Some(remember) = remember {
            self.0.lasts.set(remember);
            self.0.pending.take();
        }
        Box::pin(self.came_in(self.0.http.come_in(path, body)))
    }

    /// The sign-in that asks for more, if one does. [`Client::sign_out`] lets it go, and so does another sign-in.
    pub fn pending(&self) -> Option<Rc<Pending>> {
        self.0.pending.borrow().clone()
    }

    /// Goes on where somebody had to set up a second factor ([`Status::MustSetUp`]), if they have.
    ///
    /// # Errors
    /// If the gateway refuses or doesn't answer.
    pub async fn go_on(&self) -> Result<(), Error> {
        // The token which this asks for may do what the one before might not.
        self.0.http.fresh_token().await?;
        self.follow_sign_in();
        Ok(())
    }

    async fn came_in(&self, asked: Answering<'_, CameIn>) -> Result<Step, Error> {
        let before = self.status();
        self.rest(Status::SigningIn);
        match asked.await {
            Ok(CameIn::Done(kept)) => {
                self.keep(&kept);
                Ok(Step::Done)
            }
            Ok(CameIn::Pending(pending)) => {
                self.0.pending.replace(Some(Rc::new(pending)));
                self.rest(Status::Pending);
                Ok(Step::Pending)
            }
            Err(error) => {
                // It has waited for too long.
                let has_run_out = error.code == Code::Gateway(ErrorCode::NotFound);
                self.rest(match before {
                    _ if has_run_out => {
                        self.0.pending.take();
                        Status::SignedOut { reason: Some(EndReason::Idle) }
                    }
                    _ if self.0.pending.borrow().is_some() => Status::Pending,
                    Status::SignedOut { .. } | Status::MustSetUp => before,
                    _ => Status::SignedOut { reason: None },
                });
                Err(error)
            }
        }
    }

    /// How the client stands, unless somebody is in all the while.
    fn rest(&self, status: Status) {
        if self.0.session.borrow().is_none() {
            self.set_status(status);
        }
    }
}
