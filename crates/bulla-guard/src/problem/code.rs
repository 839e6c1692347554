//! The stable codes of all refusals.

use std::fmt;

use http::StatusCode;
use serde::{Serialize, Serializer};

/// Why a request was refused. Each code owns its status and its title; all three are stable.
///
/// 401 says "I do not know who you are"; 403 says "I know, and no".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// The request cannot be read.
    RequestMalformed,
    /// A token is needed and none was sent.
    TokenMissing,
    /// The credential is no well-formed token.
    TokenMalformed,
    /// The signature does not hold.
    TokenSignatureInvalid,
    /// No key of the set has the token's key ID.
    TokenKeyUnknown,
    /// The token's algorithm is not among the accepted ones.
    TokenAlgorithmRefused,
    /// The token has ended.
    TokenExpired,
    /// The token's time has not come.
    TokenNotYetValid,
    /// Another issuer signed it.
    TokenIssuerMismatch,
    /// It was issued for another audience.
    TokenAudienceMismatch,
    /// It is another type of token.
    TokenTypeMismatch,
    /// A claim is missing or of the wrong type.
    TokenClaimInvalid,
    /// It has critical header parameters that are not understood.
    TokenCriticalUnsupported,
    /// It was revoked before its end.
    TokenRevoked,
    /// User or password is wrong; which of them is not said.
    CredentialsInvalid,
    /// A link from a letter, or its code, is good for nothing, or no longer.
    LinkInvalid,
    /// No refresh token of ours.
    RefreshInvalid,
    /// An old refresh token came again; its session has been ended.
    RefreshReused,
    /// The session has reached its idle or absolute end.
    SessionExpired,
    /// The session was ended before its time.
    SessionRevoked,
    /// The client must solve a challenge first.
    ChallengeRequired,
    /// The challenge or its solution is none, or not any more.
    ChallengeInvalid,
    /// The token lacks a scope.
    ScopeInsufficient,
    /// The user has none of the roles.
    RoleRequired,
    /// The user has none of the plans.
    PlanRequired,
    /// A claim does not have the value asked for.
    ClaimRequired,
    /// An anonymous token where a signed-in user is asked for.
    SignInRequired,
    /// Another site may have made the browser send this, with the cookies it has.
    CsrfRefused,
    /// Too much that was bad came from the client's address.
    AddressBanned,
    /// Nothing is at this path.
    NotFound,
    /// The path knows other methods.
    MethodNotAllowed,
    /// Another account has this email address.
    EmailTaken,
    /// Another account has this user name.
    UsernameTaken,
    /// The visitor has become a user already.
    AlreadyUpgraded,
    /// The body is larger than the route accepts.
    BodyTooLarge,
    /// The body is of a content type the route does not accept.
    ContentTypeUnsupported,
    /// The body has a member that nobody knows.
    FieldUnknown,
    /// A member of the body is missing or has a value that cannot be.
    FieldInvalid,
    /// The password is too weak.
    PasswordRefused,
    /// More requests than a plan or an address may make.
    RateLimited,
    /// Something failed that should not be able to.
    InternalError,
    /// The upstream cannot be reached, or broke off.
    UpstreamUnavailable,
    /// The gateway has no keys yet: it cannot know who anybody is.
    KeysUnavailable,
    /// Too much at once; nothing was done.
    Overloaded,
    /// The store does not answer.
    StoreUnavailable,
    /// The upstream did not answer in time.
    UpstreamTimeout,
}

impl Code {
    /// Every code.
    pub const ALL: &[Self] = &[
        Self::RequestMalformed,
        Self::TokenMissing,
        Self::TokenMalformed,
        Self::TokenSignatureInvalid,
        Self::TokenKeyUnknown,
        Self::TokenAlgorithmRefused,
        Self::TokenExpired,
        Self::TokenNotYetValid,
        Self::TokenIssuerMismatch,
        Self::TokenAudienceMismatch,
        Self::TokenTypeMismatch,
        Self::TokenClaimInvalid,
        Self::TokenCriticalUnsupported,
        Self::TokenRevoked,
        Self::CredentialsInvalid,
        Self::LinkInvalid,
        Self::RefreshInvalid,
        Self::RefreshReused,
        Self::SessionExpired,
        Self::SessionRevoked,
        Self::ChallengeRequired,
        Self::ChallengeInvalid,
        Self::ScopeInsufficient,
        Self::RoleRequired,
        Self::PlanRequired,
        Self::ClaimRequired,
        Self::SignInRequired,
        Self::CsrfRefused,
        Self::AddressBanned,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::EmailTaken,
        Self::UsernameTaken,
        Self::AlreadyUpgraded,
        Self::BodyTooLarge,
        Self::ContentTypeUnsupported,
        Self::FieldUnknown,
        Self::FieldInvalid,
        Self::PasswordRefused,
        Self::RateLimited,
        Self::InternalError,
        Self::UpstreamUnavailable,
        Self::KeysUnavailable,
        Self::Overloaded,
        Self::StoreUnavailable,
        Self::UpstreamTimeout,
    ];

    /// The code on the wire, as in `"code": "token_expired"`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.facts().0
    }

    /// The status it is answered with.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.facts().1
    }

    /// The title, the same every time (RFC 9457 section 3.1.3).
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.facts().2
    }

    /// Seconds after which to try again, for what passes by itself.
    #[must_use]
    pub const fn retry_after(self) -> Option<u32> {
        match self.status() {
            StatusCode::SERVICE_UNAVAILABLE => Some(1),
            _ => None,
        }
    }

    const fn facts(self) -> (&'static str, StatusCode, &'static str) {
        const BAD_REQUEST: StatusCode = StatusCode::BAD_REQUEST;
        const UNAUTHORIZED: StatusCode = StatusCode::UNAUTHORIZED;
        const FORBIDDEN: StatusCode = StatusCode::FORBIDDEN;
        const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
        const UNAVAILABLE: StatusCode = StatusCode::SERVICE_UNAVAILABLE;
        #[rustfmt::skip]
        let facts = match self {
            Self::RequestMalformed => ("request_malformed", BAD_REQUEST, "Malformed request"),
            Self::TokenMissing => ("token_missing", UNAUTHORIZED, "Token missing"),
            Self::TokenMalformed => ("token_malformed", UNAUTHORIZED, "Token malformed"),
            Self::TokenSignatureInvalid => ("token_signature_invalid", UNAUTHORIZED, "Token signature invalid"),
            Self::TokenKeyUnknown => ("token_key_unknown", UNAUTHORIZED, "Token signed with an unknown key"),
            Self::TokenAlgorithmRefused => ("token_algorithm_refused", UNAUTHORIZED, "Token algorithm refused"),
            Self::TokenExpired => ("token_expired", UNAUTHORIZED, "Token expired"),
            Self::TokenNotYetValid => ("token_not_yet_valid", UNAUTHORIZED, "Token not yet valid"),
            Self::TokenIssuerMismatch => ("token_issuer_mismatch", UNAUTHORIZED, "Token from another issuer"),
            Self::TokenAudienceMismatch => ("token_audience_mismatch", UNAUTHORIZED, "Token for another audience"),
            Self::TokenTypeMismatch => ("token_type_mismatch", UNAUTHORIZED, "Token of another type"),
            Self::TokenClaimInvalid => ("token_claim_invalid", UNAUTHORIZED, "Token claim invalid"),
            Self::TokenCriticalUnsupported => ("token_critical_unsupported", UNAUTHORIZED, "Token extension unsupported"),
            Self::TokenRevoked => ("token_revoked", UNAUTHORIZED, "Token revoked"),
            Self::CredentialsInvalid => ("credentials_invalid", UNAUTHORIZED, "Credentials invalid"),
            Self::LinkInvalid => ("link_invalid", UNAUTHORIZED, "Link invalid"),
            Self::RefreshInvalid => ("refresh_invalid", UNAUTHORIZED, "Refresh token invalid"),
            Self::RefreshReused => ("refresh_reused", UNAUTHORIZED, "Refresh token reused"),
            Self::SessionExpired => ("session_expired", UNAUTHORIZED, "Session expired"),
            Self::SessionRevoked => ("session_revoked", UNAUTHORIZED, "Session revoked"),
            Self::ChallengeRequired => ("challenge_required", UNAUTHORIZED, "Challenge required"),
            Self::ChallengeInvalid => ("challenge_invalid", UNAUTHORIZED, "Challenge invalid"),
            Self::ScopeInsufficient => ("scope_insufficient", FORBIDDEN, "Scope insufficient"),
            Self::RoleRequired => ("role_required", FORBIDDEN, "Role required"),
            Self::PlanRequired => ("plan_required", FORBIDDEN, "Plan required"),
            Self::ClaimRequired => ("claim_required", FORBIDDEN, "Claim required"),
            Self::SignInRequired => ("sign_in_required", FORBIDDEN, "Sign-in required"),
            Self::CsrfRefused => ("csrf_refused", FORBIDDEN, "Cross-site request refused"),
            Self::AddressBanned => ("address_banned", FORBIDDEN, "Address banned"),
            Self::NotFound => ("not_found", StatusCode::NOT_FOUND, "Not found"),
            Self::MethodNotAllowed => ("method_not_allowed", StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"),
            Self::EmailTaken => ("email_taken", StatusCode::CONFLICT, "Email address taken"),
            Self::UsernameTaken => ("username_taken", StatusCode::CONFLICT, "User name taken"),
            Self::AlreadyUpgraded => ("already_upgraded", StatusCode::CONFLICT, "Visitor upgraded already"),
            Self::BodyTooLarge => ("body_too_large", StatusCode::PAYLOAD_TOO_LARGE, "Body too large"),
            Self::ContentTypeUnsupported => ("content_type_unsupported", StatusCode::UNSUPPORTED_MEDIA_TYPE, "Content type unsupported"),
            Self::FieldUnknown => ("field_unknown", UNPROCESSABLE, "Unknown field"),
            Self::FieldInvalid => ("field_invalid", UNPROCESSABLE, "Invalid field"),
            Self::PasswordRefused => ("password_refused", UNPROCESSABLE, "Password refused"),
            Self::RateLimited => ("rate_limited", StatusCode::TOO_MANY_REQUESTS, "Too many requests"),
            Self::InternalError => ("internal_error", StatusCode::INTERNAL_SERVER_ERROR, "Internal error"),
            Self::UpstreamUnavailable => ("upstream_unavailable", StatusCode::BAD_GATEWAY, "Upstream unavailable"),
            Self::KeysUnavailable => ("keys_unavailable", UNAVAILABLE, "Keys unavailable"),
            Self::Overloaded => ("overloaded", UNAVAILABLE, "Overloaded"),
            Self::StoreUnavailable => ("store_unavailable", UNAVAILABLE, "Store unavailable"),
            Self::UpstreamTimeout => ("upstream_timeout", StatusCode::GATEWAY_TIMEOUT, "Upstream timed out"),
        };
        facts
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
