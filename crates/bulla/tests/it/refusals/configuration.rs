//! A wrong configuration ends the start before anything else happens.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::harness::{Folder, Jar, Session, jar::by_cookie};

#[test]
fn an_unknown_key_is_named_with_its_line_and_a_suggestion() {
    let folder = Folder::new();
    folder.write(
        "bulla.toml",
        "[tokens]\naudience = \"api\"\nalgoritm = \"ES256\"\n",
    );
    let serve = folder.bulla(&["serve"]).run();
    assert_eq!(serve.code, 1, "{serve:?}");
    for part in ["bulla.toml:3", "algoritm", "algorithm"] {
        assert!(serve.stderr.contains(part), "{part:?} in {serve:?}");
    }
    assert!(!folder.exists("bulla-data"));
    folder.write(
        "bulla.toml",
        "[tokens]\naudience = \"api\"\nalgorithm = \"ES256\"\n",
    );
    folder.server().start();
}

#[test]
fn it_comes_before_any_port_is_bound() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    folder.write("bulla.toml", "[session]\nsettle = \"a while\"\n");
    let serve = folder
        .bulla(&["serve"])
        .env("BULLA__LISTEN__PUBLIC", &address)
        .run();
    assert_eq!(serve.code, 1, "{serve:?}");
    assert!(
        serve.stderr.contains("bulla.toml:2") && serve.stderr.contains("settle"),
        "{serve:?}"
    );
    assert!(
        !serve.stderr.contains(&address),
        "the port came first: {serve:?}"
    );
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let folder = Folder::new();
    folder.write("bulla.toml", "demoo = true\n[session]\nidle = 5\n");
    let check = folder
        .bulla(&["check-config"])
        .env("BULLA__TOKENS__AUDIENZ", "api")
        .run();
    assert_eq!(check.code, 1, "{check:?}");
    for part in [
        "bulla.toml:1",
        "demoo",
        "bulla.toml:3",
        "idle",
        "BULLA__TOKENS__AUDIENZ",
    ] {
        assert!(check.stderr.contains(part), "{part:?} in {check:?}");
    }
}

#[test]
fn a_configuration_file_that_was_named_must_be_there() {
    let folder = Folder::new();
    folder
        .bulla(&["serve", "--config", "missing.toml"])
        .refused(&["missing.toml"]);
    assert!(!folder.exists("bulla-data"));
}

#[test]
fn the_example_is_a_configuration_that_is_never_overwritten() {
    let folder = Folder::new();
    folder.bulla(&["init"]).succeed();
    let written = folder.read("bulla.toml");
    folder.bulla(&["check-config"]).succeed();
    folder.bulla(&["init"]).refused(&["bulla.toml", "exists"]);
    assert_eq!(folder.read("bulla.toml"), written);
}

#[test]
fn everything_that_is_wrong_with_the_routes_is_said_at_once_before_a_port_is_bound() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    folder.write("bulla.toml", WRONG_ROUTES);
    let serve = folder
        .bulla(&["serve"])
        .env("BULLA__LISTEN__PUBLIC", &address);
    let check = folder
        .bulla(&["check-config"])
        .env("BULLA__LISTEN__PUBLIC", &address);
    for finished in [serve.run(), check.run()] {
        assert_eq!(finished.code, 1, "{finished:?}");
        let mut said = finished.stderr.trim_end().lines();
        for expected in WRONG {
            let line = said.next().unwrap_or_default();
            let line = line.strip_prefix("bulla: ").unwrap_or(line);
            assert_eq!(line, expected);
        }
        assert_eq!(said.next(), None);
    }
    assert!(!folder.exists("bulla-data"));
}

#[test]
fn certificate_authorities_that_cannot_be_read_are_refused() {
    let folder = Folder::new();
    folder.write(
        "bulla.toml",
        "[[upstream]]\nname = \"a\"\nservers = [\"https://127.0.0.1:1\"]\nca = \"ca.pem\"\n",
    );
    let refused = |reason: &str| {
        let check = folder.bulla(&["check-config"]);
        check.refused(&["bulla.toml:4: `upstream[1].ca`", reason, "`ca.pem`"]);
    };
    refused("cannot be read");
    folder.write("ca.pem", "no certificate");
    refused("no certificate in PEM form");
    let ca = include_str!("../../../../bulla-gateway/tests/it/tls_upstream/pem/authority.crt");
    folder.write("ca.pem", ca);
    folder.bulla(&["check-config"]).succeed();
}

#[test]
fn an_origin_that_is_none_is_refused_with_a_suggestion() {
    let folder = Folder::new();
    folder.write("bulla.toml", "cors = [\"https://app.example/\", \"*\"]\n");
    let check = folder.bulla(&["check-config"]).run();
    assert_eq!(check.code, 1, "{check:?}");
    for part in [
        "bulla.toml:1: `cors`",
        "did you mean `https://app.example`?",
        "found `*`",
    ] {
        assert!(check.stderr.contains(part), "{part:?} in {check:?}");
    }
    folder.write("bulla.toml", "cors = [\"https://app.example\"]\n");
    folder.bulla(&["check-config"]).succeed();
}

#[test]
fn cookies_that_no_browser_would_keep_or_everybody_could_see_end_the_start() {
    let folder = Folder::new();
    let start = |text: &str| {
        folder.write("bulla.toml", text);
        folder.bulla(&["serve"])
    };
    let algorithm = "[tokens]\nalgorithm = \"ML-DSA-44\"\n";
    let refused = start(&format!("{algorithm}[cookies]\nenabled = true\n"));
    refused.refused(&["bulla.toml:4: `cookies.enabled`", "do not fit a cookie"]);
    let public = "public_url = \"https://api.example.com\"\n[cookies]\nplain_loopback = true\n";
    start(public).refused(&["bulla.toml:3: `cookies.plain_loopback`", "loopback address"]);
    assert!(!folder.exists("bulla-data"));
    folder.write("bulla.toml", algorithm);
    let server = folder.server().start();
    let asked = Jar::new(server.public).meant("POST", "/auth/register");
    let asked = asked.json(&by_cookie("ada@example.com")).send();
    asked.expect_problem(422, "field_invalid");
    Session::register(server.public, "ada@example.com");
}

const WRONG_ROUTES: &str = r#"[[upstream]]
name = "orders"
servers = ["http://127.0.0.1:3000", "127.0.0.1:3001"]
[[upstream]]
name = "none"
servers = []
health = { path = "healthz" }
[[upstream]]
name = "good"
servers = ["http://127.0.0.1:3000"]
[[route]]
path = "/a//b"
methods = [
  "get",
  "TRACE",
]
upstream = "orders"
forward_claims = ["a.b"]
[[route]]
host = "api.example.com:443"
path = "/{id}/{id}"
methods = []
upstream = "good"
[[route]]
path = "/same/{a}"
upstream = "good"
[[route]]
path = "/same/{b}"
upstream = "good"
[[route]]
path = "/auth/login"
upstream = "good"
[[route]]
host = "api.example.com"
path = "/.well-known/jwks.json"
upstream = "good"
rolls = []
"#;

const WRONG: [&str; 14] = [
    "bulla.toml:3: `upstream[1].servers`: `127.0.0.1:3001` is not a server's URL such as http://127.0.0.1:3000 (no path, no user); did you mean `http://127.0.0.1:3001`?",
    "bulla.toml:6: `upstream[2].servers`: an upstream needs at least one server",
    "bulla.toml:7: `upstream[2].health.path`: `healthz` is not a path such as /healthz; did you mean `/healthz`?",
    "bulla.toml:12: `route[1].path`: `` is not a segment of a path in canonical form, found `/a//b`; did you mean `/a/b`?",
    "bulla.toml:14: `route[1].methods`: `get` is not a method that can be routed (upper case; neither CONNECT nor TRACE); did you mean `GET`?",
    "bulla.toml:15: `route[1].methods`: `TRACE` is not a method that can be routed (upper case; neither CONNECT nor TRACE)",
    "bulla.toml:18: `route[1].forward_claims`: a forwarded claim's name is made of letters, digits, `_` and `-`, found `a.b`",
    "bulla.toml:20: `route[2].host`: not a host name such as api.example.com (no port, no wildcard), found `api.example.com:443`; did you mean `api.example.com`?",
    "bulla.toml:21: `route[2].path`: the parameter name `id` is used twice, found `/{id}/{id}`",
    "bulla.toml:22: `route[2].methods`: the list of methods is empty; leave it out to allow all",
    "bulla.toml:27: `route[4]`: two routes answer the same method of the same paths: `/same/{a}` and `/same/{b}`",
    "bulla.toml:31: `route[5].path`: `/auth/login` lies within `/auth/{*rest}`, which is Bulla's own",
    "bulla.toml:35: `route[6].path`: `/.well-known/jwks.json` lies within `/.well-known/jwks.json`, which is Bulla's own",
    "bulla.toml:37: `route[6].rolls`: unknown key; did you mean `route[6].roles`?",
];

const ROUTES: &str = r#"
[[upstream]]
name = "orders"
servers = ["http://127.0.0.1:3000"]
[[route]]
path = "/api/{*rest}"
upstream = "orders"
roles = ["buyer"]
[[route]]
path = "/api/reports"
methods = ["GET"]
upstream = "orders"
plans = ["pro"]
scopes = ["reports:read"]
claims = { beta = true }
[[route]]
path = "/public/{*rest}"
upstream = "orders"
access = "public"
[[route]]
host = "reports.example.com"
path = "/{*rest}"
upstream = "orders"
plans = ["pro"]
"#;

/// What `check-config` says of a request.
fn checked(folder: &Folder, request: &str, token: &[&str]) -> Value {
    let arguments = [&["check-config", "--json", "--route", request], token].concat();
    folder.bulla(&arguments).json()
}

#[test]
fn check_config_says_where_a_request_would_go() {
    let folder = Folder::new();
    folder.write("bulla.toml", ROUTES);
    let route = |request: &str| checked(&folder, request, &[])["route"].clone();
    let found = route("GET /api/orders");
    assert_eq!(found["path"], "/api/{*rest}", "{found}");
    assert_eq!(found["target"], "upstream orders", "{found}");
    assert_eq!(found["access"], "authenticated", "{found}");
    assert_eq!(found["roles"][0], "buyer", "{found}");
    assert_eq!(found["origin"], "bulla.toml:5", "{found}");
    assert_eq!(route("POST /auth/login")["access"], "public");
    assert!(route("GET /elsewhere").is_null());
    assert_eq!(route("POST /api/reports")["allow"], "GET, HEAD");
}

#[test]
fn check_config_reads_a_path_as_the_gateway_does() {
    let folder = Folder::new();
    folder.write("bulla.toml", ROUTES);
    for path in [
        "/public/../api/x",
        "/%61pi/x",
        "//api/./x",
        "/api/x?to=/public",
        "/api/x",
    ] {
        let checked = checked(&folder, &format!("GET {path}"), &[]);
        assert_eq!(
            checked["route"]["path"], "/api/{*rest}",
            "{path}: {checked}"
        );
        assert_eq!(checked["request"], "GET /api/x", "{path}: {checked}");
    }
    for path in ["/api%2fx", "/../api", "/api/%", "/public;/../api"] {
        let checked = checked(&folder, &format!("GET {path}"), &[]);
        assert_eq!(checked["route"]["refused"], 400, "{path}: {checked}");
        assert_eq!(
            checked["decision"]["code"], "request_malformed",
            "{path}: {checked}"
        );
    }
}

#[test]
fn check_config_knows_hosts() {
    let folder = Folder::new();
    folder.write("bulla.toml", ROUTES);
    let path = |request: &str| checked(&folder, request, &[])["route"]["path"].clone();
    assert_eq!(path("GET https://reports.example.com/api/x"), "/{*rest}");
    assert_eq!(
        path("GET http://Reports.example.com:8080/api/x"),
        "/{*rest}"
    );
    assert_eq!(path("GET https://api.example.com/api/x"), "/api/{*rest}");
    // Bulla's own paths are Bulla's on every host.
    assert_eq!(
        path("POST https://reports.example.com/auth/login"),
        "/auth/{*rest}"
    );
}

#[test]
fn check_config_says_why_a_request_passes_or_not() {
    let folder = Folder::new();
    folder.write("bulla.toml", ROUTES);
    let decision =
        |request: &str, token: &[&str]| checked(&folder, request, token)["decision"].clone();
    let allowed = |request: &str, token: &[&str]| {
        let decision = decision(request, token);
        assert_eq!(decision["allowed"], true, "{request} {token:?}: {decision}");
    };
    let refused = |request: &str, token: &[&str], status: u16, code: &str| {
        let decision = decision(request, token);
        let found = (&decision["allowed"], &decision["status"], &decision["code"]);
        assert_eq!(
            found,
            (&json!(false), &json!(status), &json!(code)),
            "{request} {token:?}"
        );
        assert!(!decision["detail"].as_str().unwrap().is_empty());
    };
    allowed("GET /public/x", &[]);
    refused("DELETE /api/users/7", &[], 401, "token_missing");
    refused(
        "DELETE /api/users/7",
        &["--roles", "user"],
        403,
        "role_required",
    );
    allowed("DELETE /api/users/7", &["--roles", "user,buyer"]);
    let reports = "GET /api/reports";
    refused(reports, &["--roles", "buyer"], 403, "plan_required");
    refused(reports, &["--plan", "pro"], 403, "scope_insufficient");
    let scopes = ["--plan", "pro", "--scopes", "a,reports:read"];
    refused(reports, &scopes, 403, "claim_required");
    allowed(
        reports,
        &[&scopes[..], &["--claims", r#"{"beta":true}"#]].concat(),
    );
    refused("POST /api/reports", &scopes, 405, "method_not_allowed");
    refused("GET /elsewhere", &scopes, 404, "not_found");
    let screen = folder
        .bulla(&[
            "check-config",
            "--route",
            "DELETE /%61pi/users/7",
            "--roles",
            "user",
        ])
        .succeed()
        .stdout;
    for part in [
        "DELETE /api/users/7",
        "/api/{*rest} (bulla.toml:5)",
        "403 role_required",
        "buyer",
    ] {
        assert!(screen.contains(part), "{part} in {screen}");
    }
}

#[test]
fn what_is_configured_for_a_path_of_the_demo_wins() {
    let folder = Folder::new();
    let page = "[[route]]\npath = \"/\"\nupstream = \"orders\"\n";
    let orders = "[[route]]\npath = \"/api/orders/{order}\"\nupstream = \"orders\"\n";
    folder.write("bulla.toml", format!("demo = true\n{ROUTES}{page}{orders}"));
    let target = |request: &str| checked(&folder, request, &[])["route"]["target"].clone();
    assert_eq!(target("GET /"), "upstream orders");
    assert_eq!(target("GET /api/orders/7"), "upstream orders");
    assert_eq!(target("GET /api/profile"), "bulla's demo");
    assert_eq!(target("GET /assets/app.js"), "bulla's web");
}

/// A route in front of an upstream that may change what the gateway does.
fn with_route(rest: &str) -> String {
    format!(
        "public_url = \"https://api.example\"\n[[upstream]]\nname = \"a\"\nservers = [\"http://127.0.0.1:3000\"]\n\
         [[route]]\npath = \"/api/{{*rest}}\"\nupstream = \"a\"\n{rest}\n"
    )
}

#[test]
fn what_a_route_cannot_change_is_refused_at_its_line() {
    for (wrong, said, right) in [
        (
            "cors = [\"*\"]",
            "not an exact origin",
            "cors = [\"https://app.example\"]",
        ),
        ("cors = [\"null\"]", "not an exact origin", "cors = []"),
        (
            "cors = [\"https://app.example/\"]",
            "https://app.example`",
            "cors = [\"http://localhost:5173\"]",
        ),
        (
            "credential = [\"headers\"]",
            "`header`",
            "credential = [\"header\"]",
        ),
        (
            "credential = []",
            "needs a place",
            "credential = [\"query\", \"form\"]",
        ),
        (
            "strip_prefix = \"/api/\"",
            "`/api`",
            "strip_prefix = \"/api\"",
        ),
        (
            "strip_prefix = \"/v1\"",
            "do not all begin",
            "strip_prefix = \"/api\"",
        ),
        (
            "request_headers = { X-Bulla-Subject = \"me\" }",
            "gateway's own",
            "request_headers = { X-Subject = \"me\" }",
        ),
        (
            "request_headers = { X-A = \"1\", x-a = \"2\" }",
            "set twice",
            "request_headers = { X-A = \"1\", x-b = \"2\" }",
        ),
        (
            "response_headers = { Access-Control-Allow-Origin = \"*\" }",
            "`cors` lists",
            "response_headers = { Cache-Control = \"no-store\" }",
        ),
    ] {
        let folder = Folder::new();
        folder.write("bulla.toml", with_route(wrong));
        folder
            .bulla(&["check-config"])
            .refused(&[said, "bulla.toml"]);
        folder.write("bulla.toml", with_route(right));
        folder.bulla(&["check-config"]).succeed();
    }
}

#[test]
fn a_header_that_is_refused_is_not_repeated() {
    let folder = Folder::new();
    let secret = "request_headers = { Host = \"hunter2\" }";
    folder.write("bulla.toml", with_route(secret));
    let refused = folder.bulla(&["check-config"]).run();
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(!refused.stderr.contains("hunter2"), "{refused:?}");
}

#[test]
fn check_config_knows_where_a_token_is_and_who_sent_a_cookie() {
    let folder = Folder::new();
    let more = "cors = [\"https://app.example\"]\ncredential = [\"header\", \"cookie\", \"query\"]";
    folder.write("bulla.toml", with_route(more));
    let decision = |request: &str, arguments: &[&str]| {
        let checked = checked(&folder, request, arguments);
        assert_eq!(checked["route"]["cors"], json!(["https://app.example"]));
        let decision = &checked["decision"];
        decision["code"]
            .as_str()
            .map_or("allowed".to_owned(), str::to_owned)
    };
    let user = ["--roles", "user"];
    let with = |more: &[&'static str]| [&user[..], more].concat();
    let cookie = |more: &[&'static str]| with(&[&["--credential", "cookie"][..], more].concat());
    let meant = ["--header", "X-Bulla-CSRF: 1"];
    let origin = |origin| ["--header", origin];
    let post = "POST /api/a";
    assert_eq!(decision(post, &user), "allowed");
    assert_eq!(decision(post, &cookie(&[])), "csrf_refused");
    assert_eq!(decision(post, &cookie(&meant)), "csrf_refused");
    for (sender, expected) in [
        ("Origin: https://api.example", "allowed"),
        ("Origin: https://app.example", "allowed"),
        ("Origin: https://evil.example", "csrf_refused"),
        ("Sec-Fetch-Site: same-origin", "allowed"),
    ] {
        let arguments = cookie(&[&meant[..], &origin(sender)].concat());
        assert_eq!(decision(post, &arguments), expected, "{sender}");
    }
    assert_eq!(decision("GET /api/a", &cookie(&[])), "allowed");
    assert_eq!(
        decision("GET /api/a", &cookie(&["--websocket"])),
        "csrf_refused"
    );
    let query = ["--credential", "query"];
    assert_eq!(decision("GET /api/a", &with(&query)), "token_missing");
    let handshake = with(&[&query[..], &["--websocket"]].concat());
    assert_eq!(decision("GET /api/a", &handshake), "allowed");
    assert_eq!(
        decision(post, &with(&["--credential", "form"])),
        "token_missing"
    );
    assert_eq!(decision(post, &["--anonymous"]), "sign_in_required");
    let preflight = ["--header", "Access-Control-Request-Method: PUT"];
    for (sender, expected) in [
        ("Origin: https://app.example", "allowed"),
        ("Origin: https://evil.example", "csrf_refused"),
    ] {
        let arguments = [&preflight[..], &origin(sender)].concat();
        assert_eq!(decision("OPTIONS /api/a", &arguments), expected, "{sender}");
    }
}
