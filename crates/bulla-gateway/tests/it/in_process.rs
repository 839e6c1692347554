//! Services in the gateway's process.

use bulla_gateway::Body;
use bulla_guard::{
    access::Access,
    client::{ClientAddress, RequestId},
};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;

use crate::support::{TestGateway, claims, route, service, token};

#[tokio::test]
async fn a_service_gets_what_an_upstream_would_and_who_asked() {
    let echo = service(async |request: Request<Body>| {
        let address = request.extensions().get::<ClientAddress>().unwrap().0;
        let id = request.extensions().get::<RequestId>().unwrap().clone();
        let subject = request.headers()["x-bulla-subject"]
            .to_str()
            .unwrap()
            .to_owned();
        let target = request.uri().to_string();
        let body = request.into_body().collect().await.unwrap().to_bytes();
        Response::new(format!(
            "{address} {id} {subject} {target} {}",
            String::from_utf8_lossy(&body)
        ))
    });
    let gateway = TestGateway::start(vec![route("/{*rest}", Access::Authenticated, echo)]).await;
    let head = format!(
        "POST /a/../b?c HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer {}",
        token(&claims())
    );
    let answer = gateway
        .send(format!("{head}\r\nContent-Length: 5\r\n\r\nhello"))
        .await;
    let id = answer.header("x-request-id").unwrap();
    assert_eq!(answer.body, format!("127.0.0.1 {id} usr_1 /b?c hello"));
}

#[tokio::test]
async fn a_services_own_refusal_comes_back_as_it_is() {
    let refusing = service(async |_| {
        let mut response = Response::new("no".to_owned());
        *response.status_mut() = StatusCode::CONFLICT;
        response
    });
    let gateway = TestGateway::start(vec![route("/{*rest}", Access::Public, refusing)]).await;
    let answer = gateway.get("/", "").await;
    assert_eq!((answer.status, answer.body.as_str()), (409, "no"));
    assert!(answer.header("x-request-id").is_some());
}

#[tokio::test]
async fn a_body_over_the_limit_breaks_off() {
    let reading =
        service(
            async |request: Request<Body>| match request.into_body().collect().await {
                Ok(body) => Response::new(body.to_bytes().len().to_string()),
                Err(error) => Response::new(error.to_string()),
            },
        );
    let mut limited = route("/{*rest}", Access::Public, reading);
    limited.body_limit = Some(5);
    let gateway = TestGateway::start(vec![limited]).await;
    let post = |body: &str| {
        format!(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{body}\r\n0\r\n\r\n"
        )
    };
    assert_eq!(
        gateway.send(post("6\r\nhello!")).await.body,
        "the body is larger than 5 bytes"
    );
    assert_eq!(gateway.send(post("5\r\nhello")).await.body, "5");
}
