//! `GET /demo/token/me`: what `/demo/session/me` says, of whoever has an access token.

use std::time::Instant;

use axum::{
    extract::State,
    http::{header, request::Parts},
};

use super::{
    Demo,
    comparison::{Cost, Known, Timed, User},
};
use crate::edge::{
    browser::{Browser, Carrier},
    caller::presented,
    refused::Refused,
};

/// Makes the gateway's check once more, so that its time can be told: signature (or the cache of verified tokens), times and
/// revocation, all in memory.
pub(super) async fn me(State(demo): State<Demo>, parts: Parts) -> Result<Timed<Known, 1>, Refused> {
    let began = Instant::now();
    let (principal, carrier) = presented(&parts, &demo.issuer)?;
    let check = began.elapsed();
    let cost = Cost {
        lookups: 0,
        writes: 0,
        credential_bytes: credential_bytes(&parts, &demo, carrier)?,
    };
    Ok(Timed {
        answer: Known {
            user: User::from(&*principal),
            cost,
        },
        spans: [("check", check)],
    })
}

fn credential_bytes(parts: &Parts, demo: &Demo, carrier: Carrier) -> Result<usize, Refused> {
    Ok(match carrier {
        Carrier::Cookie => {
            let browser = Browser::of(parts);
            let value = browser.access()?.map_or(0, |token| token.expose().len());
            demo.issuer.cookie_names().access().len() + "=".len() + value
        }
        Carrier::Other => parts
            .headers
            .get(header::AUTHORIZATION)
            .map_or(0, |value| value.len()),
    })
}
