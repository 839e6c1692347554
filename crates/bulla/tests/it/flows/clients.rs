//! `bulla client …`: services that call each other through the gateway, in their own names.

use serde_json::{Value, json};

use crate::harness::{Answer, Folder, Http, Server, Session, upstream::Upstream};

/// Reading orders takes one scope, and writing them another; the rest of the API is for whoever is somebody.
const ROUTES: &str = r#"
    [[upstream]]
    name = "api"
    servers = ["URL"]
    [[route]]
    path = "/orders"
    methods = ["GET"]
    upstream = "api"
    access = "authenticated"
    scopes = ["orders:read"]
    [[route]]
    path = "/orders"
    methods = ["POST"]
    upstream = "api"
    access = "authenticated"
    scopes = ["orders:read", "orders:write"]
    [[route]]
    path = "/staff"
    upstream = "api"
    access = "authenticated"
    roles = ["staff"]
    [[route]]
    path = "/{*rest}"
    upstream = "api"
    access = "authenticated"
"#;

fn with_routes() -> (Folder, Upstream, Server) {
    let (folder, upstream) = (Folder::new(), Upstream::start());
    folder.write("bulla.toml", ROUTES.replace("URL", &upstream.url()));
    let server = folder.server().start();
    (folder, upstream, server)
}

/// `bulla client add NAME --scope … --json`.
fn add(folder: &Folder, name: &str, scopes: &[&str]) -> (String, String) {
    let flags = scopes.iter().flat_map(|scope| ["--scope", scope]);
    let arguments: Vec<&str> = ["client", "add", name, "--json"]
        .into_iter()
        .chain(flags)
        .collect();
    let made = folder.bulla(&arguments).json();
    assert_eq!(made.as_object().unwrap().len(), 2, "{made}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&made["client_id"]), text(&made["client_secret"]))
}

fn ask(http: Http, (id, secret): &(String, String), more: &str) -> Answer {
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}{more}");
    http.post("/oauth2/token")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
}

fn token(http: Http, client: &(String, String)) -> String {
    let answer = ask(http, client, "").expect(200);
    answer["access_token"].as_str().unwrap().to_owned()
}

#[test]
fn a_service_calls_another_by_its_scopes() {
    let (folder, upstream, server) = with_routes();
    let reader = add(&folder, "reader", &["orders:read"]);
    let writer = add(&folder, "writer", &["orders:read", "orders:write"]);
    let (read, write) = (token(server.public, &reader), token(server.public, &writer));
    let get = |token: &str| server.public.get("/orders").bearer(token).send();
    let post = |token: &str| server.public.post("/orders").bearer(token).send();
    get(&read).expect(200);
    get(&write).expect(200);
    post(&write).expect(200);
    let refused = post(&read);
    refused.expect_problem(403, "scope_insufficient");
    let challenge = refused.header("www-authenticate").unwrap();
    assert!(
        challenge.contains("scope=\"orders:read orders:write\""),
        "{challenge}"
    );
    // A user has no scopes, and a service no roles.
    let ada = Session::register(server.public, "ada@example.com");
    get(&ada.access_token).expect_problem(403, "scope_insufficient");
    let staff = server.public.get("/staff").bearer(&write).send();
    staff.expect_problem(403, "role_required");
    server.public.get("/else").bearer(&read).send().expect(200);

    let seen = upstream.seen();
    assert_eq!(seen.len(), 4);
    assert_eq!(seen[0].all("x-bulla-subject"), [reader.0.as_str()]);
    assert_eq!(seen[0].all("x-bulla-scope"), ["orders:read"]);
    assert!(seen[0].all("x-bulla-session").concat().is_empty());
    assert!(seen[0].all("x-bulla-roles").concat().is_empty());
    assert_eq!(seen[2].all("x-bulla-scope"), ["orders:read orders:write"]);
}

#[test]
fn what_an_administrator_changes_counts_at_the_next_request() {
    let (folder, _upstream, server) = with_routes();
    let client = add(&folder, "reader", &["orders:read", "orders:write"]);
    let before = token(server.public, &client);
    let get = |token: &str| server.public.get("/orders").bearer(token).send();
    get(&before).expect(200);
    folder
        .bulla(&["client", "set", "reader", "--scope", "orders:read"])
        .succeed();
    get(&before).expect_problem(401, "token_revoked");
    let refused = ask(server.public, &client, "&scope=orders:write").expect(400);
    assert_eq!(refused["error"], "invalid_scope");
    let after = token(server.public, &client);
    get(&after).expect(200);
    folder
        .bulla(&["client", "remove", client.0.as_str()])
        .succeed();
    get(&after).expect_problem(401, "token_revoked");
    let refused = ask(server.public, &client, "").expect(401);
    assert_eq!(refused["error"], "invalid_client");
}

#[test]
fn a_client_is_administered_with_a_server_and_without() {
    let folder = Folder::new();
    let (id, _) = add(&folder, "billing", &["a", "b"]);
    let server = folder.server().start();
    let show = || {
        folder
            .bulla(&["client", "show", "billing", "--json"])
            .json()
    };
    assert_eq!(show()["client_id"], id.as_str());
    let refused = folder.bulla(&["client", "add", "billing"]);
    refused.refused(&["cannot add billing", "another client"]);
    let set = [
        "client",
        "set",
        "billing",
        "--no-scopes",
        "--audience",
        "ledger",
        "--lifetime",
        "5m",
        "--disable",
    ];
    folder.bulla(&set).succeed();
    let changed = show();
    let told =
        ["scopes", "audiences", "access_lifetime", "disabled"].map(|member| &changed[member]);
    assert_eq!(
        told,
        [&json!([]), &json!(["ledger"]), &json!(300), &json!(true)]
    );
    drop(server);
    let set = [
        "client",
        "set",
        &id,
        "--name",
        "ledger",
        "--default-audience",
        "--default-lifetime",
        "--enable",
    ];
    folder.bulla(&set).succeed();
    let listed = folder.bulla(&["client", "list", "--json"]).json();
    let client = &listed["clients"][0];
    assert_eq!(
        (
            &client["name"],
            &client["audiences"],
            &client["access_lifetime"],
            &client["disabled"]
        ),
        (&json!("ledger"), &json!([]), &json!(null), &json!(false))
    );
    let list = folder.bulla(&["client", "list"]).succeed();
    assert!(list.stdout.contains(&id), "{}", list.stdout);
    let refused = folder.bulla(&["client", "show", "billing"]);
    refused.refused(&["cannot show billing", "no such client"]);
    let refused = folder.bulla(&["client", "set", "ledger", "--lifetime", "25h"]);
    refused.refused(&["access_lifetime"]);
}

#[test]
fn a_client_proves_itself_by_a_key_of_its_own() {
    let folder = Folder::new();
    let server = folder.server().start();
    let generate = [
        "keys",
        "generate",
        "--out",
        "key.pem",
        "--jwks",
        "keys.json",
    ];
    folder.bulla(&generate).succeed();
    let add = ["client", "add", "billing", "--jwks", "keys.json", "--json"];
    let made = folder.bulla(&add).json();
    assert_eq!(made.as_object().unwrap().len(), 1, "no secret: {made}");
    let id = made["client_id"].as_str().unwrap();
    let url = server.public.url();
    let mint = [
        "token",
        "mint",
        "--key",
        "key.pem",
        "--issuer",
        id,
        "--subject",
        id,
        "--audience",
        &url,
        "--expires-in",
        "60s",
        "--typ",
        "JWT",
        "--claim",
        "jti=once",
    ];
    let assertion = folder.bulla(&mint).succeed().stdout;
    let form = format!(
        "grant_type=client_credentials&client_assertion={}\
         &client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer",
        assertion.trim()
    );
    let prove = || {
        let request = server.public.post("/oauth2/token").body(form.clone());
        request
            .header("Content-Type", "application/x-www-form-urlencoded")
            .send()
    };
    assert_eq!(prove().expect(200)["token_type"], "Bearer");
    assert_eq!(prove().expect(401)["error"], "invalid_client");
    let rotate = folder.bulla(&["client", "rotate-secret", "billing"]);
    rotate.refused(&["cannot replace the secret of billing", "keys"]);
    folder.write("bad.json", "{}");
    let bad = folder.bulla(&["client", "set", "billing", "--jwks", "bad.json"]);
    bad.refused(&["public_keys"]);
    let none = folder.bulla(&["client", "set", "billing", "--jwks", "none.json"]);
    none.refused(&["none.json cannot be read"]);
}

#[test]
fn a_replaced_secret_is_good_for_a_while_and_ends_only_what_it_is_told_to() {
    let (folder, _upstream, server) = with_routes();
    let mut client = add(&folder, "reader", &["orders:read"]);
    let older = client.clone();
    let before = token(server.public, &client);
    let get = |token: &str| server.public.get("/orders").bearer(token).send();
    let rotate = |flags: &[&str]| {
        let arguments = [&["client", "rotate-secret", "reader", "--json"], flags].concat();
        let rotated = folder.bulla(&arguments).json();
        assert_eq!(rotated["client_id"], older.0.as_str());
        rotated["client_secret"].as_str().unwrap().to_owned()
    };
    client.1 = rotate(&["--keep-older", "1h"]);
    for credentials in [&older, &client] {
        ask(server.public, credentials, "").expect(200);
    }
    get(&before).expect(200);
    client.1 = rotate(&["--revoke-tokens"]);
    ask(server.public, &older, "").expect(401);
    get(&before).expect_problem(401, "token_revoked");
    get(&token(server.public, &client)).expect(200);
}
