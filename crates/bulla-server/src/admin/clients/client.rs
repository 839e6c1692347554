//! A client, as administrators see it.

use std::collections::BTreeSet;

use bulla_core::{
    client::{AccessLifetime, Audiences, Client, ClientCredential, ClientKeys, Scope},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::edge::{refused::Refused, time::rfc3339};

/// A client. Times are RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AdminClient {
    /// Claims `client_id` and `sub`.
    pub client_id: String,
    /// What it is called; no other client is called the same.
    pub name: String,
    /// How it proves itself: `client_secret`, by `client_secret_basic` or `client_secret_post`; or `private_key_jwt`.
    pub authentication: String,
    /// Until when the secret before the last one is good, if it still is.
    #[schema(format = "date-time")]
    pub older_secret_ends_at: Option<String>,
    /// Its public keys as a JWK set, for `private_key_jwt`.
    #[schema(value_type = Option<Object>)]
    pub public_keys: Option<Value>,
    /// What it may ask for.
    pub scopes: Vec<String>,
    /// Whom its tokens may be for, the first unless it asks for another; none: whom everybody's are for.
    pub audiences: Vec<String>,
    /// How many seconds its access tokens live; null: as long as everybody's.
    pub access_lifetime: Option<u64>,
    /// Whether it gets no tokens.
    pub disabled: bool,
    /// When it was made.
    #[schema(format = "date-time")]
    pub created_at: String,
}

impl AdminClient {
    /// What administrators see of a client now.
    pub(super) fn of(client: &Client, now: Timestamp) -> Self {
        let audiences = client.audiences.named().iter();
        let (authentication, older, keys) = match &client.credential {
            ClientCredential::Secrets(secrets) => ("client_secret", secrets.older, None),
            ClientCredential::Keys(keys) => ("private_key_jwt", None, Some(keys)),
        };
        let older = older.filter(|older| now < older.ends_at);
        Self {
            client_id: client.id.to_string(),
            name: client.name.as_str().to_owned(),
            authentication: authentication.to_owned(),
            older_secret_ends_at: older.map(|older| rfc3339(older.ends_at)),
            public_keys: keys.and_then(|keys| serde_json::from_str(keys.as_json()).ok()),
            scopes: client.scopes.iter().map(ToString::to_string).collect(),
            audiences: audiences.map(ToString::to_string).collect(),
            access_lifetime: client.access_lifetime.map(AccessLifetime::as_seconds),
            disabled: client.disabled_at.is_some(),
            created_at: rfc3339(client.created_at),
        }
    }
}

pub(super) fn scopes(names: &[String]) -> Result<BTreeSet<Scope>, Refused> {
    let scopes = Scope::parse_all(names.iter().map(String::as_str));
    scopes.map_err(Refused::in_field("scopes"))
}

pub(super) fn audiences(names: &[String]) -> Result<Audiences, Refused> {
    Audiences::parse_all(names).map_err(Refused::in_field("audiences"))
}

pub(super) fn access_lifetime(seconds: u64) -> Result<AccessLifetime, Refused> {
    AccessLifetime::from_seconds(seconds).map_err(Refused::in_field("access_lifetime"))
}

pub(super) fn public_keys(set: &Value) -> Result<ClientKeys, Refused> {
    ClientKeys::parse(&set.to_string()).map_err(Refused::in_field("public_keys"))
}

pub(super) fn name_taken() -> Refused {
    Refused::field("name", "another client is called so")
}
