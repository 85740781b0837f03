//! Promises out of a model that says what changed.

use std::cell::Cell;
use std::rc::Rc;

use futures_channel::oneshot;
use sdk::{Client, Error};

/// Waits until a look at the client gives an answer.
pub(crate) async fn until<T: 'static>(
    client: &Client,
    look: impl Fn(&Client) -> Option<Result<T, Error>> + 'static,
) -> Result<T, Error> {
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
