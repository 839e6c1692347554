//! `Strict-Transport-Security`.

use std::{sync::Arc, time::Duration};

use bulla_gateway::{Entrance, tls::Tls};
use bulla_guard::access::Access;
use http::Response;

use crate::support::{TestGateway, route, rules, service, tls};

const NAME: &str = "strict-transport-security";

/// What the header says of an accepted request, and of one that is refused.
async fn said(hsts: Option<Duration>) -> [Option<String>; 2] {
    let own = service(async |_| {
        let mut response = Response::new(String::new());
        response
            .headers_mut()
            .insert(NAME, "max-age=1".parse().unwrap());
        response
    });
    let entrance = Entrance {
        tls: Some(Arc::new(Tls::new(tls::FIRST.certificate(), hsts).unwrap())),
        ..Entrance::default()
    };
    let routes = vec![route("/here", Access::Public, own)];
    let gateway = TestGateway::start_behind(entrance, rules(routes), |_| {}).await;
    let mut wire = tls::FIRST.client(&[]).connect(gateway.address).await;
    let mut values = [None, None];
    for (value, (path, status)) in values.iter_mut().zip([("/here", 200), ("/there", 404)]) {
        let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
        wire.write(request).await;
        let answer = wire.answer("GET").await;
        assert_eq!(answer.status, status);
        *value = answer.header(NAME).map(str::to_owned);
    }
    values
}

#[tokio::test]
async fn every_answer_says_it_and_says_it_once() {
    let year = Duration::from_secs(365 * 86_400);
    let value = Some("max-age=31536000".to_owned());
    assert_eq!(said(Some(year)).await, [value.clone(), value]);
}

#[tokio::test]
async fn without_it_only_the_api_itself_may() {
    assert_eq!(said(None).await, [Some("max-age=1".to_owned()), None]);
}
