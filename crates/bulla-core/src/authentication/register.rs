use std::collections::BTreeSet;

use super::{AuthenticationService, IssueError, IssuedSession, SessionRequest};
use crate::{
    account::{Account, DisplayName, Email, Password, PasswordRefused, Plan, Username},
    audit::{AuditEvent, AuditKind},
    ids::AccountId,
    ports::HasherOverloaded,
    session::Device,
    store::{CreateAccountError, StoreError},
};

/// Somebody who wants an account. At least one of `email` and `username` is needed.
#[derive(Debug, Clone)]
pub struct Registration {
    /// One way to sign in.
    pub email: Option<Email>,
    /// The other.
    pub username: Option<Username>,
    /// The password.
    pub password: Password,
    /// What to call them.
    pub name: Option<DisplayName>,
}

/// Why an account was not made.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
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
    /// The account is there, but no token could be made: sign in.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AuthenticationService {
    /// Makes an account without roles, on the plan `free`, and its first session.
    ///
    /// # Errors
    /// [`RegisterError`]; nothing was stored unless it is `Issue`.
    pub async fn register(
        &self,
        registration: Registration,
        device: Device,
        request: SessionRequest,
    ) -> Result<IssuedSession, RegisterError> {
        let Registration {
            email,
            username,
            password,
            name,
        } = registration;
        if email.is_none() && username.is_none() {
            return Err(RegisterError::NameMissing);
        }
        self.settings.password.check(
            &password,
            email.as_ref(),
            username.as_ref(),
            name.as_ref(),
        )?;
        let password = self.ports.hasher.hash(password).await?;
        let now = self.ports.clock.now();
        let account = Account {
            id: AccountId::from_random(self.random()),
            email,
            username,
            name,
            password,
            roles: BTreeSet::new(),
            plan: Plan::free(),
            claims: serde_json::Map::new(),
            epoch: 0,
            disabled_at: None,
            created_at: now,
            revision: 0,
        };
        let session = self.new_session(&account, device, now);
        let event = AuditEvent {
            at: now,
            kind: AuditKind::AccountCreated,
            account: account.id.clone(),
            session: Some(session.id),
            address: session.device.address,
        };
        self.ports
            .store
            .create_account(&account, Some(&session), &event)
            .await?;
        Ok(self.issue(&session, account, request)?)
    }
}

impl From<CreateAccountError> for RegisterError {
    fn from(error: CreateAccountError) -> Self {
        match error {
            CreateAccountError::EmailTaken => Self::EmailTaken,
            CreateAccountError::UsernameTaken => Self::UsernameTaken,
            CreateAccountError::Store(error) => Self::Store(error),
        }
    }
}
