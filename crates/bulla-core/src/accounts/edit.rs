use std::collections::BTreeSet;

use super::AccountService;
use crate::{
    account::{
        Account, CustomClaims, DisplayName, Password, PasswordHash, PasswordRefused, Plan, Role,
    },
    audit::AuditKind,
    authentication::Origin,
    contention::{ATTEMPTS, contended, with_names_unchanged},
    ids::AccountId,
    ports::HasherOverloaded,
    session::{EndReason, Ended},
    store::{AccountChange, StoreError},
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
    /// The password is not good enough.
    #[error(transparent)]
    PasswordRefused(#[from] PasswordRefused),
    /// Too many passwords are being hashed.
    #[error(transparent)]
    Overloaded(#[from] HasherOverloaded),
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

impl AccountService {
    /// Changes an account.
    ///
    /// # Errors
    /// [`EditError`].
    pub async fn set(
        &self,
        id: &AccountId,
        edit: AccountEdit,
        origin: Origin,
    ) -> Result<Account, EditError> {
        let password = match &edit.password {
            Some(password) => Some(self.hashed(id, password, &edit).await?),
            None => None,
        };
        let now = self.ports.clock.now();
        let change = |account: &Account| edit.applied_to(account, password.as_ref(), now);
        self.change(id, now, origin, change).await
    }

    async fn hashed(
        &self,
        id: &AccountId,
        password: &Password,
        edit: &AccountEdit,
    ) -> Result<PasswordHash, EditError> {
        let found = self.ports.store.account(id).await?;
        let account = found.ok_or(EditError::NotFound)?;
        let name = edit.name.as_ref().unwrap_or(&account.name);
        self.settings.password.check(
            password,
            account.email.as_ref(),
            account.username.as_ref(),
            name.as_ref(),
        )?;
        Ok(self.ports.hasher.hash(password.clone()).await?)
    }

    /// Changes the account as it is read, and again as often as somebody else was faster.
    pub(super) async fn change(
        &self,
        id: &AccountId,
        now: Timestamp,
        origin: Origin,
        edited: impl Fn(&Account) -> Edited,
    ) -> Result<Account, EditError> {
        for _ in 0..ATTEMPTS {
            let found = self.ports.store.account(id).await?;
            let before = found.ok_or(EditError::NotFound)?;
            let Edited {
                mut account,
                ends_tokens,
                ends_sessions,
            } = edited(&before);
            if account == before && !ends_tokens {
                return Ok(before);
            }
            if ends_tokens {
                account.epoch = account.epoch.saturating_add(1);
            }
            let kind = if account.password == before.password {
                AuditKind::AccountChanged
            } else {
                AuditKind::PasswordChanged
            };
            let change = AccountChange {
                account,
                revoke_until: ends_tokens.then(|| self.settings.tokens.revoke_until(now)),
                end_sessions: ends_sessions,
                keep_session: None,
            };
            let event = self.event(kind, id, now, origin);
            let changed = self.ports.store.change_account(&change, &event).await;
            if let Some(records) = changed.map_err(with_names_unchanged)? {
                self.ports.revocations.publish(&records);
                return Ok(change.into_changed());
            }
        }
        Err(contended().into())
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
            account.claims = claims.as_map().clone();
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
