//! `/admin/keys/…`

mod import;
mod key;
mod list;
mod revoke;
mod rotate;

use std::sync::Arc;

use bulla_core::key::{life::RotationRefused, service::KeysError};
use bulla_guard::problem::Code;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use self::{
    import::ImportKeyRequest,
    key::{AdminKey, AdminKeys},
    rotate::RotateKeysRequest,
};
use crate::{edge::refused::Refused, edge::time::rfc3339, issuer::Issuer};

pub(super) fn routes() -> OpenApiRouter<Arc<Issuer>> {
    OpenApiRouter::new()
        .routes(routes!(list::list, import::import))
        .routes(routes!(rotate::rotate))
        .routes(routes!(revoke::revoke))
}

/// The keys as they are now.
async fn all(issuer: &Issuer) -> Result<AdminKeys, Refused> {
    let keys = issuer.keys().read().await?;
    let schedule = issuer.keys().schedule();
    Ok(AdminKeys::of(&keys, schedule, issuer.now()))
}

impl From<KeysError> for Refused {
    fn from(error: KeysError) -> Self {
        match error {
            KeysError::Store(error) => error.into(),
            KeysError::Open(_) | KeysError::Make(_) => {
                Self::new(Code::InternalError, "the signing keys cannot be used").because(error)
            }
        }
    }
}

impl From<RotationRefused> for Refused {
    fn from(error: RotationRefused) -> Self {
        match error {
            RotationRefused::TooYoung { ready_at } => {
                let ready_at = rfc3339(ready_at);
                let reason = format!("without it the next key signs from {ready_at} on: {error}");
                Self::field("now", reason)
            }
            RotationRefused::NoNextKey => Self::new(Code::KeysUnavailable, error.to_string()),
            RotationRefused::TooManyKeys => Self::new(Code::Overloaded, error.to_string()),
        }
    }
}
