//! A token that comes again, inside a service: found in the cache, all checks made.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use bulla_guard::{
    UnixTime,
    access::{Access, AccessPolicy},
    decision::{Accepted, decide},
    keys::KeySet,
    revocation::{RevocationRecord, RevocationSet, Target},
    verifier::Verifier,
};
use bulla_jose::{
    jwa::Algorithm,
    jwk::{JwkSet, SigningKey},
    jwt::{self, VerificationPolicy},
};
use serde_json::{Value, json};

use crate::{process::now_milliseconds, report::Report};

const LIVE: usize = 1000;
const ROUNDS: usize = 2000;

pub(crate) fn measure(report: &Report) -> Result<()> {
    let key = SigningKey::generate(Algorithm::Es256)?;
    let keys = KeySet::fixed(JwkSet::new(vec![key.verifying_key().clone()]));
    let policy = VerificationPolicy::new(
        jwt::Issuer::new("https://login.example")?,
        jwt::Audience::new("api")?,
        &["at+jwt"],
        &[Algorithm::Es256],
    );
    let milliseconds = now_milliseconds()?;
    let now = UnixTime::from_seconds(milliseconds / 1000);
    let revocations = RevocationSet::new();
    let until = now.saturating_add(Duration::from_secs(900));
    revocations.apply((0..1000).flat_map(|number| {
        let name = format!("dead-{number}");
        let subject = name.clone();
        [
            Target::Session(name),
            Target::Subject {
                subject,
                min_epoch: None,
            },
        ]
        .map(|target| RevocationRecord { target, until })
    }));
    let verifier =
        Verifier::new(Arc::new(keys), policy, Arc::new(revocations)).with_cache(64 << 20);
    let tokens = (0..LIVE).map(|number| {
        let claims = claims(number, now, until);
        Ok(jwt::sign(&key, "at+jwt", &claims)?)
    });
    let tokens = tokens.collect::<Result<Vec<String>>>()?;
    let access = AccessPolicy {
        roles: vec!["user".to_owned()],
        ..AccessPolicy::new(Access::Authenticated)
    };
    let pass = || {
        let accepted = tokens.iter().filter(|token| {
            let decided = decide(&verifier, Accepted::EveryIssuer, &access, Some(token), now);
            // Seldom due; asking is a part of every request.
            decided.is_ok_and(|verified| {
                verified.is_some_and(|one| {
                    std::hint::black_box(one.sighting_due(milliseconds, Duration::from_secs(5)));
                    true
                })
            })
        });
        accepted.count()
    };
    ensure!(pass() == LIVE, "a good token was refused");
    let started = Instant::now();
    for _ in 0..ROUNDS {
        ensure!(pass() == LIVE, "a good token was refused");
    }
    let nanoseconds = started.elapsed().as_secs_f64() * 1e9;
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let each = nanoseconds / (LIVE * ROUNDS) as f64;
    report.value("cached token, all checks, 1,000 live ones", "ns", each);
    Ok(())
}

fn claims(number: usize, now: UnixTime, until: UnixTime) -> Value {
    json!({
        "iss": "https://login.example", "aud": "api", "sub": format!("usr_{number:08}"), "client_id": "bulla",
        "iat": now.as_seconds(), "exp": until.as_seconds(), "jti": format!("tok_{number:08}"),
        "sid": format!("ses_{number:08}"), "gen": 1, "epoch": 0, "scope": "orders", "roles": ["user"], "plan": "free",
    })
}
