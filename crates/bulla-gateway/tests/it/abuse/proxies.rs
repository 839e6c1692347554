//! Who is judged where there are proxies, and over HTTP/2.

use bytes::Bytes;
use http::{Request, StatusCode, Version};
use http_body_util::Empty;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::{ADDRESS, Judging, OTHER};
use crate::support::tampered_token;

#[tokio::test]
async fn a_header_of_somebody_who_is_not_listed_puts_no_blame_on_others() {
    let judging = Judging::behind(&[], |table, path| table.with_challenge(path)).await;
    judging.forge(10, ADDRESS).await;
    assert_eq!(
        (judging.score(ADDRESS), judging.score("127.0.0.1")),
        (0, 10)
    );
}

#[tokio::test]
async fn a_listed_proxy_is_never_judged_for_itself() {
    let judging = Judging::start().await;
    for _ in 0..500 {
        judging.gateway.get("/%00", "").await;
    }
    assert_eq!(judging.gateway.get("/public", "").await.status, 200);
    assert_eq!(judging.score("127.0.0.1"), 0);
}

#[tokio::test]
async fn what_a_client_writes_before_a_proxy_does_not_make_it_the_proxy() {
    let judging = Judging::start().await;
    judging.offend(400, ADDRESS);
    for written in ["\u{ff}", "127.0.0.1", "unknown", ""] {
        let forwarded = format!("{written}, {ADDRESS}");
        let refused = judging.get("/public", &forwarded, None).await;
        assert_eq!(refused.code(), "address_banned", "{written}");
        let forwarded = format!("{written}, {OTHER}");
        let control = judging.get("/public", &forwarded, None).await;
        assert_eq!(control.status, 200, "{written}");
    }
}

#[tokio::test]
async fn streams_of_one_connection_are_judged_one_by_one() {
    let judging = Judging::behind(&[], |table, path| table.with_challenge(path)).await;
    let io = TokioIo::new(judging.gateway.connect().await.stream);
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    let request = |token: Option<&str>| {
        let mut request = Request::get("http://api.example/api").version(Version::HTTP_2);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        request.body(Empty::<Bytes>::new()).unwrap()
    };
    let forged = tampered_token();
    for _ in 0..400 {
        let answer = sender.send_request(request(Some(&forged))).await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    }
    let answer = sender.send_request(request(None)).await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert_eq!(answer.headers()["retry-after"], "60");
}
