//! A value that its key does not take is refused: line, what was expected, what was found or meant.

use std::time::Duration;

use bulla_core::authentication::OnChange;

use bulla_server::config::Store;

use super::{UPSTREAM, check, file, nothing, said};

const DAY: Duration = Duration::from_secs(86_400);

#[test]
fn of_the_process() {
    check(
        "public_url = \"api.example.com\"",
        &[
            "`public_url`: expected a URL",
            "did you mean `http://api.example.com`?",
        ],
    );
    check(
        "trusted_proxies = \"10.0.0.0/8\"",
        &[
            "`trusted_proxies`: expected a list",
            "the text `10.0.0.0/8`",
        ],
    );
    check(
        "trusted_proxies = [\"10.0.0.1/8\"]",
        &["expected a network", "did you mean `10.0.0.0/8`?"],
    );
    check(
        "demo = \"yes\"",
        &["`demo`: expected `true` or `false`", "the text `yes`"],
    );
}

#[test]
fn of_listeners_store_and_limits() {
    check(
        "listen = 8080",
        &["`listen`: expected a section `[listen]`", "the number 8080"],
    );
    check(
        "listen.public = \":8080\"",
        &[
            "`listen.public`: expected an address",
            "did you mean `127.0.0.1:8080`?",
        ],
    );
    check(
        "listen.admin = \"localhost:1\"",
        &[
            "`listen.admin`: expected an address",
            "did you mean `127.0.0.1:1`?",
        ],
    );
    check(
        "store.url = \"mysql://x\"",
        &["`store.url`: expected `sqlite:` and a path"],
    );
    check(
        "store.url = \"sqlite:\"",
        &["`store.url`: expected `sqlite:` and a path"],
    );
    check(
        "store.url = \"sqlite://bulla.db\"",
        &["did you mean `sqlite:bulla.db`?"],
    );
    check(
        "limits.address = \"1000\"",
        &["`limits.address`: expected `off` or a rate", "found `1000`"],
    );
    check(
        "upstream = \"http://x\"",
        &[
            "`upstream`: expected sections `[[upstream]]`",
            "the text `http://x`",
        ],
    );
}

#[test]
fn of_verification() {
    for (value, parts) in [
        (
            "\"64\"",
            [
                "`verification.cache`: expected `off` or a size",
                "did you mean `64B`?",
            ],
        ),
        (
            "\"64 mib\"",
            ["expected `off` or a size", "did you mean `64MiB`?"],
        ),
        ("\"on\"", ["expected `off` or a size", "found `on`"]),
        (
            "\"1023KiB\"",
            ["`verification.cache`: expected", "`off` or at least 1MiB"],
        ),
        (
            "\"0B\"",
            ["`verification.cache`: expected", "`off` or at least 1MiB"],
        ),
        (
            "false",
            ["`verification.cache`: expected a text", "`false`"],
        ),
        (
            "1048576",
            ["`verification.cache`: expected `off` or a size", "1048576"],
        ),
    ] {
        check(&format!("verification.cache = {value}"), &parts);
    }
    let said = said("[verification]\ncahce = \"off\"");
    assert!(
        said.contains("did you mean `verification.cache`?"),
        "{said}"
    );
}

#[test]
fn of_log() {
    for (setting, parts) in [
        (
            "access = \"al\"",
            [
                "`log.access`: expected `off`, `refused` or `all`",
                "did you mean `all`?",
            ],
        ),
        (
            "fields = [\"adress\"]",
            ["`log.fields`: expected", "did you mean `address`?"],
        ),
        (
            "trace = \"1\"",
            [
                "`log.trace`: expected `pass` or a share",
                "did you mean `1%`?",
            ],
        ),
        ("trace = \"101%\"", ["`log.trace`: expected", "`101%`"]),
    ] {
        check(&format!("log.{setting}"), &parts);
    }
}

#[test]
fn of_telemetry() {
    check(
        "telemetry.otlp = \"http://localhost:4318/v1/traces\"",
        &[
            "`telemetry.otlp`: expected a URL",
            "did you mean `http://localhost:4318`?",
        ],
    );
    check(
        "telemetry.service_name = \"edge\"",
        &["`telemetry.otlp`: is missing"],
    );
}

#[test]
fn of_tokens() {
    check(
        "tokens.algorithm = \"es256\"",
        &[
            "`tokens.algorithm`: expected a signature algorithm",
            "did you mean `ES256`?",
        ],
    );
    check(
        "tokens.algorithm = \"none\"",
        &["expected a signature algorithm", "found `none`"],
    );
    check(
        "tokens.issuer = \"\"",
        &["`tokens.issuer`: must not be empty"],
    );
    check(
        "tokens.audience = 7",
        &["`tokens.audience`: expected a text", "the number 7"],
    );
    check(
        "tokens.access_lifetime = \"15min\"",
        &["expected a duration", "found `15min`; did you mean `15m`?"],
    );
    check(
        "tokens.access_lifetime = 900",
        &["expected a duration", "did you mean `900s`?"],
    );
    check(
        "tokens.access_lifetime = \"25h\"",
        &["`tokens.access_lifetime`: expected 1s to 1d"],
    );
    check(
        "tokens.access_lifetime = \"1500ms\"",
        &["expected whole seconds"],
    );
    check(
        "tokens.profile_claims = [\"e-mail\"]",
        &[
            "expected `email`, `username` or `name`",
            "did you mean `email`?",
        ],
    );
}

#[test]
fn of_sessions_and_passwords() {
    check(
        "session.settle = \"2h\"",
        &["`session.settle`: expected 0s to 1h"],
    );
    check(
        "session.idle = \"never\"",
        &["`session.idle`: expected a duration", "found `never`"],
    );
    check(
        "session.absolute = \"2 weeks\"",
        &[
            "`session.absolute`: expected a duration",
            "did you mean `2w`?",
        ],
    );
    check(
        "session.max_per_user = 0",
        &[
            "`session.max_per_user`: expected a whole number from 1",
            "the number 0",
        ],
    );
    check(
        "session.on_device_change = \"refused\"",
        &[
            "`session.on_device_change`: expected `record` or `refuse`, found `refused`",
            "did you mean `refuse`?",
        ],
    );
    check(
        "password.min_length = \"8\"",
        &[
            "`password.min_length`: expected a whole number from 4 to 128",
            "the text `8`",
        ],
    );
    check(
        "password.min_length = 2000-01-01",
        &["expected a whole number", "a date"],
    );
}

#[test]
fn a_database_url_that_is_refused_is_not_repeated() {
    for url in [
        "postgres://bulla:canary@db",
        "postgres://bulla:canary@db/bulla?sslmode=prefer",
        "postgres://bulla:canary@db:port/bulla",
        "mysql://bulla:canary@db/bulla",
    ] {
        let said = said(&format!("store.url = \"{url}\""));
        assert!(said.contains("`store.url`: "), "{said}");
        assert!(!said.contains("canary"), "{said}");
    }
}

#[test]
fn settings_of_a_server_are_for_a_database_on_one() {
    let url = "url = \"postgres://bulla@localhost/bulla\"";
    for setting in ["connections = 4", "timeout = \"1s\""] {
        check(&format!("store.{setting}"), &["is only for PostgreSQL"]);
        file(&format!("[store]\n{url}\n{setting}")).load();
    }
    let bounds = "`store.timeout`: expected 100ms to 60s";
    for out in ["0s", "99ms", "61s"] {
        let lines = file(&format!("[store]\n{url}\ntimeout = \"{out}\"")).lines();
        assert!(lines[0].contains(bounds), "{lines:?}");
    }
    for within in ["100ms", "60s"] {
        file(&format!("[store]\n{url}\ntimeout = \"{within}\"")).load();
    }
}

#[test]
fn the_url_of_a_database_can_be_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("url");
    std::fs::write(&path, "postgres://bulla:canary@db/bulla\n").unwrap();
    let named = || nothing().variable("BULLA__STORE__URL_FILE", path.to_str().unwrap());
    let Store::Postgres(database) = named().load().store else {
        panic!("PostgreSQL was asked for");
    };
    assert_eq!(
        database.settings.url.to_string(),
        "postgres://bulla@db/bulla"
    );
    assert_eq!(database.secret_file, Some(path.clone()));
    let both = named().variable("BULLA__STORE__URL", "sqlite:bulla.db");
    assert!(both.lines()[0].contains("only one of `url` and `url_file`"));
    std::fs::write(&path, "mysql://bulla:canary@db/bulla\n").unwrap();
    let said = named().lines().join("\n");
    assert!(said.contains("`store.url_file`"), "{said}");
    assert!(!said.contains("canary"), "{said}");
}

#[test]
fn two_listeners_on_one_address_are_refused() {
    let said = said("[listen]\npublic = \"127.0.0.1:9090\"");
    assert!(said.contains("two listeners need two ports"), "{said}");
    file("[listen]\npublic = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"").load();
}

#[test]
fn an_address_that_is_every_address_leaves_its_port_to_nobody() {
    let listeners = |public: &str, admin: &str| {
        file(&format!(
            "[listen]\npublic = \"{public}\"\nadmin = \"{admin}\""
        ))
    };
    for (public, admin) in [
        ("0.0.0.0:8080", "127.0.0.1:8080"),
        ("127.0.0.1:8080", "0.0.0.0:8080"),
        ("[::]:8080", "[::1]:8080"),
        ("[::]:8080", "127.0.0.1:8080"),
        ("0.0.0.0:8080", "[::]:8080"),
    ] {
        let lines = listeners(public, admin).lines();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(
            lines[0].starts_with("bulla.toml:3: `listen.admin`: ")
                && lines[0].contains("two listeners need two ports"),
            "{lines:?}"
        );
    }
    for (public, admin) in [
        ("0.0.0.0:8080", "127.0.0.1:8081"),
        ("0.0.0.0:8080", "[::1]:8080"),
        ("127.0.0.1:8080", "127.0.0.2:8080"),
        ("0.0.0.0:0", "127.0.0.1:0"),
    ] {
        listeners(public, admin).load();
    }
}

#[test]
fn a_database_that_is_no_file_is_refused() {
    for url in [
        "sqlite::memory:",
        "sqlite:file:x.db?mode=memory",
        "sqlite::",
    ] {
        check(
            &format!("store.url = \"{url}\""),
            &["`store.url`: expected `sqlite:` and a path"],
        );
    }
}

#[test]
fn of_signing_keys() {
    check(
        "keys.rotate_every = \"0s\"",
        &["`keys.rotate_every`: expected 1s to 3660d"],
    );
    check(
        "keys.rotate_every = \"never\"",
        &["`keys.rotate_every`: expected a duration", "found `never`"],
    );
    check(
        "keys.publish_ahead = \"31d\"",
        &["`keys.publish_ahead`: expected 0s to 30d"],
    );
    check(
        "keys = { publish_ahead = \"2h\", rotate_every = \"1h\" }",
        &["`keys.publish_ahead`: must not be longer than `keys.rotate_every`"],
    );
}

#[test]
fn spans_of_a_session_that_contradict_each_other_are_refused() {
    check(
        "session.idle = \"31d\"",
        &["`session.idle`: must not be longer than `session.absolute`"],
    );
    check(
        "session = { settle = \"30m\", idle = \"30m\", absolute = \"1d\" }",
        &["`session.settle`: must be shorter than `session.idle`"],
    );
    let lines = file("[session]\nsettle = \"1h\"\nabsolute = \"1h\"\nidle = \"2h\"").lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].starts_with("bulla.toml:4: `session.idle`"),
        "{lines:?}"
    );
}

#[test]
fn changes_of_device_and_network_are_recorded_unless_they_are_refused() {
    let session = file("[session]").load().session;
    let (record, refuse) = (OnChange::Record, OnChange::Refuse);
    assert_eq!(
        (session.on_device_change, session.on_network_change),
        (record, record)
    );
    let text = "session = { on_device_change = \"record\", on_network_change = \"refuse\" }";
    let session = file(text).load().session;
    assert_eq!(
        (session.on_device_change, session.on_network_change),
        (record, refuse)
    );
}

#[test]
fn spans_of_a_session_that_are_left_out_give_way() {
    let session = file("session.absolute = \"1d\"").load().session;
    assert_eq!((session.idle, session.absolute), (DAY, DAY));
    let session = file("session.idle = \"30s\"").load().session;
    assert_eq!(session.settle, Duration::from_secs(15));
    let session = file("session.idle = \"30d\"").load().session;
    assert_eq!(
        (session.settle, session.idle),
        (Duration::from_secs(60), 30 * DAY)
    );
}

#[test]
fn of_tls() {
    check("tls.certificate = \"c\"", &["`tls.key`: is missing"]);
    check("tls.key = \"k\"", &["`tls.certificate`: is missing"]);
    check(
        "tls = { certificate = \"c\", key = \"\" }",
        &["`tls.key`: must not be empty"],
    );
    for hsts in ["1500ms", "3661d", "never"] {
        check(
            &format!("tls = {{ certificate = \"c\", key = \"k\", hsts = \"{hsts}\" }}"),
            &["`tls.hsts`: expected"],
        );
    }
    assert_eq!(
        file("[tls]\nhsts = \"1d\"").lines(),
        [
            "bulla.toml:1: `tls.certificate`: is missing",
            "bulla.toml:1: `tls.key`: is missing"
        ]
    );
}

const TLS: &str = "[tls]\ncertificate = \"c\"\nkey = \"k\"\n";

#[test]
fn plain_http_can_only_be_sent_to_where_https_is() {
    let redirect = "[listen]\nredirect = \"0.0.0.0:80\"\n";
    let https = "public_url = \"https://api.example.com\"\n";
    for (around, tls, missing) in [
        (https, "", "`[tls]`"),
        ("", TLS, "`public_url`"),
        (
            "public_url = \"http://api.example.com\"\n",
            TLS,
            "`public_url`",
        ),
    ] {
        let said = said(&format!("{around}{redirect}{tls}"));
        assert!(said.contains("`listen.redirect`: needs"), "{said}");
        assert!(said.contains(missing), "{said}");
    }
    let config = file(&format!("{https}{redirect}{TLS}")).load();
    assert!(config.listen.redirect.is_some());
}

#[test]
fn the_proxy_protocol_needs_somebody_to_be_believed() {
    let listen = "[listen]\nproxy_protocol = true\n";
    let said = said(listen);
    assert!(
        said.starts_with("bulla.toml:2: `listen.proxy_protocol`: needs"),
        "{said}"
    );
    let config = file(&format!("trusted_proxies = [\"10.0.0.1\"]\n{listen}")).load();
    assert!(config.listen.proxy_protocol);
}

#[test]
fn the_listener_for_plain_http_needs_a_port_of_its_own() {
    let said = said(&format!(
        "public_url = \"https://a.example\"\n[listen]\nredirect = \"0.0.0.0:9090\"\n{TLS}"
    ));
    assert!(
        said.starts_with("bulla.toml:3: `listen.redirect`"),
        "{said}"
    );
    assert!(said.contains("`listen.admin` is 127.0.0.1:9090"), "{said}");
}

#[test]
fn of_limits_and_plans() {
    for value in ["\"1000\"", "\"0/s\"", "\"on\"", "\"2000000/s\""] {
        check(
            &format!("limits.address = {value}"),
            &["`limits.address`: expected `off` or a rate"],
        );
    }
    check(
        "limits.connections = 0",
        &["`limits.connections`: expected a whole number from 1"],
    );
    check("plans = 1", &["`plans`: expected sections `[plans.NAME]`"]);
    check("plans.pro = 1", &["expected sections `[plans.NAME]`"]);
    for (text, parts) in [
        (
            "[plans.pro]\nburst = 20",
            ["`plans.pro.rate`: is missing", ":1:"],
        ),
        (
            "[plans.pro]\nrate = \"600\"",
            [
                "`plans.pro.rate`: expected a rate such as `1000/s` or `60/m`",
                "found `600`",
            ],
        ),
        (
            "[plans.pro]\nrate = \"1/d\"\nburst = 401",
            [
                "`plans.pro.burst`: a burst may be as much as 400 days of its rate",
                ":3:",
            ],
        ),
        (
            "[plans.pro]\nrate = \"600/m\"\nkey = \"user\"",
            ["`plans.pro.key`: expected `subject`", "found `user`"],
        ),
        (
            "[plans.pro]\nrate = \"600/m\"\nbrust = 20",
            [
                "`plans.pro.brust`: unknown key",
                "did you mean `plans.pro.burst`?",
            ],
        ),
        (
            "[plans.off]\nrate = \"600/m\"",
            ["`plans.off", "means something else by this name"],
        ),
        (
            "[plans.\"a b\"]\nrate = \"600/m\"",
            [
                "`plans.a b",
                "the name of a plan has 1 to 64 of the characters",
            ],
        ),
    ] {
        let said = said(text);
        assert!(parts.iter().all(|part| said.contains(part)), "{said}");
    }
}

#[test]
fn of_a_routes_limit() {
    for (limit, part) in [
        ("plna", "did you mean `plan`?"),
        ("gold", "the name of a plan; there is no `[plans.gold]`"),
    ] {
        let route = "[[route]]\npath = \"/\"\nupstream = \"orders\"\n";
        let said = said(&format!("{UPSTREAM}{route}limit = \"{limit}\""));
        assert!(
            said.contains("`route[1].limit`: expected") && said.contains(part),
            "{said}"
        );
    }
}
