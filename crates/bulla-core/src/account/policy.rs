//! Which passwords are good enough.

use std::{collections::HashSet, sync::LazyLock};

use super::{Account, DisplayName, Email, Password, Username, fold::fold};

/// The least a password must be. No rule asks for capitals or digits: they make passwords worse
/// (NIST SP 800-63B 3.1.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// The fewest characters.
    pub min_length: usize,
}

/// What somebody is called, which is the first that is guessed.
#[derive(Debug, Clone, Copy, Default)]
pub struct OwnNames<'a> {
    /// The address.
    pub email: Option<&'a Email>,
    /// The user name.
    pub username: Option<&'a Username>,
    /// What to call them.
    pub name: Option<&'a DisplayName>,
}

/// Why a password is not good enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefused {
    /// It has too few characters.
    #[error("the password needs at least {min_length} characters")]
    TooShort {
        /// The fewest that are accepted.
        min_length: usize,
    },
    /// It is among the first that anybody guesses.
    #[error("the password is one of the most common ones")]
    Common,
    /// It is the user's own name or address.
    #[error("the password is your own name or address")]
    OwnName,
}

impl PasswordPolicy {
    /// Checks a new password of somebody with these names.
    ///
    /// # Errors
    /// [`PasswordRefused`] with the reason.
    pub fn check(self, password: &Password, names: OwnNames<'_>) -> Result<(), PasswordRefused> {
        let min_length = self.min_length;
        if password.expose().chars().count() < min_length {
            return Err(PasswordRefused::TooShort { min_length });
        }
        let folded = zeroize::Zeroizing::new(fold(password.expose()));
        if is_common(&folded) {
            return Err(PasswordRefused::Common);
        }
        let address = names.email.map(Email::folded);
        let mailbox = address.and_then(|text| text.split_once('@'));
        let name = names.name.map(|name| fold(name.as_str()));
        let own = [
            address,
            mailbox.map(|(local, _)| local),
            mailbox.map(|(_, domain)| domain),
            names.username.map(Username::folded),
            name.as_deref(),
        ];
        if own
            .into_iter()
            .flatten()
            .any(|own| is_little_more(&folded, own))
        {
            return Err(PasswordRefused::OwnName);
        }
        Ok(())
    }
}

impl<'a> From<&'a Account> for OwnNames<'a> {
    fn from(account: &'a Account) -> Self {
        Self {
            email: account.email.as_ref(),
            username: account.username.as_ref(),
            name: account.name.as_ref(),
        }
    }
}

/// Whether without this name fewer than three characters are left.
fn is_little_more(password: &str, own: &str) -> bool {
    !own.is_empty() && password.contains(own) && password.replace(own, "").chars().count() < 3
}

/// From the frequency list of zxcvbn (MIT, Dropbox Inc.): what it has of eight characters or more,
/// and of six and seven the most frequent, for who lowers the minimum.
fn is_common(folded: &str) -> bool {
    static COMMON: LazyLock<HashSet<&str>> =
        LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());
    COMMON.contains(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), PasswordRefused> {
        let names = OwnNames {
            email: Some(&Email::parse("Ada.King@Lovelace.example").unwrap()),
            username: Some(&Username::parse("countess").unwrap()),
            name: Some(&DisplayName::parse("Ada Lovelace").unwrap()),
        };
        PasswordPolicy { min_length: 8 }.check(&Password::new(password).unwrap(), names)
    }

    #[test]
    fn any_other_password_is_accepted() {
        for password in [
            "correct horse battery staple",
            "ядерная кнопка",
            "🦀🦀🦀🦀🦀🦀🦀🦀",
            "countess of the engine",
            "        ",
        ] {
            assert_eq!(check(password), Ok(()), "{password}");
        }
    }

    #[test]
    fn length_counts_characters_not_bytes() {
        let refused = Err(PasswordRefused::TooShort { min_length: 8 });
        assert_eq!(check("xkcdqwz"), refused);
        assert_eq!(check("éééé"), refused);
        assert_eq!(check("xkcdqwzv"), Ok(()));
    }

    #[test]
    fn common_ones_are_refused_in_any_case() {
        for password in [
            "password",
            "Password1",
            "12345678",
            "QWERTYUIOP",
            "iloveyou",
        ] {
            assert_eq!(check(password), Err(PasswordRefused::Common), "{password}");
        }
    }

    #[test]
    fn ones_own_names_are_refused() {
        for password in [
            "ada.king@lovelace.example",
            "ADA.KING",
            "Lovelace.Example",
            "Countess",
            "countess1!",
            "ada lovelace",
            "countesscountess",
        ] {
            assert_eq!(check(password), Err(PasswordRefused::OwnName), "{password}");
        }
    }

    #[test]
    fn the_list_is_usable() {
        let list = include_str!("common_passwords.txt");
        for line in list.lines() {
            assert_eq!(fold(line), line, "entries are compared in folded form");
        }
    }
}
