use std::borrow::Cow;

/// The characters between the quotes of a JSON string, checked, with their escapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text<'a> {
    raw: &'a str,
    plain: bool,
}

impl<'a> Text<'a> {
    /// `plain` says that no escape is in it.
    #[inline]
    pub(super) const fn new(raw: &'a str, plain: bool) -> Self {
        Self { raw, plain }
    }

    #[inline]
    pub(super) const fn is_plain(&self) -> bool {
        self.plain
    }

    #[inline]
    pub(super) const fn raw(&self) -> &'a str {
        self.raw
    }

    /// The string that is meant.
    #[inline]
    pub(crate) fn decoded(&self) -> Cow<'a, str> {
        if self.plain {
            return Cow::Borrowed(self.raw);
        }
        let mut text = String::with_capacity(self.raw.len());
        self.decode_into(&mut text);
        Cow::Owned(text)
    }

    /// Appends the string that is meant. A lone surrogate, which only the inside of an envelope can still have, becomes U+FFFD.
    pub(super) fn decode_into(&self, out: &mut String) {
        let mut rest = self.raw;
        while let Some(at) = rest.find('\\') {
            out.push_str(&rest[..at]);
            let (character, length) = escape(&rest[at..]);
            out.push(character);
            rest = &rest[at + length..];
        }
        out.push_str(rest);
    }
}

/// A long name that is compared with short ones must not become expensive, so it is not decoded for that.
impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        const LONGEST_ESCAPE: usize = 6;
        if self.plain {
            return self.raw == other;
        }
        self.raw.len() <= LONGEST_ESCAPE * other.len() && self.decoded() == other
    }
}

/// The character that an escape at the start of `text` means, and the escape's length in bytes.
fn escape(text: &str) -> (char, usize) {
    let simple = match text.as_bytes().get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode_escape(text),
        Some(&other) => char::from(other),
        None => return (char::REPLACEMENT_CHARACTER, 1),
    };
    (simple, 2)
}

fn unicode_escape(text: &str) -> (char, usize) {
    let Some(first) = code_unit(text) else {
        return (char::REPLACEMENT_CHARACTER, 2);
    };
    if let Some(character) = char::from_u32(u32::from(first)) {
        return (character, 6);
    }
    let pair = [first, text.get(6..).and_then(code_unit).unwrap_or_default()];
    match char::decode_utf16(pair).next() {
        Some(Ok(character)) => (character, 12),
        _ => (char::REPLACEMENT_CHARACTER, 6),
    }
}

/// The UTF-16 code unit of a `\uXXXX` at the start of `text`.
pub(super) fn code_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let all_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    all_hex
        .then(|| u16::from_str_radix(digits, 16).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_mean_what_rfc_8259_says() {
        let check = |raw: &str, meant: &str| {
            let text = Text::new(raw, false);
            assert_eq!(text.decoded(), meant, "{raw}");
            assert!(text == *meant, "{raw}");
        };
        check(r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t");
        check(r"\u0065xp", "exp");
        check(r"a\ud83d\ude00b", "a😀b");
        check(r"\u00E9\u20ac", "é€");
        check(r"\u0065\u0078\u0070", "exp");
        check("naïve", "naïve");
    }
}
