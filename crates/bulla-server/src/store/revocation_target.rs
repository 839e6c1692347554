//! How the target of a revocation is stored: alike in every engine, since gateways are told of it so too.

use bulla_core::{
    ids::{ClientId, SessionId, Subject, TokenId},
    revocation::RevocationTarget,
};
use bulla_jose::jwk::KeyId;

const TOKEN: &str = "jti";
const SESSION: &str = "sid";
const SUBJECT: &str = "sub";
const CLIENT: &str = "client";
const KEY: &str = "kid";

/// The columns `kind`, `key` and `min_epoch` of a target.
pub(super) fn stored(target: &RevocationTarget) -> (&'static str, &[u8], Option<u64>) {
    match target {
        RevocationTarget::Session(id) => (SESSION, &id.as_bytes()[..], None),
        RevocationTarget::Subject { subject, min_epoch } => {
            (SUBJECT, subject.as_str().as_bytes(), *min_epoch)
        }
        RevocationTarget::Token(id) => (TOKEN, id.as_str().as_bytes(), None),
        RevocationTarget::Client(id) => (CLIENT, id.as_str().as_bytes(), None),
        RevocationTarget::Key(id) => (KEY, id.as_str().as_bytes(), None),
    }
}

/// The target of these columns.
///
/// # Errors
/// The name of the column that cannot be read.
pub(super) fn read(
    kind: &str,
    key: &[u8],
    min_epoch: Option<u64>,
) -> Result<RevocationTarget, &'static str> {
    let text = || str::from_utf8(key).ok();
    let target = match kind {
        SESSION => {
            (key.try_into().ok()).map(|id| RevocationTarget::Session(SessionId::from_bytes(id)))
        }
        SUBJECT => text()
            .and_then(|id| Subject::new(id).ok())
            .map(|subject| RevocationTarget::Subject { subject, min_epoch }),
        TOKEN => text()
            .and_then(|id| TokenId::new(id).ok())
            .map(RevocationTarget::Token),
        CLIENT => text()
            .and_then(|id| ClientId::new(id).ok())
            .map(RevocationTarget::Client),
        KEY => text()
            .and_then(|id| KeyId::new(id).ok())
            .map(RevocationTarget::Key),
        _ => return Err("kind"),
    };
    target.ok_or("key")
}
