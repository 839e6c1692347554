//! A wrong configuration ends the start before anything else happens.

use std::net::TcpListener;

use crate::harness::Folder;

#[test]
fn an_unknown_key_is_named_with_its_line_and_a_suggestion() {
    let folder = Folder::new();
    folder.write(
        "bulla.toml",
        "[tokens]\naudience = \"api\"\nalgoritm = \"ES256\"\n",
    );
    let serve = folder.bulla(&["serve"]).run();
    assert_eq!(serve.code, 1, "{serve:?}");
    for part in ["bulla.toml:3", "algoritm", "algorithm"] {
        assert!(serve.stderr.contains(part), "{part:?} in {serve:?}");
    }
    assert!(!folder.exists("bulla-data"));
    folder.write(
        "bulla.toml",
        "[tokens]\naudience = \"api\"\nalgorithm = \"ES256\"\n",
    );
    folder.server().start();
}

#[test]
fn it_comes_before_any_port_is_bound() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    folder.write("bulla.toml", "[session]\nsettle = \"a while\"\n");
    let serve = folder
        .bulla(&["serve"])
        .env("BULLA__LISTEN__PUBLIC", &address)
        .run();
    assert_eq!(serve.code, 1, "{serve:?}");
    assert!(
        serve.stderr.contains("bulla.toml:2") && serve.stderr.contains("settle"),
        "{serve:?}"
    );
    assert!(
        !serve.stderr.contains(&address),
        "the port came first: {serve:?}"
    );
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let folder = Folder::new();
    folder.write("bulla.toml", "demoo = true\n[session]\nidle = 5\n");
    let check = folder
        .bulla(&["check-config"])
        .env("BULLA__TOKENS__AUDIENZ", "api")
        .run();
    assert_eq!(check.code, 1, "{check:?}");
    for part in [
        "bulla.toml:1",
        "demoo",
        "bulla.toml:3",
        "idle",
        "BULLA__TOKENS__AUDIENZ",
    ] {
        assert!(check.stderr.contains(part), "{part:?} in {check:?}");
    }
}

#[test]
fn a_configuration_file_that_was_named_must_be_there() {
    let folder = Folder::new();
    folder
        .bulla(&["serve", "--config", "missing.toml"])
        .refused(&["missing.toml"]);
    assert!(!folder.exists("bulla-data"));
}

#[test]
fn the_example_is_a_configuration_that_is_never_overwritten() {
    let folder = Folder::new();
    folder.bulla(&["init"]).succeed();
    let written = folder.read("bulla.toml");
    folder.bulla(&["check-config"]).succeed();
    folder.bulla(&["init"]).refused(&["bulla.toml", "exists"]);
    assert_eq!(folder.read("bulla.toml"), written);
}

#[test]
fn check_config_says_where_a_request_would_go() {
    let folder = Folder::new();
    let configuration = r#"
        [[upstream]]
        name = "orders"
        servers = ["http://127.0.0.1:3000"]
        [[route]]
        path = "/api/{*rest}"
        upstream = "orders"
        roles = ["buyer"]
    "#;
    folder.write("bulla.toml", configuration);
    let route = |request: &str| {
        folder
            .bulla(&["check-config", "--route", request, "--json"])
            .json()["route"]
            .clone()
    };
    let found = route("GET /api/orders");
    assert_eq!(found["path"], "/api/{*rest}", "{found}");
    assert_eq!(found["target"], "upstream orders", "{found}");
    assert_eq!(found["access"], "authenticated", "{found}");
    assert_eq!(found["roles"][0], "buyer", "{found}");
    assert_eq!(route("POST /auth/login")["access"], "public");
    assert!(route("GET /elsewhere").is_null());
}
