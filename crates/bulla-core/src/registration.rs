//! Making an account: what users and administrators do alike.

use std::collections::BTreeSet;

use crate::{
    account::{
        Account, CustomClaims, DisplayName, Email, OwnNames, Password, PasswordPolicy, Plan, Role,
        Username,
    },
    ids::AccountId,
    link::NewAccount,
    new_password::NewPasswordError,
    ports::Ports,
    store::{CreateAccountError, StoreError},
};

/// Somebody who wants an account.
#[derive(Debug, Clone)]
pub struct Registration {
    email: Option<Email>,
    username: Option<Username>,
    password: Password,
    name: Option<DisplayName>,
}

/// What is an account's from the beginning, besides what was registered.
#[derive(Debug, Clone)]
pub struct Grants {
    /// Claim `roles`.
    pub roles: BTreeSet<Role>,
    /// Claim `plan`.
    pub plan: Plan,
    /// Custom claims.
    pub claims: CustomClaims,
}

/// Neither an email address nor a user name was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an email address or a user name is needed")]
pub struct NameMissing;

/// Why an account was not made.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// Another account has this email address.
    #[error("the email address is taken")]
    EmailTaken,
    /// Another account has this user name.
    #[error("the user name is taken")]
    UsernameTaken,
    /// The visitor who registers has an account already.
    #[error("this visitor has become a user already: sign in")]
    AlreadyUpgraded,
    /// Nobody gets that password.
    #[error(transparent)]
    NewPassword(#[from] NewPasswordError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Registration {
    /// Somebody who will sign in with the email address, the user name, or either.
    ///
    /// # Errors
    /// [`NameMissing`] if there is neither.
    pub fn new(
        email: Option<Email>,
        username: Option<Username>,
        password: Password,
    ) -> Result<Self, NameMissing> {
        if email.is_none() && username.is_none() {
            return Err(NameMissing);
        }
        Ok(Self {
            email,
            username,
            password,
            name: None,
        })
    }

    /// What to call them.
    #[must_use]
    pub fn named(mut self, name: Option<DisplayName>) -> Self {
        self.name = name;
        self
    }

    /// The address, if there is one.
    #[must_use]
    pub const fn email(&self) -> Option<&Email> {
        self.email.as_ref()
    }

    /// What becomes an account once the address is proven, with its password checked and hashed.
    pub(crate) async fn into_new_account(
        self,
        email: Email,
        visitor: Option<AccountId>,
        policy: PasswordPolicy,
        ports: &Ports,
    ) -> Result<NewAccount, RegistrationError> {
        let account = self.into_account(Grants::default(), policy, ports).await?;
        Ok(NewAccount {
            visitor,
            email,
            username: account.username,
            name: account.name,
            password: account.password,
        })
    }

    /// The account, with its password checked and hashed; it is not stored yet.
    pub(crate) async fn into_account(
        self,
        grants: Grants,
        policy: PasswordPolicy,
        ports: &Ports,
    ) -> Result<Account, RegistrationError> {
        let Self {
            email,
            username,
            password,
            name,
        } = self;
        let names = OwnNames {
            email: email.as_ref(),
            username: username.as_ref(),
            name: name.as_ref(),
        };
        let password = ports.new_password(password, policy, names).await?;
        Ok(Account {
            id: AccountId::from_random(ports.random()),
            email,
            username,
            name,
            password,
            roles: grants.roles,
            plan: grants.plan,
            claims: grants.claims,
            epoch: 0,
            disabled_at: None,
            created_at: ports.clock.now(),
        })
    }
}

impl NewAccount {
    /// The account of somebody who has proven the address, made now.
    pub(crate) fn into_account(self, ports: &Ports) -> Account {
        let Grants {
            roles,
            plan,
            claims,
        } = Grants::default();
        Account {
            id: AccountId::from_random(ports.random()),
            email: Some(self.email),
            username: self.username,
            name: self.name,
            password: self.password,
            roles,
            plan,
            claims,
            epoch: 0,
            disabled_at: None,
            created_at: ports.clock.now(),
        }
    }
}

impl Default for Grants {
    /// No roles, the plan `free`, no custom claims.
    fn default() -> Self {
        Self {
            roles: BTreeSet::new(),
            plan: Plan::free(),
            claims: CustomClaims::default(),
        }
    }
}

impl From<CreateAccountError> for RegistrationError {
    fn from(error: CreateAccountError) -> Self {
        match error {
            CreateAccountError::EmailTaken => Self::EmailTaken,
            CreateAccountError::UsernameTaken => Self::UsernameTaken,
            CreateAccountError::IdentityTaken => Self::AlreadyUpgraded,
            CreateAccountError::Store(error) => Self::Store(error),
        }
    }
}
