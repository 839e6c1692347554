//! What an issuer calls the claims that say who somebody is.

/// Where a claim stands: the names of the objects it lies within, and its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimPath(Vec<String>);

/// The text names no claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a claim's name, or a path with dots into objects; no part of it is empty")]
pub struct InvalidClaimPath;

/// Where an issuer's tokens have what a principal is made of. [`Default`]: where Bulla's have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimNames {
    /// A text, or a whole number.
    pub subject: ClaimPath,
    /// A text.
    pub session: ClaimPath,
    /// A text.
    pub client_id: ClaimPath,
    /// A text for one role, or a list of them.
    pub roles: ClaimPath,
    /// A text with scopes divided by spaces, or a list of them.
    pub scope: ClaimPath,
    /// A text.
    pub plan: ClaimPath,
    /// `true` or `false`.
    pub anonymous: ClaimPath,
}

impl ClaimPath {
    /// Reads a name, or a path with a dot before each further name. What has `://` in it is one name: issuers that may not
    /// add short names add URLs (RFC 7519 section 4.2).
    ///
    /// # Errors
    /// [`InvalidClaimPath`] if a name is empty.
    pub fn parse(text: &str) -> Result<Self, InvalidClaimPath> {
        if text.contains("://") {
            return Self::of([text]);
        }
        Self::of(text.split('.'))
    }

    /// The path of these names, each as it stands.
    ///
    /// # Errors
    /// [`InvalidClaimPath`] without any name, and if one is empty.
    pub fn of<'name>(
        names: impl IntoIterator<Item = &'name str>,
    ) -> Result<Self, InvalidClaimPath> {
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        if names.is_empty() || names.iter().any(String::is_empty) {
            return Err(InvalidClaimPath);
        }
        Ok(Self(names))
    }

    pub(super) fn names(&self) -> &[String] {
        &self.0
    }

    fn plain(name: &str) -> Self {
        Self(vec![name.to_owned()])
    }
}

impl std::fmt::Display for ClaimPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

impl Default for ClaimNames {
    fn default() -> Self {
        Self {
            subject: ClaimPath::plain("sub"),
            session: ClaimPath::plain("sid"),
            client_id: ClaimPath::plain("client_id"),
            roles: ClaimPath::plain("roles"),
            scope: ClaimPath::plain("scope"),
            plan: ClaimPath::plain("plan"),
            anonymous: ClaimPath::plain("anon"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_lead_into_objects_and_a_url_is_one_name() {
        for (text, names) in [
            ("role", vec!["role"]),
            ("realm_access.roles", vec!["realm_access", "roles"]),
            ("https://a.example/roles", vec!["https://a.example/roles"]),
        ] {
            assert_eq!(ClaimPath::parse(text).unwrap().names(), names, "{text}");
        }
        for text in ["", ".", "a.", ".a", "a..b"] {
            assert_eq!(ClaimPath::parse(text), Err(InvalidClaimPath), "{text}");
        }
        assert_eq!(ClaimPath::of([]), Err(InvalidClaimPath));
    }
}
