//! What the page's modules do under Node, against the real server.

use std::process::Command;

use serde_json::{Value, json};

use super::claims;
use crate::harness::{Folder, session};

const MODULES: [&str; 4] = [
    "handshake.js",
    "handshake-worker.js",
    "puzzle.js",
    "sha256.js",
];

#[test]
fn the_worker_solves_renews_reports_and_can_be_stopped() {
    let folder = Folder::new();
    let server = folder.server().start();
    for name in MODULES {
        let served = server.public.get(&format!("/assets/{name}")).send();
        assert_eq!(served.status, 200, "{name}");
        folder.write(name, &served.body);
    }
    folder.write("package.json", r#"{"type": "module"}"#);
    folder.write("page.mjs", include_str!("page.mjs"));
    let finished = Command::new("node")
        .arg(folder.path().join("page.mjs"))
        .arg(folder.path())
        .arg(server.public.url())
        .output()
        .unwrap();
    assert!(finished.status.success(), "{finished:?}");
    let told: Value = serde_json::from_slice(&finished.stdout).unwrap();

    assert_eq!(
        (&told["hashes"], &told["smallest"]),
        (&json!(201 * 6), &json!(true))
    );
    let sixteenths: Vec<u8> = (1..=16).collect();
    assert_eq!(told["shares"], json!(sixteenths));
    assert_eq!(told["aborted"], "AbortError after 1");
    assert_eq!(told["refused"], "404 not_found");
    let (first, renewed) = (&told["first"], &told["renewed"]);
    assert_eq!(first["user"]["plan"], "anonymous");
    assert_eq!(first["user"]["id"], renewed["user"]["id"]);
    assert_ne!(claims(first)["jti"], claims(renewed)["jti"]);
    for session in [first, renewed] {
        let token = session["access_token"].as_str().unwrap();
        session::contact(server.public, token).expect(200);
    }
}
