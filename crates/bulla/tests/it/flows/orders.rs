//! The demo's orders: everybody sees their own.

use serde_json::json;

use crate::harness::{Folder, Session};

#[test]
fn an_order_is_its_owners_alone() {
    let folder = Folder::new();
    let server = folder.server().start();
    let ada = Session::register(server.public, "ada@example.com");
    let bob = Session::register(server.public, "bob@example.com");
    let order = json!({ "items": ["a seal", { "clay": 2 }] });
    server
        .public
        .post("/api/orders")
        .json(&order)
        .send()
        .expect_problem(401, "token_missing");
    let made = server
        .public
        .post("/api/orders")
        .bearer(&ada.access_token)
        .json(&order)
        .send();
    let made = made.expect(201)["order"].clone();
    assert_eq!(made["user_id"], ada.user.as_str());
    assert_eq!(made["items"], order["items"]);

    let path = format!("/api/orders/{}", made["id"].as_str().unwrap());
    server
        .public
        .get(&path)
        .bearer(&ada.access_token)
        .send()
        .expect(200);
    let hers = server.public.get(&path).bearer(&bob.access_token).send();
    hers.expect_problem(404, "not_found");
}
