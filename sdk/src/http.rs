//! Asking the gateway: requests with the person's token, answers or problems.
//!
//! It knows tokens and how to renew them: once, whoever asks, in whichever tab. It does not know what is asked for.

use std::cell::RefCell;

use gloo_net::http::{Request, RequestBuilder, Response};
use protocol::{BareJid, ErrorCode, Position, Problem, RefreshTokens, SignIn, SignInRequest, paths};
use serde::Serialize;
use serde::de::DeserializeOwned;
use web_sys::AbortSignal;

use crate::browser::{self, Lock, Manner};
use crate::store::{Kept, SignIns};
use crate::{Code, Error};

/// After how long without an answer a request has failed.
const DEADLINE_MS: u32 = 30_000;

/// A gateway, and the sign-in with which to ask it.
pub(crate) struct Http {
    gateway: String,
    sign_ins: SignIns,
    /// Whose requests these are. Another tab may sign somebody else in: requests of this tab must not go out in
    /// their name.
    account: RefCell<Option<BareJid>>,
}

/// What a request is, apart from its token.
#[derive(Clone, Copy)]
enum Method {
    Get,
    Post,
    Put,
    Delete,
}

impl Http {
    pub(crate) fn new(gateway: String) -> Self {
        let sign_ins = SignIns::of(&gateway);
        Http { gateway, sign_ins, account: RefCell::new(None) }
    }

    pub(crate) fn gateway(&self) -> &str {
        &self.gateway
    }

    pub(crate) fn sign_ins(&self) -> &SignIns {
        &self.sign_ins
    }

    /// From now on requests go out in this person's name, or in nobody's.
    pub(crate) fn set_account(&self, account: Option<BareJid>) {
        self.account.replace(account);
    }

    /// Checks name and password.
    pub(crate) async fn sign_in(&self, username: &str, password: &str) -> Result<Kept, Error> {
        let request = SignInRequest { username: username.to_owned(), password: password.to_owned() };
        let sign_in: SignIn =
            read(self.send(Method::Post, paths::SIGN_INS, None, Some(&request)).await?).await?;
        Ok(Kept::new(sign_in, browser::now_ms()))
    }

    /// Ends a sign-in, which need not be the kept one.
    pub(crate) async fn sign_out(&self, token: &str, everywhere: bool) -> Result<(), Error> {
        let path = if everywhere {
            [paths::CURRENT_SIGN_IN, "?everywhere=true"].concat()
        } else {
            paths::CURRENT_SIGN_IN.to_owned()
        };
        self.send::<()>(Method::Delete, &path, Some(token), None).await.map(drop)
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        read(self.authorised::<()>(Method::Get, path, None).await?).await
    }

    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Error> {
        read(self.authorised(Method::Post, path, Some(body)).await?).await
    }

    pub(crate) async fn put(&self, path: &str, body: &impl Serialize) -> Result<(), Error> {
        self.authorised(Method::Put, path, Some(body)).await.map(drop)
    }

    /// Bytes, as something that the page can show.
    pub(crate) async fn blob(&self, path: &str) -> Result<web_sys::Blob, Error> {
        let response = self.authorised::<()>(Method::Get, path, None).await?;
        let raw: web_sys::Response = response.into();
        let promise = raw.blob().map_err(|_| Error::network())?;
        let blob = wasm_bindgen_futures::JsFuture::from(promise).await.map_err(|_| Error::network())?;
        Ok(blob.into())
    }

    /// An access token which is good for a while.
    pub(crate) async fn fresh_token(&self) -> Result<String, Error> {
        self.token(None).await
    }

    /// Opens the event stream after a position. It ends when `signal` says so.
    pub(crate) async fn events(
        &self,
        after: Option<Position>,
        signal: &AbortSignal,
    ) -> Result<Response, Error> {
        let after = after.map(|position| position.to_string());
        self.with_token(async |token| {
            let mut request = builder(Method::Get, &self.url(paths::EVENTS), Some(token))
                .header("accept", "text/event-stream")
                .abort_signal(Some(signal));
            if let Some(after) = &after {
                request = request.header("last-event-id", after);
            }
            check(request.send().await.map_err(|_| Error::network())?).await
        })
        .await
    }

    fn url(&self, path: &str) -> String {
        [self.gateway.as_str(), path].concat()
    }

    async fn send<B: Serialize>(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&B>,
    ) -> Result<Response, Error> {
        let builder = builder(method, &self.url(path), token)
            .abort_signal(Some(&AbortSignal::timeout_with_u32(DEADLINE_MS)));
        let answer = match body {
            Some(body) => builder.json(body).map_err(|_| Error::bad_answer())?.send().await,
            None => builder.send().await,
        };
        check(answer.map_err(|_| Error::network())?).await
    }

    async fn authorised<B: Serialize>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<Response, Error> {
        self.with_token(async |token| self.send(method, path, Some(token), body).await).await
    }

    /// Asks with a good token; if the gateway finds it expired all the same, once more with the next.
    async fn with_token<T>(&self, ask: impl AsyncFn(&str) -> Result<T, Error>) -> Result<T, Error> {
        let token = self.token(None).await?;
        match ask(&token).await {
            Err(error)
                if matches!(error.code, Code::Gateway(ErrorCode::TokenExpired | ErrorCode::InvalidToken)) =>
            {
                let next = self.token(Some(&token)).await?;
                ask(&next).await
            }
            answer => answer,
        }
    }

    /// An access token which is good for a while, and is not `refused`.
    async fn token(&self, refused: Option<&str>) -> Result<String, Error> {
        if let Some(token) = self.usable(refused)? {
            return Ok(token);
        }
        // One tab at a time: a refresh token is good for one use, and a second use ends the sign-in.
        let _lock = Lock::acquire(&["sparkweb:", &self.gateway, ":refresh"].concat(), Manner::Wait).await;
        if let Some(token) = self.usable(refused)? {
            return Ok(token);
        }
        let kept = self.kept()?;
        let request = RefreshTokens { refresh_token: kept.sign_in.refresh_token };
        let sign_in: SignIn =
            read(self.send(Method::Post, paths::TOKENS, None, Some(&request)).await?).await?;
        let token = sign_in.access_token.clone();
        self.sign_ins.set(&Kept::new(sign_in, browser::now_ms()));
        Ok(token)
    }

    fn usable(&self, refused: Option<&str>) -> Result<Option<String>, Error> {
        let kept = self.kept()?;
        let usable = !kept.is_stale(browser::now_ms()) && refused != Some(kept.sign_in.access_token.as_str());
        Ok(usable.then_some(kept.sign_in.access_token))
    }

    /// The kept sign-in, if it is that of the person whose requests these are.
    fn kept(&self) -> Result<Kept, Error> {
        self.sign_ins
            .get()
            .filter(|kept| self.account.borrow().as_ref() == Some(&kept.sign_in.jid))
            .ok_or_else(Error::not_signed_in)
    }
}

fn builder(method: Method, url: &str, token: Option<&str>) -> RequestBuilder {
    let builder = match method {
        Method::Get => Request::get(url),
        Method::Post => Request::post(url),
        Method::Put => Request::put(url),
        Method::Delete => Request::delete(url),
    };
    match token {
        Some(token) => builder.header("authorization", &["Bearer ", token].concat()),
        None => builder,
    }
}

/// Passes a good answer on; turns any other into what went wrong.
async fn check(response: Response) -> Result<Response, Error> {
    if response.ok() {
        return Ok(response);
    }
    let status = response.status();
    let problem = response.text().await.ok().and_then(|text| serde_json::from_str::<Problem>(&text).ok());
    Err(match problem {
        Some(problem) => problem.into(),
        // A proxy between us and the gateway speaks for itself.
        None if status >= 500 => Error::network(),
        None => Error::bad_answer(),
    })
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, Error> {
    let text = response.text().await.map_err(|_| Error::network())?;
    serde_json::from_str(&text).map_err(|_| Error::bad_answer())
}
