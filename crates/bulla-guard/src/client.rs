//! What the gateway tells the services behind it about the client: request extensions; and the ranges that addresses
//! lie in.
//!
//! Services trust the extensions and never the headers they are made from.

mod browser;
mod cidr;
mod prefix;

use std::{fmt, net::IpAddr};

pub use self::{
    browser::{BrowserRequest, CookieNames, CookieToken, Meant},
    cidr::{Cidr, InvalidCidr},
    prefix::{AddressPrefix, InvalidAddressPrefix},
};

/// Where the request came from: the peer, or what a listed proxy says its peer was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

/// How wary the gateway is of the client, in steps; 0, or no such extension: not at all. With each step an anonymous
/// handshake takes it twice the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Wariness(pub u8);

/// Names one request in logs and problems: 1 to 128 of `A-Z a-z 0-9 - _ . : /`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestId(String);

/// The text is no request ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a request ID is 1 to 128 of the characters A-Z a-z 0-9 - _ . : /")]
pub struct InvalidRequestId;

impl RequestId {
    /// Longer ones are refused: the ID goes into every log line of the request.
    pub const MAX_BYTES: usize = 128;

    /// A new one: 22 base64url characters.
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(bulla_jose::base64url::encode(&bytes))
    }

    /// One that came from outside.
    ///
    /// # Errors
    /// [`InvalidRequestId`] for what could break a log line or a header.
    pub fn parse(text: &str) -> Result<Self, InvalidRequestId> {
        let harmless = |byte: u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':' | b'/')
        };
        if text.is_empty() || text.len() > Self::MAX_BYTES || !text.bytes().all(harmless) {
            return Err(InvalidRequestId);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_id_takes_what_is_harmless_in_logs_and_headers() {
        for good in [
            "a",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "x_y.z:1/2",
        ] {
            assert_eq!(RequestId::parse(good).unwrap().as_str(), good);
        }
        let long = "a".repeat(RequestId::MAX_BYTES + 1);
        for bad in ["", "a b", "a\nb", "a\"b", "ä", long.as_str()] {
            assert_eq!(RequestId::parse(bad), Err(InvalidRequestId), "{bad:?}");
        }
    }

    #[test]
    fn a_random_request_id_is_one_that_parses() {
        let id = RequestId::from_random([0xff; 16]);
        assert_eq!(RequestId::parse(id.as_str()), Ok(id));
    }
}
