use super::AuthenticationService;
use crate::{
    account::{Account, Email, OwnNames, Password, PasswordHash},
    audit::{AuditEvent, AuditKind, Origin},
    link::{LinkHolder, LinkPurpose, LinkToken},
    mail::LetterContent,
    new_password::NewPasswordError,
    session::{EndReason, Ended},
    store::{AccountChange, AccountDecision, LinkAct, LinkOutcome, StoreError},
};

/// Why the password was not replaced.
#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    /// The link was used, has expired, is for something else, or never was.
    #[error("the link is not good, or no longer")]
    LinkInvalid,
    /// Nobody gets that password; the link is still good.
    #[error(transparent)]
    NewPassword(#[from] NewPasswordError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AuthenticationService {
    /// Sends a link by which the password can be replaced; nothing to an address without an account. It takes longer
    /// where there is one: nobody may wait for it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forgot_password(&self, email: Email) -> Result<(), StoreError> {
        if let Some((holder, to)) = self.addressee(email).await? {
            let purpose = LinkPurpose::ResetPassword(holder);
            let content = LetterContent::ResetPassword;
            self.send_link(to, purpose, content).await?;
        }
        Ok(())
    }

    /// Replaces the password of whoever has the link. All sessions end, and every access token is revoked. Returns the account as
    /// it was before.
    ///
    /// # Errors
    /// [`ResetPasswordError`].
    pub async fn reset_password(
        &self,
        token: &LinkToken,
        password: Password,
        origin: Origin,
    ) -> Result<Account, ResetPasswordError> {
        let link = self.live_link(token).await?;
        let Some(LinkPurpose::ResetPassword(holder)) = link.map(|link| link.purpose) else {
            return Err(ResetPasswordError::LinkInvalid);
        };
        let found = self.ports.store.account(&holder.account).await?;
        let account = found.filter(|account| holder.is(account));
        let account = account.ok_or(ResetPasswordError::LinkInvalid)?;
        let (policy, names) = (self.settings.password, OwnNames::from(&account));
        let hash = self.ports.new_password(password, policy, names).await?;
        let act = LinkAct::ChangeAccount {
            account: account.id.clone(),
            decision: self.replacement(holder, hash, origin),
        };
        match self.ports.store.spend_link(token.id(), act).await? {
            LinkOutcome::Done => Ok(account),
            _ => Err(ResetPasswordError::LinkInvalid),
        }
    }

    fn replacement(
        &self,
        holder: LinkHolder,
        password: PasswordHash,
        origin: Origin,
    ) -> AccountDecision {
        let now = self.ports.clock.now();
        let term = self.settings.revocation_term(now);
        Box::new(move |before| {
            holder.is(before).then(|| AccountChange {
                account: Account {
                    password,
                    epoch: before.epoch.saturating_add(1),
                    ..before.clone()
                },
                revoke: Some(term),
                end_sessions: Some(Ended {
                    at: now,
                    reason: EndReason::PasswordChanged,
                }),
                keep_session: None,
                event: AuditEvent::by_owner(AuditKind::PasswordChanged, &before.id, now, origin),
            })
        })
    }
}
