//! `/healthz`, `/readyz`, `/metrics`

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use bulla_guard::client::RequestId;
use bulla_server::admin::{self, operations_router};
use prometheus_client::{metrics::counter::Counter, registry::Registry};

use crate::app::{Answer, TestApp};

async fn ask(app: &TestApp, path: &str) -> Answer {
    let mut registry = Registry::default();
    let requests = Counter::<u64>::default();
    requests.inc();
    registry.register("bulla_requests", "Requests that were answered", requests);
    let mut request = Request::get(path).body(Body::empty()).unwrap();
    request
        .extensions_mut()
        .insert(RequestId::parse("req-1").unwrap());
    let operations = operations_router(Arc::clone(&app.issuer), Arc::new(registry));
    let whole = admin::router(Arc::clone(&app.issuer), Arc::clone(&app.bans), None)
        .merge(operations.reset_fallback());
    Answer::read(whole, request).await
}

#[tokio::test]
async fn a_working_issuer_is_healthy_and_ready() {
    let app = TestApp::start().await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(ask(&app, path).await.status, StatusCode::OK, "{path}");
    }
    ask(&app, "/other").await.assert_problem(404, "not_found");
    ask(&app, "/admin/users")
        .await
        .assert_problem(401, "token_missing");
}

#[tokio::test]
async fn without_its_store_it_is_healthy_but_not_ready() {
    let app = TestApp::start().await;
    app.store.close();
    ask(&app, "/readyz")
        .await
        .assert_problem(503, "store_unavailable");
    assert_eq!(ask(&app, "/healthz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn metrics_are_openmetrics_text() {
    let app = TestApp::start().await;
    let answer = ask(&app, "/metrics").await;
    assert!(
        answer
            .header(header::CONTENT_TYPE)
            .starts_with("application/openmetrics-text")
    );
    assert!(answer.text.contains("bulla_requests_total 1"));
    assert!(answer.text.ends_with("# EOF\n"));
}

#[tokio::test]
async fn a_request_that_no_gateway_named_gets_an_identity() {
    let app = TestApp::start().await;
    let router = operations_router(Arc::clone(&app.issuer), Arc::default());
    let request = Request::post("/healthz").body(Body::empty()).unwrap();
    let answer = Answer::read(router, request).await;
    let id = answer.json()["request_id"].as_str().unwrap().to_owned();
    assert!(RequestId::parse(&id).is_ok(), "{id}");
}
