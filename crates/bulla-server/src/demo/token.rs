//! `GET /demo/token/me`: what `/demo/session/me` says, of whoever has an access token.

use std::time::{Duration, Instant};

use axum::{extract::State, http::request::Parts};
use bulla_guard::bearer;
use bulla_jose::jws;

use super::{
    Demo,
    comparison::{Cost, Known, Timed, User},
};
use crate::{
    edge::{
        browser::{Browser, Carrier},
        caller::presented,
        refused::Refused,
    },
    issuer::Issuer,
};

/// Makes the gateway's check once more, so that its time can be told: times and revocation of a token that was verified
/// before, all in memory. What the signature took then is told besides.
pub(super) async fn me(State(demo): State<Demo>, parts: Parts) -> Result<Timed<Known, 2>, Refused> {
    let issuer = &*demo.issuer;
    let began = Instant::now();
    let (principal, carrier) = presented(&parts, issuer)?;
    let check = began.elapsed();
    let browser = Browser::of(&parts);
    let (token, around) = match carrier {
        Carrier::Cookie => {
            let token = browser.access()?.map(|token| token.expose());
            (token, issuer.cookie_names().access().len() + "=".len())
        }
        Carrier::Other => (bearer::from_authorization(&parts.headers)?, "Bearer ".len()),
    };
    let token = token.unwrap_or_default();
    let cost = Cost {
        lookups: 0,
        writes: 0,
        credential_bytes: around + token.len(),
    };
    Ok(Timed {
        answer: Known {
            user: User::from(&*principal),
            cost,
        },
        spans: [("check", check), ("signature", signature(issuer, token))],
    })
}

/// How long it takes to verify the signature alone.
fn signature(issuer: &Issuer, token: &str) -> Duration {
    let keys = issuer.verifier().keys().load();
    let began = Instant::now();
    let _ = jws::verify(token, &keys.keys, &[issuer.settings().algorithm]);
    began.elapsed()
}
