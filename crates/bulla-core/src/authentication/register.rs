use super::{AuthenticationService, IssueError, IssuedSession, SessionRequest};
use crate::{
    ids::AccountId,
    registration::{Grants, Registration, RegistrationError},
    session::Device,
    store::StoreError,
    time::Timestamp,
};

/// A visitor without an account, proved by an anonymous token that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownVisitor {
    /// Claim `sub`.
    pub id: AccountId,
    /// Claim `iat`.
    pub issued_at: Timestamp,
}

/// Why nobody was registered and signed in.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// No account was made.
    #[error(transparent)]
    Registration(#[from] RegistrationError),
    /// The account is there, but no token could be made: sign in.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The account is there, and the store failed after it: sign in.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AuthenticationService {
    /// Makes an account without roles, on the plan `free`, and its first session. A visitor becomes the user under the
    /// identity that he had, and his anonymous tokens end: of many at once, one succeeds.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub async fn register(
        &self,
        registration: Registration,
        visitor: Option<KnownVisitor>,
        device: Device,
        request: SessionRequest,
    ) -> Result<IssuedSession, RegisterError> {
        let account = registration
            .into_account(Grants::default(), self.settings.password, &self.ports)
            .await?;
        let creation = self.creation(account, visitor, device, &request).await;
        let (creation, session) = creation.map_err(RegistrationError::from)?;
        let created = self.ports.store.create_account(&creation).await;
        created.map_err(RegistrationError::from)?;
        self.issue_first(&session, creation.account, request.expires_in)
            .await
    }
}
