use super::{Email, Username, fold::fold};

/// How names begin that are looked for: in the form in which names are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameBeginning(String);

/// No name begins so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the beginning of a name has 1 to 254 bytes and no control characters")]
pub struct InvalidNameBeginning;

impl NameBeginning {
    /// Reads the beginning of an email address or a user name.
    ///
    /// # Errors
    /// [`InvalidNameBeginning`] if it is empty, longer than any name, or has a control character.
    pub fn parse(text: &str) -> Result<Self, InvalidNameBeginning> {
        let can_be = |text: &str| {
            (1..=Email::MAX_BYTES).contains(&text.len()) && !text.chars().any(char::is_control)
        };
        // An endless text must not be folded.
        let folded = Some(text).filter(|text| can_be(text)).map(fold);
        folded
            .filter(|text| can_be(text))
            .map(Self)
            .ok_or(InvalidNameBeginning)
    }

    /// The first text that names may have that begin so.
    #[must_use]
    pub fn first(&self) -> &str {
        &self.0
    }

    /// What all of them come before, by their bytes.
    #[must_use]
    pub fn end(&self) -> String {
        format!("{}{}", self.0, char::MAX)
    }

    /// Whether one of these names begins so.
    #[must_use]
    pub fn is_of(&self, email: Option<&Email>, username: Option<&Username>) -> bool {
        let names = [email.map(Email::folded), username.map(Username::folded)];
        names
            .into_iter()
            .flatten()
            .any(|name| name.starts_with(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_compared_as_names_are() {
        let beginning = NameBeginning::parse("ÀDA@Ex").unwrap();
        assert_eq!(beginning.first(), "àda@ex");
        let email = Email::parse("Àda@example.com").unwrap();
        assert!(beginning.is_of(Some(&email), None));
        assert!(beginning.first() <= email.folded() && email.folded() < beginning.end().as_str());
        let other = Email::parse("ada@example.com").unwrap();
        assert!(!beginning.is_of(Some(&other), None));
    }

    #[test]
    fn what_no_name_begins_with_is_refused() {
        for text in ["", "a\nb", "\0", &"a".repeat(255), &"\u{fdfa}".repeat(84)] {
            assert_eq!(
                NameBeginning::parse(text),
                Err(InvalidNameBeginning),
                "{text:?}"
            );
        }
        assert!(NameBeginning::parse("%_*").is_ok());
    }
}
