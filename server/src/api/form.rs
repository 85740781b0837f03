//! Bodies of a form (`application/x-www-form-urlencoded`), as OAuth has them (RFC 6749 appendix B).

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use percent_encoding::percent_decode;
use protocol::ErrorCode;

use super::error::ApiError;
use super::extract::Raw;

/// The media type.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// Names and values, in their order. What has no value is as if it were not there (RFC 6749 section 3.2).
pub(super) struct Form(Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let value = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = value.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case(FORM) {
            let detail = format!("The body must be a form: send it with `Content-Type: {FORM}`.");
            return Err(ApiError::new(ErrorCode::MalformedBody, detail));
        }
        let Raw(bytes) = Raw::from_request(request, state).await?;
        Form::read(&bytes)
    }
}

impl Form {
    fn read(bytes: &Bytes) -> Result<Self, ApiError> {
        // The parser puts U+FFFD in the place of what is not UTF-8, and nobody meant that.
        if percent_decode(bytes).decode_utf8().is_err() {
            return Err(ApiError::new(ErrorCode::MalformedBody, "The form is not percent-encoded UTF-8."));
        }
        let pairs = url::form_urlencoded::parse(bytes).into_owned();
        Ok(Form(pairs.filter(|(_, value)| !value.is_empty()).collect()))
    }

    /// All values of this name.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone()).collect()
    }

    /// The value of this name, if there is one.
    ///
    /// # Errors
    /// If there are several.
    pub(super) fn one(&self, name: &str) -> Result<Option<String>, ApiError> {
        match &*self.all(name) {
            [] => Ok(None),
            [value] => Ok(Some(value.clone())),
            _ => Err(ApiError::new(ErrorCode::MalformedBody, format!("The form has {name} more than once."))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_as_browsers_write_them() {
        let read = |text: &str| Form::read(&Bytes::copy_from_slice(text.as_bytes())).ok();
        let form = read("a=1+2&b=%C3%A9%26&a=3&c=&d&%66=g").unwrap();
        assert_eq!((form.all("a"), form.one("a").is_err()), (vec!["1 2".to_owned(), "3".to_owned()], true));
        for (name, expected) in [("b", Some("é&")), ("c", None), ("d", None), ("f", Some("g"))] {
            assert_eq!(form.one(name).unwrap().as_deref(), expected, "{name}");
        }
        assert!(read("").unwrap().all("a").is_empty());
        for text in ["a=%ff", "%c0%ae=a"] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
