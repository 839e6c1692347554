use super::{AuthenticationService, IssueError, IssuedSession, SessionRequest};
use crate::{
    account::{Account, Password, PasswordHash, PasswordRefused},
    audit::{Actor, AuditEvent, AuditKind},
    contention::{ATTEMPTS, contended},
    ids::{AccountId, SessionId},
    ports::HasherOverloaded,
    session::{Device, EndReason, Ended, Session},
    store::{AccountChange, AccountDecision, AccountOutcome, SessionAdvance, StoreError},
};

/// A wish for another password.
#[derive(Debug, Clone)]
pub struct PasswordChange {
    /// Claim `sub` of the verified access token.
    pub account: AccountId,
    /// Its claim `sid`: this session goes on.
    pub session: SessionId,
    /// The password now.
    pub current: Password,
    /// The password from now on.
    pub new: Password,
}

/// Why the password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The current password is another.
    #[error("the current password is wrong")]
    CredentialsInvalid,
    /// The new password is not good enough.
    #[error(transparent)]
    PasswordRefused(#[from] PasswordRefused),
    /// The session has ended, its access tokens were revoked meanwhile, or its account is disabled
    /// or deleted.
    #[error("the session has been ended")]
    Revoked,
    /// Too many passwords are being checked.
    #[error(transparent)]
    Overloaded(#[from] HasherOverloaded),
    /// The password is changed, but no token could be made: refresh.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AuthenticationService {
    /// Changes the password. This session goes on with new tokens, all others end, and every
    /// older access token is revoked.
    ///
    /// # Errors
    /// [`ChangePasswordError`].
    pub async fn change_password(
        &self,
        change: PasswordChange,
        device: Device,
    ) -> Result<IssuedSession, ChangePasswordError> {
        let session = change.session;
        let account = self.live_account(&change.account, session).await?;
        let account = account.ok_or(ChangePasswordError::Revoked)?;
        self.settings.password.check(
            &change.new,
            account.email.as_ref(),
            account.username.as_ref(),
            account.name.as_ref(),
        )?;
        let hasher = &self.ports.hasher;
        let proven = account.password.clone();
        if !hasher.verify(change.current, Some(proven)).await? {
            return Err(ChangePasswordError::CredentialsInvalid);
        }
        let new = hasher.hash(change.new).await?;
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
        let (proven, epoch) = (verified.password.clone(), verified.epoch);
        let decision: AccountDecision = Box::new(move |before| {
            let unmoved = before.password == proven && before.epoch == epoch;
            (unmoved && before.disabled_at.is_none()).then(|| AccountChange {
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
                event: AuditEvent {
                    at: now,
                    kind: AuditKind::PasswordChanged,
                    actor: Actor::Owner,
                    subject: before.id.clone().into(),
                    session: Some(session),
                    address,
                    detail: None,
                },
            })
        });
        match self.ports.store.change_account(&id, decision).await? {
            AccountOutcome::Changed(_) => Ok(()),
            AccountOutcome::Unchanged(now) if now.password != verified.password => {
                Err(ChangePasswordError::CredentialsInvalid)
            }
            // Disabled, deleted, or its tokens were revoked, the one that asks among them.
            AccountOutcome::Unchanged(_) | AccountOutcome::NotFound => {
                Err(ChangePasswordError::Revoked)
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
            let found = self.ports.store.session(id).await?;
            let (session, account) = found
                .filter(|(session, _)| session.ended.is_none())
                .ok_or(ChangePasswordError::Revoked)?;
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
                return Ok(self.issue(&session, account, SessionRequest::default())?);
            }
        }
        Err(contended().into())
    }
}
