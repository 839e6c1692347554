//! `GET /admin/clients`

use std::sync::Arc;

use axum::{Json, extract::State};
use bulla_core::ids::ClientId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::client::AdminClient;
use crate::{
    admin::{page::PageLimit, permit::AdminPermit},
    edge::{location::Parameters, refused::Refused},
    issuer::Issuer,
};

/// Which part of the list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListClientsQuery {
    /// `next` of the part before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// 1 to 1000; left out: 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A part of the list of clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AdminClients {
    /// In the order of their identities.
    pub clients: Vec<AdminClient>,
    /// For `after`, if there may be more.
    pub next: Option<String>,
}

/// All clients, part by part.
#[utoipa::path(
    get,
    path = "/admin/clients",
    params(ListClientsQuery),
    responses((status = 200, body = AdminClients)),
)]
pub(super) async fn list(
    _permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
    Parameters(query): Parameters<ListClientsQuery>,
) -> Result<Json<AdminClients>, Refused> {
    let after = query.after.map(ClientId::new).transpose();
    let after = after.map_err(|error| Refused::field("after", error))?;
    let limit = PageLimit::parse(query.limit)?;
    let service = issuer.administration();
    let clients = service.clients(after.as_ref(), limit.get()).await?;
    let now = issuer.now();
    let shown = clients.iter().map(|client| AdminClient::of(client, now));
    let clients: Vec<_> = shown.collect();
    let next = limit.last(&clients).map(|last| last.client_id.clone());
    Ok(Json(AdminClients { clients, next }))
}
