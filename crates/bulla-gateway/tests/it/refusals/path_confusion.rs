//! Paths that the gateway's rules and the upstream would read differently.

use bulla_guard::access::Access;

use crate::support::{TestGateway, TestUpstream, in_front_of, route, upstream};

async fn check_malformed(targets: &[&str], control: (&str, &str)) {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    for target in targets {
        let answer = gateway.get(target, "").await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "request_malformed"),
            "{target}"
        );
    }
    server.assert_untouched();
    assert_eq!(
        gateway.get(control.0, "").await.status,
        200,
        "{}",
        control.0
    );
    assert_eq!(server.only().line(), format!("GET {} HTTP/1.1", control.1));
}

#[tokio::test]
async fn escaped_slashes_and_backslashes() {
    let targets = [
        "/public/..%2fsecret",
        "/public/%2Fa",
        "/public/..\\secret",
        "/public/%5c..%5csecret",
    ];
    check_malformed(&targets, ("/public/a%20b", "/public/a%20b")).await;
}

#[tokio::test]
async fn escaped_nul_and_path_parameters() {
    let targets = [
        "/public/a%00",
        "/public/..;/secret",
        "/public/a;b",
        "/public/%3b",
    ];
    check_malformed(&targets, ("/public/a:b,c=d", "/public/a:b,c=d")).await;
}

#[tokio::test]
async fn escapes_of_escapes() {
    let targets = [
        "/public/%252e%252e/secret",
        "/public/%252fa",
        "/public/%2573ecret",
        "/public/%25252e",
        "/public/%25%32%65",
    ];
    check_malformed(&targets, ("/public/100%25/%2520", "/public/100%25/%2520")).await;
}

#[tokio::test]
async fn bad_escapes_and_bad_utf8() {
    let targets = [
        "/public/%",
        "/public/%2",
        "/public/%zz",
        "/public/%u002e",
        "/public/%ff",
        "/public/%c0%ae%c0%ae/secret",
    ];
    check_malformed(&targets, ("/public/%c3%a9", "/public/%C3%A9")).await;
}

#[tokio::test]
async fn climbing_above_the_root() {
    let targets = [
        "/..",
        "/public/../../secret",
        "/%2e%2e/secret",
        "/./../secret",
    ];
    check_malformed(&targets, ("/public/a/../b", "/public/b")).await;
}

#[tokio::test]
async fn climbing_out_of_a_public_folder() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    for target in [
        "/public/../secret",
        "/public/%2e%2e/secret",
        "/public/.%2E/secret",
        "/public/./../secret",
        "/public//../secret",
    ] {
        assert_eq!(
            gateway.get(target, "").await.code(),
            "token_missing",
            "{target}"
        );
    }
    server.assert_untouched();
    assert_eq!(gateway.get("/public/../public/a", "").await.status, 200);
    assert_eq!(server.only().line(), "GET /public/a HTTP/1.1");
}

#[tokio::test]
async fn other_spellings_of_a_guarded_path() {
    let server = TestUpstream::start().await;
    let target = upstream(server.address);
    let guarded = ["/admin", "/@me", "/caf%C3%A9"]
        .map(|path| route(path, Access::Authenticated, target.clone()));
    let routes = guarded
        .into_iter()
        .chain([route("/{*rest}", Access::Public, target.clone())]);
    let gateway = TestGateway::start(routes.collect()).await;
    for path in [
        "/admin",
        "/%61dmin",
        "//admin",
        "/admin/",
        "/admin//",
        "/./admin",
        "/x/../admin",
        "/admin?x",
        "/admin/?x=/..",
        "/%40me",
        "/caf%c3%a9",
        "/café",
        "http://api.example/admin",
        "/admin#x",
    ] {
        assert_eq!(
            gateway.get(path, "").await.code(),
            "token_missing",
            "{path}"
        );
    }
    server.assert_untouched();
    for path in ["/admin2", "/ad", "/admin.html"] {
        assert_eq!(gateway.get(path, "").await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn the_upstream_gets_the_path_that_was_matched_and_the_query_as_it_came() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let target = "/public//%7Euser/./x/../%c3%a9/{\"a\"}/?q=%2e%2e/../;%41&&r=a/b?c";
    assert_eq!(gateway.get(target, "").await.status, 200);
    let expected = "GET /public/~user/%C3%A9/%7B%22a%22%7D/?q=%2e%2e/../;%41&&r=a/b?c HTTP/1.1";
    assert_eq!(server.only().line(), expected);
}

#[tokio::test]
async fn headers_that_claim_another_path_go_no_further() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    let headers = "X-Original-URL: /secret\r\nX-Rewrite-URL: /secret\r\nX_Original_URI: /secret\r\nX-Path: /a\r\n";
    assert_eq!(gateway.get("/public/a", headers).await.status, 200);
    let received = server.only();
    assert!(!received.head.contains("/secret"), "{}", received.head);
    assert_eq!(received.header("x-path"), Some("/a"));
}

#[tokio::test]
async fn targets_that_are_no_paths() {
    let server = TestUpstream::start().await;
    let gateway = in_front_of(&server).await;
    for target in [
        "*",
        "public/a",
        "?a",
        "api.example:80",
        "ftp://api.example/public/a",
    ] {
        let answer = gateway
            .send(format!(
                "GET {target} HTTP/1.1\r\nHost: api.example\r\n\r\n"
            ))
            .await;
        assert_eq!(answer.status, 400, "{target}");
    }
    server.assert_untouched();
    assert_eq!(gateway.get("/public", "").await.status, 200);
}
