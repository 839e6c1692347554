use std::hint::black_box;

use bulla_jose::{
    jwk::JwkSet,
    jwt::{self, Audience, Issuer, Scratch, UnixTime, VerificationPolicy},
};

use super::{Contender, OURS};
use crate::subject::{AUDIENCE, CLAIMS, Claims, ISSUED_AT, ISSUER, OwnedClaims, Subject, TYPE};

fn acceptance(subject: &Subject) -> (JwkSet, VerificationPolicy, UnixTime) {
    let keys = JwkSet::new(vec![subject.key.verifying_key().clone()]);
    let policy = VerificationPolicy::new(
        Issuer::new(ISSUER).expect("a name"),
        Audience::new(AUDIENCE).expect("a name"),
        &[TYPE],
        &[subject.algorithm],
    );
    (keys, policy, UnixTime::from_seconds(ISSUED_AT))
}

/// Into claims that borrow from memory that is used again.
pub(super) fn verifying(subject: &Subject) -> Contender {
    let (keys, policy, now) = acceptance(subject);
    let token = subject.token.clone();
    let mut scratch = Scratch::default();
    Contender::new(OURS, move || {
        let token = black_box(token.as_str());
        let verified = jwt::verify_in::<Claims<'_>>(token, &keys, &policy, now, &mut scratch);
        black_box(verified.expect("a good token"));
    })
}

/// Into claims of their own.
pub(super) fn verifying_owned(subject: &Subject) -> Contender {
    let (keys, policy, now) = acceptance(subject);
    let token = subject.token.clone();
    Contender::new("bulla-jose, owned", move || {
        let token = black_box(token.as_str());
        let verified = jwt::verify::<OwnedClaims>(token, &keys, &policy, now);
        black_box(verified.expect("a good token"));
    })
}

pub(super) fn signing(subject: &Subject) -> Contender {
    let key = subject.key.clone();
    Contender::new(OURS, move || {
        black_box(jwt::sign(&key, TYPE, black_box(&CLAIMS)).expect("a token"));
    })
}
