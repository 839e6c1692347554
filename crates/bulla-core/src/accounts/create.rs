use std::collections::BTreeSet;

use super::AccountService;
use crate::{
    account::{
        Account, CustomClaims, DisplayName, Email, Password, PasswordRefused, Plan, Role, Username,
    },
    audit::AuditKind,
    authentication::Origin,
    ids::AccountId,
    ports::HasherOverloaded,
    store::{CreateAccountError, StoreError},
};

/// An account to be made. At least one of `email` and `username` is needed.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// One way to sign in.
    pub email: Option<Email>,
    /// The other.
    pub username: Option<Username>,
    /// The password.
    pub password: Password,
    /// What to call them.
    pub name: Option<DisplayName>,
    /// Claim `roles`.
    pub roles: BTreeSet<Role>,
    /// Claim `plan`.
    pub plan: Plan,
    /// Custom claims.
    pub claims: CustomClaims,
}

/// Why an account was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Neither an email address nor a user name was given.
    #[error("an email address or a user name is needed")]
    NameMissing,
    /// Another account has this email address.
    #[error("the email address is taken")]
    EmailTaken,
    /// Another account has this user name.
    #[error("the user name is taken")]
    UsernameTaken,
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

impl AccountService {
    /// Makes an account.
    ///
    /// # Errors
    /// [`CreateError`].
    pub async fn create(&self, new: NewAccount, origin: Origin) -> Result<Account, CreateError> {
        let NewAccount {
            email,
            username,
            password,
            name,
            roles,
            plan,
            claims,
        } = new;
        if email.is_none() && username.is_none() {
            return Err(CreateError::NameMissing);
        }
        self.settings.password.check(
            &password,
            email.as_ref(),
            username.as_ref(),
            name.as_ref(),
        )?;
        let password = self.ports.hasher.hash(password).await?;
        let mut id = [0; 16];
        self.ports.entropy.fill(&mut id);
        let now = self.ports.clock.now();
        let account = Account {
            id: AccountId::from_random(id),
            email,
            username,
            name,
            password,
            roles,
            plan,
            claims: claims.into_map(),
            epoch: 0,
            disabled_at: None,
            created_at: now,
            revision: 0,
        };
        let event = self.event(AuditKind::AccountCreated, &account.id, now, origin);
        self.ports
            .store
            .create_account(&account, None, &event)
            .await?;
        Ok(account)
    }
}

impl From<CreateAccountError> for CreateError {
    fn from(error: CreateAccountError) -> Self {
        match error {
            CreateAccountError::EmailTaken => Self::EmailTaken,
            CreateAccountError::UsernameTaken => Self::UsernameTaken,
            CreateAccountError::Store(error) => Self::Store(error),
        }
    }
}
