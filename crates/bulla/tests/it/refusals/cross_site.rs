//! What other sites make a browser send. Each attack has the cookies, and beside it stands what a page of Bulla's own does.

use serde_json::{Value, json};

use crate::harness::{
    Answer, Folder, Jar, Server, Session,
    http::Request,
    jar::{by_cookie, set_cookies},
    session::PASSWORD,
};

const EVIL: &str = "https://evil.example";
const FORM: &str = "application/x-www-form-urlencoded";

/// Asserts that nothing was done and nothing handed out.
#[track_caller]
fn assert_refused(answer: &Answer) {
    answer.expect_problem(403, "csrf_refused");
    assert_eq!(set_cookies(answer), [""; 0]);
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

fn signed_in() -> (Folder, Server, Jar) {
    let folder = Folder::new();
    let server = folder.server().start();
    let jar = Jar::register(server.public, "ada@example.com");
    (folder, server, jar)
}

/// A script of another site's page.
fn script(request: Request) -> Request {
    let request = request.header("Origin", EVIL).header("X-Bulla-CSRF", "1");
    request.header("Sec-Fetch-Site", "cross-site")
}

#[test]
fn login_as_somebody_else() {
    let (_folder, server, ada) = signed_in();
    Session::register(server.public, "eve@example.com");
    let eve = by_cookie("eve@example.com");
    assert_refused(&script(ada.request("POST", "/auth/login").json(&eve)).send());
    // The same without a body that asks, by the header.
    let eve = json!({ "email": "eve@example.com", "password": eve["password"] });
    let asking = ada.request("POST", "/auth/login").json(&eve);
    assert_refused(&script(asking.header("X-Bulla-Mode", "cookie")).send());
    let own = ada
        .meant("POST", "/auth/login")
        .json(&by_cookie("eve@example.com"));
    let own = own.send();
    own.expect(200);
    assert_eq!(set_cookies(&own).len(), 2);
}

#[test]
fn the_demos_stateful_login_and_logout() {
    let (_folder, _server, mut ada) = signed_in();
    let password = json!({ "email": "ada@example.com", "password": PASSWORD });
    let login = |request: Request| request.json(&password).send();
    assert_refused(&login(script(ada.request("POST", "/demo/session/login"))));
    let own = login(ada.meant("POST", "/demo/session/login"));
    own.expect(200);
    ada.keep(&own);
    assert_refused(&script(ada.request("POST", "/demo/session/logout")).send());
    let me = ada.request("GET", "/demo/session/me").send();
    assert_eq!(me.expect(200)["cost"]["lookups"], 2);
    ada.meant("POST", "/demo/session/logout").send().expect(204);
    let me = ada.request("GET", "/demo/session/me").send();
    me.expect_problem(401, "session_revoked");
}

#[test]
fn registration_of_an_account_that_the_attacker_knows() {
    let (_folder, _server, ada) = signed_in();
    let eve = by_cookie("eve@example.com");
    assert_refused(&script(ada.request("POST", "/auth/register").json(&eve)).send());
    let own = ada.meant("POST", "/auth/register").json(&eve).send();
    own.expect(201);
}

#[test]
fn a_form() {
    let (_folder, _server, ada) = signed_in();
    for path in ["/auth/logout", "/auth/refresh", "/contact"] {
        let form = ada.request("POST", path).header("Content-Type", FORM);
        let form = form.header("Origin", EVIL);
        assert_refused(&form.header("Sec-Fetch-Site", "cross-site").send());
    }
    ada.meant("POST", "/auth/logout").send().expect(204);
}

#[test]
fn a_page_of_another_port_or_a_sandboxed_one() {
    let (_folder, server, ada) = signed_in();
    let port = server.public.0.port();
    for origin in [
        "http://127.0.0.1:1",
        "http://localhost",
        "null",
        &format!("https://127.0.0.1:{port}"),
        &format!("http://127.0.0.1:{port}.evil.example"),
    ] {
        let request = ada.request("POST", "/auth/logout");
        let request = request.header("X-Bulla-CSRF", "1");
        assert_refused(&request.header("Origin", origin).send());
    }
    let twin = format!("http://localhost:{port}");
    let own = ada.request("POST", "/auth/logout");
    let own = own.header("X-Bulla-CSRF", "1").header("Origin", &twin);
    own.send().expect(204);
}

#[test]
fn without_an_origin_only_the_browsers_own_word_counts() {
    let (_folder, _server, ada) = signed_in();
    let from = |site: Option<&str>| {
        let request = ada.request("POST", "/auth/logout");
        let request = request.header("X-Bulla-CSRF", "1");
        match site {
            Some(site) => request.header("Sec-Fetch-Site", site),
            None => request,
        }
    };
    for site in [None, Some("none"), Some("same-site"), Some("cross-site")] {
        assert_refused(&from(site).send());
    }
    from(Some("same-origin")).send().expect(204);
}

#[test]
fn a_request_that_lacks_the_header_that_no_form_can_send() {
    let (_folder, server, ada) = signed_in();
    let own = server.public.url();
    let passwords = json!({ "current_password": "a", "new_password": "b" });
    for (method, path, body) in [
        ("POST", "/auth/logout", Value::Null),
        ("POST", "/auth/refresh", Value::Null),
        ("POST", "/auth/password", passwords),
        ("PATCH", "/auth/me", json!({ "name": "Eve" })),
        ("DELETE", "/auth/sessions", Value::Null),
        ("POST", "/api/orders", json!({ "items": [] })),
    ] {
        let request = ada.request(method, path).header("Origin", &own);
        let request = request.header("Sec-Fetch-Site", "same-origin");
        let request = if body.is_null() {
            request
        } else {
            request.json(&body)
        };
        assert_refused(&request.send());
        assert_refused(&request.header("X-Bulla-CSRF", "true").send());
    }
    let name = ada
        .meant("PATCH", "/auth/me")
        .json(&json!({ "name": "Ada" }));
    assert_eq!(name.send().expect(200)["name"], "Ada");
}

#[test]
fn a_websocket_of_another_site() {
    let (_folder, server, ada) = signed_in();
    let open = |origin: &str| {
        ada.request("GET", "/api/profile")
            .header("Connection", "Upgrade")
            .header("Upgrade", "websocket")
            .header("Sec-WebSocket-Version", "13")
            .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("Origin", origin)
            .send()
    };
    assert_refused(&open(EVIL));
    // The demo speaks no WebSocket, and answers what is asked for otherwise.
    open(&server.public.url()).expect(200);
}
