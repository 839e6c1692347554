//! `[[upstream]]` and `[[route]]`.

use std::time::Duration;

use bulla_server::config::{
    Balance, Config, ConfigError, Protocol, RouteAccess, RouteLimit, Streams, Written,
};

use super::{Sources, UPSTREAM, file, said};

const WHOLE: &str = r#"
[[upstream]]
name = "orders"
servers = ["http://127.0.0.1:3000", "https://10.0.0.2"]

[[route]]
host = "api.example.com"
path = "/api/{*rest}"
methods = ["GET", "PURGE"]
upstream = "orders"
roles = ["admin", "staff"]
plans = ["pro"]
scopes = ["orders:read"]
claims = { beta = true, team = { id = 7, tags = ["a", 1.5] } }
body_limit = "10MiB"
forward_claims = ["team_id"]
forward_token = false
streams = "until_expired"

[[route]]
path = "/public"
upstream = "orders"
access = "public"
"#;

fn whole() -> Config {
    file(WHOLE).load()
}

fn texts(written: &[Written]) -> Vec<&str> {
    let texts = written.iter().map(|element| element.value.as_str());
    texts.collect()
}

#[test]
fn an_upstream_has_a_name_and_servers() {
    let config = whole();
    assert_eq!(config.upstreams.len(), 1);
    let upstream = &config.upstreams[0];
    let servers = texts(&upstream.servers.value);
    assert_eq!(upstream.name, "orders");
    assert_eq!(servers, ["http://127.0.0.1:3000", "https://10.0.0.2"]);
}

#[test]
fn an_upstream_says_how_its_servers_are_asked() {
    let config = whole();
    let upstream = &config.upstreams[0];
    assert_eq!(upstream.balance, Balance::RoundRobin);
    assert_eq!(upstream.protocol, Protocol::Http1);
    assert_eq!(upstream.health, None);
    let http2 = file(&format!("{UPSTREAM}protocol = \"http2\"")).load();
    assert_eq!(http2.upstreams[0].protocol, Protocol::Http2);
    assert_eq!(upstream.ca, None);
    let ca = file(&format!("{UPSTREAM}ca = \"ca.pem\"")).load().upstreams[0]
        .ca
        .clone();
    assert_eq!(ca.map(|ca| ca.value).as_deref(), Some("ca.pem"));
    for (written, interval, timeout) in [
        ("path = \"/healthz\"", 5000, 2000),
        ("path = \"/healthz\", interval = \"1s\"", 1000, 1000),
        (
            "path = \"/healthz\", interval = \"10s\", timeout = \"500ms\"",
            10_000,
            500,
        ),
    ] {
        let text = format!("{UPSTREAM}balance = \"least_connections\"\nhealth = {{ {written} }}");
        let config = file(&text).load();
        let upstream = &config.upstreams[0];
        assert_eq!(upstream.balance, Balance::LeastConnections);
        let health = upstream.health.as_ref().unwrap();
        assert_eq!(health.path.value, "/healthz");
        let spans = [interval, timeout].map(Duration::from_millis);
        assert_eq!([health.interval, health.timeout], spans, "{written}");
    }
}

#[test]
fn a_bad_value_of_an_upstream_is_refused() {
    let check = |line: &str, key: &str, part: &str| {
        let said = said(&format!("{UPSTREAM}{line}"));
        let start = format!("bulla.toml:4: `upstream[1].{key}`: ");
        assert!(said.starts_with(&start) && said.contains(part), "{said}");
    };
    check(
        "balance = \"least_conections\"",
        "balance",
        "did you mean `least_connections`?",
    );
    check("protocol = \"h2\"", "protocol", "`http1` or `http2`");
    check("health = \"/healthz\"", "health", "expected a table");
    check("health = {}", "health.path", "is missing");
    let of_health = |line: &str, key: &str, part: &str| {
        let line = format!("health = {{ path = \"/\", {line} }}");
        check(&line, &format!("health.{key}"), part);
    };
    of_health("intervall = \"1s\"", "intervall", "interval");
    of_health("interval = \"0s\"", "interval", "at least 100ms");
    of_health("interval = 5", "interval", "did you mean `5s`?");
    of_health("timeout = \"0s\"", "timeout", "not zero");
    of_health("timeout = \"6s\"", "timeout", "longer than `interval`");
}

#[test]
fn a_route_is_read_whole_and_knows_its_line() {
    let config = whole();
    let route = &config.routes[0];
    assert_eq!(
        (route.path.value.as_str(), route.upstream.as_str()),
        ("/api/{*rest}", "orders")
    );
    let host = route.host.as_ref().map(|host| host.value.as_str());
    assert_eq!(host, Some("api.example.com"));
    let methods = route.methods.as_ref().unwrap();
    assert_eq!(texts(&methods.value), ["GET", "PURGE"]);
    assert_eq!(
        (route.body_limit, route.forward_token),
        (Some(10 << 20), false)
    );
    assert_eq!(texts(&route.forward_claims), ["team_id"]);
    assert_eq!(
        (route.name.as_str(), route.path.key.as_str()),
        ("route[1]", "route[1].path")
    );
    assert!(
        route.origin.to_string().ends_with("bulla.toml:6"),
        "{}",
        route.origin
    );
    assert_eq!(route.streams, Streams::UntilExpired);
    let access = RouteAccess::Token {
        anonymous: false,
        roles: ["admin", "staff"].map(str::to_owned).into(),
        plans: ["pro".to_owned()].into(),
        scopes: ["orders:read".to_owned()].into(),
        claims: [
            ("beta".to_owned(), true.into()),
            (
                "team".to_owned(),
                serde_json::json!({"id": 7, "tags": ["a", 1.5]}),
            ),
        ]
        .into(),
    };
    assert_eq!(route.access, access);
}

#[test]
fn a_route_that_says_little_takes_all_methods_and_bodies() {
    let config = whole();
    let route = &config.routes[1];
    assert_eq!(
        (&route.access, &route.methods, &route.host),
        (&RouteAccess::Public, &None, &None)
    );
    assert_eq!((route.body_limit, route.forward_token), (None, true));
    assert_eq!(route.streams, Streams::UntilRevoked);
}

#[test]
fn a_route_that_says_nothing_about_access_asks_for_a_signed_in_user() {
    let config = file(&format!(
        "{UPSTREAM}[[route]]\npath = \"/\"\nupstream = \"orders\""
    ))
    .load();
    let access = RouteAccess::Token {
        anonymous: false,
        roles: [].into(),
        plans: [].into(),
        scopes: [].into(),
        claims: [].into(),
    };
    assert_eq!(config.routes[0].access, access);
}

#[test]
fn an_upstream_without_a_name_of_its_own_or_servers_is_refused() {
    let nameless = said("[[upstream]]\nservers = [\"http://h\"]");
    assert_eq!(nameless, "bulla.toml:1: `upstream[1].name`: is missing");
    let serverless = said("[[upstream]]\nname = \"a\"");
    assert_eq!(
        serverless,
        "bulla.toml:1: `upstream[1].servers`: is missing"
    );
    let twice = said(&format!("{UPSTREAM}{UPSTREAM}"));
    assert_eq!(
        twice,
        "bulla.toml:5: `upstream[2].name`: there are two upstreams `orders`"
    );
}

#[test]
fn a_route_without_path_or_upstream_is_refused() {
    let route = |rest: &str| said(&format!("{UPSTREAM}[[route]]\n{rest}"));
    let pathless = route("upstream = \"orders\"");
    assert_eq!(pathless, "bulla.toml:4: `route[1].path`: is missing");
    let nowhere = route("path = \"/\"");
    assert_eq!(nowhere, "bulla.toml:4: `route[1].upstream`: is missing");
    let unknown = route("path = \"/\"\nupstream = \"order\"");
    let expected = "there is no `[[upstream]]` named `order`; did you mean `orders`?";
    assert_eq!(
        unknown,
        format!("bulla.toml:6: `route[1].upstream`: {expected}")
    );
}

#[test]
fn a_bad_value_of_a_route_is_refused() {
    let check = |line: &str, parts: &[&str]| {
        let said = said(&format!(
            "{UPSTREAM}[[route]]\npath = \"/\"\nupstream = \"orders\"\n{line}"
        ));
        let key = line.split(' ').next().unwrap_or_default();
        assert!(
            said.starts_with(&format!("bulla.toml:7: `route[1].{key}`: ")),
            "{said}"
        );
        assert!(
            parts.iter().all(|part| said.contains(part)),
            "{said} should say {parts:?}"
        );
    };
    check("host = 7", &["expected a text", "the number 7"]);
    check("methods = \"GET\"", &["expected a list", "the text `GET`"]);
    check("methods = [\"\"]", &["must not be empty"]);
    check(
        "access = \"private\"",
        &[
            "expected `public`, `anonymous` or `authenticated`",
            "found `private`",
        ],
    );
    check(
        "access = \"anyone\"",
        &["expected `public`, `anonymous` or `authenticated`"],
    );
    check("roles = \"admin\"", &["expected a list"]);
    check("roles = [\"a b\"]", &["expected a role", "found `a b`"]);
    check("plans = [\"\"]", &["expected a plan"]);
    check("scopes = [\"a b\"]", &["expected one scope"]);
    check("claims = [\"beta\"]", &["expected a table"]);
    check(
        "claims = { since = 2000-01-01 }",
        &["expected a value that JSON has", "a date"],
    );
    check(
        "body_limit = \"10mb\"",
        &["expected a size", "did you mean `10MB`?"],
    );
    check("forward_claims = [1]", &["expected a text", "the number 1"]);
    check(
        "streams = \"until_revokd\"",
        &["or `keep`", "did you mean `until_revoked`?"],
    );
    check(
        "forward_token = 1",
        &["expected `true` or `false`", "the number 1"],
    );
}

#[test]
fn a_public_route_that_asks_for_something_is_refused() {
    let route = "path = \"/\"\nupstream = \"orders\"\naccess = \"public\"\nroles = [\"admin\"]\nscopes = [\"a\"]";
    let lines = file(&format!("{UPSTREAM}[[route]]\n{route}")).lines();
    let places: Vec<_> = lines
        .iter()
        .filter_map(|line| line.split(" a public route asks for nothing").next())
        .collect();
    assert_eq!(
        places,
        [
            "bulla.toml:8: `route[1].roles`:",
            "bulla.toml:9: `route[1].scopes`:"
        ]
    );
}

#[test]
fn what_another_part_finds_wrong_is_said_in_order_with_the_rest() {
    let text =
        format!("{UPSTREAM}[[route]]\npath = \"a\"\nupstream = \"orders\"\nhosts = 1\n[[route]]\n");
    let Sources { folder, sources } = file(&text);
    let refused = Config::load_and_check(sources, |config| {
        let path = &config.routes[0].path;
        vec![path.problem("is not good", Some("b".to_owned()))]
    });
    drop(folder);
    let Err(ConfigError::Invalid(problems)) = refused else {
        unreachable!("expected problems, not {refused:?}");
    };
    let said: Vec<_> = problems
        .iter()
        .map(|problem| (problem.key.as_str(), problem.message.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            ("route[1].path", "is not good"),
            ("route[1].hosts", "unknown key"),
            ("route[2].path", "is missing"),
            ("route[2].upstream", "is missing"),
        ]
    );
    assert_eq!(problems[0].suggestion.as_deref(), Some("b"));
}

#[test]
fn what_a_route_changes_is_read() {
    let config = file(&format!(
        "{UPSTREAM}[[route]]\npath = \"/\"\nupstream = \"orders\"\naccess = \"anonymous\"\ncredential = [\"header\"]\n\
         cors = [\"https://a.example\"]\nstrip_prefix = \"/a\"\nrequest_headers = {{ X-From = \"b\" }}\n\
         response_headers = {{ X-To = \"c\" }}\nresponse_timeout = \"10s\"\ntunnel_timeout = \"2h\""
    ))
    .load();
    let route = &config.routes[0];
    assert!(matches!(
        route.access,
        RouteAccess::Token {
            anonymous: true,
            ..
        }
    ));
    let places = route.credential.as_ref().unwrap();
    assert_eq!(texts(&places.value), ["header"]);
    assert_eq!(texts(&route.cors), ["https://a.example"]);
    assert_eq!(route.strip_prefix.as_ref().unwrap().value, "/a");
    for (headers, name, value) in [
        (&route.request_headers, "X-From", "b"),
        (&route.response_headers, "X-To", "c"),
    ] {
        assert_eq!(headers.len(), 1);
        assert_eq!(
            (headers[0].0.as_str(), headers[0].1.value.0.as_str()),
            (name, value)
        );
        assert!(headers[0].1.key.ends_with(name), "{}", headers[0].1.key);
    }
    assert!(!format!("{:?}", route.request_headers).contains("\"b\""));
    let seconds = |span: Option<std::time::Duration>| span.map(|span| span.as_secs());
    assert_eq!(seconds(route.response_timeout), Some(10));
    assert_eq!(seconds(route.tunnel_timeout), Some(7200));
}

#[test]
fn what_a_route_cannot_change_is_refused() {
    let route = |rest: &str| {
        said(&format!(
            "{UPSTREAM}[[route]]\npath = \"/\"\nupstream = \"orders\"\n{rest}"
        ))
    };
    for (rest, expected) in [
        ("access = \"anonymus\"", "did you mean `anonymous`?"),
        ("response_timeout = \"0s\"", "expected 1s to 1d"),
        ("tunnel_timeout = 5", "tunnel_timeout"),
        ("request_headers = [\"a\"]", "expected a table"),
        ("request_headers = { X-A = 1 }", "expected a text"),
        ("cors = \"*\"", "expected a list"),
        (
            "stripprefix = \"/a\"",
            "did you mean `route[1].strip_prefix`?",
        ),
    ] {
        let said = route(rest);
        assert!(said.contains(expected), "{rest}: {said}");
    }
}

#[test]
fn a_route_passes_as_often_as_a_plan_says() {
    let limit = |line: &str| {
        let text = format!(
            "{UPSTREAM}[plans.search]\nrate = \"10/m\"\n[[route]]\npath = \"/\"\nupstream = \"orders\"\n{line}"
        );
        file(&text).load().routes[0].limit.clone()
    };
    assert_eq!(limit(""), RouteLimit::Off);
    assert_eq!(limit("limit = \"off\""), RouteLimit::Off);
    assert_eq!(limit("limit = \"plan\""), RouteLimit::OwnPlan);
    for plan in ["search", "free", "anonymous", "anonymous_minimal"] {
        let named = limit(&format!("limit = \"{plan}\""));
        assert_eq!(named, RouteLimit::Plan(plan.to_owned()));
    }
}
