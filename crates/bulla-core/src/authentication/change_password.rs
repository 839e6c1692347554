use super::{AuthenticationService, IssueError, IssuedSession, Proof, ProofError};
use crate::{
    account::{Account, OwnNames, Password, PasswordHash},
    audit::{AuditEvent, AuditKind},
    contention::{ATTEMPTS, contended},
    ids::SessionId,
    new_password::NewPasswordError,
    session::{Device, EndReason, Ended, Session},
    store::{
        AccountChange, AccountDecision, AccountOutcome, SessionAdvance, SessionToRefresh,
        StoreError,
    },
};

/// Why the password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// Whoever asks has not proven to own the account.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// Nobody gets that password.
    #[error(transparent)]
    NewPassword(#[from] NewPasswordError),
    /// The password is changed, but no token could be made: refresh.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AuthenticationService {
    /// Replaces the password that is said. This session goes on with new tokens, all others end, and every
    /// older access token is revoked.
    ///
    /// # Errors
    /// [`ChangePasswordError`].
    pub async fn change_password(
        &self,
        proof: Proof,
        new: Password,
        device: Device,
    ) -> Result<IssuedSession, ChangePasswordError> {
        let session = proof.session;
        let account = self.prove(proof).await?;
        let (policy, names) = (self.settings.password, OwnNames::from(&account));
        let new = self.ports.new_password(new, policy, names).await?;
        self.store_password(account, new, session, &device).await?;
        self.hand_out_again(session, device).await
    }

    /// Stores the new hash if the account is still as it was when the old one was proven.
    async fn store_password(
        &self,
        verified: Account,
        new: PasswordHash,
        session: SessionId,
        device: &Device,
    ) -> Result<(), ChangePasswordError> {
        let now = self.ports.clock.now();
        let term = self.settings.revocation_term(now);
        let address = device.address;
        let id = verified.id;
        let epoch = verified.epoch;
        let decision: AccountDecision = Box::new(move |before| {
            // Every other password comes with another epoch; one whose hash was made anew does not.
            (before.epoch == epoch && before.disabled_at.is_none()).then(|| AccountChange {
                account: Account {
                    password: new,
                    epoch: epoch.saturating_add(1),
                    ..before.clone()
                },
                revoke: Some(term),
                end_sessions: Some(Ended {
                    at: now,
                    reason: EndReason::PasswordChanged,
                }),
                keep_session: Some(session),
                event: AuditEvent::by_owner(AuditKind::PasswordChanged, &before.id, now, address)
                    .in_session(session),
            })
        });
        match self.ports.store.change_account(&id, decision).await? {
            AccountOutcome::Changed(_) => Ok(()),
            AccountOutcome::Unchanged(now) if now.password != verified.password => {
                Err(ProofError::CredentialsInvalid.into())
            }
            // Disabled, deleted, or its tokens were revoked, the one that asks among them.
            AccountOutcome::Unchanged(_) | AccountOutcome::NotFound => {
                Err(ProofError::Revoked.into())
            }
        }
    }

    /// Hands out the newest generation once more. Not a new one: which of the two good generations
    /// the client holds is unknown here, and either stays good even if this reply is lost.
    async fn hand_out_again(
        &self,
        id: SessionId,
        device: Device,
    ) -> Result<IssuedSession, ChangePasswordError> {
        for _ in 0..ATTEMPTS {
            let found = self.ports.store.session_to_refresh(id).await?;
            let SessionToRefresh {
                session,
                account,
                key_version,
            } = found
                .filter(|found| found.session.ended.is_none())
                .ok_or(ProofError::Revoked)?;
            let now = self.ports.clock.now();
            let advance = SessionAdvance {
                id,
                seen: session.generations,
                next: session.generations.handed_out_again(now),
                used_at: now,
                device: device.clone(),
                events: Vec::new(),
            };
            let unmoved = advance.next == session.generations;
            if unmoved || self.ports.store.advance_session(&advance).await? {
                let session = Session {
                    generations: advance.next,
                    ..session
                };
                return Ok(self.issue(&session, account, key_version, None)?);
            }
        }
        Err(contended().into())
    }
}
