//! What is revoked by itself.

use async_trait::async_trait;
use bulla_core::{
    audit::AuditEvent,
    ids::TokenId,
    revocation::{RevocationTarget, RevocationTerm},
};

use crate::store::postgres::{
    fault::Fault,
    transaction::{Job, Transaction},
};

pub(in crate::store::postgres) struct RevokeToken {
    pub(in crate::store::postgres) id: TokenId,
    pub(in crate::store::postgres) revoke: RevocationTerm,
    pub(in crate::store::postgres) event: AuditEvent,
}

#[async_trait]
impl Job for RevokeToken {
    type Output = ();

    async fn run(&mut self, transaction: &mut Transaction) -> Result<(), Fault> {
        transaction.record(&self.event);
        transaction.revoke(RevocationTarget::Token(self.id.clone()), self.revoke, None);
        Ok(())
    }
}
