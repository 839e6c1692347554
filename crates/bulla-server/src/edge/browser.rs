//! Browsers that keep their tokens in cookies: what they sent, and how they get them.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};
use bulla_core::{authentication::SessionRequest, session::refresh_token::PresentedToken};
use bulla_guard::{
    client::{BrowserRequest, CookieNames, CookieToken, Meant},
    problem::Code,
    refusal::Refusal,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{parse, refused::Refused};
use crate::issuer::Issuer;

/// What the gateway tells of the browser. What came by another way has no cookies.
pub(crate) struct Browser(Option<BrowserRequest>);

/// How tokens are handed out. Left out: as `X-Bulla-Mode` says, else `token`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// In the body.
    Token,
    /// As cookies that scripts cannot read.
    Cookie,
}

/// Where the token was that a request came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// In a cookie.
    Cookie,
    /// Elsewhere, or there was none.
    Other,
}

/// How a request gets its tokens.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Delivery {
    /// In the body of the answer.
    Body,
    /// As cookies of these names, since the request was meant.
    Cookies(CookieNames, Meant),
}

impl<S: Send + Sync> FromRequestParts<S> for Browser {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

impl Browser {
    /// The one that sent this request.
    pub(crate) fn of(parts: &Parts) -> Self {
        Self(parts.extensions.get().cloned())
    }

    /// The access token of its cookie.
    pub(crate) fn access(&self) -> Result<Option<&CookieToken>, Refusal> {
        let told = self.0.as_ref().map(|told| told.access.as_ref());
        told.transpose()
            .map(|found| found.and_then(Option::as_ref))
            .map_err(Clone::clone)
    }

    /// The refresh token of its cookie.
    pub(crate) fn refresh(&self) -> Result<Option<&CookieToken>, Refusal> {
        let told = self.0.as_ref().map(|told| told.refresh.as_ref());
        told.transpose()
            .map(|found| found.and_then(Option::as_ref))
            .map_err(Clone::clone)
    }

    /// Whether the header asks for cookies.
    pub(crate) fn asks_for_cookies(&self) -> bool {
        self.0.as_ref().is_some_and(|told| told.asks_for_cookies)
    }

    /// The proof that an unsafe request may use or get cookies.
    ///
    /// # Errors
    /// 403 `csrf_refused`.
    pub(crate) fn meant(&self) -> Result<Meant, Refused> {
        let came_otherwise = || {
            Refused::new(
                Code::CsrfRefused,
                "cookies are only for what comes through the public listener",
            )
        };
        let told = self.0.as_ref().ok_or_else(came_otherwise)?;
        Ok(told.meant.clone()?)
    }

    /// How this request gets its tokens. What came by cookie is answered by cookie: else a script could have read out by
    /// another request what the cookie keeps from it.
    ///
    /// # Errors
    /// 403 `csrf_refused`; 422 if the body wants it otherwise, or there are no cookies here.
    pub(crate) fn delivery(
        &self,
        issuer: &Issuer,
        mode: Option<Mode>,
        carrier: Carrier,
    ) -> Result<Delivery, Refused> {
        let cookies = match (carrier, mode) {
            (Carrier::Cookie, Some(Mode::Token)) => {
                let reason = "what comes by cookie is answered by cookie";
                return Err(Refused::field("mode", reason));
            }
            (Carrier::Cookie, _) | (Carrier::Other, Some(Mode::Cookie)) => true,
            (Carrier::Other, Some(Mode::Token)) => false,
            (Carrier::Other, None) => self.asks_for_cookies(),
        };
        if !cookies {
            return Ok(Delivery::Body);
        }
        let meant = self.meant()?;
        let names = issuer
            .settings()
            .cookies
            .ok_or_else(|| Refused::field("mode", "tokens are not handed out as cookies here"))?;
        Ok(Delivery::Cookies(names, meant))
    }

    /// What is asked of the session that begins, or moves here. In cookies it takes the place of the one that is there.
    ///
    /// # Errors
    /// 422 for a token that would be over at once.
    pub(crate) fn session_request(
        &self,
        expires_in: Option<u64>,
        delivery: Delivery,
    ) -> Result<SessionRequest, Refused> {
        let there = match delivery {
            Delivery::Cookies(..) => self.refresh().ok().flatten(),
            Delivery::Body => None,
        };
        Ok(SessionRequest {
            expires_in: parse::expires_in(expires_in)?,
            replaces: there.and_then(|token| PresentedToken::parse(token.expose()).ok()),
        })
    }
}
