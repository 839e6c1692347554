//! One request to one of the routers.

use std::{net::IpAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    http::{StatusCode, header, request},
};
use bulla_guard::client::{BrowserRequest, ClientAddress, RequestId, Wariness};
use bulla_server::{admin, routes, web};
use serde_json::Value;

use super::{Answer, TestApp};

/// Which router a request goes to.
#[derive(Clone, Copy)]
pub(crate) enum Door {
    Public,
    Demo,
    Web,
    Admin,
    Local,
}

/// A request on its way.
pub(crate) struct Call<'a> {
    pub(super) app: &'a TestApp,
    pub(super) door: Door,
    pub(super) request: request::Builder,
    pub(super) body: Body,
}

impl Call<'_> {
    pub(crate) fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.request = self.request.header(name.as_ref(), value.as_ref());
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header(header::AUTHORIZATION, format!("Bearer {token}"))
    }

    /// From this address instead of 192.0.2.7.
    pub(crate) fn at_address(mut self, address: &str) -> Self {
        let address: IpAddr = address.parse().unwrap();
        self.request = self.request.extension(ClientAddress(address));
        self
    }

    /// Through a gateway that is so wary of the client.
    pub(crate) fn wary(mut self, steps: u8) -> Self {
        self.request = self.request.extension(Wariness(steps));
        self
    }

    /// As the gateway passes on what this browser sent.
    pub(crate) fn browser(mut self, told: BrowserRequest) -> Self {
        self.request = self.request.extension(told);
        self
    }

    pub(crate) fn json(self, body: impl Into<Value>) -> Self {
        self.raw("application/json", body.into().to_string())
    }

    pub(crate) fn raw(mut self, content_type: &str, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self.header(header::CONTENT_TYPE, content_type)
    }

    pub(crate) fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) async fn send(self) -> Answer {
        let mut request = self.request.body(self.body).unwrap();
        let address: IpAddr = [192, 0, 2, 7].into();
        let extensions = request.extensions_mut();
        extensions.get_or_insert(ClientAddress(address));
        request
            .extensions_mut()
            .insert(RequestId::parse("req-1").unwrap());
        let issuer = Arc::clone(&self.app.issuer);
        // As the process does every second. Where the store fails, so does the call.
        drop(issuer.keys().keep().await);
        let bans = Arc::clone(&self.app.bans);
        let router: Router = match self.door {
            Door::Public => routes::router(issuer),
            Door::Demo => self.app.demo.clone(),
            Door::Web => web::router(),
            Door::Admin => admin::router(issuer, bans, None),
            Door::Local => admin::local_router(issuer, bans, None),
        };
        let path = request.uri().path().to_owned();
        let answer = Answer::read(router, request).await;
        if path.starts_with("/oauth2/") {
            answer.assert_described(&path);
        }
        answer
    }

    pub(crate) async fn await_status(self, status: StatusCode) -> Answer {
        let answer = self.send().await;
        assert_eq!(answer.status, status, "{}", answer.text);
        answer
    }

    /// Sends, and asserts that it is refused so.
    pub(crate) async fn await_refusal(self, status: u16, code: &str) -> Answer {
        let answer = self.send().await;
        answer.assert_problem(status, code);
        answer
    }
}
