use bulla_core::account::Email;

/// A letter as it was worded.
#[derive(Clone)]
pub struct Message {
    /// Whom it is for.
    pub to: Email,
    /// What it is about.
    pub subject: Subject,
    /// As plain text.
    pub text: String,
    /// As HTML.
    pub html: String,
}

/// What a message is about: one line, so that nothing in it becomes a header of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject(String);

/// The text is no subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a subject has 1 to 200 characters on one line")]
pub struct InvalidSubject;

impl Subject {
    const MAX_CHARS: usize = 200;

    /// Reads a subject.
    ///
    /// # Errors
    /// [`InvalidSubject`] if it is empty, has a control character (a line break is one), or is too long.
    pub fn parse(text: &str) -> Result<Self, InvalidSubject> {
        let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        let too_long = text.chars().nth(Self::MAX_CHARS).is_some();
        if text.trim().is_empty() || too_long || text.chars().any(breaks) {
            return Err(InvalidSubject);
        }
        Ok(Self(text.to_owned()))
    }

    /// The line.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Without what it says: a link in it lets somebody in.
impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_line() {
        assert!(Subject::parse("Grüße aus Łódź").is_ok());
        for text in [
            "",
            " ",
            "a\nBcc: eve@example.com",
            "a\rb",
            "a\0",
            "a\u{2028}b",
            &"x".repeat(201),
        ] {
            assert_eq!(Subject::parse(text), Err(InvalidSubject), "{text:?}");
        }
    }
}
