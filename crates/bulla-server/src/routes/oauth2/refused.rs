//! Refusals in the words of RFC 6749.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header::WWW_AUTHENTICATE},
    response::{IntoResponse, Response},
};
use bulla_core::{key::ring::IssueError, store::StoreError};
use bulla_guard::abuse::Offence;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    edge::{fields::FieldError, refused::Refused},
    guessing::Exhausted,
};

/// A refused request of OAuth.
pub(super) enum OAuthRefused {
    /// RFC 6749 has a word for it.
    Told {
        code: OAuthCode,
        description: String,
        /// What counts against the address that it came from.
        offence: Option<Offence>,
        /// Whether a 401 asks for `Authorization: Basic`.
        challenge: bool,
    },
    /// It has none, and the refusal is that of any other route: too much, too often, or a fault of ours.
    Other(Box<Refused>),
}

/// Why, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum OAuthCode {
    /// It lacks a parameter, or has one twice, or proves the client in two ways.
    InvalidRequest,
    /// The client has not proven itself.
    InvalidClient,
    /// The client may not: it is public, or the token is another client's.
    UnauthorizedClient,
    /// What was to be exchanged is good for nothing.
    InvalidGrant,
    /// There is no such way to a token here.
    UnsupportedGrantType,
    /// The client does not have a scope that it asks for.
    InvalidScope,
    /// The client's tokens may not be for this audience (RFC 8707).
    InvalidTarget,
    /// A token of this kind cannot be revoked (RFC 7009).
    UnsupportedTokenType,
}

/// The body of a refusal (RFC 6749 section 5.2).
#[derive(Serialize, ToSchema)]
pub(super) struct OAuthProblem {
    /// Stable, for programs.
    error: OAuthCode,
    /// What was wrong with this request, for people.
    error_description: String,
}

impl OAuthRefused {
    /// Tells the client `description`, which may hold nothing secret, and of ASCII neither a quote nor a backslash (section 5.2).
    pub(super) fn new(code: OAuthCode, description: impl Into<String>) -> Self {
        Self::Told {
            code,
            description: description.into(),
            offence: None,
            challenge: true,
        }
    }

    /// A parameter is not there.
    pub(super) fn missing(parameter: &str) -> Self {
        Self::new(OAuthCode::InvalidRequest, format!("{parameter} is missing"))
    }

    /// Counts against the address that it came from.
    pub(super) fn counting(mut self, offence: Offence) -> Self {
        if let Self::Told { offence: told, .. } = &mut self {
            *told = Some(offence);
        }
        self
    }

    /// Does not ask for `Authorization` (section 5.2), since the client has proven itself in another way: libraries that see
    /// it look no further, and their callers do not learn what the error is.
    pub(super) fn unchallenged(mut self) -> Self {
        if let Self::Told { challenge, .. } = &mut self {
            *challenge = false;
        }
        self
    }
}

impl OAuthCode {
    const fn status(self) -> StatusCode {
        match self {
            Self::InvalidClient => StatusCode::UNAUTHORIZED,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl IntoResponse for OAuthRefused {
    fn into_response(self) -> Response {
        let (error, error_description, offence, challenge) = match self {
            Self::Told {
                code,
                description,
                offence,
                challenge,
            } => (code, description, offence, challenge),
            Self::Other(refused) => return refused.into_response(),
        };
        let body = OAuthProblem {
            error,
            error_description,
        };
        let mut response = (error.status(), Json(body)).into_response();
        if error == OAuthCode::InvalidClient && challenge {
            let challenge = HeaderValue::from_static("Basic realm=\"bulla\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        // For the gateway, which knows the address.
        if let Some(offence) = offence {
            response.extensions_mut().insert(offence);
        }
        response
    }
}

impl From<Refused> for OAuthRefused {
    fn from(refused: Refused) -> Self {
        Self::Other(Box::new(refused))
    }
}

impl From<FieldError> for OAuthRefused {
    fn from(error: FieldError) -> Self {
        Self::new(OAuthCode::InvalidRequest, error.to_string())
    }
}

impl From<Exhausted> for OAuthRefused {
    fn from(exhausted: Exhausted) -> Self {
        Refused::from(exhausted).into()
    }
}

impl From<IssueError> for OAuthRefused {
    fn from(error: IssueError) -> Self {
        Refused::from(error).into()
    }
}

/// Whatever is asked here may be asked again.
impl From<StoreError> for OAuthRefused {
    fn from(error: StoreError) -> Self {
        Refused::repeatable(error).into()
    }
}
