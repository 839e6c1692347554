use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

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
    /// The most marks on one letter (UTS 39 5.4): more are there to cover what stands around them.
    const MAX_MARKS: usize = 4;

    /// Reads a user name: letters and digits of any script with their marks, and `.`, `_`, `-`. It is kept in the normal
    /// form NFC (RFC 8265 3.3.3): the same name typed on two systems is the same text.
    ///
    /// # Errors
    /// [`InvalidUsername`] for other characters, fewer than 3 or more than 64 of them; each also
    /// after folding. An email address is none: it holds an `@`.
    pub fn parse(text: &str) -> Result<Self, InvalidUsername> {
        // The check comes before the normal form, which takes less room: an endless text must not be made one.
        if text.chars().nth(4 * Self::MAX_CHARS).is_some() {
            return Err(InvalidUsername);
        }
        let text: String = text.nfc().collect();
        let folded = fold(&text);
        if !is_name(&text) || !is_name(&folded) {
            return Err(InvalidUsername);
        }
        Ok(Self { text, folded })
    }

    /// As it was written, in NFC.
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

fn is_name(text: &str) -> bool {
    let mut marks_left = 0;
    let is_allowed = |character: char| {
        // Some letters leave no mark: the fillers of Hangul.
        if is_invisible(character) {
            return false;
        }
        if character.is_alphanumeric() {
            marks_left = Username::MAX_MARKS;
            return true;
        }
        if is_combining_mark(character) && !is_enclosing(character) && marks_left > 0 {
            marks_left -= 1;
            return true;
        }
        marks_left = 0;
        matches!(character, '.' | '_' | '-')
    };
    let length = text.chars().count();
    (Username::MIN_CHARS..=Username::MAX_CHARS).contains(&length) && text.chars().all(is_allowed)
}

/// Unicode's category `Me`: circles and the like around a letter.
fn is_enclosing(character: char) -> bool {
    matches!(
        character,
        '\u{488}'..='\u{489}' | '\u{1abe}' | '\u{20dd}'..='\u{20e0}' | '\u{20e2}'..='\u{20e4}'
            | '\u{a670}'..='\u{a672}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_accepted() {
        for text in [
            "bob",
            "Bob_the.Builder-2",
            "Zoë",
            "मोहन",
            "कृष्ण",
            "Nguyễn",
            "ALİCE",
        ] {
            assert_eq!(Username::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_name_typed_in_parts_is_the_same_name() {
        for (parts, whole) in [
            ("Zoe\u{308}", "Zo\u{eb}"),
            ("nguye\u{302}\u{303}n", "nguy\u{1ec5}n"),
            ("o\u{301}\u{328}le", "\u{1eb}\u{301}le"),
        ] {
            assert_eq!(Username::parse(parts), Username::parse(whole), "{parts}");
            assert_eq!(Username::parse(parts).unwrap().as_str(), whole);
        }
        let longest = "e\u{301}".repeat(64);
        assert_eq!(Username::parse(&longest).unwrap().as_str(), "é".repeat(64));
        let longer = "e\u{301}".repeat(65);
        assert_eq!(Username::parse(&longer), Err(InvalidUsername));
    }

    #[test]
    fn marks_stand_on_letters_and_few_on_one() {
        let marked = |marks: &str| Username::parse(&format!("ab{marks}cd"));
        assert!(marked(&"\u{32d}".repeat(4)).is_ok());
        assert!(marked(&"\u{32d}".repeat(5)).is_err());
        assert!(Username::parse("a.b\u{32d}c").is_ok());
        for text in ["\u{32d}abc", "a.\u{32d}bc", "abc\u{20dd}", "abc\u{488}"] {
            assert_eq!(Username::parse(text), Err(InvalidUsername), "{text}");
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
