use super::{Email, Username};

/// What somebody signs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginName {
    /// By email address.
    Email(Email),
    /// By user name.
    Username(Username),
}

/// The text is neither an email address nor a user name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither an email address nor a user name")]
pub struct InvalidLoginName;

impl LoginName {
    /// Reads either: what holds an `@` is an email address, and no user name does.
    ///
    /// # Errors
    /// [`InvalidLoginName`] if it is neither.
    pub fn parse(text: &str) -> Result<Self, InvalidLoginName> {
        if text.contains('@') {
            Email::parse(text)
                .map(Self::Email)
                .map_err(|_| InvalidLoginName)
        } else {
            Username::parse(text)
                .map(Self::Username)
                .map_err(|_| InvalidLoginName)
        }
    }
}
