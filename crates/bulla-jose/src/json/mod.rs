//! Strict JSON (RFC 8259, with the advice of RFC 7493 and RFC 8725 section 2.4 made rules).
//!
//! What two readers could understand in two ways is refused: member names that occur twice in an object (compared after
//! their escapes are undone), lone surrogates, a byte order mark, bytes that are no UTF-8, bytes after the value. What
//! could be made expensive is bounded: nesting and the number of members.
//!
//! ```
//! use bulla_jose::json::{self, Limits, Reason};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Order<'a> {
//!     item: &'a str,
//! }
//!
//! let order: Order<'_> = json::from_slice(br#"{"item":"bread"}"#, Limits::DOCUMENT)?;
//! assert_eq!(order.item, "bread");
//!
//! let twice = br#"{"item":"bread","\u0069tem":"gold"}"#;
//! let error = json::check(twice, Limits::DOCUMENT).unwrap_err();
//! assert_eq!(error.reason, Reason::DuplicateMember);
//! # Ok::<(), json::InvalidJson>(())
//! ```

mod declined;
mod error;
mod names;
mod number;
mod plain;
mod read;
mod scan;
mod text;
mod write;

use serde::{Deserialize, Serialize};

pub use error::{InvalidJson, Reason};
pub(crate) use names::Names;
use scan::Scanner;
pub(crate) use text::Text;

/// How much structure a JSON text may have: 32 objects and arrays within each other, and so many members in all objects
/// at all depths together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    depth: usize,
    members: usize,
}

impl Limits {
    /// A JOSE header: 64 members.
    pub const HEADER: Self = Self::with_members(64);
    /// The claims of a token: 256 members.
    pub const CLAIMS: Self = Self::with_members(256);
    /// Any other document, a JWK set for example: 16,384 members.
    pub const DOCUMENT: Self = Self::with_members(16_384);

    /// So many members. The depth is not for choosing: reading recurses, so a great one could overflow the stack.
    #[must_use]
    pub const fn with_members(members: usize) -> Self {
        Self { depth: 32, members }
    }

    /// The most members.
    pub(crate) const fn members(self) -> usize {
        self.members
    }
}

/// Checks that `bytes` are one strict JSON value within `limits`, and gives them back as text.
///
/// # Errors
/// [`InvalidJson`] with the reason and the place.
pub fn check(bytes: &[u8], limits: Limits) -> Result<&str, InvalidJson> {
    let mut names = Names::default();
    let mut scanner = Scanner::new(bytes, limits, &mut names)?;
    scanner.document()?;
    Ok(scanner.source())
}

/// Reads a strict JSON value into any type; text without escapes can be borrowed.
///
/// # Errors
/// [`InvalidJson`] if [`check`] refuses the bytes or if the value does not have the shape of `T`.
pub fn from_slice<'de, T: Deserialize<'de>>(
    bytes: &'de [u8],
    limits: Limits,
) -> Result<T, InvalidJson> {
    let text = check(bytes, limits)?;
    read_checked(text)
}

/// Reads text that [`check`] or [`members`] has accepted.
pub(crate) fn read_checked<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, InvalidJson> {
    serde_json::from_str(text).map_err(|error| InvalidJson::shape(text, &error))
}

/// A value as it stands in the text: checked, but not taken apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Raw<'a> {
    Null,
    Bool(bool),
    /// A whole number from 0 on, in at most 19 digits.
    Whole(u64),
    /// Any other.
    Number(&'a str),
    String(Text<'a>),
    Array(&'a str),
    Object(&'a str),
}

/// Checks a strict JSON object and shows its outermost members in their order. Allocates nothing unless names have
/// escapes or `names` has to grow.
pub(crate) fn members<'a>(
    bytes: &'a [u8],
    limits: Limits,
    names: &mut Names,
    visit: &mut dyn FnMut(Text<'a>, Raw<'a>),
) -> Result<&'a str, InvalidJson> {
    let mut scanner = Scanner::new(bytes, limits, names)?;
    scanner.object_document(visit)?;
    Ok(scanner.source())
}

/// As [`members`], and builds `T` in the same pass. None if the text is not strict, does not fit `T`, or if `T` asks for
/// something that is read in the long way: [`members`], then [`read_checked`], says which.
pub(crate) fn read_members<'a, T: Deserialize<'a>>(
    bytes: &'a [u8],
    limits: Limits,
    names: &mut Names,
    visit: &mut impl FnMut(Text<'a>, Raw<'a>),
) -> Option<T> {
    let mut scanner = Scanner::new(bytes, limits, names).ok()?;
    read::object(&mut scanner, visit).ok()
}

/// Writes an object that [`members`] accepts within these limits. None if it would not be one, or if `T` needs to be
/// written in the long way: by `serde_json`, then checked.
pub(crate) fn write_object<T: Serialize + ?Sized>(value: &T, limits: Limits) -> Option<String> {
    const USUAL: usize = 512;
    let mut text = String::with_capacity(USUAL);
    write::object(value, limits, &mut text).ok()?;
    Some(text)
}

/// As [`members`], but inside the outermost member called `letters` only the grammar counts: what is in there is checked
/// by whoever reads it, so that one bad part does not spoil the others.
pub(crate) fn members_of_envelope<'a>(
    bytes: &'a [u8],
    letters: &'static str,
    limits: Limits,
    visit: &mut dyn FnMut(Text<'a>, Raw<'a>),
) -> Result<(), InvalidJson> {
    let mut names = Names::default();
    let mut scanner = Scanner::new(bytes, limits, &mut names)?.lenient_inside(letters);
    scanner.object_document(visit)
}

/// Shows the elements of an array that was found by this module; false if it is none.
pub(crate) fn elements<'a>(array: &'a str, visit: &mut dyn FnMut(Raw<'a>)) -> bool {
    let mut names = Names::default();
    Scanner::new(array.as_bytes(), Limits::DOCUMENT, &mut names)
        .map(Scanner::lenient)
        .and_then(|mut scanner| scanner.array_document(visit))
        .is_ok()
}

/// The array's elements, if all of them are strings.
pub(crate) fn strings(array: &str) -> Option<Vec<Text<'_>>> {
    let mut texts = Vec::new();
    let mut others = false;
    let whole = elements(array, &mut |element| match element {
        Raw::String(text) => texts.push(text),
        _ => others = true,
    });
    (whole && !others).then_some(texts)
}
