//! `[cookies]`

use std::net::{IpAddr, SocketAddr};

use bulla_guard::client::CookieNames;
use bulla_jose::jwa::Algorithm;

use crate::{
    config::{
        reader::{Section, boolean},
        values::HttpOrigin,
    },
    edge::cookies::fit_cookies,
};

/// What else decides whether tokens can be handed out as cookies.
pub(super) struct Surroundings<'config> {
    pub(super) algorithm: Algorithm,
    /// `listen.public`
    pub(super) public: SocketAddr,
    pub(super) public_url: &'config HttpOrigin,
}

/// `None`: no cookies.
pub(super) fn cookies(mut section: Section<'_>, around: &Surroundings<'_>) -> Option<CookieNames> {
    let (enabled_at, plain_at) = (
        section.origin_of("enabled"),
        section.origin_of("plain_loopback"),
    );
    let enabled = section.read("enabled", boolean);
    let plain = section.read("plain_loopback", boolean) == Some(true);
    let fits = fit_cookies(around.algorithm);
    if !fits {
        let algorithm = around.algorithm;
        let message = format!(
            "tokens signed with {algorithm} do not fit a cookie: leave this out, or choose another `tokens.algorithm`"
        );
        if enabled == Some(true) {
            section.problem_at(enabled_at, "enabled", message, None);
        } else if plain {
            section.problem_at(plain_at, "plain_loopback", message, None);
        }
    } else if plain && enabled == Some(false) {
        let message = "says nothing while `cookies.enabled` is `false`";
        section.problem_at(plain_at, "plain_loopback", message, None);
    } else if plain && !is_on_loopback(around) {
        let message = "is for a Bulla that only its own machine reaches: `listen.public` must be a loopback address, \
            and `public_url` http:// on localhost or such an address";
        section.problem_at(plain_at, "plain_loopback", message, None);
    }
    section.finish();
    let names = if plain {
        CookieNames::PlainLoopback
    } else {
        CookieNames::Host
    };
    enabled.unwrap_or(fits).then_some(names)
}

/// Whether nothing but this machine sees what browsers send.
fn is_on_loopback(around: &Surroundings<'_>) -> bool {
    let url = around.public_url;
    let authority = url.authority();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        _ => authority,
    };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = |address: IpAddr| address.to_canonical().is_loopback();
    let named = host.eq_ignore_ascii_case("localhost") || address.parse().is_ok_and(is_loopback);
    is_loopback(around.public.ip()) && !url.is_https() && named
}
