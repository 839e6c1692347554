//! What is done by mail, in development: letters are read at `/dev/mailbox`.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use tokio_rustls::rustls::{ServerConnection, StreamOwned};

use crate::harness::{
    Folder, Http, Server, Session,
    https::{self, Pem},
    poll, session,
};

const ADA: &str = "ada@example.com";

/// Waits for a letter to this address, and gives what is behind the `#` of its link.
pub(super) fn link(server: &Server, to: &str, page: &str) -> String {
    let mark = format!("{}/auth/link/{page}#", server.public.url());
    poll::until("a letter", || {
        let letters = mailbox(server.admin);
        let letters = letters["letters"].as_array().unwrap().clone();
        let letter = letters.into_iter().find(|letter| letter["to"] == to)?;
        let text = letter["text"].as_str().unwrap();
        let (_, token) = text.split_once(&mark)?;
        Some(token.split_whitespace().next().unwrap().to_owned())
    })
}

fn mailbox(admin: Http) -> Value {
    let call = admin
        .get("/dev/mailbox")
        .header("Accept", "application/json");
    call.send().expect(200)
}

#[test]
fn an_address_is_proven_by_the_link_in_the_letter() {
    let folder = Folder::new();
    let server = folder
        .server()
        .env("BULLA__REGISTRATION__VERIFY_EMAIL", "true");
    let server = server.start();
    let body = json!({"email": ADA, "password": session::PASSWORD});
    let register = || server.public.post("/auth/register").json(&body).send();
    let first = register().expect(202);
    let login = session::login(server.public, ADA, session::PASSWORD);
    login.expect_problem(401, "credentials_invalid");
    let token = json!({"token": link(&server, ADA, "verify")});
    let verify = || server.public.post("/auth/verify").json(&token).send();
    let session = Session::read(&verify().expect(200));
    session.contact(server.public).expect(200);
    verify().expect_problem(401, "link_invalid");
    assert_eq!(register().expect(202), first);
}

#[test]
fn a_forgotten_password_is_replaced_by_the_link_in_the_letter() {
    let folder = Folder::new();
    let server = folder.server().start();
    let ada = Session::register(server.public, ADA);
    let forget = server.public.post("/auth/password/forgot");
    forget.json(&json!({"email": ADA})).send().expect(202);
    let new = "a quite different long phrase";
    let token = link(&server, ADA, "reset");
    let page = server.public.get("/auth/link/reset").send();
    assert!(page.text().contains("<form"), "{}", page.text());
    let reset = json!({"token": token, "new_password": new});
    let answer = server
        .public
        .post("/auth/password/reset")
        .json(&reset)
        .send();
    assert_eq!(answer.status, 204);
    ada.contact(server.public)
        .expect_problem(401, "token_revoked");
    session::login(server.public, ADA, new).expect(200);
    let log = server.stop();
    assert!(
        log.contains("development: this letter was not sent"),
        "{log}"
    );
}

#[test]
fn the_public_listener_has_no_mailbox_and_neither_has_a_server_with_a_name_in_the_world() {
    let folder = Folder::new();
    let server = folder.server().start();
    let answer = server.public.get("/dev/mailbox").send();
    answer.expect_problem(404, "not_found");
    mailbox(server.admin);
    drop(server);
    let server = folder
        .server()
        .env("BULLA__PUBLIC_URL", "https://api.example.com");
    let server = server.start();
    let answer = server.admin.get("/dev/mailbox").send();
    answer.expect_problem(404, "not_found");
    let forget = server.public.post("/auth/password/forgot");
    forget
        .json(&json!({"email": ADA}))
        .send()
        .expect_problem(404, "not_found");
}

#[test]
fn all_that_is_held_is_exported_for_one_or_for_everybody() {
    let folder = Folder::new();
    let server = folder.server().start();
    Session::register(server.public, ADA);
    Session::register(server.public, "bob@example.com");
    let one = folder.bulla(&["user", "export", ADA]).succeed();
    let one: Value = serde_json::from_str(&one.stdout).unwrap();
    assert_eq!(one["user"]["email"], ADA);
    assert_eq!(one["sessions"].as_array().unwrap().len(), 1);
    let all = folder.bulla(&["user", "export"]).succeed();
    let lines: Vec<Value> = all
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    let same = |line: &&Value| line["user"] == one["user"] && line["sessions"] == one["sessions"];
    let again = lines.iter().find(same).unwrap();
    let read = |export: &Value| {
        let events = export["events"].as_array().unwrap();
        let read = |event: &&Value| event["kind"] == "account_exported";
        events.iter().filter(read).count()
    };
    assert_eq!((read(&one), read(again)), (1, 2), "who reads is recorded");
    let nobody = folder.bulla(&["user", "export", "nobody@example.com"]);
    assert_eq!(nobody.run().code, 1);
}

/// An SMTP server (RFC 5321) that takes every letter, over TLS with a certificate; the data of each comes out of the
/// channel.
fn smtp_server(certificate: Option<Pem>) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let tls = certificate.map(Pem::server);
    let (letters, received) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (letters, tls) = (letters.clone(), tls.clone());
            thread::spawn(move || {
                let stream = stream.unwrap();
                let letter = match tls {
                    Some(tls) => {
                        let connection = ServerConnection::new(tls).unwrap();
                        take_letter(StreamOwned::new(connection, stream))
                    }
                    None => take_letter(stream),
                };
                letter.map(|letter| letters.send(letter))
            });
        }
    });
    (address, received)
}

/// The data of a letter, if the client sends one.
fn take_letter(stream: impl Read + Write) -> Option<String> {
    let mut stream = BufReader::new(stream);
    let mut answer = Some("220 test");
    let (mut data, mut in_data) = (String::new(), false);
    loop {
        if let Some(answer) = answer.take() {
            let line = format!("{answer}\r\n");
            stream.get_mut().write_all(line.as_bytes()).ok()?;
        }
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "." if in_data => {
                stream.get_mut().write_all(b"250 taken\r\n").ok()?;
                return Some(data);
            }
            _ if in_data => data.push_str(&line),
            "DATA" => {
                in_data = true;
                answer = Some("354 go on");
            }
            _ => answer = Some("250 ok"),
        }
    }
}

#[test]
fn mail_goes_over_tls_to_a_server_that_is_the_one_and_to_no_other() {
    let folder = Folder::new();
    folder.write("ca.pem", https::FIRST.chain);
    let ca = folder.path().join("ca.pem");
    for (certificate, trusted) in [(https::FIRST, true), (https::SECOND, false)] {
        let (address, letters) = smtp_server(Some(certificate));
        let server = folder
            .server()
            .env(
                "BULLA__MAIL__URL",
                &format!("smtps://localhost:{}", address.port()),
            )
            .env("BULLA__MAIL__FROM", "no-reply@example.com")
            .env("SSL_CERT_FILE", ca.to_str().unwrap())
            .start();
        if trusted {
            Session::register(server.public, ADA);
        }
        let forget = server.public.post("/auth/password/forgot");
        forget.json(&json!({"email": ADA})).send().expect(202);
        if trusted {
            let letter = letters.recv_timeout(Duration::from_secs(60)).unwrap();
            assert!(letter.contains("/auth/link/reset#blt_"), "{letter}");
        } else {
            poll::until("its refusal", || {
                server.log().contains("a letter was not sent").then_some(())
            });
            assert!(letters.try_recv().is_err());
        }
    }
}

#[test]
fn where_mail_is_sent_no_link_is_in_the_log_and_there_is_no_mailbox() {
    let folder = Folder::new();
    let (address, letters) = smtp_server(None);
    let server = folder
        .server()
        .env("BULLA__MAIL__URL", &format!("smtp://{address}"))
        .env("BULLA__MAIL__FROM", "Bulla <no-reply@example.com>")
        .env("BULLA_LOG", "debug,lettre=trace")
        .start();
    Session::register(server.public, ADA);
    let forget = server.public.post("/auth/password/forgot");
    forget.json(&json!({"email": ADA})).send().expect(202);
    let letter = letters.recv_timeout(Duration::from_secs(60)).unwrap();
    assert!(letter.contains("To: ada@example.com"), "{letter}");
    assert!(letter.contains("/auth/link/reset#blt_"), "{letter}");
    let answer = server.admin.get("/dev/mailbox").send();
    answer.expect_problem(404, "not_found");
    poll::until("its count", || {
        let metrics = server.admin.get("/metrics").send().text();
        let sent = "bulla_mail_letters_total{outcome=\"sent\"} 1";
        metrics.contains(sent).then_some(())
    });
    assert!(!server.stop().contains("blt_"));
}
