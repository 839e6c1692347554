use bulla_jose::jwt::Audience;

/// Whom a client's tokens may be for: whoever is named here, the first unless another is asked for. Nobody is named: whom
/// everybody's tokens are for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audiences(Vec<Audience>);

/// Names that cannot be the audiences of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AudiencesRefused {
    /// One is no audience.
    #[error(
        "an audience has 1 to {} printable ASCII characters without spaces",
        Audiences::MAX_BYTES
    )]
    Invalid,
    /// There are too many.
    #[error("a client has at most {} audiences", Audiences::MAX)]
    TooMany,
}

impl Audiences {
    /// The most that one client has.
    pub const MAX: usize = 16;

    /// Longer names are refused.
    pub const MAX_BYTES: usize = 256;

    /// Reads the audiences of a client, the one it gets unless it asks for another first; one that is named twice is one.
    ///
    /// # Errors
    /// [`AudiencesRefused`].
    pub fn parse_all(names: &[String]) -> Result<Self, AudiencesRefused> {
        let mut audiences = Vec::new();
        for name in names {
            let printable = name.bytes().all(|byte| byte.is_ascii_graphic());
            if name.len() > Self::MAX_BYTES || !printable {
                return Err(AudiencesRefused::Invalid);
            }
            let audience = Audience::new(&**name).map_err(|_| AudiencesRefused::Invalid)?;
            if !audiences.contains(&audience) {
                audiences.push(audience);
            }
        }
        if audiences.len() > Self::MAX {
            return Err(AudiencesRefused::TooMany);
        }
        Ok(Self(audiences))
    }

    /// Those that are named.
    #[must_use]
    pub fn named(&self) -> &[Audience] {
        &self.0
    }

    /// Whether every audience that these allow is among the others, whatever everybody's is.
    #[must_use]
    pub fn is_subset(&self, others: &Self) -> bool {
        self.0.is_empty() == others.0.is_empty() && self.0.iter().all(|one| others.0.contains(one))
    }

    /// Whom the client's tokens may be for, where everybody's are for `everybodys`.
    pub fn allowed<'a>(&'a self, everybodys: &'a str) -> impl Iterator<Item = &'a str> {
        let everybodys = self.0.is_empty().then_some(everybodys);
        self.0.iter().map(Audience::as_str).chain(everybodys)
    }

    /// Of those that are [allowed](Self::allowed) the one that is asked for, or the first. `None`: that one is not allowed.
    #[must_use]
    pub fn choose<'a>(&'a self, asked: Option<&str>, everybodys: &'a str) -> Option<&'a str> {
        let mut allowed = self.allowed(everybodys);
        match asked {
            None => allowed.next(),
            Some(asked) => allowed.find(|audience| *audience == asked),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audiences(names: &[&str]) -> Result<Audiences, AudiencesRefused> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        Audiences::parse_all(&names)
    }

    #[test]
    fn the_first_is_chosen_unless_another_is_asked_for() {
        let two = audiences(&["orders", "https://billing.example", "orders"]).unwrap();
        assert_eq!(two.named().len(), 2);
        assert_eq!(two.choose(None, "api"), Some("orders"));
        let other = Some("https://billing.example");
        assert_eq!(two.choose(other, "api"), other);
        assert_eq!(two.choose(Some("api"), "api"), None);
        let none = Audiences::default();
        assert_eq!(none.choose(None, "api"), Some("api"));
        assert_eq!(none.choose(Some("api"), "api"), Some("api"));
        assert_eq!(none.choose(Some("orders"), "api"), None);
    }

    #[test]
    fn everybodys_audience_is_none_of_those_that_are_named() {
        let named = |names: &[&str]| audiences(names).unwrap();
        for (one, other, expected) in [
            (named(&[]), named(&[]), true),
            (named(&["a"]), named(&["b", "a"]), true),
            (named(&["a", "b"]), named(&["a"]), false),
            (named(&[]), named(&["a"]), false),
            (named(&["a"]), named(&[]), false),
        ] {
            assert_eq!(one.is_subset(&other), expected, "{one:?} {other:?}");
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for name in ["", "a b", "ä", "a\n", &"x".repeat(257)] {
            assert_eq!(
                audiences(&[name]),
                Err(AudiencesRefused::Invalid),
                "{name:?}"
            );
        }
        assert!(audiences(&[&"x".repeat(256)]).is_ok());
        let names: Vec<String> = (0..17).map(|number| number.to_string()).collect();
        assert!(Audiences::parse_all(&names[..16]).is_ok());
        let refused = Audiences::parse_all(&names);
        assert_eq!(refused, Err(AudiencesRefused::TooMany));
    }
}
