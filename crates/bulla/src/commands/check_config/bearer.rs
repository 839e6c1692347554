//! What the token of a request says that is only thought of.

use bulla_gateway::route::CredentialPlace;
use bulla_guard::{UnixTime, principal::Principal};
use serde_json::{Map, Value};

/// What its token says.
pub(super) struct Bearer {
    pub(super) roles: Vec<String>,
    pub(super) plan: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) claims: Map<String, Value>,
    pub(super) anonymous: bool,
    pub(super) place: CredentialPlace,
}

impl Bearer {
    /// Somebody who has this token.
    pub(super) fn principal(&self) -> Principal {
        let never = UnixTime::from_seconds(u64::MAX);
        Principal {
            roles: self.roles.clone(),
            scopes: self.scopes.clone(),
            plan: self.plan.clone(),
            anonymous: self.anonymous,
            claims: self.claims.clone(),
            ..Principal::new(String::new(), "somebody".to_owned(), never)
        }
    }
}
