//! The small languages of the values: `15m`, `10MiB`, `1000/s`, `0.5%`, `10.0.0.0/8`, `http://host:port`.

mod address;
mod duration;
mod http_origin;
mod link_base;
mod network;
mod rate;
mod share;
mod size;

pub use address::parse_address;
pub use duration::parse_duration;
pub use http_origin::HttpOrigin;
pub use link_base::LinkBase;
pub use network::parse_network;
pub use rate::{parse_address_limit, parse_rate};
pub use share::{WHOLE, parse_share};
pub use size::{parse_cache_size, parse_size};

/// The text is not what the key asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct InvalidValue {
    /// What is asked for, with an example.
    pub expected: String,
    /// What was probably meant; it would be accepted.
    pub suggestion: Option<String>,
}

impl InvalidValue {
    pub(super) fn new(expected: impl Into<String>, suggestion: Option<String>) -> Self {
        Self {
            expected: expected.into(),
            suggestion,
        }
    }
}

/// The text from its first character that is no digit.
fn split_number(text: &str) -> (&str, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text.split_at(digits)
}
