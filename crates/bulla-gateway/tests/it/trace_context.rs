//! Traces that requests belong to.

use bulla_gateway::Sampling;
use bulla_guard::access::Access;

use crate::support::{TestGateway, TestUpstream, route, upstream};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// What the upstream gets of these header lines: `traceparent` and `tracestate`.
async fn reached(begin: Option<u32>, headers: &str) -> (Option<String>, Option<String>) {
    let server = TestUpstream::start().await;
    let begin = begin.map(|parts| Sampling::of_a_million(parts).unwrap());
    let routes = vec![route("/a", Access::Public, upstream(server.address))];
    let gateway = TestGateway::start_with(routes, |settings| settings.begin_traces = begin).await;
    assert_eq!(gateway.get("/a", headers).await.status, 200);
    let received = server.received().pop().unwrap();
    let header = |name| received.header(name).map(str::to_owned);
    (header("traceparent"), header("tracestate"))
}

#[tokio::test]
async fn a_valid_one_reaches_the_upstream_as_it_is_and_no_other() {
    let valid = format!("traceparent: {PARENT}\r\ntracestate: a=1\r\n");
    for begin in [None, Some(0)] {
        let (parent, state) = reached(begin, &valid).await;
        assert_eq!(
            (parent.as_deref(), state.as_deref()),
            (Some(PARENT), Some("a=1"))
        );
    }
    let invalid = valid.replace("00-", "ff-");
    assert_eq!(reached(None, &invalid).await, (None, None));
    let twice = format!("{valid}traceparent: {PARENT}\r\n");
    assert_eq!(reached(None, &twice).await, (None, None));
}

#[tokio::test]
async fn one_is_begun_only_where_that_is_wanted() {
    assert_eq!(reached(None, "").await, (None, None));
    for (share, flags) in [(0, "-00"), (1_000_000, "-01")] {
        for headers in ["", "traceparent: nonsense\r\ntracestate: a=1\r\n"] {
            let (parent, state) = reached(Some(share), headers).await;
            let parent = parent.unwrap();
            assert!(
                parent.starts_with("00-") && parent.ends_with(flags),
                "{parent}"
            );
            assert_eq!((parent.len(), state), (55, None));
        }
    }
}
