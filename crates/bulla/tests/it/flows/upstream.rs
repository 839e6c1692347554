//! `bulla serve --upstream URL`: login in front of one's own API.

use crate::harness::{Folder, Session, poll, upstream::Upstream};

#[test]
fn every_path_needs_a_signed_in_user_and_tells_the_api_who_it_is() {
    let folder = Folder::new();
    let upstream = Upstream::start();
    let server = folder
        .server()
        .args(&["--upstream", &upstream.url()])
        .start();
    for path in ["/", "/orders/7?full=1", "/contact", "/api/profile"] {
        server
            .public
            .get(path)
            .send()
            .expect_problem(401, "token_missing");
    }
    assert!(
        upstream.seen().is_empty(),
        "a refused request reached the API"
    );

    let session = Session::register(server.public, "ada@example.com");
    let answer = server
        .public
        .get("/orders/7?full=1")
        .bearer(&session.access_token)
        .header("X-Bulla-Subject", "usr_root")
        .header("x_bulla_roles", "admin")
        .send();
    assert_eq!(answer.expect(200)["from"], "upstream");
    let seen = upstream.seen();
    assert_eq!(seen[0].request_line, "GET /orders/7?full=1 HTTP/1.1");
    assert_eq!(seen[0].all("x-bulla-subject"), [session.user.as_str()]);
    assert_eq!(seen[0].all("x-bulla-session"), [session.id.as_str()]);
    assert!(seen[0].all("x_bulla_roles").is_empty(), "{seen:?}");
    assert!(!seen[0].all("x-bulla-roles").contains(&"admin"), "{seen:?}");
}

#[test]
fn an_api_that_is_down_is_a_bad_gateway() {
    let folder = Folder::new();
    let nobody_listens = "http://127.0.0.1:1";
    let server = folder
        .server()
        .args(&["--upstream", nobody_listens])
        .start();
    let session = Session::register(server.public, "ada@example.com");
    let answer = server.public.get("/").bearer(&session.access_token).send();
    answer.expect_problem(502, "upstream_unavailable");
    server
        .public
        .get("/")
        .send()
        .expect_problem(401, "token_missing");
}

#[test]
fn a_server_that_is_down_is_seen_by_the_operator_and_by_nobody_else() {
    let (folder, upstream) = (Folder::new(), Upstream::start());
    let down = "http://127.0.0.1:1";
    let config = r#"
        [[upstream]]
        name = "api"
        servers = ["URL", "DOWN"]
        balance = "least_connections"
        health = { path = "/healthz", interval = "100ms" }
        [[route]]
        path = "/{*rest}"
        upstream = "api"
        access = "public"
    "#;
    let config = config.replace("URL", &upstream.url()).replace("DOWN", down);
    folder.write("bulla.toml", config);
    let server = folder.server().start();
    let healthy = |address: &str, value: u8| {
        let labels = format!(r#"{{upstream="api",server="{address}"}}"#);
        format!("bulla_gateway_upstream_healthy{labels} {value}")
    };
    let metrics = || server.admin.get("/metrics").send().text();
    poll::until("the server that is down is left out", || {
        server.public.get("/").send().expect(200);
        metrics().contains(&healthy(down, 0)).then_some(())
    });
    assert!(metrics().contains(&healthy(&upstream.url(), 1)));
    server.public.post("/").body("once").send().expect(200);
}

#[test]
fn routes_of_the_configuration_have_policies_of_their_own() {
    let (folder, upstream) = (Folder::new(), Upstream::start());
    folder.write("bulla.toml", three_routes(&upstream));
    let server = folder.server().start();
    let session = Session::register(server.public, "ada@example.com");
    let get = |path: &str| server.public.get(path).bearer(&session.access_token).send();

    server.public.get("/open/door").send().expect(200);
    server
        .public
        .get("/open/door")
        .bearer("nonsense")
        .send()
        .expect(200);
    server
        .public
        .get("/orders/1")
        .send()
        .expect_problem(401, "token_missing");
    get("/orders/1").expect(200);
    let post = server
        .public
        .post("/orders/1")
        .bearer(&session.access_token)
        .body("")
        .send();
    post.expect_problem(405, "method_not_allowed");
    assert!(post.header("allow").unwrap().contains("GET"));
    get("/reports").expect_problem(403, "role_required");
    get("/elsewhere").expect_problem(404, "not_found");
    // The demo is off where there is a configuration.
    get("/contact").expect_problem(404, "not_found");

    folder
        .bulla(&["user", "set", "ada@example.com", "--role", "accountant"])
        .succeed();
    let session = session.refreshed(server.public);
    server
        .public
        .get("/reports")
        .bearer(&session.access_token)
        .send()
        .expect(200);
}

#[test]
fn a_route_keeps_the_token_from_its_upstream_or_not() {
    let (folder, upstream) = (Folder::new(), Upstream::start());
    folder.write("bulla.toml", three_routes(&upstream));
    let server = folder.server().start();
    Session::register(server.public, "ada@example.com");
    folder
        .bulla(&["user", "set", "ada@example.com", "--role", "accountant"])
        .succeed();
    let session = Session::login(server.public, "ada@example.com");
    for path in ["/reports", "/orders/1"] {
        server
            .public
            .get(path)
            .bearer(&session.access_token)
            .send()
            .expect(200);
    }
    let seen = upstream.seen();
    assert!(seen[0].all("authorization").is_empty(), "{seen:?}");
    assert_eq!(seen[1].all("authorization").len(), 1, "{seen:?}");
    for request in seen {
        assert_eq!(request.all("x-bulla-subject"), [session.user.as_str()]);
    }
}

#[test]
fn a_path_that_is_bullas_own_is_nobody_elses() {
    let folder = Folder::new();
    let route = "[[upstream]]\nname = \"api\"\nservers = [\"http://127.0.0.1:1\"]\n\
                 [[route]]\npath = \"PATH\"\nupstream = \"api\"\n";
    for path in [
        "/auth/login",
        "/auth",
        "/openapi.json",
        "/.well-known/{*all}",
    ] {
        folder.write("bulla.toml", route.replace("PATH", path));
        folder
            .bulla(&["check-config"])
            .refused(&[path, "Bulla's own"]);
    }
    for path in [
        "/authors",
        "/.well-known/acme-challenge/{token}",
        "/{*rest}",
    ] {
        folder.write("bulla.toml", route.replace("PATH", path));
        folder.bulla(&["check-config"]).succeed();
    }
}

#[test]
fn a_route_changes_paths_and_headers_and_lets_one_origin_in() {
    let folder = Folder::new();
    let upstream = Upstream::start();
    let routes = r#"
        [[upstream]]
        name = "api"
        servers = ["URL"]
        [[route]]
        path = "/api/{*rest}"
        upstream = "api"
        access = "anonymous"
        strip_prefix = "/api"
        cors = ["https://app.example.com"]
        request_headers = { X-From = "bulla" }
        response_headers = { X-Frame-Options = "DENY" }
        forward_token = false
    "#;
    folder.write("bulla.toml", routes.replace("URL", &upstream.url()));
    let server = folder.server().start();
    let session = Session::register(server.public, "ada@example.com");
    let origin = ("Origin", "https://app.example.com");
    let asked = server.public.request("OPTIONS", "/api/orders");
    let asked = asked.header("Access-Control-Request-Method", "PUT");
    let preflight = asked.clone().header(origin.0, origin.1).send();
    assert_eq!(preflight.status, 204);
    let allowed = preflight.header("access-control-allow-origin");
    assert_eq!(allowed, Some(origin.1));
    let foreign = asked.header("Origin", "https://evil.example").send();
    foreign.expect_problem(403, "csrf_refused");
    assert!(upstream.seen().is_empty());

    let request = server.public.request("PUT", "/api/orders?a=1");
    let refused = request.clone().header(origin.0, origin.1).send();
    refused.expect_problem(401, "token_missing");
    assert_eq!(
        refused.header("access-control-allow-origin"),
        Some(origin.1)
    );
    assert_eq!(refused.header("x-frame-options"), Some("DENY"));
    let request = request.bearer(&session.access_token).header("X-From", "me");
    request.send().expect(200);
    let seen = upstream.seen();
    assert_eq!(seen[0].request_line, "PUT /orders?a=1 HTTP/1.1");
    assert_eq!(seen[0].all("x-from"), ["bulla"]);
    assert_eq!(seen[0].all("x-forwarded-prefix"), ["/api"]);
    assert!(seen[0].all("authorization").is_empty(), "{seen:?}");
}

fn three_routes(upstream: &Upstream) -> String {
    let routes = r#"
        [[upstream]]
        name = "api"
        servers = ["URL"]
        [[route]]
        path = "/open/{*rest}"
        upstream = "api"
        access = "public"
        [[route]]
        path = "/orders/{*rest}"
        methods = ["GET"]
        upstream = "api"
        [[route]]
        path = "/reports"
        upstream = "api"
        roles = ["accountant"]
        forward_token = false
    "#;
    routes.replace("URL", &upstream.url())
}
