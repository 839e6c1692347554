//! The first line of a backup: what comes after it, and which master key reads it.

use serde::{Deserialize, Serialize};

use crate::edge::{
    secret::SecretText,
    time::{from_rfc3339, rfc3339},
};

/// What is in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The form of the file: [`FORMAT`](Self::FORMAT).
    pub bulla_backup: u32,
    /// Which Bulla made it.
    pub version: String,
    /// When, in RFC 3339.
    pub made_at: String,
    /// The database that follows.
    pub database: ManifestOfDatabase,
    /// What reads it.
    pub master_key: ManifestOfMasterKey,
}

/// The database after the manifest, up to the end of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestOfDatabase {
    /// The number of its schema.
    pub schema: i64,
    /// Its length.
    pub bytes: u64,
    /// Of its bytes, in hexadecimal.
    pub sha256: String,
}

/// The master key of the issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestOfMasterKey {
    /// Says which it is, and nothing of what it is.
    pub fingerprint: String,
    /// The key itself, if it was wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<SecretText>,
}

impl Manifest {
    /// The form that this version writes and reads.
    pub const FORMAT: u32 = 1;

    /// Whether every part has the form in which it is written: what is read may be told to people and kept.
    pub(super) fn is_plausible(&self) -> bool {
        let is_hex = |text: &str, length| {
            text.len() == length
                && text
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        self.bulla_backup == Self::FORMAT
            && Self::is_version(&self.version)
            && from_rfc3339(&self.made_at).is_ok_and(|time| rfc3339(time) == self.made_at)
            && self.database.schema > 0
            && is_hex(&self.database.sha256, 64)
            && is_hex(&self.master_key.fingerprint, 32)
    }

    /// Whether the text may be the name of a version.
    pub(super) fn is_version(text: &str) -> bool {
        let of_version = |byte: u8| byte.is_ascii_alphanumeric() || b".+-".contains(&byte);
        (1..=64).contains(&text.len()) && text.bytes().all(of_version)
    }
}
