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
        Principal {
            issuer: String::new(),
            subject: "somebody".to_owned(),
            session: None,
            client_id: None,
            roles: self.roles.clone(),
            scopes: self.scopes.clone(),
            plan: self.plan.clone(),
            anonymous: self.anonymous,
            token_id: None,
            key_id: None,
            epoch: None,
            generation: None,
            issued_at: None,
            expires_at: UnixTime::from_seconds(u64::MAX),
            claims: self.claims.clone(),
        }
    }
}
