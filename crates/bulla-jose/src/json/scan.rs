use super::{InvalidJson, Limits, Names, Raw, Reason, Text, text::code_unit};

/// One pass over a JSON text that checks all of [`super`]'s rules and builds no values.
pub(super) struct Scanner<'a, 'n> {
    source: &'a str,
    at: usize,
    depth: usize,
    limits: Limits,
    members: usize,
    names: &'n mut Names,
    lenient_inside: bool,
}

type Visit<'v, T> = Option<&'v mut dyn FnMut(T)>;
type Member<'a> = (Text<'a>, Raw<'a>);

impl<'a, 'n> Scanner<'a, 'n> {
    pub(super) fn new(
        bytes: &'a [u8],
        limits: Limits,
        names: &'n mut Names,
    ) -> Result<Self, InvalidJson> {
        let refused = |reason, offset| InvalidJson { reason, offset };
        if bytes.len() > i32::MAX as usize {
            return Err(refused(Reason::TooLong, 0));
        }
        let source = std::str::from_utf8(bytes)
            .map_err(|error| refused(Reason::NotUtf8, error.valid_up_to()))?;
        if source.starts_with('\u{feff}') {
            return Err(refused(Reason::ByteOrderMark, 0));
        }
        names.clear();
        Ok(Self {
            source,
            at: 0,
            depth: 0,
            limits,
            members: 0,
            names,
            lenient_inside: false,
        })
    }

    /// Below the outermost value, repeated names and lone surrogates are let through.
    pub(super) fn lenient_inside(mut self) -> Self {
        self.lenient_inside = true;
        self
    }

    pub(super) const fn source(&self) -> &'a str {
        self.source
    }

    /// The whole text is one value.
    pub(super) fn document(&mut self) -> Result<(), InvalidJson> {
        self.whole(|scanner| scanner.value().map(|_| ()))
    }

    /// The whole text is one object, whose members are shown.
    pub(super) fn object_document(
        &mut self,
        visit: &mut dyn FnMut(Text<'a>, Raw<'a>),
    ) -> Result<(), InvalidJson> {
        self.whole(|scanner| {
            if scanner.peek() != Some(b'{') {
                return Err(Reason::Expected("an object"));
            }
            scanner.object(Some(&mut |(name, value)| visit(name, value)))
        })
    }

    /// The whole text is one array, whose elements are shown.
    pub(super) fn array_document(
        &mut self,
        visit: &mut dyn FnMut(Raw<'a>),
    ) -> Result<(), InvalidJson> {
        self.whole(|scanner| {
            if scanner.peek() != Some(b'[') {
                return Err(Reason::Expected("an array"));
            }
            scanner.array(Some(visit))
        })
    }

    fn whole(
        &mut self,
        scan: impl FnOnce(&mut Self) -> Result<(), Reason>,
    ) -> Result<(), InvalidJson> {
        self.skip_white_space();
        let scanned = scan(self).and_then(|()| {
            self.skip_white_space();
            let ended = self.at == self.source.len();
            ended.then_some(()).ok_or(Reason::TrailingBytes)
        });
        scanned.map_err(|reason| InvalidJson {
            reason,
            offset: self.at,
        })
    }

    fn value(&mut self) -> Result<Raw<'a>, Reason> {
        let start = self.at;
        let source = self.source;
        match self.peek() {
            Some(b'"') => self.string().map(Raw::String),
            Some(b'{') => {
                self.object(None)?;
                Ok(Raw::Object(&source[start..self.at]))
            }
            Some(b'[') => {
                self.array(None)?;
                Ok(Raw::Array(&source[start..self.at]))
            }
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                Ok(Raw::Number(&source[start..self.at]))
            }
            Some(b't') => self.literal("true", Raw::Bool(true)),
            Some(b'f') => self.literal("false", Raw::Bool(false)),
            Some(b'n') => self.literal("null", Raw::Null),
            Some(_) => Err(Reason::Expected("a value")),
            None => Err(Reason::UnexpectedEnd),
        }
    }

    fn object(&mut self, mut visit: Visit<'_, Member<'a>>) -> Result<(), Reason> {
        self.enter()?;
        let opened = self.names.open();
        self.skip_white_space();
        if !self.take(b'}') {
            loop {
                let member = self.member(opened)?;
                if let Some(visit) = visit.as_deref_mut() {
                    visit(member);
                }
                if self.ends_with(b'}', "a comma or a closing brace")? {
                    break;
                }
            }
        }
        self.names.close(opened);
        self.depth -= 1;
        Ok(())
    }

    fn member(&mut self, opened: usize) -> Result<Member<'a>, Reason> {
        self.members += 1;
        if self.members > self.limits.members {
            return Err(Reason::TooManyMembers);
        }
        let start = self.at + 1;
        if self.peek() != Some(b'"') {
            return Err(self.expected("a member name"));
        }
        let name = self.string()?;
        if self.is_strict() && !self.names.insert(opened, self.source, start, name) {
            return Err(Reason::DuplicateMember);
        }
        self.skip_white_space();
        if !self.take(b':') {
            return Err(self.expected("a colon"));
        }
        self.skip_white_space();
        Ok((name, self.value()?))
    }

    fn array(&mut self, mut visit: Visit<'_, Raw<'a>>) -> Result<(), Reason> {
        self.enter()?;
        self.skip_white_space();
        if !self.take(b']') {
            loop {
                let element = self.value()?;
                if let Some(visit) = visit.as_deref_mut() {
                    visit(element);
                }
                if self.ends_with(b']', "a comma or a closing bracket")? {
                    break;
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// After a member or an element: true at the closing byte, false after a comma.
    fn ends_with(&mut self, closing: u8, expected: &'static str) -> Result<bool, Reason> {
        self.skip_white_space();
        if self.take(closing) {
            return Ok(true);
        }
        if !self.take(b',') {
            return Err(self.expected(expected));
        }
        self.skip_white_space();
        Ok(false)
    }

    fn enter(&mut self) -> Result<(), Reason> {
        self.depth += 1;
        if self.depth > self.limits.depth {
            return Err(Reason::TooDeep);
        }
        self.at += 1;
        Ok(())
    }

    fn string(&mut self) -> Result<Text<'a>, Reason> {
        self.at += 1;
        let start = self.at;
        let mut plain = true;
        loop {
            self.at += plain_run(&self.source.as_bytes()[self.at..]);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    plain = false;
                    self.escape()?;
                }
                Some(_) => return Err(Reason::ControlCharacter),
                None => return Err(Reason::UnexpectedEnd),
            }
        }
        let text = Text::new(&self.source[start..self.at], plain);
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
            0xd800..=0xdfff if self.is_strict() => Err(Reason::LoneSurrogate),
            _ => Ok(6),
        }
    }

    fn number(&mut self) -> Result<(), Reason> {
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
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        let count = self.at - start;
        if count == 0 {
            return Err(Reason::InvalidNumber);
        }
        Ok(count)
    }

    fn literal(&mut self, spelling: &'static str, value: Raw<'a>) -> Result<Raw<'a>, Reason> {
        if !self.source[self.at..].starts_with(spelling) {
            return Err(Reason::Expected("a value"));
        }
        self.at += spelling.len();
        Ok(value)
    }

    const fn is_strict(&self) -> bool {
        !self.lenient_inside || self.depth <= 1
    }

    fn expected(&self, what: &'static str) -> Reason {
        match self.peek() {
            Some(_) => Reason::Expected(what),
            None => Reason::UnexpectedEnd,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.source.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn skip_white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }
}

/// How many bytes stand before the first quote, backslash or control character. Eight at a time: strings are most of a token.
fn plain_run(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // A byte's high bit is set where the byte is zero; above the first such byte the answer may be wrong, below never.
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let mut at = 0;
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*chunk);
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
        let found = zero(word ^ (ONES * 0x22)) | zero(word ^ (ONES * 0x5c)) | control;
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let tail = bytes.iter().skip(at);
    at + tail
        .take_while(|&&byte| byte != b'"' && byte != b'\\' && byte >= 0x20)
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_run_ends_where_a_byte_by_byte_search_ends() {
        let slow = |bytes: &[u8]| {
            let special = |&byte: &u8| byte == b'"' || byte == b'\\' || byte < 0x20;
            bytes.iter().position(special).unwrap_or(bytes.len())
        };
        for byte in 0..=u8::MAX {
            for at in 0..24 {
                let mut bytes = [b'a'; 24];
                bytes[at] = byte;
                assert_eq!(plain_run(&bytes), slow(&bytes), "{byte} at {at}");
                bytes[at / 2] = byte.wrapping_sub(1);
                assert_eq!(plain_run(&bytes), slow(&bytes), "{byte} twice at {at}");
            }
        }
    }

    #[test]
    fn members_are_shown_as_they_stand() {
        let mut seen = Vec::new();
        let mut names = Names::default();
        let source = br#" {"a" : 1.5e3, "b":[1,{"a":2}],"\u0063":"x\ty", "d":{ } ,"e":null} "#;
        Scanner::new(source, Limits::CLAIMS, &mut names)
            .unwrap()
            .object_document(&mut |name, value| seen.push((name.decoded(), value)))
            .unwrap();
        let expected = [
            ("a".into(), Raw::Number("1.5e3")),
            ("b".into(), Raw::Array(r#"[1,{"a":2}]"#)),
            ("c".into(), Raw::String(Text::new("x\\ty", false))),
            ("d".into(), Raw::Object("{ }")),
            ("e".into(), Raw::Null),
        ];
        assert_eq!(seen, expected);
    }
}
