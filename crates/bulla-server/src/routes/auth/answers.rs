//! What several of these routes answer.

use axum::Json;
use bulla_core::{
    account::{Account, Role},
    anonymous::AnonymousToken,
    authentication::IssuedSession,
    session::Device,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    edge::{
        browser::Delivery,
        cookies::{CookieTooLong, SetCookies},
        refused::Refused,
    },
    issuer::Issuer,
};

/// An answer with the tokens in it, or as cookies beside it.
pub(super) type Delivered<A> = (SetCookies, Json<A>);

/// A session: its tokens and whose it is.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionAnswer {
    /// Always `Bearer`.
    token_type: &'static str,
    /// A signed JWT (RFC 9068), for `Authorization: Bearer …`. Not there if it is a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    /// How long the access token lives, in seconds.
    expires_in: u64,
    /// For `POST /auth/refresh`. Store it before you use it. Not there if it is a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    session: SessionReference,
    user: UserAnswer,
}

/// A session's identity.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionReference {
    /// Claim `sid`.
    id: String,
}

/// An account, as its owner sees it.
#[derive(Serialize, ToSchema)]
pub(super) struct UserAnswer {
    /// Claim `sub`.
    id: String,
    email: Option<String>,
    username: Option<String>,
    name: Option<String>,
    roles: Vec<String>,
    plan: String,
}

/// A visitor's token. There is no session behind it, and nothing to refresh it with.
#[derive(Serialize, ToSchema)]
pub(super) struct AnonymousAnswer {
    /// Always `Bearer`.
    token_type: &'static str,
    /// A signed JWT (RFC 9068) with `anon: true`, for `Authorization: Bearer …`. Not there if it is a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    /// How long the access token still lives, in seconds.
    expires_in: u64,
    /// Always `null`.
    session: Option<SessionReference>,
    /// The visitor: `anon_…`, without any name, and the plan `anonymous` or `anonymous_minimal`.
    user: UserAnswer,
}

/// Hands out the tokens of a session that was opened just now, whose owner is no stranger there any more. One whose tokens no browser would keep is ended: nobody has
/// them.
pub(super) async fn opened(
    issuer: &Issuer,
    issued: IssuedSession,
    delivery: Delivery,
    device: &Device,
) -> Result<Delivered<SessionAnswer>, Refused> {
    issuer.welcome(&issued.account, device.address);
    let session = issued.session;
    match SessionAnswer::delivered(issued, delivery) {
        Ok(delivered) => Ok(delivered),
        Err(too_long) => {
            let ended = issuer
                .authentication()
                .logout_session(session, device.address);
            ended.await.map_err(Refused::repeatable)?;
            Err(too_long.into())
        }
    }
}

impl AnonymousAnswer {
    /// The visitor's token, in the answer or beside it.
    pub(super) fn delivered(
        token: AnonymousToken,
        delivery: Delivery,
    ) -> Result<Delivered<Self>, CookieTooLong> {
        let mut answer = Self::from(token);
        let mut cookies = SetCookies::default();
        if let Delivery::Cookies(names, _meant) = delivery {
            let access = answer.access_token.take().unwrap_or_default();
            cookies = SetCookies::of_visitor(names, &access, answer.expires_in)?;
        }
        Ok((cookies, Json(answer)))
    }
}

impl SessionAnswer {
    /// The session's tokens, in the answer or beside it.
    pub(super) fn delivered(
        issued: IssuedSession,
        delivery: Delivery,
    ) -> Result<Delivered<Self>, CookieTooLong> {
        let (mut cookies, mut tokens) = (SetCookies::default(), None);
        match delivery {
            Delivery::Body => tokens = Some((issued.access_token, issued.refresh_token)),
            Delivery::Cookies(names, _meant) => {
                let seconds = issued.session_ends_in;
                let (access, refresh) = (&issued.access_token, &issued.refresh_token);
                cookies = SetCookies::of_session(names, access, refresh, seconds)?;
            }
        }
        let (access_token, refresh_token) = tokens.unzip();
        let answer = Self {
            token_type: "Bearer",
            access_token,
            expires_in: issued.expires_in,
            refresh_token: refresh_token.map(|token| token.to_string()),
            session: SessionReference {
                id: issued.session.to_string(),
            },
            user: UserAnswer::from(&issued.account),
        };
        Ok((cookies, Json(answer)))
    }
}

impl From<AnonymousToken> for AnonymousAnswer {
    fn from(token: AnonymousToken) -> Self {
        Self {
            token_type: "Bearer",
            access_token: Some(token.access_token),
            expires_in: token.expires_in,
            session: None,
            user: UserAnswer {
                id: token.visitor.to_string(),
                email: None,
                username: None,
                name: None,
                roles: Vec::new(),
                plan: token.plan.to_owned(),
            },
        }
    }
}

impl From<&Account> for UserAnswer {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.to_string(),
            email: account
                .email
                .as_ref()
                .map(|email| email.as_str().to_owned()),
            username: account
                .username
                .as_ref()
                .map(|name| name.as_str().to_owned()),
            name: account.name.as_ref().map(|name| name.as_str().to_owned()),
            roles: account
                .roles
                .iter()
                .map(Role::as_str)
                .map(str::to_owned)
                .collect(),
            plan: account.plan.as_str().to_owned(),
        }
    }
}
