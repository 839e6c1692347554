//! One JSON document: an array of records, or an object that has one as its member `users`. It is never in memory as a
//! whole.

use std::{
    cell::Cell,
    fmt,
    io::{self, BufRead, Read},
};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;

use super::{Each, MAX_RECORD, ReadError, Record, TOO_LONG};

pub(super) fn read(input: impl BufRead, each: Each<'_>) -> Result<(), ReadError> {
    let place = Place::default();
    let stopped = Cell::new(false);
    let mut json = serde_json::Deserializer::from_reader(Placed {
        input,
        place: &place,
    });
    let users = Users {
        place: &place,
        each,
        stopped: &stopped,
        depth: Depth::Document,
    };
    let read = users.deserialize(&mut json).and_then(|()| json.end());
    let line = place.line.get();
    read.map_err(|error| {
        if stopped.get() {
            return ReadError::Stopped;
        }
        if place.is_too_long.get() {
            let reason = TOO_LONG.to_owned();
            return ReadError::Malformed { line, reason };
        }
        if error.is_eof() {
            return ReadError::Cut { line };
        }
        if error.is_io() {
            return ReadError::Io(error.into());
        }
        let text = error.to_string();
        // serde_json adds where; we have said so.
        let reason = text.split(" at line ").next().unwrap_or(&text).to_owned();
        ReadError::Malformed { line, reason }
    })
}

/// Where in the file the parser is.
struct Place {
    line: Cell<u64>,
    /// Bytes of this record so far; `None`: what is read is not kept.
    of_record: Cell<Option<usize>>,
    record_begins: Cell<Option<u64>>,
    is_too_long: Cell<bool>,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            line: Cell::new(1),
            of_record: Cell::new(Some(0)),
            record_begins: Cell::new(None),
            is_too_long: Cell::new(false),
        }
    }
}

impl Place {
    fn next_record(&self) {
        self.of_record.set(Some(0));
        self.record_begins.set(None);
    }
}

struct Placed<'a, R> {
    input: R,
    place: &'a Place,
}

/// serde_json asks for one byte at a time, so that the place is exact.
impl<R: BufRead> Read for Placed<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let place = self.place;
        let count = self.input.read(buffer)?;
        for byte in &buffer[..count] {
            match byte {
                b'\n' => place.line.set(place.line.get() + 1),
                b'{' if place.record_begins.get().is_none() => {
                    place.record_begins.set(Some(place.line.get()));
                }
                _ => {}
            }
        }
        if let Some(bytes) = place.of_record.get() {
            place.of_record.set(Some(bytes + count));
            if bytes > MAX_RECORD {
                place.is_too_long.set(true);
                return Err(io::Error::new(io::ErrorKind::InvalidData, TOO_LONG));
            }
        }
        Ok(count)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    Document,
    /// The value of its member `users`.
    Member,
}

struct Users<'a, 'b> {
    place: &'a Place,
    each: Each<'b>,
    stopped: &'a Cell<bool>,
    depth: Depth,
}

impl<'de> DeserializeSeed<'de> for Users<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Users<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.depth {
            Depth::Document => "a list of users, or an object with the member `users`",
            Depth::Member => "a list of users",
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut users: A) -> Result<(), A::Error> {
        self.place.next_record();
        while let Some(value) = users.next_element::<Value>()? {
            let line = self.place.record_begins.get();
            let record = Record {
                line: line.unwrap_or(self.place.line.get()),
                value: Ok(value),
            };
            self.place.next_record();
            if !(self.each)(record) {
                self.stopped.set(true);
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        if self.depth == Depth::Member {
            return Err(A::Error::custom("`users` is no list"));
        }
        let mut found = false;
        while let Some(name) = members.next_key::<String>()? {
            self.place.next_record();
            if name == "users" {
                found = true;
                members.next_value_seed(Users {
                    place: self.place,
                    each: &mut *self.each,
                    stopped: self.stopped,
                    depth: Depth::Member,
                })?;
            } else {
                self.place.of_record.set(None);
                members.next_value::<IgnoredAny>()?;
            }
            self.place.next_record();
        }
        match found {
            true => Ok(()),
            false => Err(A::Error::custom("there is no member `users` in it")),
        }
    }
}
