//! `BroadcastChannel`: words between the tabs of an origin.

use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent};

/// A channel between tabs; dropping it leaves it. Nobody hears what they said themselves.
pub(crate) struct Channel {
    channel: BroadcastChannel,
    /// Kept for as long as the browser may call it.
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

impl Channel {
    /// Joins a channel; `None` where the browser has none.
    pub(crate) fn join(name: &str, mut on_message: impl FnMut(String) + 'static) -> Option<Self> {
        super::property(&super::global(), "BroadcastChannel")?;
        let channel = BroadcastChannel::new(name).ok()?;
        let on_message = Closure::new(move |event: MessageEvent| {
            if let Some(text) = event.data().as_string() {
                on_message(text);
            }
        });
        channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Some(Channel { channel, _on_message: on_message })
    }

    /// Says something to all the others.
    pub(crate) fn say(&self, text: &str) {
        // Fails on a closed channel alone, and this one closes when it is dropped.
        let _ = self.channel.post_message(&JsValue::from_str(text));
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.channel.set_onmessage(None);
        self.channel.close();
    }
}
