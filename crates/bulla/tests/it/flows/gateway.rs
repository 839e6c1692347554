//! `bulla gateway --jwks …`: no file, no data folder, the keys of any issuer.

use crate::harness::{
    Folder, Server, poll, session,
    tokens::{AUDIENCE, ISSUER, SharedSecret},
    upstream::Upstream,
};

const FAR: u64 = 4_000_000_000;

#[test]
fn tokens_of_the_issuer_pass_and_nothing_is_written() {
    let folder = Folder::new();
    let upstream = Upstream::start();
    let secret = SharedSecret::new();
    let gateway = folder
        .gateway(&secret.gateway_flags(&folder, &upstream))
        .start();
    let token = secret.sign(&secret.claims(FAR));

    gateway
        .public
        .get("/orders")
        .send()
        .expect_problem(401, "token_missing");
    gateway
        .public
        .get("/orders")
        .bearer(&token)
        .send()
        .expect(200);
    let seen = upstream.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].all("x-bulla-subject"), ["user-1"]);
    assert_eq!(seen[0].all("x-bulla-plan"), ["pro"]);
    assert!(!folder.exists("bulla-data"));
}

#[test]
fn sighup_reads_a_key_file_again_and_ends_nothing() {
    let folder = Folder::new();
    let upstream = Upstream::start();
    let secret = SharedSecret::new();
    let flags = secret.gateway_flags(&folder, &upstream);
    let gateway = folder.gateway(&flags).start();
    let token = secret.sign(&secret.claims(FAR));
    let get = || gateway.public.get("/").bearer(&token).send();
    get().expect(200);
    gateway.hang_up();
    poll::until("the keys to be read again", || {
        gateway.log().contains("was read again").then_some(())
    });
    get().expect(200);

    let other = secret.jwk_set().replace("test-key", "other-key");
    folder.write("keys.json", other);
    poll::until("the other keys", || (get().status == 401).then_some(()));
    gateway.stop();
}

#[test]
fn sighup_ends_nothing_where_no_file_is_read() {
    let folder = Folder::new();
    let upstream = Upstream::start();
    let mut flags = SharedSecret::new().gateway_flags(&folder, &upstream);
    flags[1] = "http://127.0.0.1:1/jwks.json".to_owned();
    let gateway = folder.gateway(&flags).start();
    gateway.hang_up();
    let answer = gateway.public.get("/").send();
    answer.expect_problem(503, "keys_unavailable");
    gateway.stop();
}

#[test]
fn each_wrong_token_is_refused_by_its_name() {
    let folder = Folder::new();
    let upstream = Upstream::start();
    let secret = SharedSecret::new();
    let gateway = folder
        .gateway(&secret.gateway_flags(&folder, &upstream))
        .start();
    let changed = |member: &str, value: &str| {
        let mut claims = secret.claims(FAR);
        claims[member] = value.into();
        secret.sign(&claims)
    };
    let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.e30.";
    let good = secret.sign(&secret.claims(FAR));
    let (signed, _) = good.rsplit_once('.').unwrap();
    let forged = format!("{signed}.{}", "A".repeat(43));
    let refused = [
        (secret.sign(&secret.claims(1)), "token_expired"),
        (
            changed("iss", "https://elsewhere.example"),
            "token_issuer_mismatch",
        ),
        (changed("aud", "other"), "token_audience_mismatch"),
        (
            secret.sign_as("JWT", &secret.claims(FAR)),
            "token_type_mismatch",
        ),
        (forged, "token_signature_invalid"),
        (unsigned.to_owned(), "token_algorithm_refused"),
        ("not.a.token".to_owned(), "token_malformed"),
    ];
    for (token, code) in refused {
        gateway
            .public
            .get("/")
            .bearer(&token)
            .send()
            .expect_problem(401, code);
    }
    assert!(upstream.seen().is_empty());
    gateway.public.get("/").bearer(&good).send().expect(200);
}

#[test]
fn keys_by_url_are_those_of_a_running_issuer() {
    let issuer_folder = Folder::new();
    let issuer = issuer_folder.server().fixed_issuer().start();
    let user = session::Session::register(issuer.public, "ada@example.com");
    let folder = Folder::new();
    let upstream = Upstream::start();
    let keys = format!("{}/.well-known/jwks.json", issuer.public.url());
    let flags = [
        "--jwks",
        &keys,
        "--issuer",
        "https://bulla.example",
        "--audience",
        "api",
        "--upstream",
        &upstream.url(),
    ];
    let gateway = folder.gateway(&flags.map(str::to_owned)).start();
    gateway
        .public
        .get("/")
        .bearer(&user.access_token)
        .send()
        .expect(200);
    gateway
        .public
        .get("/")
        .send()
        .expect_problem(401, "token_missing");
}

#[test]
fn without_keys_it_answers_503_and_never_401() {
    let folder = Folder::new();
    let upstream = Upstream::start();
    let secret = SharedSecret::new();
    let flags = [
        "--jwks",
        "http://127.0.0.1:1/jwks.json",
        "--issuer",
        ISSUER,
        "--audience",
        AUDIENCE,
        "--upstream",
        &upstream.url(),
    ];
    let gateway = folder.gateway(&flags.map(str::to_owned)).start();
    let answer = gateway
        .public
        .get("/")
        .bearer(&secret.sign(&secret.claims(FAR)))
        .send();
    answer.expect_problem(503, "keys_unavailable");
    assert!(answer.header("retry-after").is_some());
}

#[test]
fn monitoring_is_answered_where_it_is_asked_for_and_nowhere_else() {
    let folder = Folder::new();
    let upstream = Upstream::start();
    let secret = SharedSecret::new();
    let mut flags = secret.gateway_flags(&folder, &upstream);
    let without = folder.gateway(&flags).start();
    flags.extend(["--admin", "127.0.0.1:0"].map(str::to_owned));
    let gateway = folder.gateway(&flags).start();
    let token = secret.sign(&secret.claims(FAR));
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(gateway.admin.get(path).send().status, 200, "{path}");
        let public = gateway.public.get(path).send();
        public.expect_problem(401, "token_missing");
        let public = without.public.get(path).bearer(&token).send();
        assert_eq!(public.expect(200)["from"], "upstream", "{path}");
    }
    let other = gateway.admin.get("/admin/users").send();
    other.expect_problem(404, "not_found");
    let metrics = gateway.admin.get("/metrics").send().text();
    let counted = r#"bulla_gateway_requests_total{route="/{*rest}",verdict="token_missing"} 3"#;
    assert!(metrics.contains(counted), "{metrics}");
}

#[test]
fn without_keys_it_is_healthy_but_not_ready() {
    let folder = Folder::new();
    let flags = [
        "--jwks",
        "http://127.0.0.1:1/jwks.json",
        "--issuer",
        ISSUER,
        "--audience",
        AUDIENCE,
        "--upstream",
        "http://127.0.0.1:1",
        "--admin",
        "127.0.0.1:0",
    ];
    let gateway = folder.gateway(&flags.map(str::to_owned)).start();
    assert_eq!(gateway.admin.get("/healthz").send().status, 200);
    let ready = gateway.admin.get("/readyz").send();
    ready.expect_problem(503, "keys_unavailable");
}

#[test]
fn a_key_set_address_that_is_none_is_wrong_usage() {
    let folder = Folder::new();
    let finished = gateway_command(&folder, "https://user@login.example/keys").run();
    assert_eq!(finished.code, 2, "{finished:?}");
    assert!(finished.stderr.contains("--jwks"), "{finished:?}");
}

#[test]
fn keys_without_tls_come_from_addresses_that_are_named_or_listed() {
    let folder = Folder::new();
    let refused = gateway_command(&folder, "http://login.example/keys");
    refused.refused(&["http://login.example/keys", "--jwks-address"]);

    let upstream = Upstream::start();
    let secret = SharedSecret::new();
    let mut flags = secret.gateway_flags(&folder, &upstream);
    flags[1] = "http://login.example/keys".to_owned();
    flags.extend(["--jwks-address", "10.0.0.0/8"].map(str::to_owned));
    folder.gateway(&flags).start();
    flags[1] = "http://localhost:1/keys".to_owned();
    flags.truncate(flags.len() - 2);
    folder.gateway(&flags).start();
}

#[test]
fn an_unreadable_key_set_ends_the_start() {
    let folder = Folder::new();
    let missing = gateway_command(&folder, "missing.json");
    missing.refused(&["missing.json"]);
    folder.write("broken.json", "{\"keys\":");
    gateway_command(&folder, "broken.json").refused(&["broken.json"]);
    folder.write("empty.json", "{\"keys\":[]}");
    gateway_command(&folder, "empty.json").refused(&["empty.json", "no key"]);
}

fn gateway_command(folder: &Folder, keys: &str) -> crate::harness::folder::Invocation {
    folder.bulla(&[
        "gateway",
        "--jwks",
        keys,
        "--issuer",
        ISSUER,
        "--audience",
        AUDIENCE,
        "--upstream",
        "http://127.0.0.1:1",
        "--listen",
        "127.0.0.1:0",
    ])
}

#[test]
fn proxies_that_are_named_may_ask_before_they_forward() {
    let folder = Folder::new();
    let upstream = Upstream::start();
    let secret = SharedSecret::new();
    let mut flags = secret.gateway_flags(&folder, &upstream);
    let alone = folder.gateway(&flags).start();
    flags.extend(
        [
            "--trusted-proxy",
            "10.0.0.0/8",
            "--trusted-proxy",
            "127.0.0.1",
        ]
        .map(str::to_owned),
    );
    let gateway = folder.gateway(&flags).start();
    let token = secret.sign(&secret.claims(FAR));
    let ask = |gateway: &Server| {
        let question = gateway.public.get("/forward-auth").bearer(&token);
        let question = question.header("X-Forwarded-Method", "GET");
        question.header("X-Forwarded-Uri", "/orders").send()
    };
    let answer = ask(&gateway);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("x-bulla-subject"), Some("user-1"));
    assert_eq!(answer.header("x-bulla-session"), Some(""));
    ask(&alone).expect_problem(404, "not_found");
    assert!(upstream.seen().is_empty());
}

#[test]
fn a_cookie_counts_for_pages_of_the_address_that_clients_know() {
    let folder = Folder::new();
    let upstream = Upstream::start();
    let secret = SharedSecret::new();
    let mut flags = secret.gateway_flags(&folder, &upstream);
    let usual = folder.gateway(&flags).start();
    let known = "https://shop.example".to_owned();
    flags.extend(["--public-url".to_owned(), known.clone()]);
    let named = folder.gateway(&flags).start();
    let cookie = format!("__Host-bulla_access={}", secret.sign(&secret.claims(FAR)));
    let order = |gateway: &Server, origin: &str| {
        let order = gateway.public.post("/orders").body("");
        let order = order.header("Cookie", &cookie).header("X-Bulla-CSRF", "1");
        order.header("Origin", origin).send()
    };
    let bound = [&usual, &named].map(|gateway| gateway.public.url());
    order(&usual, &bound[0]).expect(200);
    order(&usual, &known).expect_problem(403, "csrf_refused");
    order(&named, &known).expect(200);
    order(&named, &bound[1]).expect_problem(403, "csrf_refused");
}
