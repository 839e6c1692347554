//! `public_url`, `trusted_proxies`, `demo`, `[verification]`.

use bulla_guard::client::Cidr;

use crate::config::{
    reader::{Section, boolean, list, parsed},
    settings::Verification,
    values::{HttpOrigin, parse_cache_size, parse_network},
};

/// Some ten thousand tokens.
const USUAL_CACHE: u64 = 64 << 20;

pub(super) fn public_url(top: &mut Section<'_>) -> Option<HttpOrigin> {
    top.read("public_url", parsed(str::parse))
}

pub(super) fn trusted_proxies(top: &mut Section<'_>) -> Vec<Cidr> {
    top.read("trusted_proxies", list(parsed(parse_network)))
        .unwrap_or_default()
}

pub(super) fn demo(top: &mut Section<'_>) -> Option<bool> {
    top.read("demo", boolean)
}

pub(super) fn verification(mut section: Section<'_>) -> Verification {
    let cache = section.read("cache", parsed(parse_cache_size));
    section.finish();
    Verification {
        cache: cache.unwrap_or(Some(USUAL_CACHE)),
    }
}
