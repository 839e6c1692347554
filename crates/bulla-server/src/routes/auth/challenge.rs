//! `GET /auth/challenge`

use std::sync::Arc;

use axum::{Json, extract::State};
use bulla_core::anonymous::{AnonymousService, IssuedChallenge, Level, Visitor};
use bulla_guard::{client::Wariness, problem::Code};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    edge::{
        caller::Whereabouts, location::Parameters, problem_document::ProblemDocument,
        refused::Refused, time::rfc3339,
    },
    issuer::Issuer,
};

/// What a visitor asks for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ChallengeQuery {
    /// 1, unless said otherwise: a proof of work. 0: none, for clients that cannot compute; the token's plan is
    /// `anonymous_minimal` then.
    #[param(minimum = 0, maximum = 1)]
    level: Option<u32>,
}

/// A challenge, good for the address that asked for it.
#[derive(Serialize, ToSchema)]
pub(super) struct ChallengeAnswer {
    /// Opaque, and safe in a URL.
    challenge: String,
    /// How many puzzles there are, 16 or none. A solution of number `i` (from 0) is a decimal `n` so that SHA-256 of the text
    /// `challenge.i.n` begins with `difficulty` zero bits.
    puzzles: u8,
    /// How many zero bits.
    difficulty: u8,
    #[schema(format = "date-time")]
    expires_at: String,
}

/// A challenge for a visitor without an account. Nothing is kept of it.
#[utoipa::path(
    get,
    path = "/auth/challenge",
    tag = "anonymous",
    params(ChallengeQuery),
    responses(
        (status = 200, body = ChallengeAnswer),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json",
            description = "`challenge_required`: level 0 is not for an address from which much came that was bad"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json",
            description = "`not_found`: anonymous visitors are not welcome"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`field_unknown`, `field_invalid`"),
    ),
)]
pub(super) async fn challenge(
    State(issuer): State<Arc<Issuer>>,
    whereabouts: Whereabouts,
    Parameters(query): Parameters<ChallengeQuery>,
) -> Result<Json<ChallengeAnswer>, Refused> {
    let service = welcoming(&issuer)?;
    let level = match query.level {
        None | Some(1) => Level::Proven {
            raised_by: whereabouts.wariness.0,
        },
        Some(0) if whereabouts.wariness == Wariness::default() => Level::Unproven,
        Some(0) => {
            let detail =
                "too much that was bad came from your address: for a while, a token takes work";
            return Err(Refused::new(Code::ChallengeRequired, detail).inviting());
        }
        Some(_) => return Err(Refused::field("level", "is 0 or 1")),
    };
    let visitor = Visitor {
        client_key: None,
        prefix: &whereabouts.prefix,
    };
    Ok(Json(service.challenge(level, visitor).into()))
}

/// What visitors without an account do, if they are welcome.
///
/// # Errors
/// 404 if they are not.
pub(super) fn welcoming(issuer: &Issuer) -> Result<&AnonymousService, Refused> {
    issuer.anonymous().ok_or_else(|| {
        Refused::new(
            Code::NotFound,
            "visitors without an account are not welcome here",
        )
    })
}

impl From<IssuedChallenge> for ChallengeAnswer {
    fn from(issued: IssuedChallenge) -> Self {
        Self {
            challenge: issued.text,
            puzzles: issued.challenge.work.puzzles(),
            difficulty: issued.challenge.work.bits(),
            expires_at: rfc3339(issued.challenge.expires_at),
        }
    }
}
