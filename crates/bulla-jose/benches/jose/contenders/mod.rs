//! Who is measured: one file each. Every one checks issuer, audience and expiry, and reads all claims.

mod jsonwebtoken;
mod jwt_simple;
mod ours;
mod raw;

use crate::subject::Subject;

/// The cryptography alone, over the same bytes: what the others are compared with.
pub(crate) const RAW: &str = "aws-lc-rs alone";
/// Ours, with claims that are borrowed.
pub(crate) const OURS: &str = "bulla-jose";

/// Somebody who verifies or signs.
pub(crate) struct Contender {
    pub(crate) library: &'static str,
    pub(crate) act: Box<dyn FnMut()>,
}

impl Contender {
    fn new(library: &'static str, act: impl FnMut() + 'static) -> Self {
        let act = Box::new(act);
        Self { library, act }
    }
}

/// Everybody, verifying one token.
pub(crate) fn verifying(subject: &Subject) -> Vec<Contender> {
    vec![
        raw::verifying(subject),
        ours::verifying(subject),
        ours::verifying_owned(subject),
        jsonwebtoken::verifying(subject),
        jwt_simple::verifying(subject),
    ]
}

/// Everybody, signing the same claims.
pub(crate) fn signing(subject: &Subject) -> Vec<Contender> {
    vec![
        raw::signing(subject),
        ours::signing(subject),
        jsonwebtoken::signing(subject),
        jwt_simple::signing(subject),
    ]
}
