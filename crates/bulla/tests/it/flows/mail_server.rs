//! Mail that is sent: to the server that is the one, and to no other.

use serde_json::json;

use crate::harness::{
    Folder, Server, Session, https, poll,
    smtp::{Encryption, SmtpServer},
};

const ADA: &str = "ada@example.com";

/// A server that sends mail there, and trusts the first certificate.
fn sending(folder: &Folder, url: &str) -> Server {
    folder.write("ca.pem", https::FIRST.chain);
    let ca = folder.path().join("ca.pem");
    folder
        .server()
        .env("BULLA__MAIL__URL", url)
        .env("BULLA__MAIL__FROM", "Bulla <no-reply@example.com>")
        .env("SSL_CERT_FILE", ca.to_str().unwrap())
        .env("BULLA_LOG", "debug,lettre=trace")
        .start()
}

fn forget(server: &Server) {
    let forget = server.public.post("/auth/password/forgot");
    forget.json(&json!({"email": ADA})).send().expect(202);
}

fn logs(server: &Server, text: &str) {
    poll::until(text, || server.log().contains(text).then_some(()));
}

#[test]
fn mail_goes_over_tls_to_a_server_that_is_the_one_and_to_no_other() {
    let folder = Folder::new();
    let one = SmtpServer::start(Encryption::Implicit(https::FIRST));
    let server = sending(
        &folder,
        &format!("smtps://localhost:{}", one.address.port()),
    );
    Session::register(server.public, ADA);
    forget(&server);
    let letter = one.letter();
    assert!(letter.contains("/auth/link/reset#blt_"), "{letter}");
    drop(server);

    let other = SmtpServer::start(Encryption::Implicit(https::SECOND));
    let server = sending(
        &folder,
        &format!("smtps://localhost:{}", other.address.port()),
    );
    forget(&server);
    assert_eq!(other.next().letter, None);
    logs(&server, "a letter was not sent");
}

/// It is no other machine, but no name that is known to be this one: what is said to it may be overheard.
fn by_starttls(server: &SmtpServer) -> String {
    format!("smtp://LOCALHOST:{}", server.address.port())
}

#[test]
fn what_may_be_overheard_is_that_tls_is_wanted() {
    let folder = Folder::new();
    let one = SmtpServer::start(Encryption::StartTls(https::FIRST));
    let server = sending(&folder, &by_starttls(&one));
    Session::register(server.public, ADA);
    forget(&server);
    let heard = one.next();
    let [hello, starttls] = &heard.in_the_clear[..] else {
        panic!("{heard:?}");
    };
    assert!(hello.starts_with("EHLO "), "{hello}");
    assert_eq!(starttls, "STARTTLS");
    let letter = heard.letter.unwrap();
    assert!(letter.contains("/auth/link/reset#blt_"), "{letter}");
    drop(server);

    let other = SmtpServer::start(Encryption::StartTls(https::SECOND));
    let server = sending(&folder, &by_starttls(&other));
    forget(&server);
    assert_eq!(other.next().letter, None);
    logs(&server, "a letter was not sent");
}

#[test]
fn a_server_that_has_no_tls_gets_no_letter() {
    let folder = Folder::new();
    let plain = SmtpServer::start(Encryption::None);
    let server = sending(&folder, &by_starttls(&plain));
    Session::register(server.public, ADA);
    forget(&server);
    let heard = plain.next();
    let said = |command| {
        heard
            .in_the_clear
            .iter()
            .any(|line| line.starts_with(command))
    };
    assert!(said("EHLO") && !said("MAIL") && !said("RCPT"), "{heard:?}");
    logs(&server, "a letter could not be sent and is given up");
    drop(server);

    let server = sending(&folder, &format!("smtp://{}", plain.address));
    forget(&server);
    assert!(plain.letter().contains("#blt_"), "on this machine it does");
}

#[test]
fn where_mail_is_sent_no_link_is_in_the_log_and_there_is_no_mailbox() {
    let folder = Folder::new();
    let smtp = SmtpServer::start(Encryption::None);
    let server = sending(&folder, &format!("smtp://{}", smtp.address));
    Session::register(server.public, ADA);
    forget(&server);
    let letter = smtp.letter();
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
