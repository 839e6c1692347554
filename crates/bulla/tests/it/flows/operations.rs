//! What an operator's monitoring sees, and what the public never does.

use serde_json::Value;

use crate::harness::{Folder, Session, session};

#[test]
fn health_readiness_and_metrics_are_on_the_admin_listener_only() {
    let folder = Folder::new();
    let server = folder.server().start();
    Session::register(server.public, "ada@example.com")
        .contact(server.public)
        .expect(200);
    // One request that was accepted; here are three that are not.
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(server.admin.get(path).send().status, 200, "{path}");
        server
            .public
            .get(path)
            .send()
            .expect_problem(404, "not_found");
    }
    let metrics = server.admin.get("/metrics").send().text();
    for line in [
        "bulla_gateway_requests_total{route=\"/contact\",verdict=\"accepted\"} 1",
        "bulla_gateway_requests_total{route=\"\",verdict=\"not_found\"} 3",
        "# EOF",
    ] {
        assert!(
            metrics.lines().any(|found| found == line),
            "{line} in {metrics}"
        );
    }
}

#[test]
fn the_admin_api_wants_an_administrators_token() {
    let folder = Folder::new();
    let server = folder.server().start();
    let user = Session::register(server.public, "ada@example.com");
    folder
        .bulla(&[
            "user",
            "add",
            "root@example.com",
            "--role",
            "admin",
            "--password-stdin",
        ])
        .stdin(session::PASSWORD)
        .succeed();
    let admin = Session::login(server.public, "root@example.com");

    server
        .admin
        .get("/admin/users")
        .send()
        .expect_problem(401, "token_missing");
    let forbidden = server
        .admin
        .get("/admin/users")
        .bearer(&user.access_token)
        .send();
    forbidden.expect_problem(403, "role_required");
    let list = server
        .admin
        .get("/admin/users")
        .bearer(&admin.access_token)
        .send()
        .expect(200);
    assert_eq!(list["users"].as_array().unwrap().len(), 2);
    let public = server
        .public
        .get("/admin/users")
        .bearer(&admin.access_token)
        .send();
    public.expect_problem(404, "not_found");
}

#[test]
fn other_services_find_the_keys_and_the_metadata() {
    let folder = Folder::new();
    let server = folder.server().start();
    let session = Session::register(server.public, "ada@example.com");
    let answer = server.public.get("/.well-known/jwks.json").send();
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    let keys = answer.expect(200);
    assert_eq!(
        keys["keys"].as_array().unwrap().len(),
        2,
        "active and next: {keys}"
    );
    assert!(
        keys["keys"]
            .as_array()
            .unwrap()
            .iter()
            .all(|key| key["d"].is_null()),
        "{keys}"
    );

    let metadata = server
        .public
        .get("/.well-known/oauth-authorization-server")
        .send()
        .expect(200);
    assert_eq!(metadata["issuer"], server.public.url());
    folder.write("keys.json", keys.to_string());
    let issuer = server.public.url();
    let verified = folder
        .bulla(&[
            "token",
            "verify",
            "--jwks",
            "keys.json",
            "--issuer",
            &issuer,
            "--audience",
            "api",
        ])
        .stdin(session.access_token)
        .json();
    assert_eq!(verified["valid"], true);
    assert_eq!(verified["claims"]["sub"], session.user.as_str());
}

#[test]
fn every_kind_of_algorithm_can_be_chosen_and_secrets_are_not_published() {
    for (algorithm, published) in [("HS256", 0), ("RS256", 2), ("PS384", 2), ("Ed25519", 2)] {
        let folder = Folder::new();
        let server = folder
            .server()
            .env("BULLA__TOKENS__ALGORITHM", algorithm)
            .start();
        let session = Session::register(server.public, "ada@example.com");
        session.contact(server.public).expect(200);
        let seen = folder
            .bulla(&["token", "inspect", &session.access_token, "--json"])
            .json();
        assert_eq!(seen["header"]["alg"], algorithm);
        let keys = server
            .public
            .get("/.well-known/jwks.json")
            .send()
            .expect(200);
        assert_eq!(
            keys["keys"].as_array().unwrap().len(),
            published,
            "{algorithm}: {keys}"
        );
    }
}

#[test]
fn the_description_served_is_the_one_printed() {
    let folder = Folder::new();
    let server = folder.server().start();
    let served = server.public.get("/openapi.json").send().expect(200);
    let printed: Value = folder.bulla(&["openapi"]).json();
    assert_eq!(served, printed);
    assert!(
        printed["openapi"].as_str().unwrap().starts_with("3.1"),
        "{}",
        printed["openapi"]
    );
    assert!(printed["paths"]["/auth/login"]["post"].is_object());
}
