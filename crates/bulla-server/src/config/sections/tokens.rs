//! `[tokens]`, `[session]`, `[password]`.

use std::time::Duration;

use bulla_core::{
    account::PasswordPolicy,
    authentication::{OnChange, SessionSettings},
    token::{ProfileClaim, TokenSettings},
};
use bulla_jose::jwa::Algorithm;

use super::span::{DAY, SECOND, duration, whole_seconds};
use crate::config::{
    reader::{Mistake, Section, count, list, text, word},
    suggestion,
    tree::Node,
    values::HttpOrigin,
};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const YEAR: Duration = Duration::from_secs(366 * 86_400);

pub(super) fn tokens(
    mut section: Section<'_>,
    public_url: &HttpOrigin,
) -> (Algorithm, TokenSettings) {
    let claims = [
        ("email", ProfileClaim::Email),
        ("username", ProfileClaim::Username),
        ("name", ProfileClaim::Name),
    ];
    let algorithm = section.read("algorithm", algorithm);
    let issuer = section.read("issuer", text);
    let audience = section.read("audience", text);
    let access_lifetime = section.read("access_lifetime", whole_seconds(SECOND..=DAY));
    let profile_claims = section.read("profile_claims", list(word(&claims)));
    section.finish();
    let tokens = TokenSettings {
        issuer: issuer.unwrap_or_else(|| public_url.to_string()),
        audience: audience.unwrap_or_else(|| "api".to_owned()),
        access_lifetime: access_lifetime.unwrap_or(15 * MINUTE),
        profile_claims: profile_claims.map_or_else(
            || [ProfileClaim::Email].into(),
            |claims| claims.into_iter().collect(),
        ),
    };
    (algorithm.unwrap_or(Algorithm::Es256), tokens)
}

pub(super) fn session(mut section: Section<'_>, demo: bool) -> SessionSettings {
    let (settle_origin, idle_origin) = (section.origin_of("settle"), section.origin_of("idle"));
    let settle = section.read("settle", duration(Duration::ZERO..=HOUR));
    let idle = section.read("idle", duration(SECOND..=YEAR));
    let absolute = section.read("absolute", duration(SECOND..=YEAR));
    let max_per_user = section.read("max_per_user", count(1, 10_000));
    let on_change = word(&[("record", OnChange::Record), ("refuse", OnChange::Refuse)]);
    let on_device_change = section.read("on_device_change", &on_change);
    let on_network_change = section.read("on_network_change", &on_change);
    // What was left out gives way to what was said.
    let absolute = absolute.unwrap_or(30 * DAY);
    let idle = idle.unwrap_or(absolute.min(14 * DAY));
    let usual = if demo { 5 * SECOND } else { MINUTE };
    let settle = settle.unwrap_or(usual.min(idle / 2));
    if idle > absolute {
        let message = "must not be longer than `session.absolute`";
        section.problem_at(idle_origin, "idle", message, None);
    }
    if settle >= idle {
        let message = "must be shorter than `session.idle`";
        section.problem_at(settle_origin, "settle", message, None);
    }
    section.finish();
    SessionSettings {
        settle,
        idle,
        absolute,
        max_per_user: max_per_user.unwrap_or(20),
        on_device_change: on_device_change.unwrap_or(OnChange::Record),
        on_network_change: on_network_change.unwrap_or(OnChange::Record),
    }
}

pub(super) fn password(mut section: Section<'_>) -> PasswordPolicy {
    let min_length = section.read("min_length", count(4, 128));
    section.finish();
    PasswordPolicy {
        min_length: min_length.map_or(8, |length| length as usize),
    }
}

pub(super) fn algorithm(node: &Node) -> Result<Algorithm, Vec<Mistake>> {
    let found = text(node)?;
    found.parse().map_err(|_| {
        let names = Algorithm::ALL.iter().map(|algorithm| algorithm.as_str());
        let message = format!(
            "expected a signature algorithm such as `ES256`, `RS256` or `HS256`, found `{found}`"
        );
        Mistake::one(
            message,
            suggestion::closest(&found, names).map(str::to_owned),
        )
    })
}
