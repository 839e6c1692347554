//! What counts, and what does not.

use tokio::io::AsyncWriteExt as _;

use super::{ADDRESS, Judging, OTHER, session};
use crate::support::{claims, foreign_claims, foreign_token, tampered_token, token};

#[tokio::test]
async fn forged_tokens_malformed_requests_and_failed_logins() {
    let judging = Judging::start().await;
    let (forged, foreign) = (tampered_token(), foreign_token(&foreign_claims()));
    for token in ["a.b.c", "nonsense", &forged, &foreign] {
        let before = judging.score(ADDRESS);
        assert_eq!(judging.get("/api", ADDRESS, Some(token)).await.status, 401);
        assert_eq!(judging.score(ADDRESS), before + 1, "{token}");
    }
    for path in ["/%00", "/a%2fb", "/../.."] {
        let before = judging.score(ADDRESS);
        assert_eq!(judging.get(path, ADDRESS, None).await.status, 400);
        assert_eq!(judging.score(ADDRESS), before + 1, "{path}");
    }
    let before = judging.score(ADDRESS);
    judging.get("/auth/login", ADDRESS, None).await;
    assert_eq!(judging.score(ADDRESS), before + 3);
    assert_eq!(judging.score(OTHER), 0);
}

#[tokio::test]
async fn honest_mistakes_do_not() {
    let judging = Judging::start().await;
    let mut expired = claims();
    expired["exp"] = (crate::support::NOW - 1).into();
    let mut early = claims();
    early["nbf"] = (crate::support::NOW + 60).into();
    let mut elsewhere = claims();
    elsewhere["aud"] = "other".into();
    for (claims, code) in [
        (expired, "token_expired"),
        (early, "token_not_yet_valid"),
        (elsewhere, "token_audience_mismatch"),
    ] {
        let answer = judging.get("/api", ADDRESS, Some(&token(&claims))).await;
        assert_eq!(answer.code(), code);
    }
    assert_eq!(
        judging.get("/api", ADDRESS, None).await.code(),
        "token_missing"
    );
    assert_eq!(
        judging.get("/nothing", ADDRESS, None).await.code(),
        "not_found"
    );
    let role = judging
        .get("/admin", ADDRESS, Some(&session("tok_1")))
        .await;
    assert_eq!(role.code(), "role_required");
    assert_eq!(judging.score(ADDRESS), 0);
}

#[tokio::test]
async fn a_token_that_a_public_route_ignores_does_not_but_at_our_own_services_it_does() {
    let judging = Judging::start().await;
    let forged = tampered_token();
    assert_eq!(
        judging.get("/public", ADDRESS, Some(&forged)).await.status,
        200
    );
    assert_eq!(judging.score(ADDRESS), 0);
    assert_eq!(
        judging.get("/auth/me", ADDRESS, Some(&forged)).await.status,
        200
    );
    assert_eq!(judging.score(ADDRESS), 1);
}

#[tokio::test]
async fn what_is_no_http_at_all_does() {
    let judging = Judging::behind(&[], |table, path| table.with_challenge(path)).await;
    for nonsense in ["GET / HTTP/1.1\r\nHost : a\r\n\r\n", "NONSENSE\r\n\r\n"] {
        let before = judging.score("127.0.0.1");
        assert_eq!(judging.gateway.send(nonsense).await.status, 400);
        crate::support::eventually("the offence", async || {
            judging.score("127.0.0.1") == before + 1
        })
        .await;
    }
}

#[tokio::test]
async fn what_breaks_the_rules_of_http2_does() {
    let judging = Judging::behind(&[], |table, path| table.with_challenge(path)).await;
    let begun = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let frames = [
        ("this is no frame", 1),
        // SETTINGS of a stream, and a block of headers that names an entry of an empty table.
        ("\0\0\0\x04\0\0\0\0\x01", 1),
        ("\0\0\x01\x01\x05\0\0\0\x01\u{7f}", 1),
        // The control: a PING.
        ("\0\0\x08\x06\0\0\0\0\0pingpong", 0),
    ];
    for (connections, (frame, counts)) in (1..).zip(frames) {
        let before = judging.score("127.0.0.1");
        let mut wire = judging.gateway.connect().await;
        wire.write(format!("{begun}{frame}")).await;
        wire.stream.shutdown().await.unwrap();
        crate::support::eventually("the end of the connection", async || {
            let metrics = judging.gateway.metrics();
            let all = format!("bulla_gateway_connections_total {connections}\n");
            metrics.contains(&all) && metrics.contains("bulla_gateway_connections_open 0\n")
        })
        .await;
        assert_eq!(judging.score("127.0.0.1"), before + counts, "{frame:?}");
    }
}

#[tokio::test]
async fn a_service_is_told_how_wary_to_be() {
    let judging = Judging::start().await;
    for (offences, wariness) in [(0, "0"), (30, "1"), (30, "2"), (140, "3")] {
        judging.offend(offences, ADDRESS);
        let answer = judging.get("/auth/challenge", ADDRESS, None).await;
        assert_eq!(answer.body, wariness);
        assert_eq!(judging.get("/auth/challenge", OTHER, None).await.body, "0");
    }
}
