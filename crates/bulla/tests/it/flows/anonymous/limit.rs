//! What a visitor may ask for.

use serde_json::json;

use super::{redeem, solved, visit};
use crate::harness::{Folder, Server, upstream::Upstream};

/// An API for visitors, of whom each may ask twice, and whoever did no work once.
fn start(folder: &Folder, upstream: &Upstream) -> Server {
    let configuration = format!(
        r#"
        [plans.anonymous]
        rate = "1/h"
        burst = 2
        [plans.anonymous_minimal]
        rate = "1/h"
        burst = 1
        key = "address"
        [[upstream]]
        name = "api"
        servers = ["{}"]
        [[route]]
        path = "/api"
        upstream = "api"
        access = "anonymous"
        limit = "plan"
        "#,
        upstream.url()
    );
    folder.write("bulla.toml", configuration);
    folder.server().start()
}

#[test]
fn one_proof_has_one_limit_however_often_it_is_handed_in() {
    let (folder, upstream) = (Folder::new(), Upstream::start());
    let server = start(&folder, &upstream);
    let get = |token: &str| server.public.get("/api").bearer(token).send();
    let solved = solved(server.public);
    let tokens = [(); 3].map(|()| {
        let answer = redeem(server.public, &solved).expect(200);
        answer["access_token"].as_str().unwrap().to_owned()
    });
    get(&tokens[0]).expect(200);
    get(&tokens[1]).expect(200);
    let over = get(&tokens[2]);
    over.expect_problem(429, "rate_limited");
    assert_eq!(
        over.json()["limit"],
        json!({ "plan": "anonymous", "key": "subject", "rate": "1/h", "burst": 2 })
    );
    get(&visit(server.public)).expect(200);
}

#[test]
fn who_does_no_work_shares_one_limit_with_all_of_the_address() {
    let (folder, upstream) = (Folder::new(), Upstream::start());
    let server = start(&folder, &upstream);
    let get = |token: &str| server.public.get("/api").bearer(token).send();
    let token = || {
        let challenge = server.public.get("/auth/challenge?level=0").send();
        let challenge = challenge.expect(200)["challenge"].clone();
        let nothing = json!({ "challenge": challenge, "nonces": [] });
        let answer = redeem(server.public, &nothing).expect(200);
        answer["access_token"].as_str().unwrap().to_owned()
    };
    let tokens = [token(), token()];
    get(&tokens[0]).expect(200);
    let over = get(&tokens[1]);
    over.expect_problem(429, "rate_limited");
    assert_eq!(over.json()["limit"]["plan"], "anonymous_minimal");
    assert_eq!(over.json()["limit"]["address"], "127.0.0.1/32");
    get(&visit(server.public)).expect(200);
}
