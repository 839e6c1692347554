//! `[listen]`

use std::net::{Ipv4Addr, SocketAddr};

use crate::config::{
    reader::{Section, boolean, parsed},
    settings::Listen,
    values::parse_address,
};

/// What else is configured that some listeners need.
pub(super) struct Surroundings {
    pub(super) tls: bool,
    /// Whether `public_url` is set, and not to plain HTTP.
    pub(super) https_url: bool,
    pub(super) trusted_proxies: bool,
}

pub(super) fn listen(mut section: Section<'_>, around: &Surroundings) -> Listen {
    let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    // Of two that meet, the later one is named, and none that nobody wrote.
    let mut keys = ["public", "admin", "redirect"].map(|key| (section.has(key), key));
    keys.sort_by_key(|(is_set, _)| *is_set);
    let origins = keys.map(|(_, key)| section.origin_of(key));
    let proxy_origin = section.origin_of("proxy_protocol");
    let public = section.read("public", parsed(parse_address));
    let admin = section.read("admin", parsed(parse_address));
    let redirect = section.read("redirect", parsed(parse_address));
    let listen = Listen {
        public: public.unwrap_or(loopback(8080)),
        admin: admin.unwrap_or(loopback(9090)),
        redirect,
        proxy_protocol: section.read("proxy_protocol", boolean) == Some(true),
    };
    let address = |key: &str| match key {
        "public" => Some(listen.public),
        "admin" => Some(listen.admin),
        _ => listen.redirect,
    };
    for (position, (_, key)) in keys.into_iter().enumerate() {
        let own = address(key);
        for (_, other) in keys.into_iter().take(position) {
            if let (Some(one), Some(another)) = (own, address(other))
                && meet(one, another)
            {
                let message = format!(
                    "`listen.{other}` is {another}, `listen.{key}` is {one}: two listeners need two ports"
                );
                section.problem_at(origins[position].clone(), key, message, None);
            }
        }
        if key == "redirect" && own.is_some() {
            for message in missing_for_redirect(around) {
                section.problem_at(origins[position].clone(), key, message, None);
            }
        }
    }
    if listen.proxy_protocol && !around.trusted_proxies {
        let message = "needs `trusted_proxies`: they alone are believed, and nobody else is let in";
        section.problem_at(proxy_origin, "proxy_protocol", message, None);
    }
    section.finish();
    listen
}

fn missing_for_redirect(around: &Surroundings) -> impl Iterator<Item = &'static str> {
    let tls = "needs `[tls]`: there is no https to send to";
    let url = "needs a `public_url` with `https://`: it says which host and port to send to";
    [(around.tls, tls), (around.https_url, url)]
        .into_iter()
        .filter_map(|(is_there, message)| (!is_there).then_some(message))
}

/// Whether one of the two takes what the other wants. `0.0.0.0` is every address of IPv4, and `[::]` every
/// address.
fn meet(one: SocketAddr, other: SocketAddr) -> bool {
    let takes = |all: SocketAddr, address: SocketAddr| {
        all.ip().is_unspecified() && (all.is_ipv6() || address.is_ipv4())
    };
    // Port 0 is a different one each time.
    one.port() == other.port()
        && one.port() != 0
        && (one.ip() == other.ip() || takes(one, other) || takes(other, one))
}
