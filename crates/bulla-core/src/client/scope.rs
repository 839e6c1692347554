use std::{collections::BTreeSet, fmt};

/// What a token may be used for (RFC 6749 section 3.3).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(String);

/// The text is no scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a scope has 1 to {max} printable ASCII characters, none of them a space, quote or backslash", max = Scope::MAX_BYTES)]
pub struct InvalidScope;

/// Names that cannot be the scopes of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScopesRefused {
    /// One is no scope.
    #[error(transparent)]
    Invalid(#[from] InvalidScope),
    /// There are too many for a token.
    #[error("a client has at most {} scopes", Scope::MAX_PER_CLIENT)]
    TooMany,
}

impl Scope {
    /// Longer ones are refused.
    pub const MAX_BYTES: usize = 128;

    /// The most that one client has: all of them may go into one token and header.
    pub const MAX_PER_CLIENT: usize = 32;

    /// Reads a scope; case matters.
    ///
    /// # Errors
    /// [`InvalidScope`].
    pub fn parse(text: &str) -> Result<Self, InvalidScope> {
        let allowed = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
        if text.is_empty() || text.len() > Self::MAX_BYTES || !text.bytes().all(allowed) {
            return Err(InvalidScope);
        }
        Ok(Self(text.to_owned()))
    }

    /// Reads the scopes of a client; one that is named twice is one.
    ///
    /// # Errors
    /// [`ScopesRefused`] for a name that is none, or more than 32 scopes.
    pub fn parse_all<'a>(
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<BTreeSet<Self>, ScopesRefused> {
        let mut scopes = BTreeSet::new();
        for name in names {
            scopes.insert(Self::parse(name)?);
            if scopes.len() > Self::MAX_PER_CLIENT {
                return Err(ScopesRefused::TooMany);
            }
        }
        Ok(scopes)
    }

    /// Scopes as a request and a token have them: with a space between each two.
    #[must_use]
    pub fn join(scopes: &BTreeSet<Self>) -> String {
        let names: Vec<&str> = scopes.iter().map(Self::as_str).collect();
        names.join(" ")
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_accepted() {
        for text in [
            "a",
            "orders:read",
            "https://example.com/auth/orders.read",
            "~!#[]",
            &"x".repeat(128),
        ] {
            assert_eq!(Scope::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "",
            "a b",
            "a\"b",
            "a\\b",
            "ä",
            "a\n",
            "\u{7f}",
            &"x".repeat(129),
        ] {
            assert_eq!(Scope::parse(text), Err(InvalidScope), "{text:?}");
        }
    }

    #[test]
    fn thirty_two_scopes_are_the_limit() {
        let names = |count: usize| (0..count).map(|number| format!("scope{number}"));
        let read = |names: Vec<String>| Scope::parse_all(names.iter().map(String::as_str));
        let twice = names(32).chain(names(32)).collect();
        assert_eq!(read(twice).unwrap().len(), 32);
        assert_eq!(read(names(33).collect()), Err(ScopesRefused::TooMany));
        let refused = Scope::parse_all(["a", "a b"]);
        assert_eq!(refused, Err(InvalidScope.into()));
    }

    #[test]
    fn scopes_are_joined_by_spaces() {
        let scopes = Scope::parse_all(["b", "a", "b"]).unwrap();
        assert_eq!(Scope::join(&scopes), "a b");
        assert_eq!(Scope::join(&BTreeSet::new()), "");
    }
}
