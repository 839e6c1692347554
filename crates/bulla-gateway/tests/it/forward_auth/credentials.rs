//! Credentials count as they would at the gateway itself.

use super::{ask, ask_as_nginx, bearer, listed};
use crate::support::{TestUpstream, claims, token};

const ORIGIN: &str = "Origin: https://api.example\r\n";
const MEANT: &str = "X-Bulla-CSRF: 1\r\n";
/// What proxies leave of a handshake's headers.
const HANDSHAKE: &str =
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

fn cookie() -> String {
    format!("Cookie: __Host-bulla_access={}\r\n", token(&claims()))
}

#[tokio::test]
async fn a_cookie_is_asked_where_it_comes_from_by_the_clients_method() {
    let server = TestUpstream::start().await;
    let gateway = listed(&server).await;
    let cookie = cookie();
    // The proxy asks by GET, whatever the client's method is.
    for headers in [String::new(), ORIGIN.to_owned(), MEANT.to_owned()] {
        let headers = format!("{cookie}{headers}");
        let refused = ask(&gateway, "POST", "/api/a", &headers).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (403, "csrf_refused")
        );
        let refused = ask_as_nginx(&gateway, "POST", "/api/a", &headers).await;
        assert_eq!(refused.code(), "csrf_refused");
    }
    let meant = format!("{cookie}{MEANT}{ORIGIN}");
    assert_eq!(ask(&gateway, "POST", "/api/a", &meant).await.status, 200);
    assert_eq!(ask(&gateway, "GET", "/api/a", &cookie).await.status, 200);
    assert_eq!(ask(&gateway, "POST", "/api/a", &bearer()).await.status, 200);
}

#[tokio::test]
async fn a_websocket_by_cookie_is_known_without_its_upgrade() {
    let server = TestUpstream::start().await;
    let gateway = listed(&server).await;
    let cookie = cookie();
    for origin in ["", "Origin: https://evil.example\r\n"] {
        let refused = ask(
            &gateway,
            "GET",
            "/ws",
            &format!("{cookie}{HANDSHAKE}{origin}"),
        )
        .await;
        assert_eq!(refused.code(), "csrf_refused");
    }
    let good = format!("{cookie}{HANDSHAKE}{ORIGIN}");
    assert_eq!(ask(&gateway, "GET", "/ws", &good).await.status, 200);
    assert_eq!(
        ask_as_nginx(&gateway, "GET", "/ws", &good).await.status,
        200
    );
    // Some proxies ask with the handshake as it came.
    let whole = format!("{good}Connection: Upgrade\r\nUpgrade: websocket\r\n");
    assert_eq!(ask(&gateway, "GET", "/ws", &whole).await.status, 200);
}

#[tokio::test]
async fn a_token_in_the_query_counts_in_a_handshake_alone() {
    let server = TestUpstream::start().await;
    let gateway = listed(&server).await;
    let uri = format!("/ws?a=1&access_token={}", token(&claims()));
    assert_eq!(ask(&gateway, "GET", &uri, HANDSHAKE).await.status, 200);
    assert_eq!(ask(&gateway, "GET", &uri, "").await.code(), "token_missing");
    // It is the client's query that counts, not the proxy's.
    let own = format!("/forward-auth?access_token={}", token(&claims()));
    let asked = "X-Forwarded-Method: GET\r\nX-Forwarded-Uri: /ws\r\n";
    let refused = gateway.get(&own, &format!("{asked}{HANDSHAKE}")).await;
    assert_eq!(refused.code(), "token_missing");
}
