use super::{AuthenticationService, Proof, ProofError};
use crate::{
    account::{Account, Email, LoginName},
    audit::{AuditEvent, AuditKind, Origin},
    link::{LinkHolder, LinkPurpose, LinkToken},
    mail::LetterContent,
    store::{EmailChange, LinkAct, LinkOutcome, StoreError},
};

/// Somebody who has proven to own an account, and wants another address for it.
#[derive(Debug, Clone)]
pub struct EmailWish {
    account: Account,
    email: Email,
}

/// Why the address was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmEmailError {
    /// The link was used, has expired, is for something else, or never was.
    #[error("the link is not good, or no longer")]
    LinkInvalid,
    /// Another account has the address.
    #[error("the email address is taken")]
    EmailTaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AuthenticationService {
    /// Takes the wish for another address from whoever knows the password.
    ///
    /// # Errors
    /// [`ProofError`].
    pub async fn wish_for_email(
        &self,
        proof: Proof,
        email: Email,
    ) -> Result<EmailWish, ProofError> {
        let account = self.prove(proof).await?;
        Ok(EmailWish { account, email })
    }

    /// Sends a link to the new address, and word of it to the old one. An address that another account has gets a
    /// letter that says so, which takes less time: nobody may wait for it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn send_email_wish(&self, wish: EmailWish) -> Result<(), StoreError> {
        let EmailWish { account, email } = wish;
        let name = LoginName::Email(email.clone());
        let found = self.ports.store.account_by_name(&name).await?;
        if found.is_some_and(|other| other.id != account.id) {
            self.send(email, LetterContent::EmailInUse);
        } else {
            let purpose = LinkPurpose::ChangeEmail(LinkHolder::of(&account), email.clone());
            self.send_link(email, purpose, LetterContent::ConfirmEmail)
                .await?;
        }
        if let Some(old) = account.email {
            self.send(old, LetterContent::EmailChangeAsked);
        }
        Ok(())
    }

    /// Gives the account the address to which the link was sent. Older access tokens, which name the old one, are
    /// revoked; sessions go on.
    ///
    /// # Errors
    /// [`ConfirmEmailError`].
    pub async fn confirm_email(
        &self,
        token: &LinkToken,
        origin: Origin,
    ) -> Result<(), ConfirmEmailError> {
        let link = self.live_link(token).await?;
        let Some(LinkPurpose::ChangeEmail(holder, email)) = link.map(|link| link.purpose) else {
            return Err(ConfirmEmailError::LinkInvalid);
        };
        let now = self.ports.clock.now();
        let act = LinkAct::ChangeEmail(Box::new(EmailChange {
            event: AuditEvent::by_owner(AuditKind::EmailChanged, &holder.account, now, origin),
            account: holder.account,
            epoch: holder.epoch,
            email,
            revoke: self.settings.revocation_term(now),
        }));
        match self.ports.store.spend_link(token.id(), act).await? {
            LinkOutcome::Done => Ok(()),
            LinkOutcome::EmailTaken => Err(ConfirmEmailError::EmailTaken),
            _ => Err(ConfirmEmailError::LinkInvalid),
        }
    }
}
