use super::{AuthenticationService, IssuedSession, RegisterError, SessionRequest};
use crate::{
    account::Account,
    audit::{Actor, AuditEvent, AuditKind},
    ids::AccountId,
    registration::{Grants, Registration, RegistrationError},
    session::Device,
    store::VisitorUpgrade,
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

/// The epoch of the account that a visitor becomes: above that of all anonymous tokens.
pub(super) const UPGRADED: u64 = 1;

impl AuthenticationService {
    /// Makes the visitor a user under the same identity, without roles, on the plan `free`, with its first session, and
    /// ends its anonymous tokens. Of many at once, one succeeds.
    ///
    /// # Errors
    /// [`RegisterError`]; [`RegistrationError::AlreadyUpgraded`] for the others.
    pub async fn upgrade(
        &self,
        visitor: KnownVisitor,
        registration: Registration,
        device: Device,
        request: SessionRequest,
    ) -> Result<IssuedSession, RegisterError> {
        let account = registration
            .into_account(Grants::default(), self.settings.password, &self.ports)
            .await?;
        let account = Account {
            id: visitor.id,
            epoch: UPGRADED,
            ..account
        };
        let now = account.created_at;
        let session = self.new_session(&account, device, now);
        let upgrade = VisitorUpgrade {
            handed_out_at: visitor.issued_at,
            revoke: self.settings.revocation_term(now),
            event: AuditEvent {
                at: now,
                kind: AuditKind::VisitorUpgraded,
                actor: Actor::Owner,
                subject: account.id.clone().into(),
                session: Some(session.id),
                address: session.device.address,
                detail: None,
            },
            account,
            session,
        };
        self.ports
            .store
            .upgrade_visitor(&upgrade)
            .await
            .map_err(RegistrationError::from)?;
        Ok(self.issue(&upgrade.session, upgrade.account, request)?)
    }
}
