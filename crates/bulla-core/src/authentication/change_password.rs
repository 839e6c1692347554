use super::{AuthenticationService, IssueError, IssuedSession, SessionRequest};
use crate::{
    account::{Account, Password, PasswordHash, PasswordRefused},
    audit::{AuditEvent, AuditKind},
    contention::{ATTEMPTS, contended, with_names_unchanged},
    ids::{AccountId, SessionId},
    ports::HasherOverloaded,
    session::{Device, EndReason, Ended, Session},
    store::{AccountChange, SessionAdvance, StoreError},
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
    /// The session has ended, or its account is disabled or deleted.
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
        let account = self.live_account(&change).await?;
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

    async fn live_account(&self, change: &PasswordChange) -> Result<Account, ChangePasswordError> {
        let found = self.ports.store.session(change.session).await?;
        let now = self.ports.clock.now();
        found
            .filter(|(session, account)| {
                let own = session.account == change.account;
                own && account.disabled_at.is_none() && self.is_live(session, now)
            })
            .map(|(_, account)| account)
            .ok_or(ChangePasswordError::Revoked)
    }

    /// Stores the new hash while the old one is still the one that was proven.
    async fn store_password(
        &self,
        mut account: Account,
        new: PasswordHash,
        session: SessionId,
        device: &Device,
    ) -> Result<(), ChangePasswordError> {
        let proven = account.password.clone();
        for _ in 0..ATTEMPTS {
            let now = self.ports.clock.now();
            let id = account.id.clone();
            account.password = new.clone();
            account.epoch = account.epoch.saturating_add(1);
            let change = AccountChange {
                account,
                revoke_until: Some(self.settings.tokens.revoke_until(now)),
                end_sessions: Some(Ended {
                    at: now,
                    reason: EndReason::PasswordChanged,
                }),
                keep_session: Some(session),
            };
            let event = AuditEvent {
                at: now,
                kind: AuditKind::PasswordChanged,
                account: id.clone(),
                session: Some(session),
                address: device.address,
            };
            let changed = self.ports.store.change_account(&change, &event).await;
            if let Some(records) = changed.map_err(with_names_unchanged)? {
                self.ports.revocations.publish(&records);
                return Ok(());
            }
            let found = self.ports.store.account(&id).await?;
            let found = found.filter(|account| account.disabled_at.is_none());
            account = found.ok_or(ChangePasswordError::Revoked)?;
            if account.password != proven {
                return Err(ChangePasswordError::CredentialsInvalid);
            }
        }
        Err(contended().into())
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
                event: None,
            };
            if self.ports.store.advance_session(&advance).await? {
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
