use super::{AuthenticationService, IssueError, IssuedSession, SessionRequest};
use crate::{
    account::Email,
    link::{Link, LinkCode, LinkPurpose, LinkToken},
    mail::LetterContent,
    session::Device,
    store::{LinkAct, LinkOutcome, StoreError},
};

/// Why nobody was signed in by mail.
#[derive(Debug, thiserror::Error)]
pub enum LoginByMailError {
    /// The link was used, has expired, is for something else, or never was; or the code is another, or was tried too
    /// often.
    #[error("the link or the code is not good, or no longer")]
    LinkInvalid,
    /// No token could be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AuthenticationService {
    /// Sends a link to sign in by; nothing to an address without an account. It takes longer where there is one:
    /// nobody may wait for it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn send_login_link(&self, email: Email) -> Result<(), StoreError> {
        if let Some((holder, to)) = self.addressee(email).await? {
            let purpose = LinkPurpose::SignIn(holder);
            let content = LetterContent::SignInLink;
            self.send_link(to, purpose, content).await?;
        }
        Ok(())
    }

    /// What names a request for a code. Whoever made it has this besides the code that comes by mail, so that nobody
    /// else can guess it.
    #[must_use]
    pub fn new_code_request(&self) -> LinkToken {
        self.new_link_token()
    }

    /// Sends a code for this request; nothing to an address without an account. It takes longer where there is one:
    /// nobody may wait for it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn send_login_code(
        &self,
        email: Email,
        request: &LinkToken,
    ) -> Result<(), StoreError> {
        let Some((holder, to)) = self.addressee(email).await? else {
            return Ok(());
        };
        let code = LinkCode::from_random(self.ports.random());
        let purpose = LinkPurpose::SignIn(holder);
        let link = Link {
            code: Some(self.link_key.mac(&request.id(), &code)),
            ..self.new_link(request, purpose)
        };
        self.ports.store.add_link(&link).await?;
        self.send(to, LetterContent::SignInCode(code));
        Ok(())
    }

    /// Opens a session for whoever has the link.
    ///
    /// # Errors
    /// [`LoginByMailError`].
    pub async fn login_by_link(
        &self,
        token: &LinkToken,
        device: Device,
        request: SessionRequest,
    ) -> Result<IssuedSession, LoginByMailError> {
        let link = self.live_link(token).await?;
        let link = link.ok_or(LoginByMailError::LinkInvalid)?;
        self.sign_in_with(link, device, request).await
    }

    /// Opens a session for whoever made the request and knows its code.
    ///
    /// # Errors
    /// [`LoginByMailError`].
    pub async fn login_by_code(
        &self,
        asked: &LinkToken,
        code: &LinkCode,
        device: Device,
        request: SessionRequest,
    ) -> Result<IssuedSession, LoginByMailError> {
        let now = self.ports.clock.now();
        // Counted before the code is looked at: a thousand guesses at once are no more than five.
        let link = self.ports.store.attempt_link(asked.id()).await?;
        let link = link
            .filter(|link| {
                let mac = link.code.as_ref();
                link.is_live(now) && mac.is_some_and(|mac| self.link_key.holds(&link.id, code, mac))
            })
            .ok_or(LoginByMailError::LinkInvalid)?;
        self.sign_in_with(link, device, request).await
    }

    async fn sign_in_with(
        &self,
        link: Link,
        device: Device,
        request: SessionRequest,
    ) -> Result<IssuedSession, LoginByMailError> {
        let LinkPurpose::SignIn(holder) = link.purpose else {
            return Err(LoginByMailError::LinkInvalid);
        };
        let found = self.ports.store.account(&holder.account).await?;
        let account = found.filter(|account| holder.is(account));
        let account = account.ok_or(LoginByMailError::LinkInvalid)?;
        let start = self.session_start(&account, device, &request).await?;
        let act = LinkAct::CreateSession(Box::new(start.clone()));
        match self.ports.store.spend_link(link.id, act).await? {
            LinkOutcome::Done => {
                self.issue_first(&start.session, account, request.expires_in)
                    .await
            }
            _ => Err(LoginByMailError::LinkInvalid),
        }
    }
}
