//! What is known of the database that is replaced.

use std::collections::BTreeSet;

use bulla_core::{
    ids::SessionId,
    key::{PrivateHalf, Removal, SigningKeys},
    session::refresh_token::RefreshKeyVersion,
    store::StoreError,
};
use bulla_jose::jwk::KeyId;

use super::{Kept, error::RestoreError as Error};
use crate::store::sqlite::{Occupant, OpenError, Place, UntouchedDatabase};

/// A database of this version that can be read, with nothing beside it.
pub(super) struct Before {
    pub(super) key_version: RefreshKeyVersion,
    pub(super) ended_sessions: BTreeSet<SessionId>,
    keys: Option<SigningKeys>,
}

impl Before {
    /// `None` if there is none, or if nothing is kept and it cannot be read.
    ///
    /// # Errors
    /// It is of a newer version; or something is to be kept, and nobody could tell what has ended since.
    pub(super) fn read(place: &Place, kept: Kept) -> Result<Option<Self>, Error> {
        let unreadable = |reason: String| match kept.keys() {
            true => Err(Error::NothingKnown { reason }),
            false => Ok(None),
        };
        match place.fold()? {
            Occupant::Nobody => return Ok(None),
            Occupant::Unreadable => return unreadable("it is damaged".to_owned()),
            Occupant::Whole => {}
        }
        let database = match UntouchedDatabase::at_rest(place.path()) {
            Ok(Some(database)) if database.is_older() => {
                return unreadable("it is of an older version: `bulla migrate` first".to_owned());
            }
            Ok(Some(database)) => database,
            Ok(None) => return Ok(None),
            Err(error @ (OpenError::Damaged { .. } | OpenError::Foreign { .. })) => {
                return unreadable(error.to_string());
            }
            Err(error) => return Err(error.into()),
        };
        let read = || {
            Ok::<_, StoreError>(Self {
                key_version: database.refresh_key_version()?,
                ended_sessions: database.ended_sessions()?,
                keys: database.signing_keys()?,
            })
        };
        read().map_or_else(|error| unreadable(error.to_string()), |read| Ok(Some(read)))
    }

    /// Whether it was of the issuer that has these keys.
    pub(super) fn is_of(&self, keys: Option<&SigningKeys>) -> bool {
        let own = self.keys.iter().flat_map(SigningKeys::all);
        let mut others = keys.into_iter().flat_map(SigningKeys::all);
        let own: BTreeSet<&str> = own.map(|key| key.key_id.as_str()).collect();
        others.any(|key| own.contains(key.key_id.as_str()))
    }

    /// Whether it has revoked this key.
    pub(super) fn has_revoked(&self, id: &KeyId) -> bool {
        let key = self.keys.as_ref().and_then(|keys| keys.find(id));
        key.is_some_and(|key| matches!(key.private, PrivateHalf::Removed(Removal::Revoked, _)))
    }
}
