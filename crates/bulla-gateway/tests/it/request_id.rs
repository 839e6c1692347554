//! Names of requests.

use std::collections::HashSet;

use crate::support::{TestUpstream, in_front_of};

#[tokio::test]
async fn every_request_has_its_own_and_takes_none_over() {
    let server = TestUpstream::answering(
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Request-Id: theirs\r\n\r\n",
    )
    .await;
    let gateway = in_front_of(&server).await;
    let mut seen = HashSet::new();
    for headers in ["", "X-Request-Id: mine\r\n", "X_Request_Id: mine\r\n"] {
        let answer = gateway.get("/public/a", headers).await;
        let id = answer.header("x-request-id").unwrap().to_owned();
        let received = server.received().pop().unwrap();
        assert_eq!(
            received.header("x-request-id"),
            Some(id.as_str()),
            "the upstream gets the same"
        );
        assert_eq!(received.header("x_request_id"), None);
        assert_eq!(id.len(), 22);
        assert!(seen.insert(id));
    }
}
