//! Errors as JavaScript knows them: an `Error` with a `code`.

use js_sys::Reflect;
use sdk::protocol::JidError;
use sdk::{Code, Error};
use wasm_bindgen::JsValue;

/// An `Error` whose `message` is for people and whose `code` is for programs.
pub(crate) fn to_js(error: &Error) -> JsValue {
    thrown(&error.code.as_word(), &error.detail, error.retry_after_secs)
}

/// What was given as an address is none.
pub(crate) fn bad_jid(error: JidError) -> JsValue {
    thrown(
        &Code::Gateway(sdk::protocol::ErrorCode::MalformedJid).as_word(),
        &["That is not an address: ", &error.to_string(), "."].concat(),
        None,
    )
}

/// An argument is not what the operation takes.
pub(crate) fn bad_argument(detail: &str) -> JsValue {
    thrown(&Code::Gateway(sdk::protocol::ErrorCode::MalformedParameter).as_word(), detail, None)
}

fn thrown(code: &str, detail: &str, retry_after_secs: Option<u32>) -> JsValue {
    let error = js_sys::Error::new(detail);
    error.set_name("SparkError");
    // Setting a property of a fresh object can't fail.
    let _ = Reflect::set(&error, &JsValue::from_str("code"), &JsValue::from_str(code));
    if let Some(secs) = retry_after_secs {
        let _ = Reflect::set(&error, &JsValue::from_str("retryAfterSecs"), &JsValue::from(secs));
    }
    error.into()
}
