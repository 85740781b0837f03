//! Promises out of a model that says what changed.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;

use futures_channel::oneshot;
use js_sys::Promise;
use sdk::{Client, Error};
use wasm_bindgen::JsValue;

use crate::error;

/// A promise for what something comes to, boxed so that the module has this once rather than for each operation.
pub(crate) fn promise(work: impl Future<Output = Result<JsValue, Error>> + 'static) -> Promise {
    promise_boxed(Box::pin(work))
}

fn promise_boxed(work: Pin<Box<dyn Future<Output = Result<JsValue, Error>>>>) -> Promise {
    wasm_bindgen_futures::future_to_promise(
        async move { work.await.map_err(|failure| error::to_js(&failure)) },
    )
}

/// Waits until a look at the client gives an answer.
pub(crate) async fn until(client: &Client, look: impl Fn(&Client) -> Option<Answer> + 'static) -> Answer {
    until_boxed(client, Rc::new(look)).await
}

type Answer = Result<(), Error>;
type Look = Rc<dyn Fn(&Client) -> Option<Answer>>;

async fn until_boxed(client: &Client, look: Look) -> Answer {
    if let Some(answer) = look(client) {
        return answer;
    }
    let (sender, receiver) = oneshot::channel();
    let sender = Rc::new(Cell::new(Some(sender)));
    let watched = client.clone();
    let subscription = client.subscribe(move |_| {
        if let Some(answer) = look(&watched)
            && let Some(sender) = sender.take()
        {
            // Whoever waits no longer needs no answer.
            let _ = sender.send(answer);
        }
    });
    let Ok(answer) = receiver.await else {
        // The subscription holds the sender for as long as this waits.
        return std::future::pending().await;
    };
    drop(subscription);
    answer
}
