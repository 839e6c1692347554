//! The rungs above.

use std::time::Duration;

use super::{ADDRESS, Judging, OTHER, anonymous, session};
use crate::support::tampered_token;

#[tokio::test]
async fn five_hundred_forged_tokens_are_too_many() {
    let judging = Judging::start().await;
    judging.forge(500, ADDRESS).await;
    let refused = judging.get("/public", ADDRESS, None).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (403, "address_banned")
    );
    assert_eq!(refused.header("retry-after"), Some("60"));
    assert_eq!(refused.header("www-authenticate"), None);
    let problem = refused.problem();
    assert_eq!(problem["prefix"], "192.0.2.1/32");
    assert_eq!(
        (&problem["limit"], &problem["last"]),
        (&400.into(), &"forged_token".into())
    );
    assert_eq!(
        judging.get("/public", OTHER, None).await.status,
        200,
        "the control"
    );
    judging.advance(60_000);
    assert_eq!(
        judging
            .get("/public", ADDRESS, Some(&anonymous()))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn so_are_as_many_malformed_requests() {
    let judging = Judging::start().await;
    for _ in 0..500 {
        judging.get("/%00", ADDRESS, None).await;
    }
    assert_eq!(
        judging.get("/%00", ADDRESS, None).await.code(),
        "address_banned"
    );
    assert_eq!(
        judging.get("/%00", OTHER, None).await.code(),
        "request_malformed"
    );
}

#[tokio::test]
async fn nothing_is_open_then() {
    let judging = Judging::start().await;
    judging.offend(400, ADDRESS);
    for path in [
        "/public",
        "/visit",
        "/api",
        "/auth/challenge",
        "/auth/login",
    ] {
        let stranger = judging.get(path, ADDRESS, None).await;
        assert_eq!(stranger.code(), "address_banned", "{path}");
        let forged = judging.get(path, ADDRESS, Some(&tampered_token())).await;
        assert_eq!(forged.code(), "address_banned", "{path}");
    }
    let visitor = judging.get("/visit", ADDRESS, Some(&anonymous())).await;
    assert_eq!(visitor.code(), "address_banned");
    assert_eq!(
        judging.get("/auth/challenge", OTHER, None).await.status,
        200,
        "the control"
    );
}

#[tokio::test]
async fn a_session_that_was_there_before_is_not_cut_off_with_its_address() {
    let judging = Judging::start().await;
    let (known, unknown) = (session("tok_1"), session("tok_2"));
    assert_eq!(judging.get("/api", ADDRESS, Some(&known)).await.status, 200);
    let visitor = anonymous();
    assert_eq!(
        judging.get("/visit", ADDRESS, Some(&visitor)).await.status,
        200
    );
    judging.offend(400, ADDRESS);
    for path in ["/api", "/visit", "/public", "/auth/me"] {
        let answer = judging.get(path, ADDRESS, Some(&known)).await;
        assert_eq!(answer.status, 200, "{path}");
    }
    let refused = judging.get("/admin", ADDRESS, Some(&known)).await;
    assert_eq!(refused.code(), "role_required");
    for token in [&unknown, &visitor] {
        let refused = judging.get("/visit", ADDRESS, Some(token)).await;
        assert_eq!(refused.code(), "address_banned");
    }
    assert_eq!(
        judging.get("/api", OTHER, Some(&unknown)).await.status,
        200,
        "the control"
    );
}

#[tokio::test]
async fn a_form_is_not_waited_for() {
    let judging = Judging::start().await;
    let known = session("tok_1");
    assert_eq!(judging.get("/api", ADDRESS, Some(&known)).await.status, 200);
    judging.offend(400, ADDRESS);
    let post = async |address: &str, bearer: &str, body: &str, length: usize| {
        let mut wire = judging.gateway.connect().await;
        let headers = format!("X-Forwarded-For: {address}\r\n{bearer}Content-Length: {length}");
        let form = "Content-Type: application/x-www-form-urlencoded";
        wire.write(format!(
            "POST /form HTTP/1.1\r\nHost: a\r\n{headers}\r\n{form}\r\n\r\n{body}"
        ))
        .await;
        wire.answer("POST").await
    };
    let unfinished = post(ADDRESS, "", "a=", 1000).await;
    assert_eq!(unfinished.code(), "address_banned");
    let token = format!("access_token={known}");
    let other = post(OTHER, "", &token, token.len()).await;
    assert_eq!(other.status, 200, "the control");
    let bearer = format!("Authorization: Bearer {known}\r\n");
    assert_eq!(post(ADDRESS, &bearer, "a=1", 3).await.status, 200);
    let two = post(ADDRESS, &bearer, &token, token.len()).await;
    assert_eq!(two.code(), "address_banned", "a token in two places");
}

#[tokio::test]
async fn an_administrators_ban_spares_nobody_even_if_an_automatic_one_ends_later() {
    let judging = Judging::start().await;
    let known = session("tok_1");
    assert_eq!(judging.get("/api", ADDRESS, Some(&known)).await.status, 200);
    judging.offend(400, ADDRESS);
    assert_eq!(
        judging.get("/api", ADDRESS, Some(&known)).await.status,
        200,
        "the control"
    );
    let (prefix, shorter) = ("192.0.2.1".parse().unwrap(), Duration::from_secs(30));
    let ban = judging
        .ledger
        .ban(prefix, Some(shorter), None, judging.now());
    assert_eq!(ban.unwrap().prefix, prefix);
    let refused = judging.get("/api", ADDRESS, Some(&known)).await;
    assert_eq!(refused.code(), "address_banned");
    assert_eq!(refused.problem()["retry_after"], 30);
}

#[tokio::test]
async fn an_administrators_ban_spares_nobody() {
    let judging = Judging::start().await;
    let known = session("tok_1");
    assert_eq!(judging.get("/api", ADDRESS, Some(&known)).await.status, 200);
    let hour = Some(Duration::from_secs(60 * 60));
    let prefix = "192.0.2.1".parse().unwrap();
    judging
        .ledger
        .ban(prefix, hour, None, judging.now())
        .unwrap();
    let refused = judging.get("/api", ADDRESS, Some(&known)).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (403, "address_banned")
    );
    assert_eq!(refused.header("retry-after"), Some("3600"));
    judging
        .ledger
        .ban(prefix, None, None, judging.now())
        .unwrap();
    let refused = judging.get("/api", ADDRESS, Some(&known)).await;
    assert_eq!(refused.header("retry-after"), None, "nobody knows when");
    let _ = judging.ledger.lift(prefix);
    assert_eq!(judging.get("/api", ADDRESS, Some(&known)).await.status, 200);
}

#[tokio::test]
async fn walking_through_a_network_of_ipv6_ends() {
    let judging = Judging::start().await;
    for network in 0..640 {
        judging.offend(10, &format!("2001:db8:7:{:x}::1", network << 6));
    }
    let refused = judging.get("/public", "2001:db8:7:ffff::1", None).await;
    assert_eq!(refused.code(), "address_banned");
    assert_eq!(refused.problem()["prefix"], "2001:db8:7::/48");
    let neighbour = judging.get("/public", "2001:db8:8::1", None).await;
    assert_eq!(neighbour.status, 200, "the control");
}

#[tokio::test]
async fn a_preflight_is_answered_for_whoever_has_a_session() {
    let judging = Judging::start().await;
    judging.offend(400, ADDRESS);
    let preflight = "OPTIONS /nothing HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\n\
                     Origin: https://app.example\r\nAccess-Control-Request-Method: GET\r\n\r\n";
    assert_ne!(
        judging.gateway.send(preflight).await.code(),
        "address_banned"
    );
}
