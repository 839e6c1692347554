//! An account with all that makes it one, but its sessions.

use std::fmt::Display;

use bulla_core::{
    account::{
        Account, CustomClaims, DisplayName, Email, PasswordHash, Plan, Role, Username,
        hash::HashRefused,
    },
    administration::{ImportedAccount, ImportedIdentity},
    ids::AccountId,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::import::{SkipReason, Skipped};
use crate::{
    admin::AdminUser,
    edge::{
        secret::SecretText,
        time::{from_rfc3339, rfc3339},
    },
};

/// An account to be carried from one system to another. At least one of `email` and `username` is there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PortableUser {
    /// The identity (claim `sub`) that it keeps. Left out: a new one is made of `source`, or of the names; the same at
    /// every import, so that a second one finds who is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What the account is known by where it comes from, at most 512 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// One way to sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// What to call them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `$argon2id$…`, `$argon2i$…`, `$argon2d$…`, `$2b$…`, `$scrypt$…`, `$pbkdf2-sha256$…` (or `sha1`, `sha512`) or
    /// `$firebase-scrypt$…`. Left out: nobody can sign in by a password until one is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "password")]
    pub password_hash: Option<SecretText>,
    /// Left out: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Left out: `free`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// Custom claims; left out: none.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub claims: Map<String, Value>,
    /// Whether they may not sign in.
    #[serde(default)]
    pub disabled: bool,
    /// RFC 3339. Left out, or in the future: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time")]
    pub created_at: Option<String>,
}

const MAX_SOURCE_BYTES: usize = 512;

impl PortableUser {
    pub(super) fn of(account: &Account) -> Self {
        let password = (account.password != PasswordHash::NONE).then(|| account.password.text());
        let user = AdminUser::from(account);
        Self {
            id: Some(user.id),
            source: None,
            email: user.email,
            username: user.username,
            name: user.name,
            password_hash: password.map(|text| SecretText::new(text.as_str().to_owned())),
            roles: user.roles,
            plan: Some(user.plan),
            claims: user.claims,
            disabled: user.disabled,
            created_at: Some(rfc3339(account.created_at)),
        }
    }

    pub(super) fn into_account(self) -> Result<ImportedAccount, Skipped> {
        let identity = identity(self.id, self.source)?;
        let email = parsed(
            self.email.as_deref(),
            Email::parse,
            SkipReason::EmailInvalid,
        )?;
        let username = parsed(
            self.username.as_deref(),
            Username::parse,
            SkipReason::UsernameInvalid,
        )?;
        let account = ImportedAccount::new(identity, email, username);
        let mut account = account.map_err(|error| Skipped::new(SkipReason::NameMissing, &error))?;
        account.name = parsed(
            self.name.as_deref(),
            DisplayName::parse,
            SkipReason::NameInvalid,
        )?;
        if let Some(text) = self.password_hash {
            account.password = PasswordHash::parse(text.expose())?;
        }
        let roles = Role::parse_all(&self.roles);
        account.roles = roles.map_err(|error| Skipped::new(SkipReason::RolesInvalid, &error))?;
        if let Some(plan) = parsed(self.plan.as_deref(), Plan::parse, SkipReason::PlanInvalid)? {
            account.plan = plan;
        }
        let claims = CustomClaims::new(self.claims);
        account.claims = claims.map_err(|error| Skipped::new(SkipReason::ClaimsInvalid, &error))?;
        account.disabled = self.disabled;
        account.created_at = parsed(
            self.created_at.as_deref(),
            from_rfc3339,
            SkipReason::CreatedAtInvalid,
        )?;
        Ok(account)
    }
}

fn identity(id: Option<String>, source: Option<String>) -> Result<ImportedIdentity, Skipped> {
    let invalid = |detail: &str| Skipped::new(SkipReason::IdInvalid, &detail);
    match (id, source) {
        (Some(_), Some(_)) => Err(invalid("only one of `id` and `source` is taken")),
        (Some(id), None) => match AccountId::new(id) {
            Ok(id) if id.is_like_a_clients() => Err(invalid("`cli_…` is a client's")),
            Ok(id) => Ok(ImportedIdentity::Kept(id)),
            Err(_) => Err(invalid(
                "an identity has 1 to 128 printable ASCII characters",
            )),
        },
        (None, Some(source)) => {
            let fits = (1..=MAX_SOURCE_BYTES).contains(&source.len());
            match fits && !source.contains(char::is_control) {
                true => Ok(ImportedIdentity::Of(source)),
                false => Err(invalid(
                    "a source has 1 to 512 bytes and no control characters",
                )),
            }
        }
        (None, None) => Ok(ImportedIdentity::OfNames),
    }
}

fn parsed<T, E: Display>(
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Result<T, E>,
    reason: SkipReason,
) -> Result<Option<T>, Skipped> {
    let parsed = text.map(parse).transpose();
    parsed.map_err(|error| Skipped::new(reason, &error))
}

impl From<HashRefused> for Skipped {
    fn from(error: HashRefused) -> Self {
        let reason = match error {
            HashRefused::Unknown => SkipReason::PasswordHashUnknown,
            HashRefused::Malformed => SkipReason::PasswordHashMalformed,
            HashRefused::TooCostly => SkipReason::PasswordHashTooCostly,
        };
        Self::new(reason, &error)
    }
}
