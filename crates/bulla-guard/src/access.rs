//! May this principal do this?

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{principal::Principal, problem::Code, refusal::Refusal};

/// Who may come at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, with or without a token. A bad token is ignored.
    Public,
    /// Whoever has a valid token, an anonymous one too.
    Anonymous,
    /// Whoever has a valid token that is not anonymous.
    Authenticated,
}

/// What a route asks of the one who comes.
///
/// A requirement is never void: with one of them set, even a [`Public`](Access::Public) policy asks
/// for a token.
#[derive(Debug, Clone, PartialEq)]
pub struct AccessPolicy {
    /// Who may come at all.
    pub access: Access,
    /// Any one of these; empty: no role is asked for.
    pub roles: Vec<String>,
    /// Any one of these; empty: no plan is asked for.
    pub plans: Vec<String>,
    /// All of these.
    pub scopes: Vec<String>,
    /// All of these claims have this value, or are arrays that hold it.
    pub claims: BTreeMap<String, Value>,
}

impl AccessPolicy {
    /// A policy without requirements.
    #[must_use]
    pub const fn new(access: Access) -> Self {
        Self {
            access,
            roles: Vec::new(),
            plans: Vec::new(),
            scopes: Vec::new(),
            claims: BTreeMap::new(),
        }
    }

    /// Whether everybody passes, so that a bad token does not matter.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.access == Access::Public
            && self.roles.is_empty()
            && self.plans.is_empty()
            && self.scopes.is_empty()
            && self.claims.is_empty()
    }

    /// Whether the principal may pass.
    ///
    /// # Errors
    /// 401 `token_missing` without a principal; 403 `sign_in_required`, `role_required`,
    /// `plan_required`, `scope_insufficient` or `claim_required`, the first that applies.
    pub fn authorize(&self, principal: Option<&Principal>) -> Result<(), Refusal> {
        if self.is_public() {
            return Ok(());
        }
        let Some(principal) = principal else {
            return Err(Refusal::new(Code::TokenMissing, "a bearer token is needed"));
        };
        if principal.anonymous && self.access == Access::Authenticated {
            let detail = "an anonymous token does not reach here: sign in";
            return Err(Refusal::new(Code::SignInRequired, detail));
        }
        self.check_role(principal)?;
        self.check_plan(principal)?;
        self.check_scopes(principal)?;
        self.check_claims(principal)
    }

    fn check_role(&self, principal: &Principal) -> Result<(), Refusal> {
        let has_one = principal.roles.iter().any(|role| self.roles.contains(role));
        if self.roles.is_empty() || has_one {
            return Ok(());
        }
        let detail = format!("one of these roles is needed: {}", self.roles.join(", "));
        Err(Refusal::new(Code::RoleRequired, detail))
    }

    fn check_plan(&self, principal: &Principal) -> Result<(), Refusal> {
        let has_one = principal
            .plan
            .as_ref()
            .is_some_and(|plan| self.plans.contains(plan));
        if self.plans.is_empty() || has_one {
            return Ok(());
        }
        let detail = format!("one of these plans is needed: {}", self.plans.join(", "));
        Err(Refusal::new(Code::PlanRequired, detail))
    }

    fn check_scopes(&self, principal: &Principal) -> Result<(), Refusal> {
        if self
            .scopes
            .iter()
            .all(|scope| principal.scopes.contains(scope))
        {
            return Ok(());
        }
        Err(Refusal::scopes_needed(&self.scopes))
    }

    fn check_claims(&self, principal: &Principal) -> Result<(), Refusal> {
        for (name, wanted) in &self.claims {
            let holds = match principal.claims.get(name) {
                Some(Value::Array(values)) if !wanted.is_array() => values.contains(wanted),
                Some(value) => value == wanted,
                None => false,
            };
            if !holds {
                let detail = format!("the claim {name} does not have the value that is needed");
                return Err(Refusal::new(Code::ClaimRequired, detail));
            }
        }
        Ok(())
    }
}
