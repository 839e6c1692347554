//! Request bodies: JSON, strictly.

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use bulla_guard::problem::Code;
use bulla_jose::json::{self, Limits};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{fields, refused::Refused};

/// Longer bodies are refused, where nothing else is said.
pub(crate) const MAX_BYTES: usize = 64 * 1024;

/// A JSON object that was sent as one: `application/json`, at most 64 KiB (or so many bytes), no duplicate members, no
/// field that `T` does not know.
pub(crate) struct JsonBody<T, const BYTES: usize = MAX_BYTES>(pub(crate) T);

/// The same, or nothing at all.
pub(crate) struct OptionalJsonBody<T>(pub(crate) Option<T>);

impl<S: Send + Sync, T: DeserializeOwned, const BYTES: usize> FromRequest<S>
    for JsonBody<T, BYTES>
{
    type Rejection = Refused;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        require_json(&parts.headers)?;
        parse::<T, BYTES>(&read::<BYTES>(&parts.headers, body).await?).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for OptionalJsonBody<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        let bytes = read::<MAX_BYTES>(&parts.headers, body).await?;
        if bytes.is_empty() {
            return Ok(Self(None));
        }
        require_json(&parts.headers)?;
        parse::<T, MAX_BYTES>(&bytes).map(|body| Self(Some(body)))
    }
}

/// Whether the body is said to be of this type, whatever its parameters.
pub(crate) fn is_of_type(headers: &HeaderMap, media_type: &str) -> bool {
    let found = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next());
    found.is_some_and(|found| found.trim().eq_ignore_ascii_case(media_type))
}

fn require_json(headers: &HeaderMap) -> Result<(), Refused> {
    if is_of_type(headers, "application/json") {
        return Ok(());
    }
    let detail = "the body must be sent as `Content-Type: application/json`";
    Err(Refused::new(Code::ContentTypeUnsupported, detail))
}

/// The whole body, if it is not too large.
pub(crate) async fn read<const MOST: usize>(
    headers: &HeaderMap,
    body: Body,
) -> Result<Bytes, Refused> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<u64>().ok());
    if announced.is_some_and(|length| length > MOST as u64) {
        return Err(too_large(MOST));
    }
    match Limited::new(body, MOST).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large(MOST)),
        Err(_) => Err(Refused::new(
            Code::RequestMalformed,
            "the body ended before it was complete",
        )),
    }
}

fn too_large(most: usize) -> Refused {
    let detail = format!("the body may have {} KiB", most / 1024);
    Refused::new(Code::BodyTooLarge, detail)
}

fn parse<T: DeserializeOwned, const MOST: usize>(bytes: &[u8]) -> Result<T, Refused> {
    // More members than a body has room for: what is too large has said so before.
    let limits = Limits::with_members(MOST / 4);
    fields::read(object(bytes, limits)?).map_err(Refused::from)
}

fn object(bytes: &[u8], limits: Limits) -> Result<Map<String, Value>, Refused> {
    let value = json::from_slice(bytes, limits).map_err(|error| {
        Refused::new(
            Code::RequestMalformed,
            format!("the body is not valid JSON: {error}"),
        )
    })?;
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(Refused::new(
            Code::FieldInvalid,
            "the body must be a JSON object",
        )),
    }
}
