//! What becomes of the sessions and keys of a backup: by the same use cases as in a running issuer, on the draft.

use std::{path::PathBuf, sync::Arc};

use bulla_core::{
    administration::Administrator,
    audit::{AuditEvent, AuditKind, AuditSubject},
    key::{
        ring::KeyView,
        service::{KeyPorts, KeyService},
        wrap::MasterKey,
    },
    ports::{RevocationSink, VerifyingKeySink},
    revocation::RevocationRecord,
    session::{EndReason, Ended},
    store::{AllSessionsEnd, AuditStore, SessionEnd, SessionStore},
    time::Timestamp,
};
use bulla_jose::jwk::KeyId;

use super::{Kept, RestoreTarget, before::Before, error::RestoreError as Error};
use crate::{
    issuer::BlockingKeyMaker,
    store::sqlite::{SqliteStore, UntouchedDatabase},
};

/// Whoever may write the data folder.
const BY: Administrator = Administrator {
    account: None,
    address: None,
};

/// What is to be done to a draft.
pub(super) struct Change<'a> {
    pub(super) draft: PathBuf,
    pub(super) target: &'a RestoreTarget<'a>,
    pub(super) master_key: &'a MasterKey,
    pub(super) kept: Kept,
    pub(super) made_at: &'a str,
    pub(super) before: Option<&'a Before>,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    /// How many sessions ended.
    pub sessions_ended: u64,
    /// How many signing keys were revoked.
    pub keys_revoked: u64,
}

impl Change<'_> {
    pub(super) async fn make(&self) -> Result<Changed, Error> {
        let store = Arc::new(SqliteStore::open(&self.draft, Arc::new(NoVerifier))?);
        let changed = self.make_in(&store).await;
        store.close();
        changed
    }

    async fn make_in(&self, store: &Arc<SqliteStore>) -> Result<Changed, Error> {
        let now = self.target.clock.now();
        let keys = self.keys(store).await?;
        let changed = Changed {
            keys_revoked: self.revoke_keys(&keys).await?,
            sessions_ended: self.end_sessions(store, now).await?,
        };
        let kept = match self.kept {
            Kept::Nothing => "",
            Kept::Keys => "; its keys were kept",
            Kept::SessionsAndKeys => "; its sessions and keys were kept",
        };
        let event = AuditEvent {
            detail: Some(format!("from a backup of {}{kept}", self.made_at)),
            ..BY.did(AuditKind::StoreRestored, AuditSubject::Store, now)
        };
        store.record(&[event]).await?;
        Ok(changed)
    }

    /// Opened, which shows that the master key reads them.
    async fn keys(&self, store: &Arc<SqliteStore>) -> Result<KeyService, Error> {
        let ports = KeyPorts {
            store: Arc::clone(store) as _,
            maker: Arc::new(BlockingKeyMaker),
            clock: Arc::clone(&self.target.clock),
            entropy: Arc::clone(&self.target.entropy),
            master_key: self.master_key.clone(),
        };
        let settings = self.target.settings;
        let (schedule, algorithm) = (settings.key_schedule, settings.algorithm);
        Ok(KeyService::open(ports, schedule, algorithm, Arc::new(NoVerifier)).await?)
    }

    /// All that could have signed since the backup was made; else those that were revoked since.
    async fn revoke_keys(&self, keys: &KeyService) -> Result<u64, Error> {
        let stored = keys.read().await?;
        let revoked_since = |id: &KeyId| self.before.is_some_and(|before| before.has_revoked(id));
        let mut revoked = 0;
        for key in stored.all() {
            if key.is_live() && (!self.kept.keys() || revoked_since(&key.key_id)) {
                keys.revoke(&key.key_id, &BY).await?;
                revoked += 1;
            }
        }
        Ok(revoked)
    }

    /// All; else those that have ended since the backup was made.
    async fn end_sessions(&self, store: &SqliteStore, now: Timestamp) -> Result<u64, Error> {
        let ended = Ended {
            at: now,
            reason: EndReason::Restored,
        };
        let revoke = self.target.settings.authentication.revocation_term(now);
        if !self.kept.sessions() {
            let end = AllSessionsEnd {
                ended,
                revoke,
                actor: BY.actor(),
                address: None,
            };
            return Ok(store.end_all_sessions(&end).await?);
        }
        let Some(before) = self.before else {
            return Ok(0);
        };
        let mut count = 0;
        let open = UntouchedDatabase::in_use(&self.draft)?.open_sessions()?;
        for id in open.intersection(&before.ended_sessions) {
            let Some((session, _)) = store.session(*id).await? else {
                continue;
            };
            let end = SessionEnd {
                id: *id,
                seen: None,
                ended,
                revoke,
                event: BY
                    .did(AuditKind::SessionEnded, &session.account, now)
                    .in_session(*id),
            };
            count += u64::from(store.end_session(&end).await?);
        }
        Ok(count)
    }
}

/// Nobody verifies tokens meanwhile.
struct NoVerifier;

impl RevocationSink for NoVerifier {
    fn publish(&self, _records: &[RevocationRecord]) {}
}

impl VerifyingKeySink for NoVerifier {
    fn replace(&self, _view: &KeyView) {}

    fn refuses(&self, _key: &KeyId) -> bool {
        false
    }
}
