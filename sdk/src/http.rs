//! Asking the gateway: requests with the person's token, answers or problems.
//!
//! It knows tokens and how to renew them: once, whoever asks, in whichever tab. It does not know what is asked for.

use std::cell::RefCell;

use futures_util::future::LocalBoxFuture;
use protocol::{BareJid, ErrorCode, Position, Problem, RefreshTokens, SignIn, paths};
use serde::Serialize;
use wasm_bindgen::JsValue;
use web_sys::Blob;

use crate::browser::{self, Answer, Lock, Manner, Stream};
use crate::json::{self, FromJson};
use crate::pending::Pending;
use crate::store::{Kept, SignIns};
use crate::{Code, Error};

/// A gateway, and the sign-in with which to ask it.
pub(crate) struct Http {
    gateway: String,
    sign_ins: SignIns,
    /// Whose requests these are. Another tab may sign somebody else in: requests of this tab must not go out in
    /// their name.
    account: RefCell<Option<BareJid>>,
}

const GET: &str = "GET";
const POST: &str = "POST";
const PUT: &str = "PUT";
const DELETE: &str = "DELETE";
/// What may be asked by its name.
const METHODS: [&str; 5] = [GET, POST, PUT, "PATCH", DELETE];

/// HTTP's status of a sign-in that asks for more.
const ACCEPTED: u16 = 202;

/// How far a sign-in got.
pub(crate) enum CameIn {
    Done(Kept),
    Pending(Pending),
}

/// A request, apart from its token.
struct Ask {
    method: &'static str,
    path: String,
    body: Option<String>,
    /// Bytes, in place of a body of JSON.
    blob: Option<Blob>,
    /// The answer is bytes.
    for_blob: bool,
    /// The answer is the event stream, after this position if that is not empty.
    stream: Option<(Stream, String)>,
}

/// An answer on its way. Boxed: what waits for one need not hold the machinery of asking, once for each place.
pub(crate) type Answering<'a, T> = LocalBoxFuture<'a, Result<T, Error>>;

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

    /// A step of a sign-in: what to post, and where.
    pub(crate) fn come_in<'a>(&'a self, path: &str, body: String) -> Answering<'a, CameIn> {
        let ask = Ask::new(POST, path);
        Box::pin(self.came_in(Ask { body: Some(body), ..ask }))
    }

    async fn came_in(&self, ask: Ask) -> Result<CameIn, Error> {
        let answer = self.send(&ask, None).await?;
        let is_done = answer.status() != ACCEPTED;
        let json = answer.text();
        Ok(if is_done {
            CameIn::Done(Kept::new(read(&json)?, browser::now_ms()))
        } else {
            CameIn::Pending(Pending { json })
        })
    }

    /// Ends a sign-in, which need not be the kept one.
    pub(crate) async fn sign_out(&self, token: &str, everywhere: bool) -> Result<(), Error> {
        let path = [paths::CURRENT_SIGN_IN, if everywhere { "?everywhere=true" } else { "" }].concat();
        self.send(&Ask::new(DELETE, &path), Some(token)).await.map(drop)
    }

    pub(crate) async fn get<T: FromJson>(&self, path: &str) -> Result<T, Error> {
        read(&self.text(path).await?)
    }

    /// The same as it came.
    pub(crate) fn text<'a>(&'a self, path: &str) -> Answering<'a, String> {
        let ask = Ask::new(GET, path);
        Box::pin(async move { self.answer(&ask).await })
    }

    pub(crate) async fn post<T: FromJson>(&self, path: &str, body: &impl Serialize) -> Result<T, Error> {
        let ask = Ask::new(POST, path).with(body);
        read(&self.answer(&ask).await?)
    }

    pub(crate) async fn put(&self, path: &str, body: &impl Serialize) -> Result<(), Error> {
        let ask = Ask::new(PUT, path).with(body);
        self.answer(&ask).await.map(drop)
    }

    /// Puts something, and reads what is answered.
    pub(crate) async fn put_for<T: FromJson>(&self, path: &str, body: &impl Serialize) -> Result<T, Error> {
        let ask = Ask::new(PUT, path).with(body);
        read(&self.answer(&ask).await?)
    }

    pub(crate) async fn delete(&self, path: &str) -> Result<(), Error> {
        self.answer(&Ask::new(DELETE, path)).await.map(drop)
    }

    /// Any operation, by its method's name and its path below [`paths::ROOT`].
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Option<String>) -> Result<String, Error> {
        let method = METHODS.into_iter().find(|known| *known == method).ok_or_else(Error::bad_answer)?;
        let path = [paths::ROOT, path].concat();
        self.answer(&Ask { body, ..Ask::new(method, &path) }).await
    }

    /// Puts bytes, and reads what is answered.
    pub(crate) async fn put_blob(&self, path: &str, blob: &Blob) -> Result<String, Error> {
        let ask = Ask { blob: Some(blob.clone()), ..Ask::new(PUT, path) };
        self.answer(&ask).await
    }

    /// Bytes, as something that the page can show.
    pub(crate) async fn blob(&self, path: &str) -> Result<Blob, Error> {
        let answer = self.authorised(&Ask { for_blob: true, ..Ask::new(GET, path) }).await?;
        answer.blob().ok_or_else(Error::bad_answer)
    }

    /// An access token which is good for a while.
    pub(crate) async fn fresh_token(&self) -> Result<String, Error> {
        self.token(None).await
    }

    /// Opens the event stream after a position.
    pub(crate) async fn events(&self, after: Option<Position>, stream: &Stream) -> Result<(), Error> {
        let after = after.map(|position| position.to_string()).unwrap_or_default();
        let ask = Ask { stream: Some((stream.clone(), after)), ..Ask::new(GET, paths::EVENTS) };
        self.authorised(&ask).await.map(drop)
    }

    fn answer<'a>(&'a self, ask: &'a Ask) -> Answering<'a, String> {
        Box::pin(async move { Ok(self.authorised(ask).await?.text()) })
    }

    /// Asks with a good token; if the gateway finds it expired all the same, once more with the next.
    fn authorised<'a>(&'a self, ask: &'a Ask) -> Answering<'a, Answer> {
        Box::pin(self.authorised_once_more(ask))
    }

    async fn authorised_once_more(&self, ask: &Ask) -> Result<Answer, Error> {
        let mut refused: Option<String> = None;
        loop {
            let token = self.token(refused.as_deref()).await?;
            match self.send(ask, Some(&token)).await {
                Err(error)
                    if refused.is_none()
                        && matches!(
                            error.code,
                            Code::Gateway(ErrorCode::TokenExpired | ErrorCode::InvalidToken)
                        ) =>
                {
                    refused = Some(token);
                }
                answer => return answer,
            }
        }
    }

    fn send<'a>(&'a self, ask: &'a Ask, token: Option<&'a str>) -> Answering<'a, Answer> {
        Box::pin(self.send_now(ask, token))
    }

    async fn send_now(&self, ask: &Ask, token: Option<&str>) -> Result<Answer, Error> {
        let url = [self.gateway.as_str(), &ask.path].concat();
        let body = match (&ask.blob, &ask.body) {
            (Some(blob), _) => blob.into(),
            (None, Some(body)) => body.into(),
            (None, None) => JsValue::UNDEFINED,
        };
        let stream = ask.stream.as_ref().map(|(stream, after)| (stream, after.as_str()));
        let answer = browser::ask(ask.method, &url, token, &body, ask.for_blob, stream).await;
        let answer = answer.ok_or_else(Error::network)?;
        if answer.is_good() {
            return Ok(answer);
        }
        Err(match json::read::<Problem>(&answer.text()) {
            Some(problem) => problem.into(),
            // A proxy between us and the gateway speaks for itself.
            None if answer.status() >= 500 => Error::network(),
            None => Error::bad_answer(),
        })
    }

    /// An access token which is good for a while, and is not `refused`.
    fn token<'a>(&'a self, refused: Option<&'a str>) -> Answering<'a, String> {
        Box::pin(self.token_by_turns(refused))
    }

    async fn token_by_turns(&self, refused: Option<&str>) -> Result<String, Error> {
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
        let request = Ask::new(POST, paths::TOKENS).with(&request);
        let sign_in: SignIn = read(&self.send(&request, None).await?.text())?;
        let token = sign_in.access_token.clone();
        self.sign_ins.set(&Kept::new(sign_in, browser::now_ms()), None);
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

impl Ask {
    fn new(method: &'static str, path: &str) -> Self {
        Ask { method, path: path.to_owned(), body: None, blob: None, for_blob: false, stream: None }
    }

    fn with(self, body: &impl Serialize) -> Self {
        // What the protocol's types hold can always be said in JSON.
        Ask { body: Some(serde_json::to_string(body).unwrap_or_default()), ..self }
    }
}

fn read<T: FromJson>(text: &str) -> Result<T, Error> {
    json::read(text).ok_or_else(Error::bad_answer)
}
