//! `POST` and `DELETE /demo/client`, and `GET /demo/reports`: a service of the caller's that asks for tokens in its own name.

use std::time::Duration;

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{StatusCode, request::Parts},
};
use bulla_core::{
    account::DisplayName,
    administration::{Administrator, NewClient, RemoveError},
    client::{Audiences, Scope},
    ids::AccountId,
    store::StoreError,
};
use bulla_guard::problem::Code;
use serde::Serialize;

use super::{Demo, visitor::Visitor};
use crate::{
    edge::{caller::ClientDevice, refused::Refused, secret::SecretText},
    issuer::Issuer,
};

/// What a demo client may ask for. Nothing here takes the first, so that there is a token that is not enough.
const SCOPES: [&str; 2] = ["orders:read", REPORTS];

/// How what is made here is called: this, and whose it is.
const NAME: &str = "demo of ";

/// How long one stays that nobody removes.
const STAYS: Duration = Duration::from_secs(60 * 60);

/// How many are looked at, at once, whether they are over.
const BATCH: u32 = 500;

/// What [`reports`] asks for.
pub(super) const REPORTS: &str = "reports:read";

#[derive(Serialize)]
pub(super) struct MadeClient {
    client_id: String,
    /// Told now and never again. There is one: it has no keys.
    client_secret: Option<SecretText>,
    scope: String,
}

#[derive(Serialize)]
pub(super) struct Reports {
    message: String,
}

/// Whose client it is.
pub(super) struct Owner {
    account: AccountId,
    by: Administrator,
}

/// Makes a client of the caller's, in the place of the one that there was.
pub(super) async fn make(
    State(demo): State<Demo>,
    owner: Owner,
) -> Result<(StatusCode, Json<MadeClient>), Refused> {
    remove_of(&demo, &owner).await?;
    let new = NewClient {
        name: name(&owner)?,
        scopes: Scope::parse_all(SCOPES).map_err(|error| Refused::field("scope", error))?,
        audiences: Audiences::default(),
        access_lifetime: None,
        keys: None,
    };
    let service = demo.issuer.administration();
    let (client, secret) = service.add_client(new, &owner.by).await?;
    let made = MadeClient {
        client_id: client.id.to_string(),
        client_secret: secret.map(|secret| SecretText::new(secret.expose().to_owned())),
        scope: Scope::join(&client.scopes),
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Removes it, and ends its tokens.
pub(super) async fn remove(State(demo): State<Demo>, owner: Owner) -> Result<StatusCode, Refused> {
    match remove_of(&demo, &owner).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Refused::not_found("client")),
    }
}

/// For whoever has the scope. No user does: users have roles.
pub(super) async fn reports(visitor: Visitor) -> Json<Reports> {
    Json(Reports {
        message: format!("Good morning, {}. No user asked for this.", visitor.subject),
    })
}

/// Whether there was one.
async fn remove_of(demo: &Demo, owner: &Owner) -> Result<bool, Refused> {
    let service = demo.issuer.administration();
    let Some(client) = service.find_client(name(owner)?.as_str()).await? else {
        return Ok(false);
    };
    match service.remove_client(&client.id, &owner.by).await {
        Ok(()) => Ok(true),
        Err(RemoveError::NotFound) => Ok(false),
        Err(RemoveError::Store(error)) => Err(error.into()),
    }
}

/// Removes those that were made an hour ago or before: none outlives its owner for long. To be called every few minutes.
/// Returns how many went.
///
/// # Errors
/// [`StoreError`]; some may be gone.
pub async fn tidy(issuer: &Issuer) -> Result<u64, StoreError> {
    let service = issuer.administration();
    let made_before = issuer.now().before(STAYS);
    let (mut removed, mut after) = (0, None);
    loop {
        let batch = service.clients(after.as_ref(), BATCH).await?;
        let Some(last) = batch.last() else {
            return Ok(removed);
        };
        after = Some(last.id.clone());
        for client in batch {
            if client.created_at > made_before || !client.name.as_str().starts_with(NAME) {
                continue;
            }
            match service.expire_client(&client.id).await {
                Ok(()) => removed += 1,
                Err(RemoveError::NotFound) => {}
                Err(RemoveError::Store(error)) => return Err(error),
            }
        }
    }
}

/// Everybody has one at most: it is called by its owner.
fn name(owner: &Owner) -> Result<DisplayName, Refused> {
    let name = format!("{NAME}{}", owner.account);
    DisplayName::parse(&name).map_err(|error| Refused::field("name", error))
}

impl FromRequestParts<Demo> for Owner {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, demo: &Demo) -> Result<Self, Refused> {
        let visitor = Visitor::from_request_parts(parts, demo).await?;
        let Ok(ClientDevice(device)) = ClientDevice::from_request_parts(parts, demo).await;
        let account = AccountId::new(visitor.subject).ok();
        // A client that made clients could make any number.
        let known = match &account {
            Some(account) => demo.issuer.authentication().account(account).await?,
            None => None,
        };
        let account = known.ok_or_else(|| {
            Refused::new(
                Code::SignInRequired,
                "this needs a signed-in user, not a service",
            )
        })?;
        let by = Administrator {
            account: Some(account.id.clone()),
            address: device.address,
        };
        Ok(Self {
            account: account.id,
            by,
        })
    }
}
