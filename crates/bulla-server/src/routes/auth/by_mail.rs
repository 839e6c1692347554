//! What the routes that send mail, or take what was sent, have in common.

use bulla_core::{
    account::Email,
    audit::Origin,
    authentication::{
        ConfirmEmailError, ConfirmRegistrationError, LoginByMailError, RegisterByMailError,
        ResetPasswordError,
    },
    link::LinkToken,
};
use bulla_guard::problem::Code;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    edge::{parse, refused::Refused, secret::SecretText},
    guessing::Account,
    issuer::{Asker, Issuer, MailDesk, MailDeskOverloaded},
};

/// It will be seen to. The same whether there is an account or not.
#[derive(Serialize, ToSchema)]
pub(super) struct AcceptedAnswer {
    /// Always true.
    accepted: bool,
}

impl AcceptedAnswer {
    pub(super) const YES: Self = Self { accepted: true };
}

/// Where letters are asked for.
///
/// # Errors
/// `not_found` if there is no mail.
pub(super) fn desk(issuer: &Issuer) -> Result<&MailDesk, Refused> {
    issuer
        .mail_desk()
        .ok_or_else(|| Refused::new(Code::NotFound, "this server sends no mail"))
}

/// What a letter is asked for by: where, and to whom. The wish counts against the client's address.
///
/// # Errors
/// `not_found` if there is no mail, `field_invalid`, `rate_limited`.
pub(super) fn wish<'a>(
    issuer: &'a Issuer,
    email: &str,
    from: Origin,
) -> Result<(&'a MailDesk, Email), Refused> {
    let desk = desk(issuer)?;
    let email = parse::email(email)?;
    issuer.guessing().wish(from, issuer.moment())?;
    Ok((desk, email))
}

/// Whether a letter that anybody may ask for is sent to this address now.
pub(super) fn admits(issuer: &Issuer, desk: &MailDesk, to: &Email, from: Origin) -> bool {
    let account = Account::Email(to.folded());
    let asker = match issuer.guessing().knows(account, from, issuer.moment()) {
        true => Asker::AtHome,
        false => Asker::Stranger(from),
    };
    desk.admits(to, asker, issuer.moment())
}

/// A link's token. What is none is a link that never was.
pub(super) fn token(text: &SecretText) -> Result<LinkToken, Refused> {
    LinkToken::parse(text.expose()).map_err(|_| link_invalid())
}

fn link_invalid() -> Refused {
    let detail = "the link was used before, has expired, is for something else, or never was";
    Refused::new(Code::LinkInvalid, detail)
}

impl From<MailDeskOverloaded> for Refused {
    fn from(error: MailDeskOverloaded) -> Self {
        Self::new(Code::Overloaded, error.to_string())
    }
}

impl From<RegisterByMailError> for Refused {
    fn from(error: RegisterByMailError) -> Self {
        match error {
            RegisterByMailError::EmailMissing => Self::field("email", "is missing"),
            RegisterByMailError::Registration(error) => error.into(),
            RegisterByMailError::Store(error) => error.into(),
        }
    }
}

impl From<ConfirmRegistrationError> for Refused {
    fn from(error: ConfirmRegistrationError) -> Self {
        match error {
            ConfirmRegistrationError::LinkInvalid => link_invalid(),
            ConfirmRegistrationError::NewPassword(error) => Self::new_password(error, "password"),
            ConfirmRegistrationError::EmailTaken => Self::new(Code::EmailTaken, error.to_string()),
            ConfirmRegistrationError::UsernameTaken => {
                Self::new(Code::UsernameTaken, error.to_string())
            }
            ConfirmRegistrationError::Issue(error) => error.into(),
            ConfirmRegistrationError::Store(error) => error.into(),
        }
    }
}

impl From<ResetPasswordError> for Refused {
    fn from(error: ResetPasswordError) -> Self {
        match error {
            ResetPasswordError::LinkInvalid => link_invalid(),
            ResetPasswordError::NewPassword(error) => Self::new_password(error, "new_password"),
            ResetPasswordError::Store(error) => error.into(),
        }
    }
}

impl From<ConfirmEmailError> for Refused {
    fn from(error: ConfirmEmailError) -> Self {
        match error {
            ConfirmEmailError::LinkInvalid => link_invalid(),
            ConfirmEmailError::EmailTaken => Self::new(Code::EmailTaken, error.to_string()),
            ConfirmEmailError::Store(error) => error.into(),
        }
    }
}

impl From<LoginByMailError> for Refused {
    fn from(error: LoginByMailError) -> Self {
        match error {
            LoginByMailError::LinkInvalid => Self::new(Code::LinkInvalid, error.to_string()),
            LoginByMailError::Issue(error) => error.into(),
            LoginByMailError::Store(error) => error.into(),
        }
    }
}
