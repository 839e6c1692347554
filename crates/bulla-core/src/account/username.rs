use super::fold::{fold, is_invisible, likeness};

/// A user name, and the folded form in which it is compared. No two accounts have names that [look
/// alike](Username::likeness).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username {
    text: String,
    folded: String,
}

/// The text is no user name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a user name has 3 to 64 letters, digits, dots, underscores or hyphens")]
pub struct InvalidUsername;

impl Username {
    /// The fewest characters.
    pub const MIN_CHARS: usize = 3;
    /// The most.
    pub const MAX_CHARS: usize = 64;

    /// Reads a user name: letters and digits of any script, and `.`, `_`, `-`.
    ///
    /// # Errors
    /// [`InvalidUsername`] for other characters, fewer than 3 or more than 64 of them; each also
    /// after folding. An email address is none: it holds an `@`.
    pub fn parse(text: &str) -> Result<Self, InvalidUsername> {
        if !has_fitting_length(text) || !text.chars().all(is_allowed) {
            return Err(InvalidUsername);
        }
        let folded = fold(text);
        // The lower case of İ is an i and a combining dot.
        let allowed = |c| is_allowed(c) || c == '\u{307}';
        if !has_fitting_length(&folded) || !folded.chars().all(allowed) {
            return Err(InvalidUsername);
        }
        Ok(Self {
            text: text.to_owned(),
            folded,
        })
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The form in which it is compared: NFKC, lower case.
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// What it looks like: the same for all names that can be taken for each other (UTS 39 section 4).
    #[must_use]
    pub fn likeness(&self) -> String {
        likeness(&self.text)
    }
}

fn has_fitting_length(text: &str) -> bool {
    // Bounded: counting stops past the limit.
    let length = text.chars().take(Username::MAX_CHARS + 1).count();
    (Username::MIN_CHARS..=Username::MAX_CHARS).contains(&length)
}

fn is_allowed(character: char) -> bool {
    // Some letters leave no mark: the fillers of Hangul.
    (character.is_alphanumeric() && !is_invisible(character))
        || matches!(character, '.' | '_' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_accepted() {
        for text in ["bob", "Bob_the.Builder-2", "Zoë", "मोहन", "ALİCE"] {
            assert_eq!(Username::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "",
            "ab",
            "a b",
            "a@b",
            "abc\n",
            "abc\0",
            "a/b/c",
            "abc\u{200b}",
            "🦀🦀🦀",
            "½½½",
        ] {
            assert_eq!(Username::parse(text), Err(InvalidUsername), "{text:?}");
        }
    }

    #[test]
    fn sixty_four_characters_are_the_limit() {
        assert!(Username::parse(&"é".repeat(64)).is_ok());
        assert_eq!(Username::parse(&"é".repeat(65)), Err(InvalidUsername));
    }

    #[test]
    fn look_alikes_in_case_and_width_fold_to_one() {
        let plain = Username::parse("alice").unwrap();
        let wide = Username::parse("ＡＬＩＣＥ").unwrap();
        assert_eq!(plain.folded(), wide.folded());
    }
}
