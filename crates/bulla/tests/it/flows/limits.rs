//! Limits of plans and addresses.

use serde_json::{Value, json};

use crate::harness::{Folder, poll, session::Session, tokens::SharedSecret, upstream::Upstream};

/// An API that a plan limits, behind a proxy on this machine, which says who its clients are.
fn configuration(upstream: &Upstream, rate: &str, burst: u32) -> String {
    format!(
        r#"
        trusted_proxies = ["127.0.0.1"]
        [limits]
        address = "1/h"
        [plans.free]
        rate = "{rate}"
        burst = {burst}
        [[upstream]]
        name = "api"
        servers = ["{}"]
        [[route]]
        path = "/limited"
        upstream = "api"
        limit = "plan"
        [[route]]
        path = "/open"
        upstream = "api"
        access = "public"
        "#,
        upstream.url()
    )
}

#[test]
fn the_demo_counts_what_is_there_to_be_counted_and_nothing_else() {
    let folder = Folder::new();
    let server = folder.server().start();
    let ada = Session::register(server.public, "ada@example.com");
    let get = |path: &str| server.public.get(path).bearer(&ada.access_token).send();
    let first = get("/demo/limited");
    assert_eq!(first.expect(200)["plan"], "free");
    let policy = first.header("ratelimit-policy");
    assert_eq!(policy, Some("\"free\";q=60;w=60;bulla-burst=20"));
    poll::until("one too many", || {
        (get("/demo/limited").status == 429).then_some(())
    });
    let profile = get("/api/profile");
    profile.expect(200);
    assert_eq!(profile.header("ratelimit"), None);
}

#[test]
fn a_plan_limits_an_account_whatever_its_tokens_and_a_reload_forgets_nothing() {
    let (folder, upstream) = (Folder::new(), Upstream::start());
    folder.write("bulla.toml", configuration(&upstream, "60/h", 2));
    let server = folder.server().start();
    let session = Session::register(server.public, "ada@example.com");
    let other = Session::register(server.public, "eve@example.com");
    let get = |session: &Session| {
        let request = server.public.get("/limited").bearer(&session.access_token);
        request.send()
    };
    let first = get(&session);
    first.expect(200);
    assert_eq!(
        first.header("ratelimit-policy"),
        Some("\"free\";q=60;w=3600;bulla-burst=2")
    );
    assert_eq!(first.header("ratelimit"), Some("\"free\";r=1;t=60"));
    get(&session).expect(200);
    let over = get(&session);
    over.expect_problem(429, "rate_limited");
    let problem = over.json();
    assert_eq!(
        problem["limit"],
        json!({ "plan": "free", "key": "subject", "rate": "60/h", "burst": 2 })
    );
    let wait: u64 = over.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    assert_eq!(problem["retry_after"], wait);
    get(&other).expect(200);
    server
        .public
        .get("/limited")
        .send()
        .expect_problem(401, "token_missing");

    folder.write("bulla.toml", configuration(&upstream, "60/h", 4));
    server.hang_up();
    poll::until("the new limit", || {
        (get(&session).status == 200).then_some(())
    });
    get(&session).expect(200);
    get(&session).expect_problem(429, "rate_limited");
    let metrics = server.admin.get("/metrics").send().text();
    let counted = r#"bulla_gateway_limited_total{route="/limited",plan="free",key="subject"}"#;
    assert!(metrics.contains(counted), "{metrics}");
}

#[test]
fn an_address_is_limited_as_the_proxy_tells_it_and_this_machine_is_not() {
    let (folder, upstream) = (Folder::new(), Upstream::start());
    folder.write("bulla.toml", configuration(&upstream, "60/m", 2));
    let server = folder.server().start();
    let from = |address: &str| {
        let request = server
            .public
            .get("/open")
            .header("X-Forwarded-For", address);
        request.send()
    };
    from("192.0.2.1").expect(200);
    from("192.0.2.1").expect(200);
    let over = from("192.0.2.1");
    over.expect_problem(429, "rate_limited");
    assert_eq!(over.json()["limit"]["address"], "192.0.2.1/32");
    from("192.0.2.2").expect(200);
    for _ in 0..20 {
        from("::1").expect(200);
        server.public.get("/open").send().expect(200);
    }
}

#[test]
fn check_config_says_which_limit_a_request_has() {
    let (folder, upstream) = (Folder::new(), Upstream::start());
    folder.write("bulla.toml", configuration(&upstream, "60/m", 2));
    let limit = |arguments: &[&str]| -> Value {
        let arguments = [&["check-config", "--json", "--route"], arguments].concat();
        folder.bulla(&arguments).json()["route"]["limit"].clone()
    };
    let free = json!({ "plan": "free", "rate": "60/m", "burst": 2, "key": "subject" });
    assert_eq!(limit(&["GET /limited", "--plan", "free"]), free);
    assert_eq!(limit(&["GET /limited", "--plan", "unheard_of"]), free);
    assert_eq!(
        limit(&["GET /limited"]),
        json!({ "plan": "anonymous", "rate": "30/m", "burst": 10, "key": "address" })
    );
    assert_eq!(limit(&["GET /open"]), Value::Null);
    let screen = folder
        .bulla(&["check-config", "--route", "GET /limited", "--roles", "user"])
        .succeed()
        .stdout;
    let line = "limit    plan free: 60/m, 2 at once, by subject";
    assert!(screen.contains(line), "{screen}");
}

#[test]
fn a_gateway_alone_limits_addresses_too() {
    let (folder, upstream) = (Folder::new(), Upstream::start());
    let secret = SharedSecret::new();
    let mut flags = secret.gateway_flags(&folder, &upstream);
    flags.extend(["--trusted-proxy", "127.0.0.1", "--address-limit", "1/h"].map(str::to_owned));
    let gateway = folder.gateway(&flags).start();
    let get = || {
        let request = gateway.public.get("/");
        request.header("X-Forwarded-For", "2001:db8::1").send()
    };
    get().expect_problem(401, "token_missing");
    get().expect_problem(401, "token_missing");
    let over = get();
    over.expect_problem(429, "rate_limited");
    assert_eq!(over.json()["limit"]["address"], "2001:db8::/64");
}
