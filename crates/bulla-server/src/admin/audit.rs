//! `GET /admin/audit`

use std::{net::IpAddr, sync::Arc};

use axum::{Json, extract::State};
use bulla_core::{
    audit::{Actor, AuditFilter, AuditRecord, AuditSubject},
    ids::AccountId,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{page::PageLimit, permit::AdminPermit};
use crate::{
    edge::{
        location::Parameters, problem_document::ProblemDocument, refused::Refused, time::rfc3339,
    },
    issuer::Issuer,
};

/// Which part of the audit log.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAuditQuery {
    /// Only what happened to this account: its identity, were it deleted since.
    pub account: Option<String>,
    /// Only what happened to this client, were it removed since.
    pub client: Option<String>,
    /// Only what happened to this signing key.
    pub signing_key: Option<String>,
    /// Only what happened to exactly this range of addresses, such as `203.0.113.0/24`.
    pub addresses: Option<String>,
    /// Only events of this kind.
    pub kind: Option<String>,
    /// Only what the administrator of this identity did.
    pub administrator: Option<String>,
    /// `next` of the part before.
    pub after: Option<String>,
    /// 1 to 1000; left out: 100.
    pub limit: Option<u32>,
}

/// A part of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditEvents {
    /// The newest first.
    pub events: Vec<AuditLine>,
    /// For `after`, if there may be older ones.
    pub next: Option<String>,
}

/// Who did what to whom, when and from where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditLine {
    /// A number that no other event has; later events have greater ones.
    pub id: String,
    /// When the request that caused it arrived.
    #[schema(format = "date-time")]
    pub at: String,
    /// `account_created`, `visitor_upgraded`, `account_changed`, `account_deleted`, `password_changed`, `session_opened`,
    /// `session_ended`, `refresh_reply_lost`, `refresh_reused`, `password_wrong`, `ban_added`, `ban_removed` …
    pub kind: String,
    /// Who did it: the `owner` of the account (or the client itself), an `administrator`, the `command_line`, or the `system` by one of its rules;
    /// `unknown` if nobody has proven who it was, `unrecorded` if the event is older than its recording.
    pub actor: String,
    /// The identity of the owner, client or administrator who did it.
    pub actor_id: Option<String>,
    /// The account that it happened to, if it was one.
    pub account: Option<String>,
    /// The client that it happened to, if it was one.
    pub client: Option<String>,
    /// The `kid` of the signing key that it happened to, if it was one.
    pub signing_key: Option<String>,
    /// The addresses that it happened to, if it was some: a range such as `203.0.113.0/24`.
    pub addresses: Option<String>,
    /// The session that it happened to, if it was one.
    pub session: Option<String>,
    /// Where the request came from.
    #[schema(value_type = Option<String>)]
    pub address: Option<IpAddr>,
    /// More of what happened, in words that may change.
    pub detail: Option<String>,
}

pub(super) fn routes() -> OpenApiRouter<Arc<Issuer>> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Who did what to accounts, sessions, clients, signing keys and addresses, and from where; the newest first, part by part. What is
/// recorded meanwhile moves no part.
#[utoipa::path(
    get,
    path = "/admin/audit",
    params(ListAuditQuery),
    responses(
        (status = 200, body = AuditEvents),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`"),
    ),
)]
async fn list(
    _permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
    Parameters(query): Parameters<ListAuditQuery>,
) -> Result<Json<AuditEvents>, Refused> {
    let limit = PageLimit::parse(query.limit)?;
    let filter = filter(query)?;
    let records = issuer.administration().audit(&filter, limit.get()).await?;
    let events: Vec<_> = records.iter().map(AuditLine::from).collect();
    let next = limit.last(&events).map(|last| last.id.clone());
    Ok(Json(AuditEvents { events, next }))
}

fn filter(query: ListAuditQuery) -> Result<AuditFilter, Refused> {
    let subject = subject([
        ("account", query.account),
        ("client", query.client),
        ("signing_key", query.signing_key),
        ("addresses", query.addresses),
    ])?;
    let administrator = query.administrator.map(|id| {
        let refused = |error| Refused::field("administrator", error);
        AccountId::new(id).map_err(refused)
    });
    let kind = query.kind.as_deref().map(str::parse).transpose();
    let number = |text: String| {
        text.parse::<i64>()
            .ok()
            .and_then(|number| number.try_into().ok())
    };
    let unknown = || Refused::field("after", "is `next` of a part before");
    let before = query.after.map(|text| number(text).ok_or_else(unknown));
    Ok(AuditFilter {
        subject,
        kind: kind.map_err(|_| Refused::field("kind", "there is no such kind of event"))?,
        administrator: administrator.transpose()?,
        before: before.transpose()?,
    })
}

/// What is asked for: at most one of them.
fn subject(asked: [(&'static str, Option<String>); 4]) -> Result<Option<AuditSubject>, Refused> {
    let mut asked = asked.into_iter().filter_map(|(kind, id)| Some((kind, id?)));
    let Some((kind, id)) = asked.next() else {
        return Ok(None);
    };
    if let Some((another, _)) = asked.next() {
        let reason = format!("`{kind}` is asked for already");
        return Err(Refused::field(another, reason));
    }
    let refused = |_| Refused::field(kind, "there is none that is called so");
    AuditSubject::read(kind, &id).map(Some).map_err(refused)
}

impl From<&AuditRecord> for AuditLine {
    fn from(record: &AuditRecord) -> Self {
        let AuditRecord { number, event } = record;
        let actor_id = match &event.actor {
            Actor::Owner => Some(event.subject.id()),
            other => other.administrator().map(AccountId::as_str),
        };
        let subject = &event.subject;
        let if_it_is = |kind| (subject.kind() == kind).then(|| subject.id().to_owned());
        Self {
            id: number.to_string(),
            at: rfc3339(event.at),
            kind: event.kind.as_str().to_owned(),
            actor: event.actor.as_str().to_owned(),
            actor_id: actor_id.map(str::to_owned),
            account: if_it_is("account"),
            client: if_it_is("client"),
            signing_key: if_it_is("signing_key"),
            addresses: if_it_is("addresses"),
            session: event.session.map(|session| session.to_string()),
            address: event.address,
            detail: event.detail.clone(),
        }
    }
}
