//! The first rung.

use bulla_guard::abuse::Standing;

use super::{ADDRESS, Judging, OTHER, anonymous, session};
use crate::support::{claims, tampered_token, token};

#[tokio::test]
async fn who_has_no_good_token_has_to_get_one() {
    let judging = Judging::start().await;
    judging.offend(60, ADDRESS);
    for path in ["/public", "/visit", "/api"] {
        let refused = judging.get(path, ADDRESS, None).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (401, "challenge_required")
        );
        assert_eq!(refused.problem()["challenge"], "/auth/challenge");
        assert_eq!(
            refused.header("www-authenticate"),
            Some("Bearer realm=\"bulla\"")
        );
        let forged = judging.get(path, ADDRESS, Some(&tampered_token())).await;
        assert_eq!(forged.code(), "challenge_required", "{path}");
    }
    assert_eq!(
        judging.get("/public", OTHER, None).await.status,
        200,
        "the control"
    );
}

#[tokio::test]
async fn who_has_one_passes() {
    let judging = Judging::start().await;
    judging.offend(60, ADDRESS);
    for path in ["/public", "/visit"] {
        let visitor = judging.get(path, ADDRESS, Some(&anonymous())).await;
        assert_eq!(visitor.status, 200, "{path}");
    }
    let user = judging.get("/api", ADDRESS, Some(&session("tok_1"))).await;
    assert_eq!(user.status, 200, "whether or not the token was seen before");
    let refused = judging
        .get("/admin", ADDRESS, Some(&session("tok_1")))
        .await;
    assert_eq!(refused.code(), "role_required");
}

#[tokio::test]
async fn a_token_that_took_no_work_is_not_enough() {
    let judging = Judging::start().await;
    let mut minimal = claims();
    minimal["anon"] = true.into();
    minimal["plan"] = "anonymous_minimal".into();
    let minimal = token(&minimal);
    judging.offend(60, ADDRESS);
    for path in ["/public", "/visit"] {
        let refused = judging.get(path, ADDRESS, Some(&minimal)).await;
        assert_eq!(refused.code(), "challenge_required", "{path}");
        let control = judging.get(path, OTHER, Some(&minimal)).await;
        assert_eq!(control.status, 200, "{path}");
    }
    let api = judging.get("/api", ADDRESS, Some(&minimal)).await;
    assert_eq!(api.code(), "sign_in_required");
    let open = judging
        .get("/auth/challenge", ADDRESS, Some(&minimal))
        .await;
    assert_eq!(open.status, 200);
}

#[tokio::test]
async fn where_one_gets_a_token_stays_open() {
    let judging = Judging::start().await;
    judging.offend(60, ADDRESS);
    assert_eq!(
        judging.get("/auth/challenge", ADDRESS, None).await.status,
        200
    );
    assert_eq!(judging.get("/auth/login", ADDRESS, None).await.status, 401);
}

#[tokio::test]
async fn forged_tokens_and_malformed_requests_go_on_counting() {
    let judging = Judging::start().await;
    judging.offend(60, ADDRESS);
    judging.forge(10, ADDRESS).await;
    assert_eq!(judging.score(ADDRESS), 70);
    let forged = tampered_token();
    judging.get("/auth/me", ADDRESS, Some(&forged)).await;
    assert_eq!(
        judging.get("/%00", ADDRESS, None).await.code(),
        "request_malformed"
    );
    assert_eq!(judging.score(ADDRESS), 72);
    judging.get("/api", ADDRESS, None).await;
    assert_eq!(
        judging.score(ADDRESS),
        72,
        "to have no token counts for nothing"
    );
}

#[tokio::test]
async fn it_ends_by_itself() {
    let judging = Judging::start().await;
    judging.offend(60, ADDRESS);
    judging.advance(31_000);
    assert_eq!(judging.get("/public", ADDRESS, None).await.status, 200);
}

#[tokio::test]
async fn where_visitors_get_no_token_nobody_is_challenged() {
    let judging = Judging::behind(&["127.0.0.1"], |table, _| table).await;
    judging.offend(60, ADDRESS);
    assert_eq!(judging.standing(ADDRESS), Standing::Challenged);
    assert_eq!(judging.get("/public", ADDRESS, None).await.status, 200);
    judging.offend(340, ADDRESS);
    assert_eq!(judging.get("/public", ADDRESS, None).await.status, 403);
}
