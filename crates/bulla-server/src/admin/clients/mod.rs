//! `/admin/clients/…`

mod change;
mod client;
mod create;
mod delete;
mod list;
mod rotate_secret;
mod show;

use std::sync::Arc;

use bulla_core::client::Client;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use self::{
    change::EditClientRequest,
    client::AdminClient,
    create::{CreateClientRequest, CreatedClient},
    list::{AdminClients, ListClientsQuery},
    rotate_secret::RotateSecretRequest,
};
use crate::{edge::refused::Refused, issuer::Issuer};

pub(super) fn routes() -> OpenApiRouter<Arc<Issuer>> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(show::show, change::change, delete::delete))
        .routes(routes!(rotate_secret::rotate))
}

/// The client of this identity or name.
async fn find(issuer: &Issuer, who: &str) -> Result<Client, Refused> {
    issuer
        .administration()
        .find_client(who)
        .await?
        .ok_or_else(|| Refused::not_found("client"))
}
