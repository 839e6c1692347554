use super::*;

fn upstream(servers: &[&str], balance: Balance) -> Upstream {
    let options = UpstreamOptions {
        balance,
        ..UpstreamOptions::default()
    };
    Upstream::parse("api", servers, &options).unwrap()
}

fn fail(server: &Server, times: u32) {
    for _ in 0..times {
        server.note_failure();
    }
}

/// Who gets so many requests.
fn asked(upstream: &Upstream, times: usize) -> Vec<String> {
    let ask = || {
        let mut chosen = upstream.first_server();
        chosen.has_the_request();
        chosen.server.address.to_string()
    };
    (0..times).map(|_| ask()).collect()
}

#[test]
fn servers_take_turns() {
    let upstream = upstream(&["http://a:1", "https://b/"], Balance::RoundRobin);
    assert_eq!(
        asked(&upstream, 4),
        ["http://a:1", "https://b", "http://a:1", "https://b"]
    );
}

#[test]
fn the_server_with_the_fewest_requests_is_asked() {
    let upstream = upstream(&["http://a", "http://b"], Balance::LeastConnections);
    let busy = upstream.in_flight(&upstream.servers()[0]);
    assert_eq!(asked(&upstream, 3), ["http://b"; 3]);
    drop(busy);
    let mut both = asked(&upstream, 2);
    both.sort_unstable();
    assert_eq!(both, ["http://a", "http://b"], "equals take turns");
}

#[test]
fn a_server_that_failed_is_left_out_unless_all_did() {
    for balance in [Balance::RoundRobin, Balance::LeastConnections] {
        let upstream = upstream(&["http://a", "http://b"], balance);
        fail(&upstream.servers()[0], 3);
        assert_eq!(asked(&upstream, 3), ["http://b"; 3]);
        fail(&upstream.servers()[1], 3);
        let mut both = asked(&upstream, 2);
        both.sort_unstable();
        assert_eq!(both, ["http://a", "http://b"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_has_rested_is_tried_by_one_request() {
    let upstream = upstream(&["http://a", "http://b"], Balance::RoundRobin);
    fail(&upstream.servers()[0], 3);
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    assert_eq!(asked(&upstream, 3), ["http://a", "http://b", "http://b"]);
    upstream.servers()[0].note_answer();
    let mut both = asked(&upstream, 2);
    both.sort_unstable();
    assert_eq!(both, ["http://a", "http://b"]);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_kept_back_does_not_keep_a_server_out() {
    let second = std::time::Duration::from_secs(1);
    let upstream = upstream(&["http://a", "http://b"], Balance::RoundRobin);
    fail(&upstream.servers()[0], 3);
    for _ in 0..10 {
        tokio::time::advance(second).await;
        let kept_back = upstream.first_server();
        assert_eq!(kept_back.server.address.to_string(), "http://a");
        assert_eq!(asked(&upstream, 2), ["http://b"; 2]);
    }
    // One that is not has the server to itself, for longer each time.
    tokio::time::advance(second).await;
    assert_eq!(asked(&upstream, 1), ["http://a"]);
    tokio::time::advance(second).await;
    assert_eq!(asked(&upstream, 1), ["http://b"]);
    tokio::time::advance(second).await;
    let mut failing = upstream.first_server();
    assert_eq!(failing.server.address.to_string(), "http://a");
    failing.has_failed();
    tokio::time::advance(3 * second).await;
    assert_eq!(asked(&upstream, 2), ["http://b"; 2]);
    tokio::time::advance(second).await;
    assert_eq!(asked(&upstream, 1), ["http://a"]);
}

#[test]
fn a_request_is_sent_to_each_server_once() {
    let upstream = upstream(&["http://a", "http://b"], Balance::RoundRobin);
    let first = upstream.first_server().server.id;
    let second = upstream.another_server(&[first]).unwrap().server.id;
    assert_ne!(first, second);
    assert!(upstream.another_server(&[first, second]).is_none());
    let alone = self::upstream(&["http://a"], Balance::RoundRobin);
    assert!(
        alone
            .another_server(&[alone.first_server().server.id])
            .is_none()
    );
}

#[test]
fn retries_run_out() {
    let upstream = upstream(&["http://a", "http://b"], Balance::RoundRobin);
    let first = [upstream.first_server().server.id];
    let retries = (0..1000).filter(|_| upstream.another_server(&first).is_some());
    assert_eq!(retries.count(), 100);
    for _ in 0..5 {
        upstream.first_server();
    }
    assert!(upstream.another_server(&first).is_some());
}

#[test]
fn refuses_what_is_no_upstream() {
    let parse = |servers: &[&str]| Upstream::parse("api", servers, &UpstreamOptions::default());
    assert_eq!(parse(&[]).unwrap_err(), InvalidUpstream::NoServer);
    let twice = parse(&["http://a", "http://b", "http://A/"]).unwrap_err();
    assert_eq!(twice, InvalidUpstream::ServerTwice("http://A".to_owned()));
    assert!(matches!(parse(&["a"]), Err(InvalidUpstream::Server(_))));
}
