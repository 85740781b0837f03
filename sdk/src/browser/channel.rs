//! `BroadcastChannel`: words between the tabs of an origin.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/browser.js")]
extern "C" {
    type JsChannel;

    #[wasm_bindgen(js_name = joinChannel)]
    fn join(name: &str, hear: &Closure<dyn FnMut(String)>) -> Option<JsChannel>;
    #[wasm_bindgen(js_name = leaveChannel)]
    fn leave(channel: &JsChannel);
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(method, catch, js_name = postMessage)]
    fn post_message(this: &JsChannel, text: &str) -> Result<(), JsValue>;
}

/// A channel between tabs; dropping it leaves it. Nobody hears what they said themselves.
pub(crate) struct Channel {
    channel: JsChannel,
    /// Kept for as long as the browser may call it.
    _hear: Closure<dyn FnMut(String)>,
}

impl Channel {
    /// Joins a channel; `None` where the browser has none.
    pub(crate) fn join(name: &str, hear: impl FnMut(String) + 'static) -> Option<Self> {
        let hear = Closure::new(hear);
        let channel = join(name, &hear)?;
        Some(Channel { channel, _hear: hear })
    }

    /// Says something to all the others.
    pub(crate) fn say(&self, text: &str) {
        // Fails on a closed channel alone, and this one closes when it is dropped.
        let _ = self.channel.post_message(text);
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        leave(&self.channel);
    }
}
