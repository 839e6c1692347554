use super::fold::is_invisible;

/// What to call somebody: shown, never compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayName(String);

/// The text is no name to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 200 characters, not all spaces, and no control or invisible characters")]
pub struct InvalidDisplayName;

impl DisplayName {
    /// The most characters.
    pub const MAX_CHARS: usize = 200;

    /// Reads a name.
    ///
    /// # Errors
    /// [`InvalidDisplayName`] if it has more than 200 characters, none that can be seen, or one that
    /// breaks the line, controls the terminal, leaves no mark or turns the text around it.
    pub fn parse(text: &str) -> Result<Self, InvalidDisplayName> {
        let refused = |c: char| {
            // The joiners (U+200C, U+200D) belong to names in several scripts.
            let joiner = matches!(c, '\u{200c}' | '\u{200d}');
            c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') || (is_invisible(c) && !joiner)
        };
        let too_long = text.chars().nth(Self::MAX_CHARS).is_some();
        let shows = |c: char| !c.is_whitespace() && !is_invisible(c);
        if too_long || !text.chars().any(shows) || text.chars().any(refused) {
            return Err(InvalidDisplayName);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_accepted() {
        for text in ["Ada", "Łukasz O'Neil-Ødegård", "🦀", &"é".repeat(200)] {
            assert_eq!(DisplayName::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        let long = "é".repeat(201);
        for text in [
            "",
            "  ",
            "a\nb",
            "a\0",
            "\u{1b}[31m",
            "a\u{202e}b",
            "a\u{2028}b",
            "\u{200d} \u{200c}",
            &long,
        ] {
            assert_eq!(
                DisplayName::parse(text),
                Err(InvalidDisplayName),
                "{text:?}"
            );
        }
    }
}
