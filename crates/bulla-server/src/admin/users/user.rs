//! An account, as administrators see it.

use std::collections::BTreeSet;

use bulla_core::account::{Account, CustomClaims, Plan, Role};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::edge::{refused::Refused, time::rfc3339};

/// An account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AdminUser {
    /// Claim `sub`.
    pub id: String,
    /// One way to sign in.
    pub email: Option<String>,
    /// The other.
    pub username: Option<String>,
    /// What to call them.
    pub name: Option<String>,
    /// Claim `roles`.
    pub roles: Vec<String>,
    /// Claim `plan`.
    pub plan: String,
    /// Custom claims.
    pub claims: Map<String, Value>,
    /// Whether they may not sign in.
    pub disabled: bool,
    /// RFC 3339.
    #[schema(format = "date-time")]
    pub created_at: String,
}

impl From<&Account> for AdminUser {
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
            claims: account.claims.as_map().clone(),
            disabled: account.disabled_at.is_some(),
            created_at: rfc3339(account.created_at),
        }
    }
}

pub(super) fn roles(names: &[String]) -> Result<BTreeSet<Role>, Refused> {
    Role::parse_all(names).map_err(|error| Refused::field("roles", error))
}

pub(super) fn plan(name: &str) -> Result<Plan, Refused> {
    Plan::parse(name).map_err(|error| Refused::field("plan", error))
}

pub(super) fn claims(claims: Map<String, Value>) -> Result<CustomClaims, Refused> {
    CustomClaims::new(claims).map_err(|error| Refused::field("claims", error))
}
