//! What `bulla doctor` makes of mail.

use bulla_core::account::Email;
use bulla_server::{
    config::{Config, ConfigSources, Encryption},
    doctor::{self, Code},
};
use tokio::net::TcpListener;

use super::server::SmtpServer;

/// A configuration with these flags.
fn config(flags: &[(&str, &str)]) -> Config {
    let flags = flags
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let sources = ConfigSources {
        flags: flags.collect(),
        ..ConfigSources::default()
    };
    Config::load(sources).unwrap()
}

/// Mail by the server at this address, with a password.
fn by(address: std::net::SocketAddr) -> Config {
    let url = format!("smtp://{address}");
    config(&[
        ("mail.url", &url),
        ("mail.from", "no-reply@example.com"),
        ("mail.username", "bulla"),
        ("mail.password", "hunter2 hunter2"),
    ])
}

async fn codes(config: &Config, letter_to: Option<&str>) -> Vec<Code> {
    let letter_to = letter_to.map(|to| Email::parse(to).unwrap());
    let report = doctor::examine(vec![doctor::mail(config, letter_to)]).await;
    assert!(!format!("{report:?}").contains("hunter2"), "{report:?}");
    let findings = report.areas.iter().flat_map(|area| &area.findings);
    findings.map(|finding| finding.code).collect()
}

#[tokio::test]
async fn a_server_that_lets_us_in_is_as_it_should_be() {
    let server = SmtpServer::start(&[]).await;
    assert_eq!(codes(&by(server.address), None).await, []);
    assert!(
        !server.heard().iter().any(|line| line == "DATA"),
        "no letter was asked for"
    );
    assert_eq!(
        codes(&by(server.address), Some("ada@example.org")).await,
        []
    );
    assert!(
        server
            .heard()
            .iter()
            .any(|line| line == "RCPT TO:<ada@example.org>")
    );
}

#[tokio::test]
async fn a_letter_that_is_refused_is_told() {
    let server = SmtpServer::start(&["550 not from you"]).await;
    let found = codes(&by(server.address), Some("ada@example.org")).await;
    assert_eq!(found, [Code::MailLetterRefused]);
}

#[tokio::test]
async fn a_password_that_is_refused_is_told() {
    let server = SmtpServer::start_refusing_everybody().await;
    assert_eq!(
        codes(&by(server.address), None).await,
        [Code::MailLoginRefused]
    );
}

#[tokio::test]
async fn a_server_that_cannot_be_spoken_to_in_secret_is_told() {
    let server = SmtpServer::start(&[]).await;
    let mut config = by(server.address);
    config.mail.server.as_mut().unwrap().encryption = Encryption::StartTls;
    assert_eq!(codes(&config, None).await, [Code::MailTlsFailed]);
    config.mail.server.as_mut().unwrap().encryption = Encryption::Implicit;
    assert_ne!(codes(&config, None).await, []);
}

#[tokio::test]
async fn nobody_there_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    assert_eq!(codes(&by(address), None).await, [Code::MailUnreachable]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    assert_eq!(codes(&by(address), None).await, [Code::MailUnreachable]);
}

#[tokio::test]
async fn no_mail_is_told_where_others_come_or_a_letter_is_asked_for() {
    let alone = config(&[]);
    assert_eq!(codes(&alone, None).await, []);
    assert_eq!(
        codes(&alone, Some("ada@example.org")).await,
        [Code::MailMissing]
    );
    let public = config(&[("public_url", "https://api.example.com")]);
    assert_eq!(codes(&public, None).await, [Code::MailMissing]);
}

#[tokio::test]
async fn letters_that_are_none_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let templates = folder.path().to_str().unwrap();
    let config = config(&[("mail.templates", templates)]);
    assert_eq!(codes(&config, None).await, []);
    std::fs::write(folder.path().join("reset-pasword.txt"), "").unwrap();
    assert_eq!(codes(&config, None).await, [Code::MailTemplateInvalid]);
}
