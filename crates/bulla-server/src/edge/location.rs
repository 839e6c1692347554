//! What a request says in its URL.

use axum::{
    extract::{FromRequestParts, Path, Query},
    http::request::Parts,
};
use bulla_guard::problem::Code;
use serde::de::DeserializeOwned;

use super::{fields, refused::Refused};

/// The one `{…}` segment of the path, percent-decoded.
pub(crate) struct PathSegment(pub(crate) String);

/// The query, with no parameter that `T` does not know.
pub(crate) struct Parameters<T>(pub(crate) T);

impl<S: Send + Sync> FromRequestParts<S> for PathSegment {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let Path(segment) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Refused::new(Code::RequestMalformed, "the path is not UTF-8"))?;
        Ok(Self(segment))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Parameters<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let Query(pairs) = Query::<Vec<(String, String)>>::from_request_parts(parts, state)
            .await
            .map_err(|_| Refused::new(Code::RequestMalformed, "the query cannot be read"))?;
        fields::read_parameters(pairs)
            .map(Self)
            .map_err(Refused::from)
    }
}
