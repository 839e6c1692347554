//! What all use cases with links have in common.

use zeroize::Zeroizing;

use super::AuthenticationService;
use crate::{
    account::{Email, LoginName},
    link::{Link, LinkHolder, LinkPurpose, LinkToken},
    mail::{Letter, LetterContent},
    store::StoreError,
};

/// How people sign in by mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailedLogin {
    /// By a link in a letter.
    Link,
    /// By a code in a letter, typed where one signs in.
    Code,
}

/// What is done by mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LinkSettings {
    /// Whether whoever registers must prove the address first.
    pub verify_email: bool,
    /// Whether, and how, people sign in by mail.
    pub mailed_login: Option<MailedLogin>,
}

impl AuthenticationService {
    /// A new token.
    pub(super) fn new_link_token(&self) -> LinkToken {
        let mut bytes = Zeroizing::new([0; 32]);
        self.ports.entropy.fill(&mut bytes[..]);
        LinkToken::from_random(&bytes)
    }

    /// The link of a new token, which begins now.
    pub(super) fn new_link(&self, token: &LinkToken, purpose: LinkPurpose) -> Link {
        let now = self.ports.clock.now();
        Link {
            id: token.id(),
            code: None,
            created_at: now,
            expires_at: now.after(purpose.lifetime()),
            purpose,
        }
    }

    /// Stores a link for this purpose and sends it. Whoever gets the letter finds the link stored.
    pub(super) async fn send_link(
        &self,
        to: Email,
        purpose: LinkPurpose,
        content: impl FnOnce(LinkToken) -> LetterContent,
    ) -> Result<(), StoreError> {
        let token = self.new_link_token();
        let link = self.new_link(&token, purpose);
        self.ports.store.add_link(&link).await?;
        self.send(to, content(token));
        Ok(())
    }

    /// Who has this address and may sign in; and the address as the account has it, which may be spelt otherwise than the
    /// one that was asked for.
    pub(super) async fn addressee(
        &self,
        email: Email,
    ) -> Result<Option<(LinkHolder, Email)>, StoreError> {
        let name = LoginName::Email(email);
        let found = self.ports.store.account_by_name(&name).await?;
        let welcome = found.filter(|account| account.disabled_at.is_none());
        Ok(welcome.and_then(|account| Some((LinkHolder::of(&account), account.email?))))
    }

    pub(super) fn send(&self, to: Email, content: LetterContent) {
        self.ports.mailer.send(Letter { to, content });
    }

    /// The link of this token, if it was sent as a link and is still good.
    pub(super) async fn live_link(&self, token: &LinkToken) -> Result<Option<Link>, StoreError> {
        let now = self.ports.clock.now();
        let found = self.ports.store.link(token.id()).await?;
        Ok(found.filter(|link| link.code.is_none() && link.is_live(now)))
    }
}
