//! Avatars as addresses that an `<img>` takes: fetched once per picture, whoever asks.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot;
use protocol::{AvatarHash, BareJid, paths};

use crate::browser::{self, Task};
use crate::http::Http;
use crate::{Code, Error, Map};

/// The pictures fetched so far, by hash.
#[derive(Default)]
pub(crate) struct Avatars(RefCell<Map<AvatarHash, Avatar>>);

enum Avatar {
    /// On its way; these wait for it.
    Asked(Vec<oneshot::Sender<Result<String, Error>>>),
    /// There, at this address.
    Here(String),
}

impl Avatars {
    /// The address of a picture, which is good until the person signs out.
    pub(crate) async fn url(
        self: &Rc<Self>,
        http: &Rc<Http>,
        jid: &BareJid,
        hash: &AvatarHash,
    ) -> Result<String, Error> {
        let (sender, receiver) = oneshot::channel();
        let is_first = match self.0.borrow_mut().get_mut(hash) {
            Some(Avatar::Here(url)) => return Ok(url.clone()),
            Some(Avatar::Asked(waiting)) => {
                waiting.push(sender);
                None
            }
            None => Some(sender),
        };
        if let Some(sender) = is_first {
            self.0.borrow_mut().insert(hash.clone(), Avatar::Asked(vec![sender]));
            // On its own: whoever asked first may not wait for the answer, and others may.
            let (avatars, http, jid, hash) = (Rc::clone(self), Rc::clone(http), jid.clone(), hash.clone());
            Task::spawn(async move { avatars.fetch(&http, &jid, hash).await }).detach();
        }
        // Dropped unanswered when the person signed out.
        receiver.await.unwrap_or_else(|_| Err(Error::not_signed_in()))
    }

    async fn fetch(&self, http: &Http, jid: &BareJid, hash: AvatarHash) {
        let url = match http.blob(&paths::avatar(jid, &hash)).await {
            Ok(blob) => browser::object_url(&blob)
                .ok_or_else(|| Error::new(Code::Browser, "The browser can't show pictures here.")),
            Err(error) => Err(error),
        };
        let Some(Avatar::Asked(waiting)) = self.0.borrow_mut().remove(&hash) else {
            // The person signed out meanwhile.
            return url.iter().for_each(|url| browser::revoke_object_url(url));
        };
        if let Ok(url) = &url {
            self.0.borrow_mut().insert(hash, Avatar::Here(url.clone()));
        }
        for sender in waiting {
            // Whoever waits no longer needs no answer.
            let _ = sender.send(url.clone());
        }
    }

    /// Forgets all pictures: the next person must not see them.
    pub(crate) fn clear(&self) {
        for avatar in self.0.take().into_values() {
            if let Avatar::Here(url) = avatar {
                browser::revoke_object_url(&url);
            }
        }
    }
}
