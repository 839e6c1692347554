//! Whom or what something happened to.

use bulla_jose::jwk::KeyId;

use crate::ids::{AccountId, AddressRange, ClientId, UnknownName};

/// There is one, which needs no name.
const STORE: &str = "store";

/// Whom or what something happened to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditSubject {
    /// An account.
    Account(AccountId),
    /// A client.
    Client(ClientId),
    /// A signing key.
    SigningKey(KeyId),
    /// Whoever comes from these addresses.
    Addresses(AddressRange),
    /// All that the store holds.
    Store,
}

impl AuditSubject {
    /// The stable name of its kind in the store.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Account(_) => "account",
            Self::Client(_) => "client",
            Self::SigningKey(_) => "signing_key",
            Self::Addresses(_) => "addresses",
            Self::Store => STORE,
        }
    }

    /// Its identity.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Account(id) => id.as_str(),
            Self::Client(id) => id.as_str(),
            Self::SigningKey(id) => id.as_str(),
            Self::Addresses(range) => range.as_str(),
            Self::Store => STORE,
        }
    }

    /// Reads the name of a kind, and the identity that belongs to it.
    ///
    /// # Errors
    /// [`UnknownName`] if there is no such kind, or the identity is none of its kind.
    pub fn read(kind: &str, id: &str) -> Result<Self, UnknownName> {
        let read = match kind {
            "account" => AccountId::new(id).ok().map(Self::Account),
            "client" => ClientId::new(id).ok().map(Self::Client),
            "signing_key" => KeyId::new(id).ok().map(Self::SigningKey),
            "addresses" => AddressRange::parse(id).ok().map(Self::Addresses),
            STORE => (id == STORE).then_some(Self::Store),
            _ => None,
        };
        read.ok_or(UnknownName)
    }
}

impl From<AccountId> for AuditSubject {
    fn from(id: AccountId) -> Self {
        Self::Account(id)
    }
}

impl From<&ClientId> for AuditSubject {
    fn from(id: &ClientId) -> Self {
        Self::Client(id.clone())
    }
}

impl From<&AccountId> for AuditSubject {
    fn from(id: &AccountId) -> Self {
        Self::Account(id.clone())
    }
}

impl From<AddressRange> for AuditSubject {
    fn from(range: AddressRange) -> Self {
        Self::Addresses(range)
    }
}

impl From<&KeyId> for AuditSubject {
    fn from(id: &KeyId) -> Self {
        Self::SigningKey(id.clone())
    }
}
