//! A disk that is full: 503, and nothing that needs a restart once there is room again.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
};

use serde_json::json;

use crate::harness::{Folder, Http, Session, http::Answer, session};

fn register(http: Http, number: u32) -> Answer {
    let email = format!("user{number}@example.com");
    let body = json!({"email": email, "password": session::PASSWORD});
    http.post("/auth/register").json(&body).send()
}

#[test]
fn a_full_disk_is_503_and_passes_without_a_restart() {
    let folder = Folder::new();
    let server = folder.server().with_disk_of("4m").start();
    let ada = Session::register(server.public, "ada@example.com");

    let filler = server.seen(&folder.path().join("bulla-data/filler"));
    let mut file = File::create(&filler).unwrap();
    let full = loop {
        if let Err(error) = file.write_all(&[0; 4096]) {
            break error.kind();
        }
    };
    assert_eq!(full, ErrorKind::StorageFull);
    // What the write-ahead log has room for is still taken.
    let refused = (0..100).map(|number| register(server.public, number));
    let refused = refused
        .into_iter()
        .find(|answer| answer.status != 201)
        .expect("the disk is full");
    refused.expect_problem(503, "store_unavailable");
    assert!(refused.header("retry-after").is_some());
    server
        .admin
        .get("/readyz")
        .send()
        .expect_problem(503, "store_unavailable");
    // Nothing that is verified in memory needs the disk.
    ada.contact(server.public).expect(200);

    drop(file);
    fs::remove_file(&filler).unwrap();
    register(server.public, 1000).expect(201);
    server.admin.get("/readyz").send().expect(200);
    session::login(server.public, "ada@example.com", session::PASSWORD).expect(200);
    let log = server.stop();
    assert!(
        log.contains("the store could not commit") || log.contains("request failed"),
        "{log}"
    );
}
