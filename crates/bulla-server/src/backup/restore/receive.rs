//! From the file to the draft of a database, if it is what the manifest says.

use std::io::{self, BufRead, BufReader, Read, Write};

use aws_lc_rs::digest::{Context, SHA256};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::error::RestoreError as Error;
use crate::{
    backup::{Manifest, snapshot::hex},
    store::sqlite::{self, Place},
};

/// Many times what a manifest takes.
const LONGEST_MANIFEST: u64 = 64 << 10;

/// Read at once.
const PIECE: usize = 1 << 20;

/// A backup whose manifest was read.
pub(super) struct Backup<R> {
    pub(super) manifest: Manifest,
    rest: BufReader<R>,
}

/// What every version writes.
#[derive(Deserialize)]
struct AnyManifest {
    bulla_backup: u64,
    #[serde(default)]
    version: String,
}

impl<R: Read> Backup<R> {
    /// Reads the manifest.
    pub(super) fn open(file: R) -> Result<Self, Error> {
        let mut rest = BufReader::with_capacity(PIECE, file);
        let mut line = Zeroizing::new(Vec::new());
        let read = (&mut rest)
            .take(LONGEST_MANIFEST)
            .read_until(b'\n', &mut line);
        read.map_err(Error::inaccessible("the backup".as_ref()))?;
        let any: AnyManifest = serde_json::from_slice(&line)
            .map_err(|_| Error::foreign("it does not begin with a manifest"))?;
        let newer = |version: &str| Error::Newer {
            version: shown_version(version).to_owned(),
        };
        if any.bulla_backup > u64::from(Manifest::FORMAT) {
            return Err(newer(&any.version));
        }
        let manifest = serde_json::from_slice::<Manifest>(&line).ok();
        let manifest = manifest
            .filter(Manifest::is_plausible)
            .ok_or_else(|| Error::damaged("its manifest cannot be read"))?;
        if manifest.database.schema > sqlite::LATEST_SCHEMA {
            return Err(newer(&manifest.version));
        }
        if line.last() != Some(&b'\n') {
            return Err(Error::damaged("it is cut off"));
        }
        Ok(Self { manifest, rest })
    }

    /// Copies the database into the draft.
    pub(super) fn receive(&mut self, place: &Place) -> Result<(), Error> {
        let mut draft = place.begin().map_err(Error::inaccessible(&place.draft()))?;
        let expected = &self.manifest.database;
        let mut digest = Context::new(&SHA256);
        let mut left = expected.bytes;
        let mut piece = vec![0; PIECE];
        loop {
            let read = read_some(&mut self.rest, &mut piece)?;
            if read == 0 {
                break;
            }
            left = left
                .checked_sub(read as u64)
                .ok_or_else(|| Error::damaged("it is longer than it says"))?;
            digest.update(&piece[..read]);
            let written = draft.write_all(&piece[..read]);
            written.map_err(Error::inaccessible(&place.draft()))?;
        }
        if left > 0 {
            return Err(Error::damaged("it is cut off"));
        }
        if hex(digest.finish().as_ref()) != expected.sha256 {
            return Err(Error::damaged("its database is not what it says"));
        }
        Ok(())
    }
}

/// Nobody has vouched for it yet.
fn shown_version(version: &str) -> &str {
    match Manifest::is_version(version) {
        true => version,
        false => "unknown",
    }
}

fn read_some(from: &mut impl Read, piece: &mut [u8]) -> Result<usize, Error> {
    loop {
        match from.read(piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read.map_err(Error::inaccessible("the backup".as_ref())),
        }
    }
}
