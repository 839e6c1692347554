use super::{AuthenticatedClient, ClientService};
use crate::{
    audit::{AuditEvent, AuditKind, Origin},
    ids::TokenId,
    store::StoreError,
};

impl ClientService {
    /// Ends an access token of the client's own (RFC 7009) before its time. That it is one, and not over, is for the caller
    /// to verify.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke_token(
        &self,
        client: &AuthenticatedClient,
        token: &TokenId,
        origin: Origin,
    ) -> Result<(), StoreError> {
        let now = self.ports.clock.now();
        let id = &client.client().id;
        let event = AuditEvent::by_owner(AuditKind::ClientTokenRevoked, id, now, origin);
        let term = self.settings.revocation_term(now);
        self.ports.store.revoke_token(token, term, &event).await
    }
}
