//! Sign-ins in a cookie, for pages of the gateway's own origin: no script can read it, and no other site can use it (S-1, S-11).
//!
//! A browser sends a cookie whoever has it ask. So one counts only for a request that a page of our own makes: the browser
//! says so itself (Fetch Metadata, Origin), and what changes anything has a header that no page of another origin can send
//! without being allowed to.

use axum::http::header::{COOKIE, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use protocol::ErrorCode;
use url::Url;

use super::error::ApiError;

/// The prefix has browsers see to it that it comes from this host, over TLS, and from no page of a subdomain (RFC 6265bis
/// section 4.1.3).
const NAME: &str = "__Host-sparkweb";

/// What a page says with whatever changes anything: its value is nothing to us.
pub(super) const PAGE: HeaderName = HeaderName::from_static("sparkweb-page");

pub(super) const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The header which puts a secret into the cookie, for so many seconds, or until the browser is closed.
pub(super) fn set(secret: &str, secs: Option<u64>) -> Option<HeaderValue> {
    let life = secs.map_or_else(String::new, |secs| format!("; Max-Age={secs}"));
    let text = format!("{NAME}={secret}{life}; Path=/; Secure; HttpOnly; SameSite=Strict");
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The header which takes it away.
pub(super) fn clear() -> Option<HeaderValue> {
    set("", Some(0))
}

/// The secret in the cookie of a request which a page of our own makes: of any other there is none.
pub(super) fn of<'a>(parts: &'a Parts, public_url: Option<&str>) -> Result<Option<&'a str>, ApiError> {
    let Some(secret) = find(&parts.headers)? else { return Ok(None) };
    if !is_own_page(parts, public_url) {
        return Ok(None);
    }
    if !matches!(parts.method, Method::GET | Method::HEAD) && !parts.headers.contains_key(PAGE) {
        let detail = "A request with a cookie that changes something needs the header `Sparkweb-Page: 1`.";
        return Err(ApiError::new(ErrorCode::Forbidden, detail));
    }
    Ok(Some(secret))
}

/// The browser says that the request is that of a page of our own, and of no navigation to us.
pub(super) fn is_own_page(parts: &Parts, public_url: Option<&str>) -> bool {
    let text = |name: HeaderName| parts.headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let origin = text(ORIGIN);
    // Once there is an origin it must be ours, whatever else is said.
    if origin.is_some_and(|origin| !is_own(origin, public_url, text(HOST))) {
        return false;
    }
    match text(SEC_FETCH_SITE) {
        Some(site) => site == "same-origin",
        // Browsers from before 2023 say nothing, but name the origin of whatever changes something.
        None => origin.is_some() || matches!(parts.method, Method::GET | Method::HEAD),
    }
}

/// The gateway's origin is that of its address where that is known, and else whatever host was asked for.
pub(super) fn is_own(origin: &str, public_url: Option<&str>, host: Option<&str>) -> bool {
    match public_url.and_then(|url| Url::parse(url).ok()) {
        Some(url) => origin == url.origin().ascii_serialization(),
        None => {
            let named = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            named.is_some() && named == host
        }
    }
}

fn find(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut found = pairs.filter(|(name, _)| *name == NAME).map(|(_, value)| value);
    let first = found.next();
    if found.next().is_some() {
        // A browser has one of this name.
        return Err(ApiError::new(ErrorCode::MalformedParameter, "The request has the cookie twice."));
    }
    Ok(first.filter(|value| !value.is_empty()))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use axum::response::IntoResponse;

    use super::*;

    /// What is found in a request with these headers: the secret, nothing, or a refusal.
    #[track_caller]
    fn check(method: &str, public_url: Option<&str>, headers: &[(&str, &str)], expected: &str) {
        let mut request = Request::builder().method(method).uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let found = match of(&parts, public_url) {
            Ok(found) => found.unwrap_or("none").to_owned(),
            Err(error) => error.into_response().status().as_str().to_owned(),
        };
        assert_eq!(found, expected, "{method} {headers:?}");
    }

    const COOKIE: (&str, &str) = ("cookie", "a=b; __Host-sparkweb=secret; c");
    const HOST: (&str, &str) = ("host", "chat.example");
    const MARK: (&str, &str) = ("sparkweb-page", "1");

    #[test]
    fn a_cookie_counts_for_pages_of_our_own_alone() {
        let own = ("origin", "https://chat.example");
        for (method, headers, expected) in [
            ("GET", vec![("sec-fetch-site", "same-origin")], "secret"),
            ("GET", vec![], "secret"),
            ("GET", vec![own], "secret"),
            ("GET", vec![("sec-fetch-site", "same-site")], "none"),
            ("GET", vec![("sec-fetch-site", "cross-site")], "none"),
            ("GET", vec![("sec-fetch-site", "none")], "none"),
            ("GET", vec![("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")], "none"),
            ("GET", vec![("origin", "https://sub.chat.example")], "none"),
            ("GET", vec![("origin", "null")], "none"),
            ("GET", vec![("origin", "chat.example")], "none"),
            ("GET", vec![("origin", "https://chat.example.evil.example")], "none"),
            ("GET", vec![("origin", "https://chat.example:8443")], "none"),
            ("POST", vec![("sec-fetch-site", "same-origin"), own, MARK], "secret"),
            ("POST", vec![own, MARK], "secret"),
            ("POST", vec![("sec-fetch-site", "same-origin"), MARK], "secret"),
            ("POST", vec![MARK], "none"),
            ("POST", vec![own], "403"),
            ("DELETE", vec![("sec-fetch-site", "same-origin"), own], "403"),
            ("POST", vec![("sec-fetch-site", "cross-site"), own, MARK], "none"),
            ("POST", vec![("origin", "https://evil.example"), MARK], "none"),
        ] {
            check(method, None, &[&[COOKIE, HOST][..], &headers].concat(), expected);
        }
    }

    #[test]
    fn the_gateways_address_is_its_own_where_it_is_known() {
        let public = Some("https://chat.example/");
        // A proxy may ask for another host.
        let inner = ("host", "10.0.0.5:7070");
        check("GET", public, &[COOKIE, inner, ("origin", "https://chat.example")], "secret");
        check("GET", public, &[COOKIE, inner, ("origin", "http://chat.example")], "none");
        check("GET", public, &[COOKIE, inner, ("origin", "https://10.0.0.5:7070")], "none");
    }

    #[test]
    fn there_is_one_cookie_or_none() {
        check("GET", None, &[HOST], "none");
        check("GET", None, &[HOST, ("cookie", "__Host-sparkweb=")], "none");
        check("GET", None, &[HOST, ("cookie", "__host-sparkweb=secret; sparkweb=secret")], "none");
        let twice = ("cookie", "__Host-sparkweb=one; __Host-sparkweb=other");
        check("GET", None, &[HOST, twice], "400");
        check("GET", None, &[HOST, COOKIE, ("cookie", "__Host-sparkweb=other")], "400");
    }

    #[test]
    fn no_script_and_no_other_site_gets_it() {
        let rest = "Path=/; Secure; HttpOnly; SameSite=Strict";
        for (value, expected) in [
            (set("id.secret", Some(60)), "__Host-sparkweb=id.secret; Max-Age=60"),
            (set("id.secret", None), "__Host-sparkweb=id.secret"),
            (clear(), "__Host-sparkweb=; Max-Age=0"),
        ] {
            assert_eq!(value.unwrap().to_str().unwrap(), format!("{expected}; {rest}"));
        }
    }
}
