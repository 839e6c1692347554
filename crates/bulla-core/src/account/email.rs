use super::fold::{fold, is_invisible, likeness_in_ascii};

/// An email address, and the folded form in which it is compared. No two accounts have addresses that [look
/// alike](Email::likeness).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    text: String,
    folded: String,
}

/// The text is no email address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an email address is `name@host`, without spaces and ()<>[]:;\\,\", of at most 254 bytes")]
pub struct InvalidEmail;

impl Email {
    /// The longest that SMTP can deliver to (RFC 5321 4.5.3.1.3, less the angle brackets).
    pub const MAX_BYTES: usize = 254;

    /// Reads an address. Whether mail arrives there only mail can tell: it is what browsers take for one
    /// (`<input type="email">`), and letters beyond ASCII (RFC 6531).
    ///
    /// # Errors
    /// [`InvalidEmail`] unless it has one `@`, the name of a host behind it, and before it no space, nothing invisible and
    /// none of `()<>[]:;\\,"`; for more than 254 bytes; each also after folding.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        // The check comes before the fold: an endless text must not be folded first.
        if !is_plausible(text) {
            return Err(InvalidEmail);
        }
        let folded = fold(text);
        if !is_plausible(&folded) {
            return Err(InvalidEmail);
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

    /// What it looks like, each character beyond ASCII taken for the one that it resembles (UTS 39 section 4). Two
    /// addresses in ASCII are never alike: nobody is free to choose another one.
    #[must_use]
    pub fn likeness(&self) -> String {
        likeness_in_ascii(&self.folded)
    }
}

fn is_plausible(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    text.len() <= Email::MAX_BYTES
        && !local.is_empty()
        && !local.contains(is_special)
        && domain.split('.').all(is_label)
}

/// What has a meaning of its own in the headers of a letter (RFC 5322 3.2.3), cannot be seen, or is a space: it would end
/// an address there, or make two of it.
fn is_special(character: char) -> bool {
    matches!(
        character,
        '(' | ')' | '<' | '>' | '[' | ']' | ':' | ';' | '@' | '\\' | ',' | '"'
    ) || character.is_whitespace()
        || character.is_control()
        || is_invisible(character)
}

/// Part of a host's name, in letters of any script.
fn is_label(text: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || c == '-' || (!c.is_ascii() && !is_special(c));
    !text.is_empty() && text.chars().all(allowed) && !text.starts_with('-') && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_accepted() {
        for text in [
            "a@b",
            "Alice@Example.com",
            "o'hara+tag@x.org",
            "用户@例え.jp",
            "dots..are.@welcome.jp",
            "!#$%&'*+/=?^_`{|}~-@x-1.org",
        ] {
            assert_eq!(Email::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "",
            "@",
            "a@",
            "@b",
            "a",
            "a@b@c",
            "a b@c",
            "a@b\n",
            "a@b\0",
            "a\u{200b}@b",
            "a＠b",
            "a@b＠c",
            "a@\u{a0}b",
            "a@b.c, d@e.f",
            "a,b@c",
            "a;b@c",
            "<a@b>",
            "a\u{ff1c}b@c",
            "\"a\"@b",
            "a\\@b",
            "a(b)@c",
            "a@[127.0.0.1]",
            "a@b..c",
            "a@.b",
            "a@b.",
            "a@-b",
            "a@b-",
            "a@b_c",
            "a@b/c",
            "a@b:25",
        ] {
            assert_eq!(Email::parse(text), Err(InvalidEmail), "{text:?}");
        }
    }

    #[test]
    fn two_hundred_and_fifty_four_bytes_are_the_limit() {
        let longest = format!("{}@b", "a".repeat(252));
        assert!(Email::parse(&longest).is_ok());
        assert_eq!(Email::parse(&format!("a{longest}")), Err(InvalidEmail));
        let grows = format!("{}@b", "\u{fdfa}".repeat(20));
        assert_eq!(Email::parse(&grows), Err(InvalidEmail));
    }

    #[test]
    fn case_is_folded_and_kept() {
        let email = Email::parse("Alice@EXAMPLE.com").unwrap();
        assert_eq!(email.folded(), "alice@example.com");
        assert_eq!(email.as_str(), "Alice@EXAMPLE.com");
    }
}
