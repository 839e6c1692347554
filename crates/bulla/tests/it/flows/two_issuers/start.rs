//! Both are started at once on a database with nothing in it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::{Folder, Issuers, Server, Session};

/// The IDs of the keys that a server publishes.
fn published(server: &Server) -> BTreeSet<String> {
    let set = server.public.get("/.well-known/jwks.json").send();
    let set = set.expect(200);
    let keys = set["keys"].as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

fn keys(folder: &Folder) -> Value {
    folder.bulla(&["keys", "list", "--json"]).json()
}

#[test]
fn they_make_one_schema_and_one_set_of_keys() {
    for _ in 0..4 {
        let issuers = Issuers::new();
        let [first, second] = issuers.start();
        let sets = [published(&first), published(&second)];
        assert_eq!(sets[0], sets[1]);
        assert_eq!(sets[0].len(), 2);
        let lists = issuers.folders.each_ref().map(keys);
        assert_eq!(lists[0], lists[1]);
        let listed = lists[0]["keys"].as_array().unwrap().iter();
        let mut states: Vec<_> = listed.map(|key| key["state"].as_str().unwrap()).collect();
        states.sort_unstable();
        assert_eq!(states, ["active", "next"]);
        let versions = issuers.query("SELECT count(*) FROM bulla.schema_version");
        assert_eq!(versions, "1");

        // What one has signed is good at the other.
        let ada = Session::register(first.public, "ada@example.com");
        ada.contact(second.public).expect(200);
        let there = Session::login(second.public, "ada@example.com");
        there.contact(first.public).expect(200);
    }
}

#[test]
fn one_with_another_master_key_is_refused() {
    let issuers = Issuers::new();
    let [first, _second] = issuers.start();
    let other = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let stranger = issuers.another().with("BULLA_MASTER_KEY", other);
    let refused = stranger
        .bulla(&["serve"])
        .env("BULLA__LISTEN__PUBLIC", "127.0.0.1:0")
        .env("BULLA__LISTEN__ADMIN", "127.0.0.1:0")
        .run();
    assert_eq!(refused.code, 1, "{refused:?}");
    // The one that was read, and not the one that is not.
    let expected = "cannot be used with BULLA_MASTER_KEY: signing key ";
    assert!(refused.stderr.contains(expected), "{refused:?}");
    let third = issuers.another().server().start();
    assert_eq!(published(&third), published(&first));
}
