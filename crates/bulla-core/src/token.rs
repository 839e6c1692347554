//! What an access token says (RFC 9068), and for how long.

use std::{collections::BTreeSet, str::FromStr, time::Duration};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    account::{Account, Role},
    ids::SessionId,
    time::Timestamp,
};

/// The `typ` of an access token (RFC 9068 2.1).
pub const ACCESS_TOKEN_TYPE: &str = "at+jwt";

/// The `client_id` of tokens from the built-in login.
pub const BUILT_IN_CLIENT: &str = "bulla";

/// What all access tokens have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenSettings {
    /// Claim `iss`.
    pub issuer: String,
    /// Claim `aud`.
    pub audience: String,
    /// The longest that an access token lives; whole seconds count.
    pub access_lifetime: Duration,
    /// What of the account's profile goes into tokens.
    pub profile_claims: BTreeSet<ProfileClaim>,
}

/// A part of the profile that may go into tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProfileClaim {
    /// Claim `name`.
    Name,
    /// Claim `email`.
    Email,
    /// Claim `username`.
    Username,
}

/// The text names no profile claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a profile claim is \"name\", \"email\" or \"username\"")]
pub struct InvalidProfileClaim;

/// The claims of an access token.
#[derive(Debug, Serialize)]
pub struct AccessTokenClaims<'a> {
    #[serde(rename = "iss")]
    issuer: &'a str,
    #[serde(rename = "sub")]
    subject: &'a str,
    #[serde(rename = "aud")]
    audience: &'a str,
    client_id: &'static str,
    #[serde(rename = "iat")]
    issued_at: i64,
    #[serde(rename = "exp")]
    expires_at: i64,
    #[serde(rename = "jti")]
    token_id: String,
    #[serde(rename = "sid")]
    session: String,
    #[serde(rename = "gen")]
    generation: u64,
    epoch: u64,
    scope: &'static str,
    roles: Vec<&'a str>,
    plan: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(flatten)]
    custom: &'a Map<String, Value>,
}

/// What is an access token's own.
#[derive(Debug, Clone, Copy)]
pub struct AccessTokenGrant {
    /// Claim `sid`.
    pub session: SessionId,
    /// Claim `gen`: the generation of the refresh token it is handed out with.
    pub generation: u64,
    /// Claim `jti`: 16 random bytes.
    pub token_id: [u8; 16],
    /// Claim `iat`.
    pub issued_at: Timestamp,
    /// `exp` less `iat`, in whole seconds.
    pub lifetime: u64,
}

impl TokenSettings {
    /// How long a token lives, in whole seconds: what is asked for may only shorten it, and it
    /// never outlives its session. At least one second.
    #[must_use]
    pub fn lifetime(
        &self,
        requested: Option<Duration>,
        now: Timestamp,
        session_end: Timestamp,
    ) -> u64 {
        self.access_lifetime
            .min(requested.unwrap_or(self.access_lifetime))
            .min(session_end.since(now))
            .as_secs()
            .max(1)
    }

    /// The claims of one token.
    #[must_use]
    pub fn claims<'a>(
        &'a self,
        account: &'a Account,
        grant: AccessTokenGrant,
    ) -> AccessTokenClaims<'a> {
        let issued_at = grant.issued_at.as_seconds();
        let lifetime = i64::try_from(grant.lifetime).unwrap_or(i64::MAX);
        let listed = |claim| self.profile_claims.contains(&claim);
        let name = account.name.as_ref().map(|name| name.as_str());
        let email = account.email.as_ref().map(|email| email.as_str());
        let username = account.username.as_ref().map(|username| username.as_str());
        AccessTokenClaims {
            issuer: &self.issuer,
            subject: account.id.as_str(),
            audience: &self.audience,
            client_id: BUILT_IN_CLIENT,
            issued_at,
            expires_at: issued_at.saturating_add(lifetime),
            token_id: bulla_jose::base64url::encode(&grant.token_id),
            session: grant.session.to_string(),
            generation: grant.generation,
            epoch: account.epoch,
            scope: "",
            roles: account.roles.iter().map(Role::as_str).collect(),
            plan: account.plan.as_str(),
            name: name.filter(|_| listed(ProfileClaim::Name)),
            email: email.filter(|_| listed(ProfileClaim::Email)),
            username: username.filter(|_| listed(ProfileClaim::Username)),
            custom: account.claims.as_map(),
        }
    }
}

impl ProfileClaim {
    /// The claim's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Username => "username",
        }
    }
}

impl FromStr for ProfileClaim {
    type Err = InvalidProfileClaim;

    fn from_str(text: &str) -> Result<Self, InvalidProfileClaim> {
        [Self::Name, Self::Email, Self::Username]
            .into_iter()
            .find(|claim| claim.as_str() == text)
            .ok_or(InvalidProfileClaim)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> TokenSettings {
        TokenSettings {
            issuer: "https://issuer.example".to_owned(),
            audience: "api".to_owned(),
            access_lifetime: Duration::from_secs(900),
            profile_claims: BTreeSet::new(),
        }
    }

    #[test]
    fn a_lifetime_is_the_least_of_what_is_allowed_asked_for_and_left() {
        let settings = settings();
        let check = |requested: Option<u64>, left: u64, expected: u64| {
            let now = Timestamp::from_millis(7);
            let end = now.after(Duration::from_secs(left));
            let lifetime = settings.lifetime(requested.map(Duration::from_secs), now, end);
            assert_eq!(lifetime, expected, "{requested:?} of {left}");
        };
        check(None, 5000, 900);
        check(Some(899), 5000, 899);
        check(Some(901), 5000, 900);
        check(Some(0), 5000, 1);
        check(None, 10, 10);
        check(Some(5), 10, 5);
        check(None, 0, 1);
    }

    #[test]
    fn profile_claims_are_named() {
        for claim in [
            ProfileClaim::Name,
            ProfileClaim::Email,
            ProfileClaim::Username,
        ] {
            assert_eq!(claim.as_str().parse(), Ok(claim));
        }
        assert_eq!("phone".parse::<ProfileClaim>(), Err(InvalidProfileClaim));
    }
}
