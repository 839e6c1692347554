//! Serde over the scanner: one pass that checks the text, shows its outermost members and builds the value.
//!
//! What it does not read itself it declines, for whatever reason, and says nothing about it: the caller then reads the
//! text in the long way, which knows what to complain of.

use serde::{
    Deserialize,
    de::{
        DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
        value::StrDeserializer,
    },
    forward_to_deserialize_any,
};

use super::{
    Names, Raw, Text,
    declined::Declined,
    number::Number,
    scan::{OpenObject, Scanner},
};

/// The whole text of the scanner, one object, as `T`. Each outermost member is shown to `visit` too.
pub(super) fn object<'de, T: Deserialize<'de>>(
    scanner: &mut Scanner<'de, '_>,
    visit: &mut impl FnMut(Text<'de>, Raw<'de>),
) -> Result<T, Declined> {
    scanner.skip_white_space();
    let value = T::deserialize(Outermost {
        scanner: &mut *scanner,
        visit,
    })?;
    scanner.end()?;
    Ok(value)
}

/// The outermost object, not entered yet.
struct Outermost<'s, 'de, 'n, F> {
    scanner: &'s mut Scanner<'de, 'n>,
    visit: &'s mut F,
}

impl<'de, F: FnMut(Text<'de>, Raw<'de>)> Deserializer<'de> for Outermost<'_, 'de, '_, F> {
    type Error = Declined;

    fn deserialize_any<T: Visitor<'de>>(self, visitor: T) -> Result<T::Value, Declined> {
        read_members(self.scanner, self.visit, visitor)
    }

    fn deserialize_option<T: Visitor<'de>>(self, visitor: T) -> Result<T::Value, Declined> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<T: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: T,
    ) -> Result<T::Value, Declined> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<T: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        _visitor: T,
    ) -> Result<T::Value, Declined> {
        Err(Declined)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// A value that the scanner has found good.
struct Checked<'de>(Raw<'de>);

impl<'de> Deserializer<'de> for Checked<'de> {
    type Error = Declined;

    #[inline]
    fn deserialize_any<T: Visitor<'de>>(self, visitor: T) -> Result<T::Value, Declined> {
        match self.0 {
            Raw::Null => visitor.visit_unit(),
            Raw::Bool(value) => visitor.visit_bool(value),
            Raw::Whole(number) => visitor.visit_u64(number),
            Raw::Number(number) => match Number::read(number).ok_or(Declined)? {
                Number::Positive(value) => visitor.visit_u64(value),
                Number::Negative(value) => visitor.visit_i64(value),
                Number::Float(value) => visitor.visit_f64(value),
            },
            Raw::String(text) => visit_text(text, visitor),
            Raw::Array(text) => {
                let mut names = Names::default();
                let mut scanner = Scanner::of_checked(text, &mut names);
                let before_first = scanner.begin_array()?;
                let mut elements = Elements {
                    scanner,
                    before_first,
                    ended: false,
                };
                let value = visitor.visit_seq(&mut elements)?;
                elements.ended.then_some(value).ok_or(Declined)
            }
            Raw::Object(text) => {
                let mut names = Names::default();
                let mut scanner = Scanner::of_checked(text, &mut names);
                read_members(&mut scanner, &mut |_, _| {}, visitor)
            }
        }
    }

    fn deserialize_option<T: Visitor<'de>>(self, visitor: T) -> Result<T::Value, Declined> {
        match self.0 {
            Raw::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<T: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: T,
    ) -> Result<T::Value, Declined> {
        visitor.visit_newtype_struct(self)
    }

    /// Variants that carry nothing; the others are declined.
    fn deserialize_enum<T: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: T,
    ) -> Result<T::Value, Declined> {
        let Raw::String(text) = self.0 else {
            return Err(Declined);
        };
        let name = text.decoded();
        let name: StrDeserializer<'_, Declined> = (*name).into_deserializer();
        visitor.visit_enum(name)
    }

    /// A string or an array of bytes could be meant.
    fn deserialize_bytes<T: Visitor<'de>>(self, _visitor: T) -> Result<T::Value, Declined> {
        Err(Declined)
    }

    fn deserialize_byte_buf<T: Visitor<'de>>(self, _visitor: T) -> Result<T::Value, Declined> {
        Err(Declined)
    }

    fn deserialize_ignored_any<T: Visitor<'de>>(self, visitor: T) -> Result<T::Value, Declined> {
        visitor.visit_unit()
    }

    /// The tag of an enum, for example: as a number it would count the variants.
    fn deserialize_identifier<T: Visitor<'de>>(self, visitor: T) -> Result<T::Value, Declined> {
        match self.0 {
            Raw::String(text) => visit_text(text, visitor),
            _ => Err(Declined),
        }
    }

    /// Some maps take `null` for an empty one, if they are asked.
    fn deserialize_map<T: Visitor<'de>>(self, visitor: T) -> Result<T::Value, Declined> {
        match self.0 {
            Raw::Object(_) => self.deserialize_any(visitor),
            _ => Err(Declined),
        }
    }

    fn deserialize_struct<T: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: T,
    ) -> Result<T::Value, Declined> {
        self.deserialize_map(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string unit unit_struct seq
        tuple tuple_struct
    }
}

/// The name of a member, which is never anything but text.
struct Name<'de>(Text<'de>);

impl<'de> Deserializer<'de> for Name<'de> {
    type Error = Declined;

    fn deserialize_any<T: Visitor<'de>>(self, visitor: T) -> Result<T::Value, Declined> {
        visit_text(self.0, visitor)
    }

    fn deserialize_newtype_struct<T: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: T,
    ) -> Result<T::Value, Declined> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<T: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: T,
    ) -> Result<T::Value, Declined> {
        Checked(Raw::String(self.0)).deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[inline]
fn visit_text<'de, T: Visitor<'de>>(text: Text<'de>, visitor: T) -> Result<T::Value, Declined> {
    if text.is_plain() {
        visitor.visit_borrowed_str(text.raw())
    } else {
        visitor.visit_string(text.decoded().into_owned())
    }
}

fn read_members<'de, T: Visitor<'de>>(
    scanner: &mut Scanner<'de, '_>,
    visit: &mut impl FnMut(Text<'de>, Raw<'de>),
    visitor: T,
) -> Result<T::Value, Declined> {
    let object = scanner.begin_object()?;
    let mut members = Members {
        scanner,
        object,
        visit,
        value: None,
        ended: false,
    };
    let value = visitor.visit_map(&mut members)?;
    members.ended.then_some(value).ok_or(Declined)
}

struct Members<'s, 'de, 'n, F> {
    scanner: &'s mut Scanner<'de, 'n>,
    object: OpenObject,
    visit: &'s mut F,
    value: Option<Raw<'de>>,
    ended: bool,
}

impl<'de, F: FnMut(Text<'de>, Raw<'de>)> MapAccess<'de> for Members<'_, 'de, '_, F> {
    type Error = Declined;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Declined> {
        let (name, value) = match self.scanner.usual_member(&mut self.object) {
            Some(member) => member,
            None => match self.scanner.any_member(&mut self.object)? {
                Some(member) => member,
                None => {
                    self.ended = true;
                    return Ok(None);
                }
            },
        };
        (self.visit)(name, value);
        self.value = Some(value);
        seed.deserialize(Name(name)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Declined> {
        let value = self.value.take().ok_or(Declined)?;
        seed.deserialize(Checked(value))
    }
}

struct Elements<'de, 'n> {
    scanner: Scanner<'de, 'n>,
    before_first: bool,
    ended: bool,
}

impl<'de> SeqAccess<'de> for Elements<'de, '_> {
    type Error = Declined;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Declined> {
        let Some(element) = self.scanner.next_element(&mut self.before_first)? else {
            self.ended = true;
            return Ok(None);
        };
        seed.deserialize(Checked(element)).map(Some)
    }
}
