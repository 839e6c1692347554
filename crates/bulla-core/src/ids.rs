//! Identifiers that can only be valid.

use std::{fmt, net::IpAddr};

/// An account's identity, the claim `sub`. Bulla's own are `usr_` and 22 base64url characters; imported ones keep theirs,
/// and so do those of visitors (`anon_…`) who registered later.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(String);

/// A client's identity, the claim `client_id`, and `sub` of the tokens that speak for the client itself. Bulla's own are `cli_`
/// and 22 base64url characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(String);

/// Whom a token speaks for, the claim `sub`: an account, or a client in its own name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject(String);

/// An access token's identity, the claim `jti`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TokenId(String);

/// A range of addresses, `203.0.113.0/24`: what an administrator bans.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressRange(String);

/// A session's identity, the claim `sid`: 16 random bytes, 22 base64url characters on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId([u8; 16]);

/// The text is no identifier of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {0}")]
pub struct InvalidId(&'static str);

/// The text is none of the stable names of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a known name")]
pub struct UnknownName;

const OF_VISITOR: &str = "anon_";
const OF_CLIENT: &str = "cli_";

/// Longer ones are refused: they go into every token and header.
const MAX_BYTES: usize = 128;

impl AccountId {
    /// Accepts 1 to 128 printable ASCII characters without space.
    ///
    /// # Errors
    /// [`InvalidId`] for anything else.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
        checked(text.into(), "account id").map(Self)
    }

    /// A new identity from 16 random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(format!("usr_{}", bulla_jose::base64url::encode(&bytes)))
    }

    /// The identity of a visitor without an account, and of the account that it may become.
    #[must_use]
    pub fn of_visitor(bytes: [u8; 16]) -> Self {
        Self(format!(
            "{OF_VISITOR}{}",
            bulla_jose::base64url::encode(&bytes)
        ))
    }

    /// Whether it could be taken for that of a client: both are claim `sub`.
    #[must_use]
    pub fn is_like_a_clients(&self) -> bool {
        self.0.starts_with(OF_CLIENT)
    }

    /// Whether it is, or once was, that of a visitor.
    #[must_use]
    pub fn is_of_visitor(&self) -> bool {
        self.0.starts_with(OF_VISITOR)
    }

    /// The wire form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ClientId {
    /// Accepts 1 to 128 printable ASCII characters without space.
    ///
    /// # Errors
    /// [`InvalidId`] for anything else.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
        checked(text.into(), "client id").map(Self)
    }

    /// A new identity from 16 random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(format!(
            "{OF_CLIENT}{}",
            bulla_jose::base64url::encode(&bytes)
        ))
    }

    /// The wire form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Subject {
    /// Accepts what is the identity of an account or a client.
    ///
    /// # Errors
    /// [`InvalidId`] for anything else.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
        checked(text.into(), "subject").map(Self)
    }

    /// The wire form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TokenId {
    /// Accepts 1 to 128 printable ASCII characters without space.
    ///
    /// # Errors
    /// [`InvalidId`] for anything else.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
        checked(text.into(), "token id").map(Self)
    }

    /// The wire form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&AccountId> for Subject {
    fn from(id: &AccountId) -> Self {
        Self(id.0.clone())
    }
}

impl From<&ClientId> for Subject {
    fn from(id: &ClientId) -> Self {
        Self(id.0.clone())
    }
}

impl AddressRange {
    /// Reads an address, `/`, and how many bits of it all have in common.
    ///
    /// # Errors
    /// [`InvalidId`] for anything else, and for any other way to write the same.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let read = || {
            let (network, length) = text.split_once('/')?;
            let (network, length): (IpAddr, u8) = (network.parse().ok()?, length.parse().ok()?);
            let most = if network.is_ipv4() { 32 } else { 128 };
            let canonical = format!("{network}/{length}") == text;
            (canonical && length <= most).then(|| Self(text.to_owned()))
        };
        read().ok_or(InvalidId("address range"))
    }

    /// As it was read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn checked(text: String, what: &'static str) -> Result<String, InvalidId> {
    let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
    if text.is_empty() || text.len() > MAX_BYTES || !printable {
        return Err(InvalidId(what));
    }
    Ok(text)
}

impl SessionId {
    /// The identity made of these 16 random bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Reads the wire form.
    ///
    /// # Errors
    /// [`InvalidId`] unless the text is the canonical base64url of 16 bytes.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        bulla_jose::base64url::decode(text.as_bytes())
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or(InvalidId("session id"))
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bulla_jose::base64url::encode(&self.0))
    }
}
