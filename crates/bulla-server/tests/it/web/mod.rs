//! `GET /` and its files

use axum::http::{Method, StatusCode, header};

use crate::app::{Call, Door, TestApp};

fn web<'a>(app: &'a TestApp, path: &str) -> Call<'a> {
    app.call_at(Door::Web, Method::GET, path)
}

/// Everything that the page's attributes ask for.
fn references(page: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for attribute in ["href=\"", "src=\""] {
        found.extend(
            page.split(attribute)
                .skip(1)
                .filter_map(|rest| rest.split('"').next()),
        );
    }
    found
}

#[tokio::test]
async fn the_page_and_all_it_loads_are_there_under_a_strict_policy() {
    let app = TestApp::start().await;
    let page = web(&app, "/").await_status(StatusCode::OK).await;
    let assets: Vec<_> = references(&page.text)
        .into_iter()
        .filter(|path| path.starts_with("/assets/"))
        .collect();
    assert_eq!(assets.len(), 3, "{assets:?}");
    for path in ["/"].into_iter().chain(assets) {
        let answer = web(&app, path).await_status(StatusCode::OK).await;
        let policy = answer.header(header::CONTENT_SECURITY_POLICY);
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        let expected = match path.rsplit('.').next().unwrap() {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "svg" => "image/svg+xml",
            _ => "text/html; charset=utf-8",
        };
        assert_eq!(answer.header(header::CONTENT_TYPE), expected);
    }
}

#[tokio::test]
async fn nothing_is_inline_and_nothing_comes_from_elsewhere() {
    let app = TestApp::start().await;
    let page = web(&app, "/").send().await.text;
    assert!(!page.contains("<style") && !page.contains(" style="));
    assert!(!page.contains(" onclick=") && !page.contains("javascript:"));
    for script in page.split("<script").skip(1) {
        let (tag, rest) = script.split_once('>').unwrap();
        assert!(tag.contains("src=\"/assets/"));
        assert!(rest.starts_with("</script>"));
    }
    for reference in references(&page) {
        assert!(reference.starts_with(['/', '#']), "{reference}");
    }
}

#[tokio::test]
async fn the_three_requests_are_on_it() {
    let app = TestApp::start().await;
    let page = web(&app, "/").send().await.text;
    assert_eq!(page.matches("curl -").count(), 3);
    for text in [
        "/contact",
        "/auth/register",
        "/auth/login",
        "Authorization: Bearer $TOKEN",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[tokio::test]
async fn an_unchanged_file_is_304() {
    let app = TestApp::start().await;
    let first = web(&app, "/").await_status(StatusCode::OK).await;
    let tag = first.header(header::ETAG);
    for known in [
        tag.to_owned(),
        format!("W/{tag}"),
        format!("\"other\", {tag}"),
        "*".to_owned(),
    ] {
        let call = web(&app, "/").header(header::IF_NONE_MATCH, known);
        let answer = call.await_status(StatusCode::NOT_MODIFIED).await;
        assert!(answer.text.is_empty());
    }
    let call = web(&app, "/").header(header::IF_NONE_MATCH, "\"other\"");
    call.await_status(StatusCode::OK).await;
}

#[tokio::test]
async fn what_is_not_embedded_is_404() {
    let app = TestApp::start().await;
    for path in [
        "/assets/none.js",
        "/assets/../index.html",
        "/assets/%2e%2e/index.html",
        "/index.html",
    ] {
        web(&app, path).await_refusal(404, "not_found").await;
    }
    let post = app.call_at(Door::Web, Method::POST, "/");
    post.await_refusal(405, "method_not_allowed").await;
}
