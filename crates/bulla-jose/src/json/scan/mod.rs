mod scalar;

use super::{
    InvalidJson, Limits, Names, Raw, Reason, Text,
    names::ObjectNames,
    number::{digits, whole},
    plain::plain_end,
};

/// One pass over a JSON text that checks all of [`super`]'s rules and builds no values.
pub(super) struct Scanner<'a, 'n> {
    source: &'a str,
    at: usize,
    depth: usize,
    limits: Limits,
    members: usize,
    names: &'n mut Names,
    /// Whether names may not repeat, surrogates must come in pairs, and the limits count.
    strict: bool,
    /// The outermost member inside which only the grammar counts.
    lenient_member: Option<&'static str>,
}

/// Reading recurses, so that there has to be an end even where only the grammar counts.
const DEEPEST: usize = 128;

/// An object that is being read.
pub(super) struct OpenObject {
    names: ObjectNames,
    before_first: bool,
}

type Visit<'v, T> = Option<&'v mut dyn FnMut(T)>;
pub(super) type Member<'a> = (Text<'a>, Raw<'a>);

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
            strict: true,
            lenient_member: None,
        })
    }

    /// For a value that another scanner has found good, to be read once more. Uses no names.
    pub(super) const fn of_checked(source: &'a str, names: &'n mut Names) -> Self {
        Self {
            source,
            at: 0,
            depth: 0,
            limits: Limits::DOCUMENT,
            members: 0,
            names,
            strict: false,
            lenient_member: None,
        }
    }

    /// Only the grammar counts.
    pub(super) const fn lenient(mut self) -> Self {
        self.strict = false;
        self
    }

    /// Only the grammar counts inside the outermost member of this name.
    pub(super) const fn lenient_inside(mut self, member: &'static str) -> Self {
        self.lenient_member = Some(member);
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
        self.whole(|scanner| scanner.object(Some(&mut |(name, value)| visit(name, value))))
    }

    /// The whole text is one array, whose elements are shown.
    pub(super) fn array_document(
        &mut self,
        visit: &mut dyn FnMut(Raw<'a>),
    ) -> Result<(), InvalidJson> {
        self.whole(|scanner| scanner.array(Some(visit)))
    }

    fn whole(
        &mut self,
        scan: impl FnOnce(&mut Self) -> Result<(), Reason>,
    ) -> Result<(), InvalidJson> {
        self.skip_white_space();
        let scanned = scan(self).and_then(|()| self.end());
        scanned.map_err(|reason| InvalidJson {
            reason,
            offset: self.at,
        })
    }

    /// Nothing but white space is left.
    pub(super) fn end(&mut self) -> Result<(), Reason> {
        self.skip_white_space();
        let ended = self.at == self.source.len();
        ended.then_some(()).ok_or(Reason::TrailingBytes)
    }

    #[inline]
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
                let number = &source[start..self.at];
                Ok(whole(number).map_or(Raw::Number(number), Raw::Whole))
            }
            Some(b't') => self.literal("true", Raw::Bool(true)),
            Some(b'f') => self.literal("false", Raw::Bool(false)),
            Some(b'n') => self.literal("null", Raw::Null),
            Some(_) => Err(Reason::Expected("a value")),
            None => Err(Reason::UnexpectedEnd),
        }
    }

    #[inline(never)]
    fn object(&mut self, mut visit: Visit<'_, Member<'a>>) -> Result<(), Reason> {
        let mut object = self.begin_object()?;
        while let Some(member) = self.next_member(&mut object)? {
            if let Some(visit) = visit.as_deref_mut() {
                visit(member);
            }
        }
        Ok(())
    }

    /// Enters the object that begins here.
    pub(super) fn begin_object(&mut self) -> Result<OpenObject, Reason> {
        if self.peek() != Some(b'{') {
            return Err(Reason::Expected("an object"));
        }
        self.enter()?;
        Ok(OpenObject {
            names: self.names.open(),
            before_first: true,
        })
    }

    /// The next member; none once the object has ended.
    #[inline(always)]
    pub(super) fn next_member(
        &mut self,
        object: &mut OpenObject,
    ) -> Result<Option<Member<'a>>, Reason> {
        let usual = self.usual_member(object);
        if usual.is_some() {
            return Ok(usual);
        }
        self.any_member(object)
    }

    /// The next member, if it is written as nearly all are: no white space, no escapes, and a string or a whole number
    /// for a value. None, and nothing done, if it is not, or if anything is wrong with it.
    #[inline(always)]
    pub(super) fn usual_member(&mut self, object: &mut OpenObject) -> Option<Member<'a>> {
        let bytes = self.source.as_bytes();
        let mut at = self.at;
        if !object.before_first {
            at += usize::from(*bytes.get(at)? == b',');
        }
        if at == self.at && !object.before_first || *bytes.get(at)? != b'"' {
            return None;
        }
        let name_start = at + 1;
        let name_end = plain_end(bytes, name_start);
        let [b'"', b':', first, ..] = *bytes.get(name_end..)? else {
            return None;
        };
        let start = name_end + 2;
        let value = match first {
            b'"' => {
                let end = plain_end(bytes, start + 1);
                at = end + 1;
                (*bytes.get(end)? == b'"').then_some(())?;
                Raw::String(Text::new(self.source.get(start + 1..end)?, true))
            }
            b'1'..=b'9' => {
                let (number, end) = digits(bytes, start)?;
                at = end;
                matches!(*bytes.get(at)?, b',' | b'}').then_some(())?;
                Raw::Whole(number)
            }
            _ => return None,
        };
        let name = Text::new(self.source.get(name_start..name_end)?, true);
        if self.members >= self.limits.members || !self.strict {
            return None;
        }
        let new = self
            .names
            .insert(&mut object.names, self.source, name_start, name);
        new.then_some(())?;
        self.members += 1;
        object.before_first = false;
        self.at = at;
        Some((name, value))
    }

    /// As [`Scanner::next_member`], in the long way.
    #[inline(never)]
    pub(super) fn any_member(
        &mut self,
        object: &mut OpenObject,
    ) -> Result<Option<Member<'a>>, Reason> {
        self.skip_white_space();
        if self.take(b'}') {
            self.depth -= 1;
            if self.depth > 0 {
                self.names.close(&object.names);
            }
            return Ok(None);
        }
        if !std::mem::take(&mut object.before_first) {
            self.comma("a comma or a closing brace")?;
        }
        self.member(&mut object.names).map(Some)
    }

    fn member(&mut self, names: &mut ObjectNames) -> Result<Member<'a>, Reason> {
        self.members += usize::from(self.strict);
        if self.members > self.limits.members {
            return Err(Reason::TooManyMembers);
        }
        let start = self.at + 1;
        if self.peek() != Some(b'"') {
            return Err(self.expected("a member name"));
        }
        let name = self.string()?;
        if self.strict && !self.names.insert(names, self.source, start, name) {
            return Err(Reason::DuplicateMember);
        }
        self.skip_white_space();
        if !self.take(b':') {
            return Err(self.expected("a colon"));
        }
        self.skip_white_space();
        let lenient = self.depth == 1 && self.lenient_member.is_some_and(|member| name == *member);
        self.strict &= !lenient;
        let value = self.value()?;
        self.strict |= lenient;
        Ok((name, value))
    }

    #[inline(never)]
    fn array(&mut self, mut visit: Visit<'_, Raw<'a>>) -> Result<(), Reason> {
        let mut before_first = self.begin_array()?;
        while let Some(element) = self.next_element(&mut before_first)? {
            if let Some(visit) = visit.as_deref_mut() {
                visit(element);
            }
        }
        Ok(())
    }

    /// Enters the array that begins here. What it returns is for [`Scanner::next_element`].
    pub(super) fn begin_array(&mut self) -> Result<bool, Reason> {
        if self.peek() != Some(b'[') {
            return Err(Reason::Expected("an array"));
        }
        self.enter()?;
        Ok(true)
    }

    /// The next element; none once the array has ended.
    #[inline]
    pub(super) fn next_element(
        &mut self,
        before_first: &mut bool,
    ) -> Result<Option<Raw<'a>>, Reason> {
        self.skip_white_space();
        if self.take(b']') {
            self.depth -= 1;
            return Ok(None);
        }
        if !std::mem::take(before_first) {
            self.comma("a comma or a closing bracket")?;
        }
        self.value().map(Some)
    }

    #[inline]
    fn comma(&mut self, expected: &'static str) -> Result<(), Reason> {
        if !self.take(b',') {
            return Err(self.expected(expected));
        }
        self.skip_white_space();
        Ok(())
    }

    fn enter(&mut self) -> Result<(), Reason> {
        self.depth += 1;
        let deepest = if self.strict {
            self.limits.depth
        } else {
            DEEPEST
        };
        if self.depth > deepest {
            return Err(Reason::TooDeep);
        }
        self.at += 1;
        Ok(())
    }

    fn expected(&self, what: &'static str) -> Reason {
        match self.peek() {
            Some(_) => Reason::Expected(what),
            None => Reason::UnexpectedEnd,
        }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.source.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    #[inline]
    pub(super) fn skip_white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
