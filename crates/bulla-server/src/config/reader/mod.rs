//! Reading a section key by key: what was not asked for is unknown, what cannot be read is a problem,
//! and neither stops the rest.

mod section;
mod value;

pub(super) use self::{
    section::Section,
    value::{Mistake, boolean, count, expected_instead, list, parsed, text, word},
};
