use std::collections::BTreeSet;

/// A role's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Role(String);

/// A plan's name; `free` unless set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Plan(String);

/// The text is no name of a role or plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name of a {0} has 1 to 64 of the characters A-Z a-z 0-9 . _ : -")]
pub struct InvalidLabel(&'static str);

/// Names that cannot be the roles of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RolesRefused {
    /// One is no role's name.
    #[error(transparent)]
    Invalid(#[from] InvalidLabel),
    /// There are too many for a token.
    #[error("an account has at most {} roles", Role::MAX_PER_ACCOUNT)]
    TooMany,
}

/// The most bytes of a role's or plan's name: it goes into every token and header.
const MAX_BYTES: usize = 64;

impl Role {
    /// The most that one account has: all of them go into every token and header.
    pub const MAX_PER_ACCOUNT: usize = 32;

    /// Reads the roles of an account; one that is named twice is one.
    ///
    /// # Errors
    /// [`RolesRefused`] for a name that [`parse`](Self::parse) refuses, or more than 32 roles.
    pub fn parse_all(names: &[String]) -> Result<BTreeSet<Self>, RolesRefused> {
        let mut roles = BTreeSet::new();
        for name in names {
            roles.insert(Self::parse(name)?);
            if roles.len() > Self::MAX_PER_ACCOUNT {
                return Err(RolesRefused::TooMany);
            }
        }
        Ok(roles)
    }

    /// Reads a role's name; case matters.
    ///
    /// # Errors
    /// [`InvalidLabel`] unless it has 1 to 64 of `A-Z a-z 0-9 . _ : -`.
    pub fn parse(text: &str) -> Result<Self, InvalidLabel> {
        checked(text, "role").map(Self)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Plan {
    /// Reads a plan's name; case matters.
    ///
    /// # Errors
    /// [`InvalidLabel`] unless it has 1 to 64 of `A-Z a-z 0-9 . _ : -`.
    pub fn parse(text: &str) -> Result<Self, InvalidLabel> {
        checked(text, "plan").map(Self)
    }

    /// The plan of a new account.
    #[must_use]
    pub fn free() -> Self {
        Self("free".to_owned())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn checked(text: &str, what: &'static str) -> Result<String, InvalidLabel> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
    if text.is_empty() || text.len() > MAX_BYTES || !text.bytes().all(allowed) {
        return Err(InvalidLabel(what));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_two_roles_are_the_limit() {
        let names = |count: usize| -> Vec<String> {
            let twice = (0..count).chain(0..count);
            twice.map(|number| format!("role{number}")).collect()
        };
        assert_eq!(Role::parse_all(&names(32)).unwrap().len(), 32);
        assert_eq!(Role::parse_all(&names(33)), Err(RolesRefused::TooMany));
        let wrong = ["admin".to_owned(), "a b".to_owned()];
        let refused = Role::parse_all(&wrong).unwrap_err();
        assert!(matches!(refused, RolesRefused::Invalid(_)), "{refused}");
    }

    #[test]
    fn labels_are_accepted() {
        for text in ["a", "admin", "team:billing.read-only_2", &"x".repeat(64)] {
            assert_eq!(Role::parse(text).unwrap().as_str(), text);
            assert_eq!(Plan::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in ["", "a b", "a,b", "ä", "a\n", "\"", &"x".repeat(65)] {
            assert!(Role::parse(text).is_err(), "{text:?}");
            assert!(Plan::parse(text).is_err(), "{text:?}");
        }
    }
}
