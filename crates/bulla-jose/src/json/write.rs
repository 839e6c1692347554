//! Strict JSON from serde values: one pass that writes the text and checks that no object names a member twice.
//!
//! As with reading, whatever is not written here is declined without a word, and the caller takes the long way.

use serde::{
    Serialize, Serializer,
    ser::{Impossible, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple},
};

use super::{Limits, Names, Text, declined::Declined, names::ObjectNames, plain::plain_end};

/// Writes `value` behind what `out` holds, an object within the limits. What `out` holds after an error is of no use.
pub(super) fn object<T: Serialize + ?Sized>(
    value: &T,
    limits: Limits,
    out: &mut String,
) -> Result<(), Declined> {
    let mut names = Names::with_capacity(32);
    let mut writer = Writer {
        out,
        names: &mut names,
        limits,
        depth: 0,
        members: 0,
    };
    let start = writer.out.len();
    value.serialize(&mut writer)?;
    let is_object = writer.out[start..].starts_with('{');
    is_object.then_some(()).ok_or(Declined)
}

struct Writer<'w> {
    out: &'w mut String,
    names: &'w mut Names,
    limits: Limits,
    depth: usize,
    members: usize,
}

impl Writer<'_> {
    /// Text without anything to escape; other text is declined.
    #[inline]
    fn text(&mut self, text: &str) -> Result<(), Declined> {
        if plain_end(text.as_bytes(), 0) < text.len() {
            return Err(Declined);
        }
        self.out.push('"');
        self.out.push_str(text);
        self.out.push('"');
        Ok(())
    }

    fn enter(&mut self, opening: char) -> Result<(), Declined> {
        self.depth += 1;
        self.out.push(opening);
        (self.depth <= self.limits.depth)
            .then_some(())
            .ok_or(Declined)
    }

    fn leave(&mut self, closing: char) {
        self.depth -= 1;
        self.out.push(closing);
    }

    fn digits(&mut self, mut value: u64) {
        let mut digits = [0; 20];
        let mut at = digits.len();
        loop {
            at -= 1;
            digits[at] = b"0123456789"[(value % 10) as usize];
            value /= 10;
            if value == 0 {
                break;
            }
        }
        self.out
            .push_str(std::str::from_utf8(&digits[at..]).unwrap_or_default());
    }
}

impl<'v, 'w> Serializer for &'v mut Writer<'w> {
    type Ok = ();
    type Error = Declined;
    type SerializeSeq = Compound<'v, 'w>;
    type SerializeTuple = Compound<'v, 'w>;
    type SerializeTupleStruct = Impossible<(), Declined>;
    type SerializeTupleVariant = Impossible<(), Declined>;
    type SerializeMap = Compound<'v, 'w>;
    type SerializeStruct = Compound<'v, 'w>;
    type SerializeStructVariant = Impossible<(), Declined>;

    fn serialize_bool(self, value: bool) -> Result<(), Declined> {
        self.out.push_str(if value { "true" } else { "false" });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Declined> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Declined> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Declined> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Declined> {
        if value < 0 {
            self.out.push('-');
        }
        self.digits(value.unsigned_abs());
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Result<(), Declined> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Declined> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Declined> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Declined> {
        self.digits(value);
        Ok(())
    }

    fn serialize_f32(self, _value: f32) -> Result<(), Declined> {
        Err(Declined)
    }

    fn serialize_f64(self, _value: f64) -> Result<(), Declined> {
        Err(Declined)
    }

    fn serialize_char(self, _value: char) -> Result<(), Declined> {
        Err(Declined)
    }

    fn serialize_str(self, value: &str) -> Result<(), Declined> {
        self.text(value)
    }

    fn serialize_bytes(self, _value: &[u8]) -> Result<(), Declined> {
        Err(Declined)
    }

    fn serialize_none(self) -> Result<(), Declined> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Declined> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Declined> {
        self.out.push_str("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Declined> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Declined> {
        self.text(variant)
    }

    /// Names that begin with `$` are how `serde_json` marks its own types, whose text is not theirs to write here.
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Declined> {
        (!name.starts_with('$')).then_some(()).ok_or(Declined)?;
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Result<(), Declined> {
        Err(Declined)
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<Compound<'v, 'w>, Declined> {
        self.enter('[')?;
        Ok(Compound::new(self))
    }

    fn serialize_tuple(self, length: usize) -> Result<Compound<'v, 'w>, Declined> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeTupleStruct, Declined> {
        Err(Declined)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeTupleVariant, Declined> {
        Err(Declined)
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Compound<'v, 'w>, Declined> {
        self.enter('{')?;
        Ok(Compound::new(self))
    }

    fn serialize_struct(
        self,
        name: &'static str,
        _length: usize,
    ) -> Result<Compound<'v, 'w>, Declined> {
        (!name.starts_with('$')).then_some(()).ok_or(Declined)?;
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeStructVariant, Declined> {
        Err(Declined)
    }
}

/// An object or an array that is open.
struct Compound<'v, 'w> {
    writer: &'v mut Writer<'w>,
    names: ObjectNames,
    before_first: bool,
}

impl<'v, 'w> Compound<'v, 'w> {
    fn new(writer: &'v mut Writer<'w>) -> Self {
        Self {
            names: writer.names.open(),
            writer,
            before_first: true,
        }
    }

    fn comma(&mut self) {
        if !std::mem::take(&mut self.before_first) {
            self.writer.out.push(',');
        }
    }

    /// The name that was written last, from `start` on: a string, new in its object.
    #[inline]
    fn check_name(&mut self, start: usize) -> Result<(), Declined> {
        let Writer { out, names, .. } = &mut *self.writer;
        let name = out[start..]
            .strip_prefix('"')
            .and_then(|name| name.strip_suffix('"'));
        let name = Text::new(name.ok_or(Declined)?, true);
        let new = names.insert(&mut self.names, out, start + 1, name);
        self.writer.members += 1;
        let fits = self.writer.members <= self.writer.limits.members;
        (new && fits).then_some(()).ok_or(Declined)?;
        self.writer.out.push(':');
        Ok(())
    }

    fn end_object(self) {
        self.writer.names.close(&self.names);
        self.writer.leave('}');
    }
}

impl SerializeSeq for Compound<'_, '_> {
    type Ok = ();
    type Error = Declined;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Declined> {
        self.comma();
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Declined> {
        self.writer.leave(']');
        Ok(())
    }
}

impl SerializeTuple for Compound<'_, '_> {
    type Ok = ();
    type Error = Declined;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Declined> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<(), Declined> {
        SerializeSeq::end(self)
    }
}

impl SerializeMap for Compound<'_, '_> {
    type Ok = ();
    type Error = Declined;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Declined> {
        self.comma();
        let start = self.writer.out.len();
        key.serialize(&mut *self.writer)?;
        self.check_name(start)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Declined> {
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Declined> {
        self.end_object();
        Ok(())
    }
}

impl SerializeStruct for Compound<'_, '_> {
    type Ok = ();
    type Error = Declined;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Declined> {
        SerializeMap::serialize_key(self, name)?;
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Declined> {
        self.end_object();
        Ok(())
    }
}
