use super::{AuthenticationService, IssueError, IssuedSession, SessionRequest};
use crate::{
    audit::{Actor, AuditEvent, AuditKind},
    registration::{Grants, Registration, RegistrationError},
    session::Device,
};

/// Why nobody was registered and signed in.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// No account was made.
    #[error(transparent)]
    Registration(#[from] RegistrationError),
    /// The account is there, but no token could be made: sign in.
    #[error(transparent)]
    Issue(#[from] IssueError),
}

impl AuthenticationService {
    /// Makes an account without roles, on the plan `free`, and its first session.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub async fn register(
        &self,
        registration: Registration,
        device: Device,
        request: SessionRequest,
    ) -> Result<IssuedSession, RegisterError> {
        let account = registration
            .into_account(Grants::default(), self.settings.password, &self.ports)
            .await?;
        let session = self.new_session(&account, device, account.created_at);
        let event = AuditEvent {
            at: account.created_at,
            kind: AuditKind::AccountCreated,
            actor: Actor::Owner,
            subject: account.id.clone().into(),
            session: Some(session.id),
            address: session.device.address,
            detail: None,
        };
        self.ports
            .store
            .create_account(&account, Some(&session), &event)
            .await
            .map_err(RegistrationError::from)?;
        Ok(self.issue(&session, account, request)?)
    }
}
