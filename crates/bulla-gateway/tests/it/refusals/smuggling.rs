//! Requests that two servers would cut into different pieces.

use crate::support::{TestUpstream, in_front_of};

/// Sends a POST with these header lines and this body and, right behind it, where a confused server would look for it,
/// another request. The statuses of all answers until the connection ends, and all that reached the upstream.
async fn post(headers: &str, body: &str) -> (Vec<u16>, Vec<String>) {
    let upstream = TestUpstream::start().await;
    let gateway = in_front_of(&upstream).await;
    let mut wire = gateway.connect().await;
    wire.write(format!(
        "POST /public/a HTTP/1.1\r\nHost: api.example\r\n{headers}\r\n\r\n{body}\
         GET /public/next HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n"
    ))
    .await;
    let answers = wire.rest().await;
    let statuses = answers.split("HTTP/1.1 ").skip(1);
    let reached = upstream.received();
    (
        statuses
            .map(|answer| answer[..3].parse().unwrap())
            .collect(),
        reached
            .into_iter()
            .map(|request| format!("{} {}", request.line(), request.raw_body))
            .collect(),
    )
}

/// What follows is no request either.
async fn check_refused(headers: &str, body: &str) {
    let refused = (vec![400], vec![]);
    assert_eq!(post(headers, body).await, refused, "{headers:?} {body:?}");
}

/// What follows is a request of its own.
async fn check_accepted(headers: &str, body: &str, raw: &str) {
    let first = format!("POST /public/a HTTP/1.1 {raw}");
    let accepted = (
        vec![200, 200],
        vec![first, "GET /public/next HTTP/1.1 ".to_owned()],
    );
    assert_eq!(post(headers, body).await, accepted, "{headers:?} {body:?}");
}

#[tokio::test]
async fn content_length_beside_transfer_encoding_ends_with_the_chunks() {
    let upstream = TestUpstream::start().await;
    let gateway = in_front_of(&upstream).await;
    for headers in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 4",
    ] {
        let mut wire = gateway.connect().await;
        let smuggled = "GET /public/smuggled HTTP/1.1\r\nHost: api.example\r\n\r\n";
        let body = format!("5\r\nhello\r\n0\r\n\r\n{smuggled}");
        wire.write(format!(
            "POST /public/a HTTP/1.1\r\nHost: api.example\r\n{headers}\r\n\r\n{body}"
        ))
        .await;
        assert_eq!(wire.answer("POST").await.status, 200);
        assert_eq!(wire.rest().await, "", "the connection ends with the answer");
    }
    for received in upstream.received() {
        assert_eq!(received.line(), "POST /public/a HTTP/1.1");
        assert_eq!(received.raw_body, "5\r\nhello\r\n0\r\n\r\n");
        assert_eq!(received.header("content-length"), None);
        assert_eq!(received.header("transfer-encoding"), Some("chunked"));
    }
    assert_eq!(upstream.received().len(), 2);
}

#[tokio::test]
async fn two_content_lengths() {
    check_refused("Content-Length: 4\r\nContent-Length: 5", "hello").await;
    check_accepted("Content-Length: 5", "hello", "hello").await;
    // Said twice, it goes on once.
    let twice = "Content-Length: 5\r\nContent-Length: 5";
    check_accepted(twice, "hello", "hello").await;
}

#[tokio::test]
async fn content_length_as_a_list() {
    check_refused("Content-Length: 4, 4", "hell").await;
    check_refused("Content-Length: 4,5", "hello").await;
    check_accepted("Content-Length: 4", "hell", "hell").await;
}

#[tokio::test]
async fn content_length_that_is_not_only_digits() {
    for length in [
        "+4",
        "-4",
        "0x4",
        "4 4",
        "",
        "4.0",
        "99999999999999999999999",
        "\u{660}",
    ] {
        check_refused(&format!("Content-Length: {length}"), "hell").await;
    }
    check_accepted("Content-Length:  4\t", "hell", "hell").await;
}

#[tokio::test]
async fn transfer_encoding_other_than_chunked() {
    for encoding in [
        "xchunked",
        "gzip, chunked",
        "chunked, gzip",
        "identity",
        "chunked, identity",
        "\"chunked\"",
        ", chunked",
        "",
    ] {
        check_refused(&format!("Transfer-Encoding: {encoding}"), "0\r\n\r\n").await;
    }
    check_accepted("Transfer-Encoding: chunked", "0\r\n\r\n", "0\r\n\r\n").await;
}

#[tokio::test]
async fn transfer_encoding_twice() {
    check_refused(
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "0\r\n\r\n",
    )
    .await;
    check_refused(
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
        "0\r\n\r\n",
    )
    .await;
    check_accepted(
        "Transfer-Encoding: Chunked",
        "1\r\na\r\n0\r\n\r\n",
        "1\r\na\r\n0\r\n\r\n",
    )
    .await;
}

#[tokio::test]
async fn after_a_refused_transfer_encoding_the_connection_ends() {
    let upstream = TestUpstream::start().await;
    let gateway = in_front_of(&upstream).await;
    let post = |encoding: &str| {
        format!(
            "POST /public/a HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: {encoding}\r\n\r\n0\r\n\r\n"
        )
    };
    let mut wire = gateway.connect().await;
    wire.write(post("gzip, chunked") + &post("chunked")).await;
    let refused = wire.answer("POST").await;
    assert_eq!(refused.code(), "request_malformed");
    assert_eq!(refused.header("connection"), Some("close"));
    assert_eq!(wire.rest().await, "", "what follows is no request");
    upstream.assert_untouched();
    let mut wire = gateway.connect().await;
    wire.write(post("chunked") + &post("chunked")).await;
    for _ in 0..2 {
        assert_eq!(wire.answer("POST").await.status, 200);
    }
}

#[tokio::test]
async fn transfer_encoding_behind_a_vertical_tab() {
    check_refused("Transfer-Encoding: \u{b}chunked", "0\r\n\r\n").await;
    check_accepted("Transfer-Encoding:\tchunked", "0\r\n\r\n", "0\r\n\r\n").await;
}

#[tokio::test]
async fn transfer_encoding_in_http_1_0() {
    let upstream = TestUpstream::start().await;
    let gateway = in_front_of(&upstream).await;
    let request = |version| {
        format!(
            "POST /public/a HTTP/{version}\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        )
    };
    assert_eq!(gateway.send(request("1.0")).await.status, 400);
    upstream.assert_untouched();
    assert_eq!(gateway.send(request("1.1")).await.status, 200);
}

#[tokio::test]
async fn transfer_encoding_in_a_second_spelling_goes_no_further() {
    let upstream = TestUpstream::start().await;
    let gateway = in_front_of(&upstream).await;
    let headers = "Transfer_Encoding: chunked\r\nContent_Length: 9\r\nX_Kept: 1\r\n";
    assert_eq!(gateway.get("/public/a", headers).await.status, 200);
    let received = upstream.only();
    assert!(
        received.header("transfer_encoding").is_none()
            && received.header("content_length").is_none()
    );
    assert_eq!(received.header("x_kept"), Some("1"));
}

#[tokio::test]
async fn folded_lines() {
    check_refused("X-A: 1\r\n Transfer-Encoding: chunked", "").await;
    check_refused("X-A: 1\r\n\tContent-Length: 4", "").await;
    check_refused("Transfer-Encoding:\r\n chunked", "0\r\n\r\n").await;
    check_accepted("X-A: 1", "", "").await;
}

#[tokio::test]
async fn space_before_the_colon() {
    check_refused("Transfer-Encoding : chunked", "0\r\n\r\n").await;
    check_refused("Content-Length : 4", "hell").await;
    check_refused(" Content-Length: 4", "hell").await;
    check_accepted("Content-Length:4", "hell", "hell").await;
}

#[tokio::test]
async fn control_characters_in_headers() {
    check_refused("X-A: a\0b", "").await;
    check_refused("X-A\0: b", "").await;
    check_refused("X-A: a\rContent-Length: 4", "").await;
    check_refused("X-A: a\u{7f}b", "").await;
    check_accepted("X-A: a\tb", "", "").await;
}

#[tokio::test]
async fn lines_that_end_without_a_carriage_return_are_ended_with_one() {
    let upstream = TestUpstream::start().await;
    let gateway = in_front_of(&upstream).await;
    let request =
        "GET /public/a HTTP/1.1\nHost: api.example\nX-A: 1\nX-Bulla-Subject: usr_admin\n\n";
    assert_eq!(gateway.send(request).await.status, 200);
    let received = upstream.only();
    assert_eq!(
        received.head.matches('\n').count(),
        received.head.matches("\r\n").count()
    );
    assert_eq!(received.header("x-a"), Some("1"));
    assert_eq!(received.header("x-bulla-subject"), None);
}

#[tokio::test]
async fn names_that_are_no_tokens() {
    for line in ["X A: 1", "X(A): 1", ": 1", "X\u{e9}: 1", "X-A"] {
        check_refused(line, "").await;
    }
    check_accepted("X!#$%&'*+.^_`|~: 1", "", "").await;
}

#[tokio::test]
async fn bad_chunk_sizes() {
    for size in [
        "0x5",
        "-5",
        "+5",
        "5 5",
        "",
        "g",
        "fffffffffffffffff",
        "5\0",
    ] {
        let body = format!("{size}\r\nhello\r\n0\r\n\r\n");
        check_refused("Transfer-Encoding: chunked", &body).await;
    }
    check_accepted(
        "Transfer-Encoding: chunked",
        "5\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
    )
    .await;
}

#[tokio::test]
async fn chunks_that_do_not_end_where_they_should() {
    for body in [
        "5\r\nhelloX\r\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n",
        "5\nhello\r\n0\r\n\r\n",
        "5\r\nhello\n0\r\n\r\n",
        "5;a\nhello\r\n0\r\n\r\n",
    ] {
        check_refused("Transfer-Encoding: chunked", body).await;
    }
    let whole = "5\r\nhello\r\n0\r\n\r\n";
    check_accepted("Transfer-Encoding: chunked", whole, whole).await;
}

#[tokio::test]
async fn chunk_extensions_go_no_further() {
    check_accepted(
        "Transfer-Encoding: chunked",
        "5;a=b\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
    )
    .await;
}

#[tokio::test]
async fn bad_request_lines() {
    let upstream = TestUpstream::start().await;
    let gateway = in_front_of(&upstream).await;
    for line in [
        "GET  /public/a HTTP/1.1",
        "GET /public/a  HTTP/1.1",
        "GET /public/ a HTTP/1.1",
        "GET /public/a HTTP/1.2",
        "GET /public/a HTTP/2.0",
        "GET /public/a",
        "G\0T /public/a HTTP/1.1",
        "GET /public/a\0 HTTP/1.1",
        "GET\t/public/a HTTP/1.1",
    ] {
        let answer = gateway
            .send(format!("{line}\r\nHost: api.example\r\n\r\n"))
            .await;
        assert_eq!(answer.status, 400, "{line:?}");
    }
    upstream.assert_untouched();
    assert_eq!(gateway.get("/public/a", "").await.status, 200);
}

#[tokio::test]
async fn the_rest_of_a_refused_body_is_no_request() {
    let upstream = TestUpstream::start().await;
    let gateway = in_front_of(&upstream).await;
    let mut wire = gateway.connect().await;
    let inner = "GET /public/smuggled HTTP/1.1\r\nHost: api.example\r\n\r\n";
    let head = format!(
        "POST /secret HTTP/1.1\r\nHost: api.example\r\nContent-Length: {}",
        inner.len()
    );
    wire.write(format!("{head}\r\n\r\n{inner}")).await;
    assert_eq!(wire.answer("POST").await.status, 401);
    upstream.assert_untouched();
    // The control: on its own, it is one.
    assert_eq!(gateway.send(inner).await.status, 200);
}
