//! The contract of the Openfire plugin, as its own pages use it.

use reqwest::{Method, RequestBuilder};

use crate::app::{Answer, Events, TestApp, password};

/// Somebody who is logged in by the plugin's contract.
pub(super) struct Page<'a> {
    app: &'a TestApp,
    pub(super) token: String,
}

impl<'a> Page<'a> {
    pub(super) async fn log_in(app: &'a TestApp, name: &str) -> Self {
        let path = format!("/sparkweb/api/rest/login/{name}");
        let answer = Answer::of(app.request(Method::POST, &path).body(password(name))).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        Page { app, token: answer.json()["token"].as_str().unwrap().to_owned() }
    }

    /// A request with the token as it is. `path` is below the root of the contract.
    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.app.request(method, &format!("/sparkweb/api/rest{path}")).header("authorization", &self.token)
    }

    pub(super) async fn events(&self) -> Events {
        Events::open(self.app.request(Method::GET, &format!("/sparkweb/sse?token={}", self.token))).await
    }
}
