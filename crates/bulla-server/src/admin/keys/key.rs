//! A signing key, as administrators see it.

use bulla_core::{
    key::{KeyState, PrivateHalf, SigningKeys, StoredSigningKey, life::KeySchedule},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::edge::time::rfc3339;

/// The signing keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AdminKeys {
    /// The next one first, then those that have signed, the last one first.
    pub keys: Vec<AdminKey>,
    /// What new keys are for.
    pub algorithm: String,
    /// When the next key is due to take over by itself; null: never.
    #[schema(format = "date-time")]
    pub rotates_at: Option<String>,
}

/// A signing key. Times are RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AdminKey {
    /// The `kid` of its tokens.
    pub kid: String,
    /// What it signs with.
    pub algorithm: String,
    /// `next`, `active`, `retiring`, `retired` or `revoked`.
    pub state: String,
    /// When it was made or imported, and published with it.
    #[schema(format = "date-time")]
    pub created_at: String,
    /// From when on it signs, or signed; null: that is not decided, or it never did.
    #[schema(format = "date-time")]
    pub signs_from: Option<String>,
    /// When its last token has ended; null while no other key is to take over from it, and once it is gone.
    #[schema(format = "date-time")]
    pub retires_at: Option<String>,
    /// When it retired or was revoked.
    #[schema(format = "date-time")]
    pub removed_at: Option<String>,
}

impl AdminKeys {
    pub(super) fn of(keys: &SigningKeys, schedule: KeySchedule, now: Timestamp) -> Self {
        let newest_first = keys.all().iter().rev();
        Self {
            keys: newest_first.map(|key| admin_key(keys, key, now)).collect(),
            algorithm: keys.wanted.algorithm.to_string(),
            rotates_at: keys.rotates_at(schedule).map(rfc3339),
        }
    }
}

fn admin_key(keys: &SigningKeys, key: &StoredSigningKey, now: Timestamp) -> AdminKey {
    let state = keys.state(key, now);
    let retires_at = match state {
        KeyState::Active | KeyState::Retiring => keys.retires_at(key),
        _ => None,
    };
    let removed_at = match key.private {
        PrivateHalf::Removed(_, at) => Some(at),
        PrivateHalf::Wrapped(_) => None,
    };
    AdminKey {
        kid: key.key_id.to_string(),
        algorithm: key.algorithm.to_string(),
        state: state.as_str().to_owned(),
        created_at: rfc3339(key.created_at),
        signs_from: key.signs_from.map(rfc3339),
        retires_at: retires_at.map(rfc3339),
        removed_at: removed_at.map(rfc3339),
    }
}
