//! `fetch`: a request and its answer, and a stream of bytes that is given up when it falls silent.

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::property;

#[wasm_bindgen(module = "/src/browser.js")]
extern "C" {
    /// An answer that goes on: opened by [`ask`], read by [`Stream::chunk`].
    #[derive(Clone)]
    pub(crate) type Stream;

    #[wasm_bindgen(constructor)]
    pub(crate) fn new() -> Stream;
    #[wasm_bindgen(method)]
    fn next(this: &Stream) -> Promise;
    /// Ends it, opened or not.
    #[wasm_bindgen(method)]
    pub(crate) fn close(this: &Stream);

    #[wasm_bindgen(js_name = ask)]
    fn ask_for(
        method: &str,
        url: &str,
        token: Option<&str>,
        body: &JsValue,
        for_blob: bool,
        stream: Option<&Stream>,
        after: &str,
    ) -> Promise;
}

impl Stream {
    /// The next bytes; `None` at the end, and after a long silence.
    pub(crate) async fn chunk(&self) -> Option<Vec<u8>> {
        let bytes = JsFuture::from(self.next()).await.ok()?;
        Some(bytes.dyn_into::<Uint8Array>().ok()?.to_vec())
    }
}

/// An answer, with all that it says.
pub(crate) struct Answer(JsValue);

impl Answer {
    /// HTTP's status.
    pub(crate) fn status(&self) -> u16 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a status is of three digits"
        )]
        let status =
            property(&self.0, "status").and_then(|status| status.as_f64()).unwrap_or_default() as u16;
        status
    }

    /// It is what was asked for, by its status.
    pub(crate) fn is_good(&self) -> bool {
        self.status() / 100 == 2
    }

    /// Its text; empty if it is none.
    pub(crate) fn text(&self) -> String {
        property(&self.0, "value").and_then(|value| value.as_string()).unwrap_or_default()
    }

    /// Its bytes.
    pub(crate) fn blob(&self) -> Option<Blob> {
        property(&self.0, "value")?.dyn_into().ok()
    }
}

/// Asks for something; `None` where no answer comes. What is good is bytes, if it is `for_blob`; it goes on as a stream
/// after a position, if there is one to be opened; else it is a text.
pub(crate) async fn ask(
    method: &str,
    url: &str,
    token: Option<&str>,
    body: &JsValue,
    for_blob: bool,
    stream: Option<(&Stream, &str)>,
) -> Option<Answer> {
    let (stream, after) = stream.unzip();
    let answer = ask_for(method, url, token, body, for_blob, stream, after.unwrap_or_default());
    JsFuture::from(answer).await.ok().filter(|answer| !answer.is_undefined()).map(Answer)
}
