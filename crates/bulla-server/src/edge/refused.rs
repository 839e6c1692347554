//! Refusals: what the client is told, and what only the log is.

use std::fmt::Display;

use axum::{
    body::Body,
    extract::Request,
    http::HeaderName,
    middleware::Next,
    response::{IntoResponse, Response},
};
use bulla_core::{
    administration::RemoveError,
    anonymous::{ChallengeRefused, RedeemError},
    key::ring::IssueError,
    new_password::NewPasswordError,
    ports::HasherOverloaded,
    registration::{NameMissing, RegistrationError},
    store::StoreError,
};
use bulla_guard::{
    abuse::Offence,
    client::{CookieNames, RequestId},
    problem::{Code, Problem},
    refusal::Refusal,
};

use super::{
    cookies::{CookieTooLong, SetCookies},
    fields::FieldError,
};
use crate::{guessing::Exhausted, issuer::request_id, routes::CHALLENGE_PATH};

/// A refused request. As a response it is not yet complete: [`answer_problems`] must wrap the router.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    problem: Problem,
    cause: Option<String>,
    /// The session's cookies that the browser shall forget.
    clears: Option<CookieNames>,
    /// What counts against the address that it came from.
    offence: Option<Offence>,
}

impl Refused {
    /// Tells the client `detail`, which may hold nothing secret.
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self::of(Problem::new(code, detail))
    }

    fn of(problem: Problem) -> Self {
        Self {
            offence: Offence::of(problem.code()),
            problem,
            cause: None,
            clears: None,
        }
    }

    /// What kind of no it is.
    pub(crate) const fn code(&self) -> Code {
        self.problem.code()
    }

    /// A field that holds something else than it should.
    pub(crate) fn field(name: &str, reason: impl Display) -> Self {
        Self::new(Code::FieldInvalid, format!("the field `{name}`: {reason}")).naming(name)
    }

    /// The same, for `map_err`.
    pub(crate) fn in_field<E: Display>(name: &str) -> impl Fn(E) -> Self {
        move |reason| Self::field(name, reason)
    }

    /// There is no such thing, or it is not the caller's.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("there is no such {what}"))
    }

    /// A removal that failed, of a `what`.
    pub(crate) fn from_removal(error: RemoveError, what: &str) -> Self {
        match error {
            RemoveError::NotFound => Self::not_found(what),
            RemoveError::Store(error) => error.into(),
        }
    }

    /// A password that nobody gets, from this field.
    pub(crate) fn new_password(error: NewPasswordError, field: &str) -> Self {
        match error {
            NewPasswordError::Refused(error) => {
                Self::new(Code::PasswordRefused, error.to_string()).naming(field)
            }
            NewPasswordError::Overloaded(error) => error.into(),
        }
    }

    /// A store that failed under a request that may be sent again whatever became of it.
    pub(crate) fn repeatable(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::new(
                Code::StoreUnavailable,
                "the store does not answer; it is safe to try again",
            )
            .because(error),
            StoreError::Damaged(_) => error.into(),
        }
    }

    /// What was to be kept could not be.
    pub(crate) fn store_failed(detail: &str, cause: impl Display) -> Self {
        Self::new(Code::StoreUnavailable, detail).because(cause)
    }

    /// Adds the member `field`, for programs.
    pub(crate) fn naming(mut self, field: &str) -> Self {
        self.problem = self.problem.with("field", field);
        self
    }

    /// Adds the member `challenge`: where a visitor without an account gets a token.
    pub(crate) fn inviting(mut self) -> Self {
        self.problem = self.problem.with("challenge", CHALLENGE_PATH);
        self
    }

    /// Counts against nobody: whoever waits or moves comes to this.
    pub(crate) const fn blameless(mut self) -> Self {
        self.offence = None;
        self
    }

    /// Makes the browser forget the session's cookies, since they will never be good again.
    pub(crate) const fn clearing(mut self, names: CookieNames) -> Self {
        self.clears = Some(names);
        self
    }

    /// Whether the fault is not the request's.
    pub(crate) fn is_fault(&self) -> bool {
        self.problem.code().status().is_server_error()
    }

    pub(crate) fn because(mut self, cause: impl Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }
}

impl From<Exhausted> for Refused {
    fn from(exhausted: Exhausted) -> Self {
        Self::of(exhausted.problem())
    }
}

impl From<FieldError> for Refused {
    fn from(error: FieldError) -> Self {
        let code = match error {
            FieldError::Unknown { .. } => Code::FieldUnknown,
            FieldError::Invalid { .. } | FieldError::Shape(_) => Code::FieldInvalid,
        };
        let refused = Self::new(code, error.to_string());
        match error.field() {
            Some(field) => refused.naming(field),
            None => refused,
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::of(Problem::from(refusal))
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Unavailable(_) => Self::new(
                Code::StoreUnavailable,
                "the store does not answer; it is not known whether the request was carried out",
            ),
            StoreError::Damaged(_) => Self::new(
                Code::InternalError,
                "what is stored cannot be read; it is not known whether the request was carried out",
            ),
        }
        .because(error)
    }
}

impl From<NameMissing> for Refused {
    fn from(error: NameMissing) -> Self {
        Self::new(Code::FieldInvalid, error.to_string())
    }
}

impl From<RegistrationError> for Refused {
    fn from(error: RegistrationError) -> Self {
        match error {
            RegistrationError::EmailTaken => {
                Self::new(Code::EmailTaken, error.to_string()).naming("email")
            }
            RegistrationError::UsernameTaken => {
                Self::new(Code::UsernameTaken, error.to_string()).naming("username")
            }
            RegistrationError::AlreadyUpgraded => {
                Self::new(Code::AlreadyUpgraded, error.to_string())
            }
            RegistrationError::NewPassword(error) => Self::new_password(error, "password"),
            RegistrationError::Store(error) => error.into(),
        }
    }
}

impl From<RedeemError> for Refused {
    fn from(error: RedeemError) -> Self {
        let invalid = |text| Self::new(Code::ChallengeInvalid, text).inviting();
        match error {
            RedeemError::Challenge(ChallengeRefused::Forged) | RedeemError::Unsolved(_) => {
                invalid(error.to_string())
            }
            RedeemError::Challenge(_) => invalid(error.to_string()).blameless(),
            RedeemError::Issue(error) => error.into(),
        }
    }
}

impl From<IssueError> for Refused {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::KeysOutdated => Self::new(
                Code::KeysUnavailable,
                "the signing keys could not be read for a minute, so nothing is signed",
            ),
            IssueError::Failed(_) => Self::new(Code::InternalError, "no token could be made"),
        }
        .because(error)
    }
}

impl From<CookieTooLong> for Refused {
    fn from(error: CookieTooLong) -> Self {
        Self::new(
            Code::InternalError,
            "this account's access token is too long for a cookie; as a token it can be had",
        )
        .because(error)
    }
}

impl From<HasherOverloaded> for Refused {
    fn from(error: HasherOverloaded) -> Self {
        Self::new(Code::Overloaded, error.to_string())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.problem.code().status();
        let cookies = self.clears.map(SetCookies::cleared).unwrap_or_default();
        response.extensions_mut().insert(self);
        (cookies, response).into_response()
    }
}

/// Turns refusals into problem+json with the request's identity, and logs their causes.
pub(crate) async fn answer_problems(mut request: Request, next: Next) -> Response {
    let known = request.extensions().get::<RequestId>().cloned();
    let id = known.unwrap_or_else(|| {
        let id = request_id();
        request.extensions_mut().insert(id.clone());
        id
    });
    let mut response = next.run(request).await;
    let Some(refused) = response.extensions_mut().remove::<Refused>() else {
        return response;
    };
    if let Some(cause) = &refused.cause {
        tracing::error!(request_id = %id, code = %refused.problem.code(), cause, "request failed");
    }
    let offence = refused.offence;
    let mut answer = refused.problem.response(&id).map(Body::new);
    // For the gateway, which knows the address.
    if let Some(offence) = offence {
        answer.extensions_mut().insert(offence);
    }
    // What was said besides the refusal stays: `Allow` of a 405, cookies.
    let own: Vec<HeaderName> = answer.headers().keys().cloned().collect();
    for (name, value) in response.headers() {
        if !own.contains(name) {
            answer.headers_mut().append(name, value.clone());
        }
    }
    answer
}

/// The fallback of every router.
pub(crate) async fn unknown_path() -> Refused {
    Refused::new(Code::NotFound, "nothing is served under this path")
}

/// The fallback of every known path; the router adds `Allow`.
pub(crate) async fn wrong_method() -> Refused {
    Refused::new(
        Code::MethodNotAllowed,
        "this path does not take the method; see `Allow`",
    )
}
