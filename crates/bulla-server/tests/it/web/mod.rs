//! `GET /` and its files

use std::{collections::BTreeSet, io::Read as _};

use axum::http::{HeaderValue, Method, StatusCode, header};
use flate2::read::GzDecoder;

use crate::app::{Answer, Call, Door, TestApp};

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

/// What a module or a style sheet at `path` asks for, as paths of the server.
fn loads(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for before in ["from \"", "import(\"", "URL(\"", "url(\""] {
        let quoted = text.split(before).skip(1);
        let relative = quoted.filter_map(|rest| rest.split('"').next());
        let relative = relative.filter(|name| name.starts_with('.'));
        found.extend(relative.map(|name| resolve(path, name)));
    }
    found
}

fn resolve(base: &str, relative: &str) -> String {
    let mut segments: Vec<&str> = base.split('/').collect();
    segments.pop();
    for segment in relative.split('/') {
        match segment {
            "." => {}
            ".." => {
                segments.pop();
            }
            name => segments.push(name),
        }
    }
    segments.join("/")
}

#[tokio::test]
async fn the_page_and_all_it_loads_are_there_under_a_strict_policy() {
    let app = TestApp::start().await;
    let page = web(&app, "/").await_status(StatusCode::OK).await;
    let assets = references(&page.text).into_iter();
    let assets = assets.filter(|path| path.starts_with("/assets/"));
    let mut waiting: Vec<String> = assets.map(str::to_owned).collect();
    let mut seen = BTreeSet::from(["/".to_owned()]);
    assert_security(&page, "/");
    let mut script = 0;
    while let Some(path) = waiting.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let answer = web(&app, &path).await_status(StatusCode::OK).await;
        assert_security(&answer, &path);
        if path.ends_with(".js") {
            script += answer.text.len();
        }
        if path.ends_with(".js") || path.ends_with(".css") {
            waiting.extend(loads(&path, &answer.text));
        }
    }
    assert!(script < 200 << 10, "{script} bytes of scripts");
    for kind in [".js", ".css", ".svg", ".woff2"] {
        assert!(seen.iter().any(|path| path.ends_with(kind)), "{kind}");
    }
    for path in [
        "/assets/handshake-worker.js",
        "/assets/sha256.js",
        "/assets/page/chapters/get.js",
        "/assets/page/labs/devices.js",
        "/assets/page/chapters/expire/thief.js",
    ] {
        assert!(seen.contains(path), "{path} of {seen:?}");
    }
}

#[track_caller]
fn assert_security(answer: &Answer, path: &str) {
    let policy = answer.header(header::CONTENT_SECURITY_POLICY);
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    let expected = match path.rsplit('.').next().unwrap() {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        _ => "text/html; charset=utf-8",
    };
    assert_eq!(answer.header(header::CONTENT_TYPE), expected, "{path}");
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
async fn all_chapters_and_labs_are_there_without_a_script() {
    let app = TestApp::start().await;
    let page = web(&app, "/").send().await.text;
    for chapter in ["get", "anatomy", "verify", "expire"] {
        assert!(page.contains(&format!("<section class=\"chapter\" id=\"{chapter}\"")));
        assert!(
            page.contains(&format!("data-stage=\"{chapter}\"")),
            "{chapter}"
        );
    }
    for lab in [
        "sessions",
        "storage",
        "devices",
        "limits",
        "abuse",
        "proof",
        "service",
        "encrypted",
    ] {
        assert!(page.contains(&format!("<article class=\"lab\" id=\"{lab}\"")));
        assert!(page.contains(&format!("data-stage=\"{lab}\"")), "{lab}");
    }
    assert_eq!(page.matches("data-question").count(), 4);
    assert_eq!(page.matches("<summary>The answer</summary>").count(), 4);
    assert!(page.contains("encoded, not encrypted: nothing secret belongs in here"));
}

#[tokio::test]
async fn what_comes_from_elsewhere_has_its_licence_beside_it() {
    let app = TestApp::start().await;
    let licenses = web(&app, "/assets/vendor/LICENSES.txt");
    let licenses = licenses.await_status(StatusCode::OK).await;
    assert_eq!(
        licenses.header(header::CONTENT_TYPE),
        "text/plain; charset=utf-8"
    );
    for name in [
        "preact.js: preact ",
        "preact.js: htm ",
        "young-serif.woff2",
        "hanken-grotesk.woff2",
        "geist-mono.woff2",
    ] {
        assert!(licenses.text.contains(name), "{name}");
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
async fn text_is_compressed_for_who_takes_it() {
    let app = TestApp::start().await;
    for (path, compressed) in [
        ("/", true),
        ("/assets/page/main.js", true),
        ("/assets/styles/base.css", true),
        ("/assets/favicon.svg", true),
        ("/assets/vendor/LICENSES.txt", true),
        ("/assets/vendor/geist-mono.woff2", false),
    ] {
        let plain = web(&app, path).await_status(StatusCode::OK).await;
        assert_eq!(plain.header(header::CONTENT_ENCODING), "", "{path}");
        assert_eq!(plain.header(header::VARY), "accept-encoding", "{path}");
        let ask = |method| {
            let call = app.call_at(Door::Web, method, path);
            call.header(header::ACCEPT_ENCODING, "gzip, br")
        };
        let packed = ask(Method::GET).await_status(StatusCode::OK).await;
        assert_eq!(packed.header(header::VARY), "accept-encoding", "{path}");
        if compressed {
            assert_eq!(packed.header(header::CONTENT_ENCODING), "gzip", "{path}");
            assert_eq!(unpacked(&packed), plain.text, "{path}");
            assert_ne!(packed.header(header::ETAG), plain.header(header::ETAG));
        } else {
            assert_eq!(packed.header(header::CONTENT_ENCODING), "", "{path}");
            assert_eq!(packed.header(header::ETAG), plain.header(header::ETAG));
        }
        let head = ask(Method::HEAD).await_status(StatusCode::OK).await;
        assert!(head.bytes.is_empty());
        let mut expected = packed.headers.clone();
        let length = HeaderValue::from(packed.bytes.len());
        expected.insert(header::CONTENT_LENGTH, length);
        assert_eq!(head.headers, expected, "{path}");
    }
}

fn unpacked(answer: &Answer) -> String {
    let mut text = String::new();
    let mut decoder = GzDecoder::new(&*answer.bytes);
    decoder.read_to_string(&mut text).unwrap();
    text
}

#[tokio::test]
async fn a_tag_is_that_of_one_encoding() {
    let app = TestApp::start().await;
    let ask = |encoding, tag: &str| {
        let call = web(&app, "/").header(header::ACCEPT_ENCODING, encoding);
        call.header(header::IF_NONE_MATCH, tag)
    };
    let plain = ask("identity", "\"\"").send().await;
    let packed = ask("gzip", "\"\"").send().await;
    for (encoding, own, others) in [("identity", &plain, &packed), ("gzip", &packed, &plain)] {
        let known = ask(encoding, own.header(header::ETAG));
        let known = known.await_status(StatusCode::NOT_MODIFIED).await;
        assert!(known.bytes.is_empty());
        for name in [header::ETAG, header::VARY, header::CACHE_CONTROL] {
            assert_eq!(known.header(&name), own.header(&name), "{name}");
        }
        let unknown = ask(encoding, others.header(header::ETAG));
        unknown.await_status(StatusCode::OK).await;
    }
}

#[tokio::test]
async fn modules_are_asked_about_before_each_use_and_fonts_once_a_week() {
    let app = TestApp::start().await;
    for (path, expected) in [
        ("/", "no-cache"),
        ("/assets/page/main.js", "no-cache"),
        ("/assets/styles/base.css", "no-cache"),
        ("/assets/vendor/young-serif.woff2", "public, max-age=604800"),
    ] {
        let answer = web(&app, path).send().await;
        assert_eq!(answer.header(header::CACHE_CONTROL), expected, "{path}");
    }
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
