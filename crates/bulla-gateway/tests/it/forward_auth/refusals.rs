//! What does not pass, and how it is said.

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::Empty;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::{ANY, NGINX, ask, ask_as_envoy, ask_as_nginx, bearer, listed, start};
use crate::support::{TestUpstream, claims, token};

#[tokio::test]
async fn a_refusal_is_the_one_that_the_gateway_would_answer() {
    let server = TestUpstream::start().await;
    let gateway = listed(&server).await;
    for (method, uri, headers, status, code) in [
        ("GET", "/api/a", String::new(), 401, "token_missing"),
        (
            "GET",
            "/api/a",
            "Authorization: Bearer a.b\r\n".to_owned(),
            401,
            "token_malformed",
        ),
        ("GET", "/admin", bearer(), 403, "role_required"),
        ("GET", "/nowhere", bearer(), 404, "not_found"),
        ("DELETE", "/api/a", bearer(), 405, "method_not_allowed"),
        ("TRACE", "/public/a", bearer(), 405, "method_not_allowed"),
        ("CONNECT", "/public/a", bearer(), 405, "method_not_allowed"),
        ("GET", "/api/../api/a", bearer(), 400, "request_malformed"),
    ] {
        let refused = ask(&gateway, method, uri, &headers).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (status, code),
            "{uri}"
        );
        assert_eq!(refused.header("x-bulla-code"), Some(code));
        let challenged = refused.header("www-authenticate").is_some();
        assert_eq!(challenged, [401, 403].contains(&status), "{uri}");
        if status == 405 && method == "DELETE" {
            assert_eq!(refused.header("allow"), Some("GET, POST, HEAD"));
        }
        assert!(
            !refused.head.contains("x-bulla-subject"),
            "{}",
            refused.head
        );

        // nginx would make 500 of anything but these two.
        let for_nginx = ask_as_nginx(&gateway, method, uri, &headers).await;
        let known = if status == 401 { 401 } else { 403 };
        assert_eq!(
            (for_nginx.status, for_nginx.code().as_str()),
            (known, code),
            "{uri}"
        );
        assert_eq!(for_nginx.header("x-bulla-code"), Some(code));
        assert_eq!(for_nginx.header("www-authenticate").is_some(), challenged);
    }
    assert_eq!(ask(&gateway, "GET", "/api/a", &bearer()).await.status, 200);
    assert_eq!(
        ask_as_nginx(&gateway, "GET", "/api/a", &bearer())
            .await
            .status,
        200
    );
    server.assert_untouched();
}

#[tokio::test]
async fn envoy_asks_with_the_clients_method_and_target() {
    let server = TestUpstream::start().await;
    let gateway = listed(&server).await;
    let passed = ask_as_envoy(&gateway, "POST", "/api/a?b=c?d", &bearer()).await;
    let subject = passed.header("x-bulla-subject");
    assert_eq!((passed.status, subject), (200, Some("usr_1")));
    let theirs =
        "X-Forwarded-Uri: /public/a\r\nX-Forwarded-Method: GET\r\nX-Original-URI: /public/a\r\n";
    for (method, uri, headers, status) in [
        ("GET", "/api/a", theirs, 401),
        ("DELETE", "/api/a", bearer().as_str(), 405),
        ("GET", "/admin", bearer().as_str(), 403),
        ("GET", "/nowhere", bearer().as_str(), 404),
        ("GET", "", bearer().as_str(), 400),
        ("TRACE", "/public/a", "", 405),
    ] {
        let refused = ask_as_envoy(&gateway, method, uri, headers).await;
        assert_eq!(refused.status, status, "{method} {uri}");
    }
    let public = ask_as_envoy(&gateway, "GET", "/public/a", theirs).await;
    assert_eq!(public.status, 200);
    server.assert_untouched();
}

#[tokio::test]
async fn the_verdict_on_a_public_path_is_not_one_on_a_private_path() {
    let server = TestUpstream::start().await;
    let gateway = listed(&server).await;
    for uri in [
        "/public/../admin",
        "/public/..%2fadmin",
        "/public/%2e%2e/admin",
        "/public/.%2e/admin",
        "/public/..%5cadmin",
        "/public\\..\\admin",
        "/public/..;/admin",
        "/public;/../admin",
        "/public/%252e%252e/admin",
        "/public/%252e%252e%252fadmin",
        "/public/%c0%ae%c0%ae/admin",
        "/public/..%00/admin",
        "/public/./../admin",
        "/public//../admin",
        "/public//",
        "//public/a",
        "//admin",
        "///admin",
        "/./admin",
        "/%61dmin",
        "/%41dmin",
        "/public/a#/../../admin",
        "/public/a%",
        "/public/\u{ff0e}\u{ff0e}/admin",
        "public/a",
        "*",
        "http://api.example/public/a",
        "//other.example/public/a",
    ] {
        for answer in [
            ask(&gateway, "GET", uri, &bearer()).await,
            ask_as_nginx(&gateway, "GET", uri, &bearer()).await,
            // No query shows that a fragment followed it: Envoy lets none through.
            ask_as_envoy(&gateway, "GET", &uri.replace('#', "%23"), &bearer()).await,
        ] {
            assert!([400, 403].contains(&answer.status), "{uri} {answer:?}");
            assert_eq!(answer.code(), "request_malformed", "{uri}");
        }
    }
    for uri in [
        "/public/a",
        "/public/a%20b/",
        "/public/",
        "/public/..a",
        "/public/a?x=/../admin",
        "/public/%C3%A9",
    ] {
        assert_eq!(ask(&gateway, "GET", uri, "").await.status, 200, "{uri}");
        assert_eq!(
            ask_as_nginx(&gateway, "GET", uri, "").await.status,
            200,
            "{uri}"
        );
    }
}

#[tokio::test]
async fn a_client_cannot_say_what_is_asked_about() {
    let server = TestUpstream::start().await;
    let gateway = listed(&server).await;
    let beside = [
        "X-Original-URI: /public/a\r\n",
        "X-Original-URL: http://api.example/public/a\r\n",
        "X-Original-Method: GET\r\n",
        "X-Forwarded-Uri: /public/a\r\n",
        "X-Forwarded-Method: GET\r\n",
    ];
    for more in beside {
        for refused in [
            ask(&gateway, "GET", "/admin", more).await,
            ask_as_nginx(&gateway, "GET", "/admin", more).await,
        ] {
            assert_eq!(refused.code(), "request_malformed", "{more}");
        }
    }
    let ignored =
        "X_Forwarded_Uri: /public/a\r\nX-Rewrite-URL: /public/a\r\nX-HTTP-Method-Override: GET\r\n";
    let refused = ask(&gateway, "GET", "/admin", ignored).await;
    assert_eq!(refused.code(), "token_missing");
    assert_eq!(ask(&gateway, "GET", "/public/a", ignored).await.status, 200);
}

/// gRPC refuses by 200, and the proxy would let the call pass.
#[tokio::test]
async fn a_refusal_is_never_a_200_not_even_for_grpc() {
    let server = TestUpstream::start().await;
    for trusted in ["127.0.0.1", "192.0.2.1"] {
        let gateway = start(&server, trusted).await;
        let io = TokioIo::new(gateway.connect().await.stream);
        let handshake = http2::handshake(TokioExecutor::new(), io);
        let (mut sender, connection) = handshake.await.unwrap();
        tokio::spawn(connection);
        let mut call = async |path: &str, more: &[(&'static str, &str)]| {
            let call = Request::post(format!("http://api.example{path}"))
                .version(Version::HTTP_2)
                .header("content-type", "application/grpc");
            let call = more
                .iter()
                .fold(call, |call, (name, value)| call.header(*name, *value));
            let call = call.body(Empty::<Bytes>::new()).unwrap();
            sender.send_request(call).await.unwrap().status().as_u16()
        };
        let asked = [
            ("x-forwarded-method", "POST"),
            ("x-forwarded-uri", "/api/a"),
        ];
        let twice = [("authorization", "Bearer a"), ("authorization", "Bearer b")];
        let listed = trusted == "127.0.0.1";
        for path in [ANY, NGINX] {
            let refused = call(path, &asked).await;
            assert_eq!(refused, if listed { 401 } else { 404 }, "{path}");
            assert_eq!(call(path, &twice).await, 400, "{path}");
        }
        assert_eq!(call("/api/a", &[]).await, 200);
        let token = format!("Bearer {}", token(&claims()));
        let good = [&asked[..], &[("authorization", token.as_str())]].concat();
        assert_eq!(call(ANY, &good).await, if listed { 200 } else { 404 });
    }
    server.assert_untouched();
}

#[tokio::test]
async fn a_question_without_a_method_or_a_path_is_none() {
    let server = TestUpstream::start().await;
    let gateway = listed(&server).await;
    for asked in [
        "",
        "X-Forwarded-Uri: /public/a\r\n",
        "X-Forwarded-Method: GET\r\n",
        "X-Original-URI: /public/a\r\n",
        "X-Original-Method: GET\r\n",
        "X-Forwarded-Method: G T\r\nX-Forwarded-Uri: /public/a\r\n",
    ] {
        let refused = gateway.get(ANY, asked).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (400, "request_malformed")
        );
        let for_nginx = gateway.get(NGINX, asked).await;
        assert_eq!(
            (for_nginx.status, for_nginx.code().as_str()),
            (403, "request_malformed")
        );
    }
    let whole = "X-Forwarded-Method: GET\r\nX-Forwarded-Uri: /public/a\r\n";
    assert_eq!(gateway.get(ANY, whole).await.status, 200);
}
