//! Avatars as addresses that an `<img>` takes: fetched once per picture, whoever asks.

use std::cell::RefCell;

use futures_channel::oneshot;
use protocol::{AvatarHash, BareJid, paths};

use crate::browser;
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
    pub(crate) async fn url(&self, http: &Http, jid: &BareJid, hash: &AvatarHash) -> Result<String, Error> {
        let waiting = match self.0.borrow_mut().get_mut(hash) {
            Some(Avatar::Here(url)) => return Ok(url.clone()),
            Some(Avatar::Asked(waiting)) => {
                let (sender, receiver) = oneshot::channel();
                waiting.push(sender);
                Some(receiver)
            }
            None => None,
        };
        if let Some(receiver) = waiting {
            return receiver.await.unwrap_or_else(|_| Err(Error::not_signed_in()));
        }
        self.0.borrow_mut().insert(hash.clone(), Avatar::Asked(Vec::new()));
        let url = match http.blob(&paths::avatar(jid, hash)).await {
            Ok(blob) => browser::object_url(&blob)
                .ok_or_else(|| Error::new(Code::Browser, "The browser can't show pictures here.")),
            Err(error) => Err(error),
        };
        let asked = {
            let mut avatars = self.0.borrow_mut();
            let asked = avatars.remove(hash);
            if let Ok(url) = &url {
                avatars.insert(hash.clone(), Avatar::Here(url.clone()));
            }
            asked
        };
        if let Some(Avatar::Asked(waiting)) = asked {
            for sender in waiting {
                // Whoever waits no longer needs no answer.
                let _ = sender.send(url.clone());
            }
        }
        url
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
