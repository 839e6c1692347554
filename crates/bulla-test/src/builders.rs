//! Accounts and sessions that are valid and short to write.

use std::{net::IpAddr, time::Duration};

use bulla_core::{
    account::{Account, CustomClaims, DisplayName, Email, Password, Plan, Username},
    audit::{AuditEvent, AuditKind, AuditSubject},
    client::{Audiences, Client, ClientCredential, ClientSecret, ClientSecrets, Scope},
    ids::{AccountId, ClientId, SessionId},
    revocation::RevocationTerm,
    session::{Device, Generations, Session, SessionNonce},
    store::AccountCreation,
    time::Timestamp,
};
use zeroize::Zeroizing;

use crate::FastHasher;

/// An account with the identity `usr_NAME`, the address `NAME@example.com`, the user name `NAME`
/// and the password `password of NAME`. The name is a valid user name.
///
/// # Panics
/// If it is not.
#[must_use]
pub fn account(name: &str, created_at: Timestamp) -> Account {
    Account {
        id: account_id(name),
        email: Some(Email::parse(&format!("{name}@example.com")).expect("a valid address")),
        username: Some(Username::parse(name).expect("a valid user name")),
        name: None,
        password: FastHasher::hash_of(&password(&format!("password of {name}"))),
        roles: [].into(),
        plan: Plan::free(),
        claims: CustomClaims::default(),
        epoch: 0,
        disabled_at: None,
        created_at,
    }
}

/// The identity `usr_NAME`.
///
/// # Panics
/// If that is no identity.
#[must_use]
pub fn account_id(name: &str) -> AccountId {
    AccountId::new(format!("usr_{name}")).expect("a valid identity")
}

/// A password.
///
/// # Panics
/// If it is too long for one.
#[must_use]
pub fn password(text: &str) -> Password {
    Password::new(text).expect("a password of at most 1 KiB")
}

/// A client with the identity `cli_NAME`, called `NAME`, that may ask for the scopes `orders:read` and `orders:write`.
/// Its secret is [`client_secret`] of the same name.
///
/// # Panics
/// If the name is none for a client.
#[must_use]
pub fn client(name: &str, created_at: Timestamp) -> Client {
    Client {
        id: client_id(name),
        name: DisplayName::parse(name).expect("a valid name"),
        credential: ClientCredential::Secrets(ClientSecrets::first(client_secret(name).hash())),
        scopes: Scope::parse_all(["orders:read", "orders:write"]).expect("valid scopes"),
        audiences: Audiences::default(),
        access_lifetime: None,
        epoch: 0,
        disabled_at: None,
        created_at,
    }
}

/// The identity `cli_NAME`.
///
/// # Panics
/// If that is no identity.
#[must_use]
pub fn client_id(name: &str) -> ClientId {
    ClientId::new(format!("cli_{name}")).expect("a valid identity")
}

/// A secret that is another for every name whose first byte is.
#[must_use]
pub fn client_secret(name: &str) -> ClientSecret {
    let byte = name.bytes().next().unwrap_or_default();
    ClientSecret::from_random(&Zeroizing::new([byte; 32]))
}

/// The identity of 16 times this byte.
#[must_use]
pub const fn session_id(byte: u8) -> SessionId {
    SessionId::from_bytes([byte; 16])
}

/// A session of the account that was opened then and lasts 30 days.
#[must_use]
pub fn session(id: SessionId, account: &AccountId, created_at: Timestamp) -> Session {
    let [first, ..] = *id.as_bytes();
    Session {
        id,
        account: account.clone(),
        nonce: SessionNonce(Zeroizing::new([first; 32])),
        generations: Generations::first(created_at),
        created_at,
        last_used_at: created_at,
        absolute_end: created_at.after(Duration::from_secs(30 * 24 * 3600)),
        device: Device {
            user_agent: Some("Mozilla/5.0 (test)".to_owned()),
            address: Some(IpAddr::from([192, 0, 2, 1])),
        },
        name: None,
        ended: None,
    }
}

/// The account as its owner made it, with its first session if one is given.
#[must_use]
pub fn creation(account: &Account, session: Option<&Session>) -> AccountCreation {
    AccountCreation {
        account: account.clone(),
        session: session.cloned(),
        replaces: None,
        visitor: None,
        event: event(account.created_at, AuditKind::AccountCreated, &account.id),
    }
}

/// An audit event of the account or client, by its owner from `192.0.2.1`.
#[must_use]
pub fn event(at: Timestamp, kind: AuditKind, subject: impl Into<AuditSubject>) -> AuditEvent {
    AuditEvent::by_owner(kind, subject, at, Some(IpAddr::from([192, 0, 2, 1])))
}

/// Of a revocation at that time, of tokens that live for 900 seconds.
#[must_use]
pub fn term(now: Timestamp) -> RevocationTerm {
    RevocationTerm {
        now,
        access_lifetime: Duration::from_secs(900),
        slack: Duration::ZERO,
    }
}
