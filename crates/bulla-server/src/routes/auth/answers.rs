//! What several of these routes answer.

use bulla_core::{
    account::{Account, Role},
    anonymous::AnonymousToken,
    authentication::IssuedSession,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A session: its tokens and whose it is.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionAnswer {
    /// Always `Bearer`.
    token_type: &'static str,
    /// A signed JWT (RFC 9068), for `Authorization: Bearer …`.
    access_token: String,
    /// How long the access token lives, in seconds.
    expires_in: u64,
    /// For `POST /auth/refresh`. Store it before you use it.
    refresh_token: String,
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
    /// A signed JWT (RFC 9068) with `anon: true`, for `Authorization: Bearer …`.
    access_token: String,
    /// How long the access token still lives, in seconds.
    expires_in: u64,
    /// Always `null`.
    session: Option<SessionReference>,
    /// The visitor: `anon_…`, without any name, and the plan `anonymous` or `anonymous_unproven`.
    user: UserAnswer,
}

impl From<AnonymousToken> for AnonymousAnswer {
    fn from(token: AnonymousToken) -> Self {
        Self {
            token_type: "Bearer",
            access_token: token.access_token,
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

impl From<IssuedSession> for SessionAnswer {
    fn from(issued: IssuedSession) -> Self {
        Self {
            token_type: "Bearer",
            access_token: issued.access_token,
            expires_in: issued.expires_in,
            refresh_token: issued.refresh_token.to_string(),
            session: SessionReference {
                id: issued.session.to_string(),
            },
            user: UserAnswer::from(&issued.account),
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
