//! What a client could try between two servers that read its request, each beside what must pass.

use super::Stand;
use crate::harness::upstream::Seen;

/// Names under which some server would find an identity header.
const SPELLINGS: [&str; 6] = [
    "X-Bulla-", "x-bulla-", "X_Bulla_", "x_bulla-", "X-Bulla_", "X-BULLA-",
];

/// The values of a header in whatever spelling.
fn alike<'seen>(seen: &'seen Seen, name: &str) -> Vec<&'seen str> {
    let headers = seen.headers.iter();
    let alike = headers.filter(|(found, _)| found.replace('_', "-") == name);
    alike
        .map(|(_, value)| value.as_str())
        .filter(|value| !value.is_empty())
        .collect()
}

#[test]
fn identity_headers_of_the_client_never_reach_the_api() {
    let stand = Stand::new();
    let identity = stand.identity();
    for (name, proxy) in stand.proxies() {
        for path in ["/public/a", "/api/a"] {
            for spelling in SPELLINGS {
                let mut request = proxy.get(path).bearer(&stand.user.access_token);
                for identity in &identity {
                    let tail = identity.trim_start_matches("x-bulla-");
                    let tail = if spelling.ends_with('_') {
                        tail.replace('-', "_")
                    } else {
                        tail.to_owned()
                    };
                    request = request.header(&format!("{spelling}{tail}"), "evil");
                }
                assert_eq!(request.send().status, 200, "{name}");
                let seen = stand.api.seen().pop().unwrap();
                let subject = alike(&seen, "x-bulla-subject");
                assert_eq!(subject, [&stand.user.user], "{name} {spelling} {seen:?}");
                assert_eq!(alike(&seen, "x-bulla-roles"), [""; 0], "{name} {spelling}");
                assert!(
                    !seen.headers.iter().any(|(_, value)| value == "evil"),
                    "{name} {seen:?}"
                );
            }
        }
        // Nobody is somebody else even less.
        let request = proxy.get("/public/a").header("X-Bulla-Subject", "evil");
        assert_eq!(request.header("X_Bulla_Roles", "admin").send().status, 200);
        let seen = stand.api.seen().pop().unwrap();
        for identity in &identity {
            assert_eq!(alike(&seen, identity), [""; 0], "{name} {seen:?}");
        }
    }
}

#[test]
fn connection_takes_no_identity_away() {
    let stand = Stand::new();
    for (name, proxy) in stand.proxies() {
        for headers in [
            &[("Connection", "close, X-Bulla-Subject, X-Bulla-Anonymous")][..],
            &[("Connection", "x-bulla-subject"), ("Upgrade", "h2c")],
            &[
                ("Connection", "upgrade, X-Bulla-Subject"),
                ("Upgrade", "websocket"),
                ("Sec-WebSocket-Version", "13"),
                ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ],
        ] {
            let request = proxy.get("/api/a").bearer(&stand.user.access_token);
            let request = headers.iter().fold(request, |request, (name, value)| {
                request.header(name, value)
            });
            assert_eq!(request.send().status, 200, "{name} {headers:?}");
            let seen = stand.api.seen().pop().unwrap();
            assert_eq!(
                alike(&seen, "x-bulla-subject"),
                [&stand.user.user],
                "{name} {seen:?}"
            );
            assert_eq!(
                alike(&seen, "x-bulla-anonymous"),
                ["false"],
                "{name} {seen:?}"
            );
            // An API in front of which another server stands would lose them there.
            let named = seen.all("connection").join(",").to_ascii_lowercase();
            assert!(!named.contains("bulla"), "{name} {seen:?}");
            assert!(!seen.all("upgrade").contains(&"h2c"), "{name} {seen:?}");
        }
    }
}

#[test]
fn no_path_is_decided_about_that_the_api_could_read_otherwise() {
    let stand = Stand::new();
    for (name, proxy) in stand.proxies() {
        for path in [
            "/public/../admin",
            "/public/..%2fadmin",
            "/public/..%2Fadmin",
            "/public/%2e%2e/admin",
            "/public/%2E./admin",
            "/public/..%5cadmin",
            "/public\\..\\admin",
            "/public/..;/admin",
            "/public;a/../admin",
            "/public/%252e%252e/admin",
            "/public/%252e%252e%252fadmin",
            "/public/./../admin",
            "/public//../admin",
            "/public//a",
            "//admin",
            "//public/a",
            "/./admin",
            "/%61dmin",
            "/public/a#/../../admin",
            "/public/%00",
            "/public/a%",
            "/public/..",
            "*",
            "public/a",
            "http://api.example/public/../admin",
        ] {
            let refused = proxy.get(path).send();
            assert_eq!(refused.status, 400, "{name} {path}");
        }
        assert!(stand.api.seen().is_empty(), "{name} {:?}", stand.api.seen());
    }
    for (name, proxy) in stand.proxies() {
        // The API gets no second host in the target.
        let absolute = format!("{}/public/a", proxy.url());
        assert_eq!(proxy.get(&absolute).send().status, 200, "{name}");
        let line = stand.api.seen().pop().unwrap().request_line;
        assert!(line.starts_with("GET /public/a HTTP/1."), "{name} {line}");
        for path in [
            "/public/a",
            "/public/a%20b/",
            "/public/..a",
            "/public/a?x=/../admin",
            "/public/%C3%A9",
        ] {
            assert_eq!(proxy.get(path).send().status, 200, "{name} {path}");
            let line = stand.api.seen().pop().unwrap().request_line;
            assert!(
                line.starts_with(&format!("GET {path} HTTP/1.")),
                "{name} {line}"
            );
        }
    }
}

#[test]
fn a_client_cannot_have_another_request_decided_about() {
    let stand = Stand::new();
    for (name, proxy) in stand.proxies() {
        for (header, value) in [
            ("X-Forwarded-Uri", "/public/a"),
            ("X-Forwarded-Method", "GET"),
            ("X-Original-URI", "/public/a"),
            ("X-Original-URL", "http://api.example/public/a"),
            ("X-Original-Method", "GET"),
            ("X_Original_URI", "/public/a"),
            ("X-Rewrite-URL", "/public/a"),
            (
                "Connection",
                "X-Original-URI, X-Forwarded-Uri, X-Original-Method, X-Forwarded-Method",
            ),
            ("Forwarded", "for=127.0.0.1;host=api.example"),
        ] {
            let with = |method: &str, path: &str| {
                proxy
                    .request(method, path)
                    .header(header, value)
                    .send()
                    .status
            };
            assert_eq!(with("GET", "/admin"), 401, "{name} {header}");
            assert_eq!(with("DELETE", "/api/a"), 405, "{name} {header}");
            assert_eq!(with("GET", "/public/a"), 200, "{name} {header}");
        }
        // A whole question inside the question's own path and query.
        for path in [
            "/admin?mode=nginx",
            "/admin?/public/a",
            "/admin?access_token=a.b.c",
        ] {
            assert_eq!(proxy.get(path).send().status, 401, "{name} {path}");
        }
    }
    let lines = stand.api.seen().into_iter().map(|seen| seen.request_line);
    let others: Vec<String> = lines
        .filter(|line| !line.starts_with("GET /public/a "))
        .collect();
    assert_eq!(others, [""; 0]);
}
