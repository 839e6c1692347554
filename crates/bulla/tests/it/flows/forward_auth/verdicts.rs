//! What clients and the API see of Bulla's decisions.

use super::Stand;

#[test]
fn without_a_good_token_the_client_is_asked_for_one() {
    let stand = Stand::new();
    for (name, proxy) in stand.proxies() {
        let refused = proxy.get("/api/a").send();
        assert_eq!(refused.status, 401, "{name}");
        assert_eq!(
            refused.header("www-authenticate"),
            Some("Bearer realm=\"bulla\""),
            "{name}"
        );
        let refused = proxy.get("/api/a").bearer("not.a.token").send();
        assert_eq!(refused.status, 401, "{name}");
        let challenge = refused.header("www-authenticate").unwrap();
        assert!(
            challenge.contains("error=\"invalid_token\""),
            "{name}: {challenge}"
        );
        // nginx shows a page of its own.
        if name != "nginx" {
            refused.expect_problem(401, "token_malformed");
        }
    }
    assert!(stand.api.seen().is_empty());
    for (name, proxy) in stand.proxies() {
        let passed = proxy.get("/api/a").bearer(&stand.user.access_token).send();
        assert_eq!(passed.status, 200, "{name}");
    }
}

#[test]
fn the_api_gets_the_request_and_whom_it_is_from() {
    let stand = Stand::new();
    for (name, proxy) in stand.proxies() {
        let request = proxy
            .post("/api/a%20b?c=%2e")
            .bearer(&stand.user.access_token);
        assert_eq!(
            request.body("hello").send().expect(200)["from"],
            "upstream",
            "{name}"
        );
        let seen = stand.api.seen().pop().unwrap();
        assert!(
            seen.request_line
                .starts_with("POST /api/a%20b?c=%2e HTTP/1."),
            "{name}"
        );
        assert_eq!(seen.all("x-bulla-subject"), [&stand.user.user], "{name}");
        assert_eq!(seen.all("x-bulla-plan"), ["free"], "{name}");
        assert_eq!(seen.all("x-bulla-anonymous"), ["false"], "{name}");
        assert_eq!(seen.all("x-bulla-claim-team-id"), ["t7"], "{name}");
        assert!(seen.all("authorization").is_empty(), "{name}");
        assert_eq!(seen.all("content-length"), ["5"], "{name}");
    }
}

#[test]
fn each_refusal_arrives_with_its_status() {
    let stand = Stand::new();
    let token = &stand.user.access_token;
    for (name, proxy) in stand.proxies() {
        for (method, path, status) in [
            ("GET", "/admin", 403),
            ("GET", "/nowhere", 404),
            ("GET", "/auth/me", 404),
            ("DELETE", "/api/a", 405),
            ("GET", "/api/../api/a", 400),
        ] {
            let refused = proxy.request(method, path).bearer(token).send();
            assert_eq!(refused.status, status, "{name} {method} {path}");
        }
    }
    assert!(stand.api.seen().is_empty());
    let administrator = stand.promote();
    for (name, proxy) in stand.proxies() {
        let passed = proxy
            .get("/admin")
            .bearer(&administrator.access_token)
            .send();
        assert_eq!(passed.status, 200, "{name}");
        assert_eq!(
            stand.api.seen().pop().unwrap().all("x-bulla-roles"),
            ["admin"],
            "{name}"
        );
    }
}

#[test]
fn an_unsafe_request_by_cookie_is_asked_where_it_comes_from() {
    let stand = Stand::new();
    let cookie = format!("__Host-bulla_access={}", stand.user.access_token);
    let origin = stand.bulla.public.url();
    for (name, proxy) in stand.proxies() {
        let by_cookie = |method: &str| proxy.request(method, "/api/a").header("Cookie", &cookie);
        assert_eq!(by_cookie("POST").send().status, 403, "{name}");
        let evil = by_cookie("POST").header("X-Bulla-CSRF", "1");
        let evil = evil.header("Origin", "https://evil.example").send();
        assert_eq!(evil.status, 403, "{name}");
        let meant = by_cookie("POST").header("X-Bulla-CSRF", "1");
        assert_eq!(meant.header("Origin", &origin).send().status, 200, "{name}");
        assert_eq!(by_cookie("GET").send().status, 200, "{name}");
    }
}

#[test]
fn nothing_passes_when_bulla_does_not_answer_or_does_not_list_the_proxy() {
    let unlisted = Stand::trusting("[]");
    for (name, proxy) in unlisted.proxies() {
        let refused = proxy
            .get("/public/a")
            .bearer(&unlisted.user.access_token)
            .send();
        assert!(refused.status >= 400, "{name}: {}", refused.status);
    }
    assert!(unlisted.api.seen().is_empty());

    let stand = Stand::new();
    for (name, proxy) in stand.proxies() {
        assert_eq!(proxy.get("/public/a").send().status, 200, "{name}");
    }
    let proxies: Vec<_> = stand.proxies().collect();
    let Stand {
        bulla,
        api,
        proxies: running,
        ..
    } = stand;
    bulla.kill();
    let seen = api.seen().len();
    for (name, proxy) in proxies {
        let refused = proxy.get("/public/a").send();
        assert!(refused.status >= 500, "{name}: {}", refused.status);
    }
    assert_eq!(api.seen().len(), seen);
    drop(running);
}
