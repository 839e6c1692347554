//! The end of a server: what is in flight ends, what is new is refused.

use std::{net::TcpStream, thread};

use crate::harness::{Engine, Folder, Session, on_every_engine, poll, upstream::Upstream};

on_every_engine!(what_was_acknowledged_before_the_end_is_there_after_it);

#[test]
fn a_request_in_flight_is_answered_before_the_process_ends() {
    let folder = Folder::new();
    let (upstream, gate) = Upstream::gated();
    let server = folder
        .server()
        .args(&["--upstream", &upstream.url()])
        .start();
    let session = Session::register(server.public, "ada@example.com");
    let public = server.public;
    let in_flight =
        thread::spawn(move || public.get("/orders").bearer(&session.access_token).send());
    gate.arrived.recv().unwrap();

    server.ask_to_end();
    poll::until("the listener's end", || TcpStream::connect(public.0).err());
    gate.release.send(()).unwrap();
    assert_eq!(in_flight.join().unwrap().expect(200)["from"], "upstream");
    assert_eq!(server.ended().code(), Some(0));
}

fn what_was_acknowledged_before_the_end_is_there_after_it(engine: Engine) {
    let folder = engine.folder();
    let server = folder.server().fixed_issuer().start();
    let session = Session::register(server.public, "ada@example.com");
    server.stop();
    assert!(
        !folder.exists("bulla-data/admin.sock"),
        "the socket of a server that has ended"
    );
    let server = folder.server().fixed_issuer().start();
    session.contact(server.public).expect(200);
    session.refreshed(server.public);
    Session::login(server.public, "ada@example.com");
}
