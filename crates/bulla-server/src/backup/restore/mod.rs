//! Restoring a backup: the database that is there is replaced in one step, by one that was looked at as a whole.

mod before;
mod change;
mod error;
mod receive;

use std::{io::Read, path::PathBuf, sync::Arc};

use bulla_core::{
    key::wrap::MasterKey,
    ports::{Clock, Entropy},
    session::refresh_token::RefreshKeyVersion,
};

use self::{before::Before, change::Change, error::RestoreError as Error};
pub use self::{change::Changed, error::RestoreError};
use super::Manifest;
use crate::{
    data_folder::{DataFolder, MasterKeySource, master_key},
    issuer::IssuerSettings,
    store::sqlite::{Place, UntouchedDatabase},
};

/// Where a backup is restored to.
pub struct RestoreTarget<'a> {
    /// The database's place.
    pub database: &'a std::path::Path,
    /// The data folder, held.
    pub folder: &'a DataFolder,
    /// Where the master key is, or shall be.
    pub master_key: &'a MasterKeySource,
    /// How the issuer is configured.
    pub settings: &'a IssuerSettings,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// What of the time of the backup goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Nothing: all sessions end, and all signing keys are revoked.
    Nothing,
    /// Signing keys.
    Keys,
    /// Sessions, and the keys that have signed their tokens.
    SessionsAndKeys,
}

impl Kept {
    const fn sessions(self) -> bool {
        matches!(self, Self::SessionsAndKeys)
    }

    const fn keys(self) -> bool {
        matches!(self, Self::Keys | Self::SessionsAndKeys)
    }
}

/// What was done.
#[derive(Debug, Clone)]
pub struct Restored {
    /// What was in the backup.
    pub manifest: Manifest,
    /// What became of sessions and keys.
    pub changed: Changed,
    /// Where the database is that was there before.
    pub aside: Option<PathBuf>,
    /// Whether the master key came out of the backup.
    pub installed_key: bool,
}

/// How far it is. A process that is killed after any of them leaves either the database of before or the restored one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The backup was copied and is what its manifest says.
    Received,
    /// It is a whole database of this version.
    Examined,
    /// Its sessions and keys are as they shall be.
    Changed,
    /// What was there is kept under another name too.
    KeptAside,
    /// The restored database is in its place.
    Replaced,
}

/// Restores a backup. `told` hears of each step.
///
/// # Errors
/// [`RestoreError`]; unless the step [`Replaced`](Step::Replaced) was told, the database is as it was.
pub async fn restore(
    backup: impl Read,
    target: &RestoreTarget<'_>,
    kept: Kept,
    mut told: impl FnMut(Step),
) -> Result<Restored, RestoreError> {
    let place = Place::hold(target.database)?;
    let prepared = prepare(backup, target, &place, kept, &mut told).await;
    let prepared = prepared.inspect_err(|_| drop(place.discard()));
    let (manifest, key, changed, aside) = prepared?;
    place.put().map_err(Error::inaccessible(place.path()))?;
    told(Step::Replaced);
    // After the database: without its key a start is refused, and makes nothing new.
    if let MasterKeyHere::InBackup(key) = &key {
        let path = target.folder.keep_master_key(key)?;
        place
            .give_to_owner(&path)
            .map_err(Error::inaccessible(&path))?;
    }
    Ok(Restored {
        manifest,
        changed,
        aside,
        installed_key: matches!(key, MasterKeyHere::InBackup(_)),
    })
}

/// All that comes before the one step: the draft as it shall be, the key that reads it, and what is in the place under another
/// name too.
async fn prepare(
    backup: impl Read,
    target: &RestoreTarget<'_>,
    place: &Place,
    kept: Kept,
    told: &mut impl FnMut(Step),
) -> Result<(Manifest, MasterKeyHere, Changed, Option<PathBuf>), RestoreError> {
    let (manifest, key, changed) = put_together(backup, target, place, kept, told).await?;
    let occupant = place.fold()?;
    let stamp = stamp(&*target.clock);
    let aside = place.keep_aside(occupant, &stamp);
    let aside = aside.map_err(Error::inaccessible(place.path()))?;
    told(Step::KeptAside);
    Ok((manifest, key, changed, aside))
}

async fn put_together(
    backup: impl Read,
    target: &RestoreTarget<'_>,
    place: &Place,
    kept: Kept,
    told: &mut impl FnMut(Step),
) -> Result<(Manifest, MasterKeyHere, Changed), RestoreError> {
    let mut backup = receive::Backup::open(backup)?;
    let key = MasterKeyHere::of(&backup.manifest, target)?;
    backup.receive(place)?;
    told(Step::Received);
    let before = Before::read(place, kept)?;
    let at_least = before.as_ref().filter(|_| !kept.sessions());
    let at_least = at_least.map_or(RefreshKeyVersion::FIRST, |before| before.key_version);
    if place.prepare(at_least)? != backup.manifest.database.schema {
        return Err(Error::damaged("its schema is another one than it says"));
    }
    // One of another issuer says nothing of this one.
    let keys = UntouchedDatabase::at_rest(&place.draft())?;
    let keys = keys
        .map(|draft| draft.signing_keys())
        .transpose()?
        .flatten();
    let before = before.filter(|before| before.is_of(keys.as_ref()));
    if before.is_some() {
        place.take_over(target.clock.now())?;
    }
    told(Step::Examined);
    let change = Change {
        draft: place.draft(),
        target,
        master_key: key.key(),
        kept,
        made_at: &backup.manifest.made_at,
        before: before.as_ref(),
    };
    let changed = change.make().await?;
    told(Step::Changed);
    Ok((backup.manifest, key, changed))
}

/// The master key that reads the backup.
enum MasterKeyHere {
    /// It is here already.
    Present(MasterKey),
    /// It comes out of the backup.
    InBackup(MasterKey),
}

impl MasterKeyHere {
    fn of(manifest: &Manifest, target: &RestoreTarget<'_>) -> Result<Self, RestoreError> {
        let made_with = &manifest.master_key.fingerprint;
        let own = manifest.master_key.key.as_ref();
        let own = own.map(|text| master_key::from_text("the backup", text.expose()));
        let own = own.transpose()?;
        if own
            .as_ref()
            .is_some_and(|own| own.fingerprint() != *made_with)
        {
            return Err(Error::damaged("its master key is another one than it says"));
        }
        if let Some(key) = target.master_key.read(target.folder.path())? {
            let here = key.fingerprint();
            if here != *made_with {
                return Err(Error::MasterKeyOther {
                    made_with: made_with.clone(),
                    here,
                });
            }
            return Ok(Self::Present(key));
        }
        let own = own.ok_or_else(|| Error::MasterKeyMissing {
            made_with: made_with.clone(),
        })?;
        Ok(Self::InBackup(own))
    }

    const fn key(&self) -> &MasterKey {
        match self {
            Self::Present(key) | Self::InBackup(key) => key,
        }
    }
}

/// When it was replaced, as part of a file's name.
fn stamp(clock: &dyn Clock) -> String {
    let now = jiff::Timestamp::from_millisecond(clock.now().as_millis()).unwrap_or_default();
    now.strftime("%Y%m%dT%H%M%S.%3fZ").to_string()
}
