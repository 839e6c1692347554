use std::collections::BTreeSet;

use super::{AdministrationService, Administrator};
use crate::{
    account::{Account, CustomClaims, DisplayName, OwnNames, Password, PasswordHash, Plan, Role},
    audit::{AuditEvent, AuditKind},
    ids::AccountId,
    new_password::NewPasswordError,
    revocation::RevocationTerm,
    session::{EndReason, Ended},
    store::{AccountChange, AccountDecision, AccountOutcome, StoreError},
    time::Timestamp,
};

/// What shall be different; `None` leaves a thing as it is.
#[derive(Debug, Clone, Default)]
pub struct AccountEdit {
    /// The new set of roles. One that is taken away ends the account's access tokens.
    pub roles: Option<BTreeSet<Role>>,
    /// The new plan.
    pub plan: Option<Plan>,
    /// The new set of custom claims.
    pub claims: Option<CustomClaims>,
    /// The new name; `Some(None)` forgets it.
    pub name: Option<Option<DisplayName>>,
    /// The new password. It ends the account's sessions and access tokens.
    pub password: Option<Password>,
    /// Whether access tokens from before end now, instead of counting until they expire.
    pub now: bool,
}

/// Why an account was not changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// Nobody gets that password.
    #[error(transparent)]
    NewPassword(#[from] NewPasswordError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An account as it shall be, and what that ends.
pub(super) struct Edited {
    pub(super) account: Account,
    pub(super) ends_tokens: bool,
    pub(super) ends_sessions: Option<Ended>,
}

impl AdministrationService {
    /// Changes an account.
    ///
    /// # Errors
    /// [`EditError`].
    pub async fn set(
        &self,
        id: &AccountId,
        edit: AccountEdit,
        by: &Administrator,
    ) -> Result<Account, EditError> {
        let password = match &edit.password {
            Some(password) => Some(self.hashed(id, password, &edit).await?),
            None => None,
        };
        let now = self.ports.clock.now();
        let change = move |account: &Account| edit.applied_to(account, password.as_ref(), now);
        self.change(id, now, by, change).await
    }

    async fn hashed(
        &self,
        id: &AccountId,
        password: &Password,
        edit: &AccountEdit,
    ) -> Result<PasswordHash, EditError> {
        let found = self.ports.store.account(id).await?;
        let account = found.ok_or(EditError::NotFound)?;
        let names = OwnNames {
            name: edit.name.as_ref().unwrap_or(&account.name).as_ref(),
            ..OwnNames::from(&account)
        };
        let policy = self.settings.password;
        let hashed = self.ports.new_password(password.clone(), policy, names);
        Ok(hashed.await?)
    }

    /// Changes the account as the store reads it while nobody else can change it.
    pub(super) async fn change(
        &self,
        id: &AccountId,
        now: Timestamp,
        by: &Administrator,
        edited: impl FnOnce(&Account) -> Edited + Send + 'static,
    ) -> Result<Account, EditError> {
        let term = self.settings.revocation_term(now);
        let by = by.clone();
        let decision: AccountDecision =
            Box::new(move |before| edited(before).into_change(before, term, &by));
        match self.ports.store.change_account(id, decision).await? {
            AccountOutcome::NotFound => Err(EditError::NotFound),
            AccountOutcome::Unchanged(account) | AccountOutcome::Changed(account) => Ok(account),
        }
    }
}

impl Edited {
    /// `None` if nothing is to be written.
    fn into_change(
        mut self,
        before: &Account,
        term: RevocationTerm,
        by: &Administrator,
    ) -> Option<AccountChange> {
        if self.account == *before && !self.ends_tokens {
            return None;
        }
        if self.ends_tokens {
            self.account.epoch = before.epoch.saturating_add(1);
        }
        let kind = if self.account.password == before.password {
            AuditKind::AccountChanged
        } else {
            AuditKind::PasswordChanged
        };
        Some(AccountChange {
            revoke: self.ends_tokens.then_some(term),
            end_sessions: self.ends_sessions,
            keep_session: None,
            event: AuditEvent {
                detail: differences(before, &self.account),
                ..by.did(kind, &before.id, term.now)
            },
            account: self.account,
        })
    }
}

impl AccountEdit {
    fn applied_to(
        &self,
        before: &Account,
        password: Option<&PasswordHash>,
        now: Timestamp,
    ) -> Edited {
        let mut account = before.clone();
        if let Some(roles) = &self.roles {
            account.roles.clone_from(roles);
        }
        if let Some(plan) = &self.plan {
            account.plan.clone_from(plan);
        }
        if let Some(claims) = &self.claims {
            account.claims.clone_from(claims);
        }
        if let Some(name) = &self.name {
            account.name.clone_from(name);
        }
        if let Some(password) = password {
            account.password.clone_from(password);
        }
        // Whoever lost a role must lose it now; one that was granted may wait for the next refresh.
        let role_removed = !before.roles.is_subset(&account.roles);
        Edited {
            account,
            ends_tokens: self.now || role_removed || password.is_some(),
            ends_sessions: password.map(|_| Ended {
                at: now,
                reason: EndReason::PasswordChanged,
            }),
        }
    }
}

/// What an auditor wants to know of a change; of what is personal, only that it changed.
pub(super) fn differences(before: &Account, after: &Account) -> Option<String> {
    let mut changes = Vec::new();
    let granted = after.roles.difference(&before.roles);
    changes.extend(granted.map(|role| format!("role {} granted", role.as_str())));
    let removed = before.roles.difference(&after.roles);
    changes.extend(removed.map(|role| format!("role {} removed", role.as_str())));
    if before.plan != after.plan {
        let (old, new) = (before.plan.as_str(), after.plan.as_str());
        changes.push(format!("plan {new} instead of {old}"));
    }
    for (differs, what) in [
        (before.claims != after.claims, "claims changed"),
        (before.name != after.name, "name changed"),
        (before.password != after.password, "password changed"),
    ] {
        changes.extend(differs.then(|| what.to_owned()));
    }
    match (before.disabled_at, after.disabled_at) {
        (None, Some(_)) => changes.push("disabled".to_owned()),
        (Some(_), None) => changes.push("enabled".to_owned()),
        _ => {}
    }
    if before.epoch != after.epoch {
        changes.push("tokens revoked".to_owned());
    }
    (!changes.is_empty()).then(|| changes.join(", "))
}
