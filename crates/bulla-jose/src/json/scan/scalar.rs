use super::{
    super::{
        Raw, Reason, Text,
        plain::{digits_end, plain_end},
        text::code_unit,
    },
    Scanner,
};

/// Strings, numbers and literals.
impl<'a> Scanner<'a, '_> {
    #[inline]
    pub(super) fn string(&mut self) -> Result<Text<'a>, Reason> {
        let start = self.at + 1;
        self.at = plain_end(self.source.as_bytes(), start);
        if self.peek() != Some(b'"') {
            return self.unusual_string(start);
        }
        let text = Text::new(&self.source[start..self.at], true);
        self.at += 1;
        Ok(text)
    }

    /// From the first character on that is not plain.
    #[cold]
    fn unusual_string(&mut self, start: usize) -> Result<Text<'a>, Reason> {
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                Some(_) => return Err(Reason::ControlCharacter),
                None => return Err(Reason::UnexpectedEnd),
            }
            self.at = plain_end(self.source.as_bytes(), self.at);
        }
        let text = Text::new(&self.source[start..self.at], false);
        self.at += 1;
        Ok(text)
    }

    fn escape(&mut self) -> Result<(), Reason> {
        let rest = &self.source[self.at..];
        self.at += match rest.as_bytes().get(1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') => self.unicode_escape(rest)?,
            Some(_) => return Err(Reason::InvalidEscape),
            None => return Err(Reason::UnexpectedEnd),
        };
        Ok(())
    }

    /// The length of a `\uXXXX`, or of the pair of them that one character beyond U+FFFF takes.
    fn unicode_escape(&self, rest: &str) -> Result<usize, Reason> {
        let unit = code_unit(rest).ok_or(Reason::InvalidEscape)?;
        let low = || rest.get(6..).and_then(code_unit);
        match unit {
            0xd800..=0xdbff if matches!(low(), Some(0xdc00..=0xdfff)) => Ok(12),
            0xd800..=0xdfff if self.strict => Err(Reason::LoneSurrogate),
            _ => Ok(6),
        }
    }

    #[inline]
    pub(super) fn number(&mut self) -> Result<(), Reason> {
        self.take(b'-');
        let leading_zero = self.peek() == Some(b'0');
        let digits = self.digits()?;
        if leading_zero && digits > 1 {
            return Err(Reason::InvalidNumber);
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<usize, Reason> {
        let start = self.at;
        self.at = digits_end(self.source.as_bytes(), start);
        let count = self.at - start;
        if count == 0 {
            return Err(Reason::InvalidNumber);
        }
        Ok(count)
    }

    pub(super) fn literal(
        &mut self,
        spelling: &'static str,
        value: Raw<'a>,
    ) -> Result<Raw<'a>, Reason> {
        if !self.source[self.at..].starts_with(spelling) {
            return Err(Reason::Expected("a value"));
        }
        self.at += spelling.len();
        Ok(value)
    }
}
