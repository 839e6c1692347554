//! `POST /admin/import`

use std::{fmt::Display, sync::Arc};

use axum::{Json, extract::State};
use bulla_core::{administration::ImportedAccount, store::ImportOutcome as Stored};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::PortableUser;
use crate::{
    admin::permit::AdminPermit,
    edge::{
        json_body::JsonBody, problem_document::ProblemDocument, refused::Refused, time::rfc3339,
    },
    issuer::Issuer,
};

/// Accounts to be made.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportRequest {
    /// As many as fit into 2 MiB.
    pub users: Vec<PortableUser>,
    /// Whether nothing is kept, and the answer says what would become of them.
    #[serde(default)]
    pub rehearsal: bool,
}

impl ImportRequest {
    /// The most bytes of JSON.
    pub const MAX_BYTES: usize = 2 << 20;
}

/// What became of the accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportResults {
    /// One for each, in the order of the request.
    pub results: Vec<ImportResult>,
}

/// What became of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportResult {
    /// What.
    pub outcome: ImportOutcome,
    /// Its identity here, unless it was skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Why it was skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<SkipReason>,
    /// The same in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// What became of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    /// It is there now.
    Created,
    /// An account of its identity was there before, and is as it was.
    Present,
    /// An account of its identity was there without a password, and has this one now.
    PasswordAdded,
    /// It is not there.
    Skipped,
}

/// Why an account was skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// `id` or `source` is none.
    IdInvalid,
    /// Neither an email address nor a user name is there.
    NameMissing,
    /// `email` is none.
    EmailInvalid,
    /// `username` is none.
    UsernameInvalid,
    /// `name` is none.
    NameInvalid,
    /// A role is none, or there are too many.
    RolesInvalid,
    /// `plan` is none.
    PlanInvalid,
    /// A claim is reserved, or they are too long.
    ClaimsInvalid,
    /// `created_at` is no time.
    CreatedAtInvalid,
    /// The hash is of no function that is known here.
    PasswordHashUnknown,
    /// The hash is damaged.
    PasswordHashMalformed,
    /// The hash would make every login a burden.
    PasswordHashTooCostly,
    /// An account of its identity is there, and has none of its names.
    IdentityTaken,
    /// Another account has the email address, or one that looks like it.
    EmailTaken,
    /// Another account has the user name, or one that looks like it.
    UsernameTaken,
    /// An account of this identity was deleted, and its tokens are still refused.
    IdentityDeleted,
}

/// A skipped account.
pub(super) struct Skipped {
    reason: SkipReason,
    detail: String,
}

impl Skipped {
    pub(super) fn new(reason: SkipReason, detail: &dyn Display) -> Self {
        Self {
            reason,
            detail: detail.to_string(),
        }
    }
}

/// Makes accounts that come from elsewhere. Each is made or skipped for itself; who is there already stays as they are,
/// so that the same accounts may be sent again.
#[utoipa::path(
    post,
    path = "/admin/import",
    request_body = ImportRequest,
    responses(
        (status = 200, body = ImportResults),
        (status = 413, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`: nothing was done"),
    ),
)]
pub(super) async fn import(
    permit: AdminPermit,
    State(issuer): State<Arc<Issuer>>,
    JsonBody(body): JsonBody<ImportRequest, { ImportRequest::MAX_BYTES }>,
) -> Result<Json<ImportResults>, Refused> {
    let (mut accounts, mut skipped) = (Vec::new(), Vec::new());
    for (place, user) in body.users.into_iter().enumerate() {
        match user.into_account() {
            Ok(account) => accounts.push(account),
            Err(why) => skipped.push((place, ImportResult::from(why))),
        }
    }
    let ids: Vec<String> = accounts
        .iter()
        .map(ImportedAccount::identity)
        .map(ToString::to_string)
        .collect();
    let outcomes = issuer
        .administration()
        .import(accounts, body.rehearsal, permit.administrator())
        .await
        .map_err(Refused::repeatable)?;
    let mut results: Vec<_> = outcomes.into_iter().zip(ids).map(result).collect();
    // In ascending order, so that each finds its place.
    for (place, result) in skipped {
        results.insert(place, result);
    }
    Ok(Json(ImportResults { results }))
}

fn result((stored, id): (Stored, String)) -> ImportResult {
    let there = |outcome, id| ImportResult {
        outcome,
        id: Some(id),
        reason: None,
        detail: None,
    };
    let (reason, detail) = match stored {
        Stored::Created => return there(ImportOutcome::Created, id),
        Stored::Present => return there(ImportOutcome::Present, id),
        Stored::PasswordAdded => return there(ImportOutcome::PasswordAdded, id),
        Stored::IdentityTaken => (
            SkipReason::IdentityTaken,
            format!("the account {id} has neither the email address nor the user name"),
        ),
        Stored::EmailTaken => (
            SkipReason::EmailTaken,
            "another account has the email address, or one that looks like it".to_owned(),
        ),
        Stored::UsernameTaken => (
            SkipReason::UsernameTaken,
            "another account has the user name, or one that looks like it".to_owned(),
        ),
        Stored::Deleted { until } => (
            SkipReason::IdentityDeleted,
            format!(
                "the account {id} was deleted, and its tokens are refused until {}",
                rfc3339(until)
            ),
        ),
    };
    Skipped { reason, detail }.into()
}

impl From<Skipped> for ImportResult {
    fn from(Skipped { reason, detail }: Skipped) -> Self {
        Self {
            outcome: ImportOutcome::Skipped,
            id: None,
            reason: Some(reason),
            detail: Some(detail),
        }
    }
}
