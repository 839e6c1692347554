use super::{AuthenticationService, IssueError, IssuedSession, KnownVisitor, SessionRequest};
use crate::{
    account::{LoginName, OwnNames, Password},
    link::{LinkHolder, LinkPurpose, LinkToken},
    mail::LetterContent,
    new_password::NewPasswordError,
    registration::{Registration, RegistrationError},
    session::Device,
    store::{LinkAct, LinkOutcome, StoreError},
};

/// Why nobody could register by mail.
#[derive(Debug, thiserror::Error)]
pub enum RegisterByMailError {
    /// There is no address to prove.
    #[error("an email address is needed")]
    EmailMissing,
    /// The user name is taken or the password refused; never that the address is taken.
    #[error(transparent)]
    Registration(#[from] RegistrationError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an address was not proven.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmRegistrationError {
    /// The link was used, has expired, is for something else, or never was.
    #[error("the link is not good, or no longer")]
    LinkInvalid,
    /// Nobody gets that password; the link is still good.
    #[error(transparent)]
    NewPassword(#[from] NewPasswordError),
    /// Somebody else was faster with the address.
    #[error("the email address is taken")]
    EmailTaken,
    /// Somebody else was faster with the user name.
    #[error("the user name is taken")]
    UsernameTaken,
    /// The account is there, but no token could be made: sign in.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AuthenticationService {
    /// Sends a link that makes the account, of a visitor under the same identity. An address that has an account gets a
    /// letter that says so: whoever asks learns nothing, and both ways take the same steps.
    ///
    /// # Errors
    /// [`RegisterByMailError`].
    pub async fn register_by_mail(
        &self,
        registration: Registration,
        visitor: Option<KnownVisitor>,
    ) -> Result<(), RegisterByMailError> {
        let visitor = visitor.map(|visitor| visitor.id);
        let email = registration.email().cloned();
        let email = email.ok_or(RegisterByMailError::EmailMissing)?;
        let new = registration
            .into_new_account(email.clone(), visitor, self.settings.password, &self.ports)
            .await?;
        let store = &self.ports.store;
        if let Some(username) = &new.username {
            let name = LoginName::Username(username.clone());
            if store.account_by_name(&name).await?.is_some() {
                return Err(RegistrationError::UsernameTaken.into());
            }
        }
        let name = LoginName::Email(email.clone());
        let (purpose, content): (_, fn(LinkToken) -> LetterContent) =
            match store.account_by_name(&name).await? {
                None => (
                    LinkPurpose::Register(new),
                    LetterContent::ConfirmRegistration,
                ),
                Some(account) => (
                    LinkPurpose::ResetPassword(LinkHolder::of(&account)),
                    LetterContent::AlreadyRegistered,
                ),
            };
        Ok(self.send_link(email, purpose, content).await?)
    }

    /// Makes the account of whoever has the link, and its first session. A password that comes with the link takes the
    /// place of the one that was registered with, which may be known to somebody else: anybody can register an address,
    /// and its owner may follow the link all the same.
    ///
    /// # Errors
    /// [`ConfirmRegistrationError`].
    pub async fn confirm_registration(
        &self,
        token: &LinkToken,
        password: Option<Password>,
        device: Device,
        request: SessionRequest,
    ) -> Result<IssuedSession, ConfirmRegistrationError> {
        let link = self.live_link(token).await?;
        let Some(LinkPurpose::Register(new)) = link.map(|link| link.purpose) else {
            return Err(ConfirmRegistrationError::LinkInvalid);
        };
        let visitor = new.visitor.clone();
        let mut account = new.into_account(&self.ports);
        if let Some(password) = password {
            let (policy, names) = (self.settings.password, OwnNames::from(&account));
            account.password = self.ports.new_password(password, policy, names).await?;
        }
        let visitor = visitor.map(|id| KnownVisitor {
            id,
            // He may have got further tokens since he asked.
            issued_at: account.created_at,
        });
        let creation = self.creation(account, visitor, device, &request).await?;
        let (creation, session) = creation;
        let account = creation.account.clone();
        let act = LinkAct::CreateAccount(Box::new(creation));
        match self.ports.store.spend_link(token.id(), act).await? {
            LinkOutcome::Done => {
                self.issue_first(&session, account, request.expires_in)
                    .await
            }
            LinkOutcome::EmailTaken => Err(ConfirmRegistrationError::EmailTaken),
            LinkOutcome::UsernameTaken => Err(ConfirmRegistrationError::UsernameTaken),
            LinkOutcome::NotFound | LinkOutcome::Void => Err(ConfirmRegistrationError::LinkInvalid),
        }
    }
}
