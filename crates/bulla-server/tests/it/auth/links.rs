//! Links of any kind, and the pages that they lead to.

use axum::http::{Method, StatusCode, header};
use bulla_core::authentication::MailedLogin;
use serde_json::{Value, json};

use crate::app::{PASSWORD, TestApp};

fn made_up() -> String {
    format!("blt_{}", "A".repeat(43))
}

/// Every route that takes a link, with the rest of its body.
fn routes() -> [(&'static str, Value); 4] {
    [
        ("/auth/verify", json!({})),
        (
            "/auth/password/reset",
            json!({"new_password": "a better password by far"}),
        ),
        ("/auth/email/confirm", json!({})),
        ("/auth/login/mail/confirm", json!({})),
    ]
}

fn with(body: &Value, token: &str) -> Value {
    let mut body = body.clone();
    body["token"] = json!(token);
    body
}

#[tokio::test]
async fn what_is_no_link_is_refused_everywhere() {
    let app = TestApp::by_mail(MailedLogin::Link).await;
    for (path, body) in routes() {
        for token in [
            String::new(),
            made_up(),
            made_up() + "A",
            "' OR 1=1 --".to_owned(),
            "\u{1b}[31m\r\n\0".to_owned(),
            "x".repeat(60_000),
        ] {
            app.post(path, with(&body, &token))
                .await_refusal(401, "link_invalid")
                .await;
        }
        let mut more = with(&body, &made_up());
        more["roles"] = json!(["admin"]);
        app.post(path, more)
            .await_refusal(422, "field_unknown")
            .await;
        app.post(
            path,
            with(&body, "").as_object().map_or(json!([]), |_| json!([])),
        )
        .await_refusal(422, "field_invalid")
        .await;
    }
}

#[tokio::test]
async fn a_link_does_what_it_is_for_and_nothing_else() {
    let app = TestApp::by_mail(MailedLogin::Link).await;
    let ada = json!({"email": "ada@example.com", "password": PASSWORD});
    app.post("/auth/register", ada)
        .await_status(StatusCode::ACCEPTED)
        .await;
    let verify = app.link().await;
    for (path, body) in &routes()[1..] {
        app.post(path, with(body, &verify))
            .await_refusal(401, "link_invalid")
            .await;
    }
    app.post("/auth/verify", json!({"token": verify}))
        .await_status(StatusCode::OK)
        .await;
    app.post("/auth/password/forgot", json!({"email": "ada@example.com"}))
        .await_status(StatusCode::ACCEPTED)
        .await;
    let reset = app.link().await;
    for (path, body) in routes() {
        if path != "/auth/password/reset" {
            app.post(path, with(&body, &reset))
                .await_refusal(401, "link_invalid")
                .await;
        }
    }
}

#[tokio::test]
async fn a_link_that_is_used_twice_at_once_is_used_once() {
    let app = TestApp::by_mail(MailedLogin::Link).await;
    let ada = json!({"email": "ada@example.com", "password": PASSWORD});
    app.post("/auth/register", ada)
        .await_status(StatusCode::ACCEPTED)
        .await;
    let body = json!({"token": app.link().await});
    let (first, second) = tokio::join!(
        app.post("/auth/verify", body.clone()).send(),
        app.post("/auth/verify", body).send()
    );
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert!(
        statuses == [200, 401] || statuses == [200, 409],
        "{statuses:?}"
    );
}

#[tokio::test]
async fn opening_a_link_uses_nothing() {
    let app = TestApp::by_mail(MailedLogin::Link).await;
    for page in ["verify", "reset", "email", "login"] {
        let path = format!("/auth/link/{page}");
        let answer = app.get(&path).await_status(StatusCode::OK).await;
        assert_eq!(
            answer.header(header::CONTENT_TYPE),
            "text/html; charset=utf-8"
        );
        let policy = answer.header(header::CONTENT_SECURITY_POLICY);
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"));
        assert_eq!(answer.header(header::REFERRER_POLICY), "no-referrer");
        assert!(!answer.text.contains("<script>"), "nothing inline runs");
        app.call(Method::HEAD, &path)
            .await_status(StatusCode::OK)
            .await;
    }
    for file in [
        "link.js",
        "link.css",
        "favicon.svg",
        "seal.svg",
        "young-serif.woff2",
        "hanken-grotesk.woff2",
    ] {
        app.get(&format!("/auth/link/{file}"))
            .await_status(StatusCode::OK)
            .await;
    }
    for other in ["other", "index.html", "..%2findex.html"] {
        app.get(&format!("/auth/link/{other}"))
            .await_refusal(404, "not_found")
            .await;
    }
    for path in ["/auth/verify", "/auth/password/reset"] {
        app.get(path).await_refusal(405, "method_not_allowed").await;
    }
}
