//! The body of every refusal, for the API's description and for its clients.

use bulla_guard::problem::Code;
use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::schema::{Object, ObjectBuilder, Type},
};

/// Problem details (RFC 9457), sent as `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProblemDocument {
    /// A URI for this kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:bulla:problem:token_missing")]
    pub kind: String,
    /// The same for every problem of the kind.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What was wrong with this request.
    pub detail: String,
    /// Stable, for programs.
    #[schema(schema_with = every_code)]
    pub code: String,
    /// Names the request in the server's log.
    pub request_id: String,
    /// The member of the body that was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Where a visitor without an account gets a challenge, for a token that would do here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "/auth/challenge")]
    pub challenge: Option<String>,
}

/// Every code that the API or the gateway in front of it answers with, so that clients can be generated that know them.
fn every_code() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("Stable, for programs."))
        .enum_values(Some(Code::ALL.iter().map(|code| code.as_str())))
        .build()
}
