//! The sections: which keys each has, what they may say, and what holds if they say nothing.

mod anonymous;
mod bans;
mod cookies;
mod keys;
mod limits;
mod listen;
mod log;
mod mail;
mod process;
mod route;
mod secret;
mod span;
mod store;
mod telemetry;
mod tls;
mod tokens;
mod trusted_issuer;
mod upstream;

use super::{
    reader::Section,
    settings::{Config, Listen},
    values::HttpOrigin,
};

/// What decides over defaults besides the settings themselves.
pub(super) struct Circumstances {
    /// Whether there is a configuration file.
    pub(super) has_file: bool,
    /// The flag `upstream`.
    pub(super) upstream: Option<HttpOrigin>,
}

/// Reads everything; only worth using if no problem was found.
pub(super) fn read(mut top: Section<'_>, circumstances: Circumstances) -> Config {
    let Circumstances { has_file, upstream } = circumstances;
    let (has_tls, has_url) = (top.has("tls"), top.has("public_url"));
    let tls = tls::tls(top.section("tls"));
    let public_url = process::public_url(&mut top);
    let trusted_proxies = process::trusted_proxies(&mut top);
    let around = listen::Surroundings {
        tls: has_tls,
        https_url: has_url && public_url.as_ref().is_none_or(HttpOrigin::is_https),
        trusted_proxies: !trusted_proxies.is_empty(),
    };
    let listen = listen::listen(top.section("listen"), &around);
    let public_url = public_url.unwrap_or_else(|| HttpOrigin::at(listen.public, tls.is_some()));
    let demo = process::demo(&mut top)
        .unwrap_or(!has_file && upstream.is_none() && listen.public.ip().is_loopback());
    let (upstreams, names) = upstream::upstreams(&mut top);
    let telemetry = telemetry::telemetry(top.section("telemetry"));
    let plans = limits::plans(&mut top);
    let (algorithm, tokens) = tokens::tokens(top.section("tokens"), &public_url);
    let cors = top.written_list("cors");
    let surroundings = cookies::Surroundings {
        algorithm,
        public: listen.public,
        public_url: &public_url,
    };
    let mail = mail::mail(top.section("mail"));
    let has_mail = mail.server.is_some() || is_development(&listen, &public_url);
    let config = Config {
        links: mail::links(top.section("registration"), top.section("login"), has_mail),
        mail,
        audit_retention: mail::audit_retention(top.section("audit")),
        trusted_proxies,
        demo,
        cors: cors.map_or_else(Vec::new, |list| list.value),
        cookies: cookies::cookies(top.section("cookies"), &surroundings),
        tls,
        store: store::store(top.section("store")),
        trusted_issuers: trusted_issuer::trusted_issuers(&mut top, &tokens.issuer),
        algorithm,
        tokens,
        keys: keys::keys(top.section("keys")),
        session: tokens::session(top.section("session"), demo),
        password: tokens::password(top.section("password")),
        anonymous: anonymous::anonymous(top.section("anonymous")),
        bans: bans::bans(top.section("bans")),
        verification: process::verification(top.section("verification")),
        limits: limits::limits(top.section("limits")),
        log: log::log(top.section("log"), telemetry.is_some()),
        telemetry,
        routes: route::routes(&mut top, &names, &plans),
        plans,
        upstreams,
        upstream,
        public_url,
        listen,
    };
    top.finish();
    config
}

impl Config {
    /// Whether nobody but this machine can reach it: then letters that are sent nowhere can be read here.
    #[must_use]
    pub fn is_development(&self) -> bool {
        is_development(&self.listen, &self.public_url)
    }
}

/// A proxy on the same machine would listen elsewhere, and then so would the public URL.
fn is_development(listen: &Listen, public_url: &HttpOrigin) -> bool {
    let listeners = [listen.public, listen.admin];
    listeners.iter().all(|address| address.ip().is_loopback()) && public_url.is_loopback()
}
