//! What is understood, and which source wins.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use bulla_core::token::ProfileClaim;
use bulla_guard::limit::Plans;
use bulla_jose::jwa::Algorithm;
use bulla_server::config::{Config, EXAMPLE, LogField, LoggedRequests, Store};

use super::{file, nothing};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// The defaults that do not depend on circumstances.
fn assert_defaults(config: &Config) {
    assert_eq!(config.public_url.as_str(), "http://127.0.0.1:8080");
    assert_eq!((&config.trusted_proxies[..], &config.tls), (&[][..], &None));
    assert_eq!(
        (config.listen.public, config.listen.admin),
        (address("127.0.0.1:8080"), address("127.0.0.1:9090"))
    );
    assert_eq!(
        (config.listen.redirect, config.listen.proxy_protocol),
        (None, false)
    );
    assert_eq!(
        config.store,
        Store::Sqlite {
            path: PathBuf::from("bulla-data/bulla.db")
        }
    );
    assert_eq!(
        (config.algorithm, config.tokens.audience.as_str()),
        (Algorithm::Es256, "api")
    );
    assert_eq!(config.tokens.issuer, "http://127.0.0.1:8080");
    assert_eq!(config.tokens.access_lifetime, 15 * MINUTE);
    assert_eq!(config.tokens.profile_claims, [ProfileClaim::Email].into());
    assert_eq!(
        (config.session.idle, config.session.absolute),
        (14 * DAY, 30 * DAY)
    );
    assert_eq!(config.session.max_per_user, 20);
    assert_eq!(
        (config.keys.rotate_every, config.keys.publish_ahead),
        (Some(30 * DAY), DAY)
    );
    assert_eq!(config.password.min_length, 8);
    assert_eq!(
        (config.verification.cache, config.anonymous),
        (Some(64 << 20), true)
    );
    let address = config.limits.address.unwrap();
    assert_eq!(
        (address.rate().to_string().as_str(), address.burst().get()),
        ("1000/s", 2000)
    );
    assert_eq!(config.limits.connections.unwrap().get(), 1024);
    assert_eq!(config.plans, []);
    assert_eq!(config.trusted_issuers, []);
    assert_eq!(
        (
            config.upstreams.len(),
            config.routes.len(),
            &config.upstream
        ),
        (0, 0, &None)
    );
}

#[test]
fn with_nothing_the_defaults_hold_and_the_demo_runs() {
    let config = nothing().load();
    assert_defaults(&config);
    assert!(config.demo);
    assert_eq!(config.session.settle, Duration::from_secs(5));
}

#[test]
fn with_an_empty_file_the_defaults_hold_without_the_demo() {
    let config = file("").load();
    assert_defaults(&config);
    assert!(!config.demo);
    assert_eq!(config.session.settle, MINUTE);
}

#[test]
fn the_demo_runs_by_itself_only_on_loopback_without_file_and_upstream() {
    assert!(
        nothing()
            .variable("BULLA__TOKENS__AUDIENCE", "x")
            .load()
            .demo
    );
    assert!(nothing().flag("listen.public", "[::1]:80").load().demo);
    assert!(!nothing().flag("listen.public", "0.0.0.0:80").load().demo);
    assert!(
        !nothing()
            .flag("upstream", "http://localhost:3000")
            .load()
            .demo
    );
    assert!(
        file("demo = true")
            .flag("listen.public", "0.0.0.0:80")
            .load()
            .demo
    );
    assert!(!nothing().variable("BULLA__DEMO", "false").load().demo);
}

#[test]
fn the_example_parses_and_changes_nothing() {
    let config = file(EXAMPLE).load();
    assert_defaults(&config);
}

#[test]
fn every_setting_of_the_example_parses_and_shows_the_default() {
    let uncommented: String = EXAMPLE
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if !setting.is_empty() && !setting.starts_with(' ') => {
                format!("{setting}\n")
            }
            _ => "\n".to_owned(),
        })
        .collect();
    let config = file(&uncommented).load();
    assert_eq!(config.public_url.as_str(), "https://api.example.com");
    assert_eq!((config.trusted_proxies.len(), config.demo), (1, false));
    assert_eq!((config.upstreams.len(), config.routes.len()), (1, 1));
    let default = file("").load();
    let mut listen = config.listen;
    assert_eq!(listen.redirect.take(), Some(address("0.0.0.0:80")));
    assert_eq!(listen, default.listen);
    assert_eq!(config.store, default.store);
    assert_eq!(config.session, default.session);
    assert_eq!(config.password, default.password);
    assert_eq!(config.verification, default.verification);
    assert_eq!(config.anonymous, default.anonymous);
    assert_eq!(config.limits, default.limits);
    let (shown, built_in) = (Plans::new(config.plans), Plans::default());
    assert_eq!(shown.named("free"), built_in.named("free"));
    let tls = config.tls.unwrap();
    assert_eq!(
        (tls.certificate.value.as_str(), tls.key.value.as_str()),
        ("cert.pem", "key.pem")
    );
    assert_eq!(tls.hsts, Some(365 * DAY));
    let telemetry = config.telemetry.unwrap();
    assert_eq!(telemetry.otlp.value.as_str(), "http://localhost:4318");
    assert_eq!(telemetry.service_name, "bulla");
    let mut tokens = config.tokens;
    tokens.issuer = default.tokens.issuer.clone();
    assert_eq!(tokens, default.tokens);
}

#[test]
fn the_environment_wins_over_the_file_and_a_flag_over_both() {
    let sources =
        || file("[tokens]\naudience = \"file\"\nissuer = \"file\"\naccess_lifetime = \"1m\"");
    assert_eq!(sources().load().tokens.audience, "file");
    let sources = || {
        sources()
            .variable("BULLA__TOKENS__AUDIENCE", "env")
            .variable("BULLA__TOKENS__ISSUER", "env")
    };
    assert_eq!(sources().load().tokens.audience, "env");
    let tokens = sources().flag("tokens.audience", "flag").load().tokens;
    assert_eq!(
        (tokens.audience.as_str(), tokens.issuer.as_str()),
        ("flag", "env")
    );
    assert_eq!(tokens.access_lifetime, MINUTE);
}

#[test]
fn every_type_can_come_from_the_environment() {
    let config = nothing()
        .variable("BULLA__PUBLIC_URL", "https://api.example.com/")
        .variable("BULLA__TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1")
        .variable("BULLA__DEMO", "true")
        .variable("BULLA__LISTEN__PUBLIC", "0.0.0.0:80")
        .variable("BULLA__TOKENS__ALGORITHM", "RS256")
        .variable("BULLA__TOKENS__PROFILE_CLAIMS", "name,username")
        .variable("BULLA__SESSION__SETTLE", "1s")
        .variable("BULLA__SESSION__MAX_PER_USER", "3")
        .variable("BULLA__LIMITS__ADDRESS", "500/s")
        .variable("BULLA__PLANS__PRO__RATE", "600/m")
        .variable("BULLA_MASTER_KEY", "no setting of the file's")
        .variable("PATH", "/bin")
        .load();
    assert_eq!(config.public_url.as_str(), "https://api.example.com");
    assert_eq!(config.tokens.issuer, "https://api.example.com");
    assert_eq!(config.trusted_proxies.len(), 2);
    assert_eq!(
        (config.demo, config.listen.public),
        (true, address("0.0.0.0:80"))
    );
    assert_eq!(config.algorithm, Algorithm::Rs256);
    assert_eq!(
        config.tokens.profile_claims,
        [ProfileClaim::Name, ProfileClaim::Username].into()
    );
    assert_eq!(
        (config.session.settle, config.session.max_per_user),
        (Duration::from_secs(1), 3)
    );
    assert_eq!(config.limits.address.unwrap().burst().get(), 1000);
    assert_eq!((config.plans.len(), config.plans[0].name()), (1, "pro"));
}

#[test]
fn the_cache_of_verified_tokens_has_a_size_or_is_off() {
    let cache = |value: &str| {
        let sources = nothing().variable("BULLA__VERIFICATION__CACHE", value);
        sources.load().verification.cache
    };
    assert_eq!(cache("off"), None);
    assert_eq!(cache("1MiB"), Some(1 << 20));
    assert_eq!(cache("2GiB"), Some(2 << 30));
}

#[test]
fn anonymous_visitors_are_welcome_unless_said_otherwise() {
    for (text, welcome) in [("false", false), ("true", true)] {
        let sources = file(&format!("[anonymous]\nenabled = {text}"));
        assert_eq!(sources.load().anonymous, welcome);
    }
}

#[test]
fn what_is_logged_is_an_explicit_choice() {
    let log = nothing().load().log;
    assert_eq!(log.access, LoggedRequests::Off);
    assert_eq!(log.fields, [LogField::Subject, LogField::Address]);
    assert_eq!(log.trace, None);
    let log = nothing()
        .variable("BULLA__LOG__ACCESS", "all")
        .variable("BULLA__LOG__FIELDS", "path")
        .variable("BULLA__LOG__TRACE", "0.5%")
        .load()
        .log;
    assert_eq!(log.access, LoggedRequests::All);
    assert_eq!(log.fields, [LogField::Path]);
    assert_eq!(log.trace, Some(5_000));
}

#[test]
fn a_collector_is_told_of_every_trace_that_begins_here_unless_the_log_says_otherwise() {
    let told = || nothing().variable("BULLA__TELEMETRY__OTLP", "http://localhost:4318/");
    assert_eq!(nothing().load().telemetry, None);
    let config = told().load();
    let telemetry = config.telemetry.unwrap();
    assert_eq!(telemetry.otlp.value.as_str(), "http://localhost:4318");
    assert_eq!(telemetry.service_name, "bulla");
    assert_eq!(config.log.trace, Some(1_000_000));
    for (trace, share) in [("pass", None), ("1%", Some(10_000))] {
        let config = told().variable("BULLA__LOG__TRACE", trace).load();
        assert_eq!(config.log.trace, share);
    }
}

#[test]
fn an_empty_list_from_the_environment_is_empty() {
    let config = nothing()
        .variable("BULLA__TOKENS__PROFILE_CLAIMS", "")
        .load();
    assert_eq!(config.tokens.profile_claims, [].into());
}

#[test]
fn with_tls_clients_come_by_https() {
    let tls = "[tls]\ncertificate = \"c\"\nkey = \"k\"\n";
    let config = file(tls).load();
    assert_eq!(config.public_url.as_str(), "https://127.0.0.1:8080");
    assert_eq!(config.tokens.issuer, "https://127.0.0.1:8080");
    assert_eq!(config.tls.unwrap().hsts, None);
}

#[test]
fn keys_that_rotate_often_are_published_for_as_long() {
    let keys = |text: &str| file(&format!("[keys]\n{text}")).load().keys;
    let often = keys("rotate_every = \"1h\"");
    assert_eq!(
        (often.rotate_every, often.publish_ahead),
        (Some(60 * MINUTE), 60 * MINUTE)
    );
    let never = keys("rotate_every = \"off\"");
    assert_eq!((never.rotate_every, never.publish_ahead), (None, DAY));
    let at_once = keys("publish_ahead = \"0s\"");
    assert_eq!(
        (at_once.rotate_every, at_once.publish_ahead),
        (Some(30 * DAY), Duration::ZERO)
    );
}
