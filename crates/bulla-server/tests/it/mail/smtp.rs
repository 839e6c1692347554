//! Delivery by SMTP.

use std::sync::Arc;

use bulla_server::{
    config::{Config, ConfigSources},
    mail::{Carrier, Message, Smtp, Undelivered},
};
use bulla_test::SeededEntropy;

use super::{letter, server::SmtpServer, templates};

fn smtp(server: &SmtpServer, more: &[(&str, &str)]) -> Smtp {
    let url = format!("smtp://{}", server.address);
    let base = [
        ("mail.url", url.as_str()),
        ("mail.from", "Bulla <no-reply@example.com>"),
    ];
    let flags = base.iter().chain(more);
    let flags = flags.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let sources = ConfigSources {
        flags: flags.collect(),
        ..ConfigSources::default()
    };
    let config = Config::load(sources).unwrap();
    let server = config.mail.server.unwrap();
    Smtp::new(&server, Arc::new(SeededEntropy::default())).unwrap()
}

fn message(to: &str) -> Message {
    templates().word(&letter(to))
}

#[tokio::test]
async fn a_letter_arrives_whole() {
    let server = SmtpServer::start(&[]).await;
    let smtp = smtp(&server, &[]);
    smtp.deliver(&message("ada@example.org")).await.unwrap();
    let heard = server.heard();
    let said = |line: &str| {
        assert!(
            heard.iter().any(|heard| heard == line),
            "{line}: {heard:#?}"
        );
    };
    said("MAIL FROM:<no-reply@example.com>");
    said("RCPT TO:<ada@example.org>");
    said("From: Bulla <no-reply@example.com>");
    said("To: ada@example.org");
    said("Subject: Choose a new password for app.example.com");
    let all = heard.join("\n");
    assert!(all.contains("multipart/alternative"));
    assert!(all.contains("text/plain") && all.contains("text/html"));
    assert!(all.contains("Message-ID: <") && all.contains("\nDate: "));
    assert!(all.contains("/reset#blt_"));
    assert!(!all.contains("AUTH"), "nobody asked to sign in");
}

#[tokio::test]
async fn name_and_password_are_said_if_there_are_some() {
    let server = SmtpServer::start(&[]).await;
    let credentials = [("mail.username", "bulla"), ("mail.password", "secret")];
    let smtp = smtp(&server, &credentials);
    smtp.deliver(&message("ada@example.org")).await.unwrap();
    // RFC 4616: NUL, name, NUL, password.
    let said = format!("AUTH PLAIN {}", "AGJ1bGxhAHNlY3JldA==");
    assert!(server.heard().contains(&said), "{:#?}", server.heard());
}

#[tokio::test]
async fn what_the_server_refuses_for_now_may_be_tried_again_and_what_it_refuses_for_good_not() {
    let answers = ["451 busy with ada@example.org", "550 no ada@example.org"];
    let server = SmtpServer::start(&answers).await;
    let smtp = smtp(&server, &[]);
    let letter = message("ada@example.org");
    let busy = smtp.deliver(&letter).await.unwrap_err();
    assert!(matches!(busy, Undelivered::NotNow(_)), "{busy}");
    let refused = smtp.deliver(&letter).await.unwrap_err();
    assert!(matches!(refused, Undelivered::Never(_)), "{refused}");
    // The log gets to hear of neither.
    assert!(!format!("{busy}{refused}").contains("ada"));
    smtp.deliver(&letter).await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_not_there_may_be_there_later() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = SmtpServer::nobody_at(listener.local_addr().unwrap());
    drop(listener);
    let refused = smtp(&gone, &[]).deliver(&message("ada@example.org")).await;
    assert!(
        matches!(refused, Err(Undelivered::NotNow(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn an_address_that_mail_does_not_have_reaches_no_header() {
    let server = SmtpServer::start(&[]).await;
    let smtp = smtp(&server, &[]);
    for address in [
        ".ada@example.org",
        "ada.@example.org",
        "ada..king@example.org",
    ] {
        let refused = smtp.deliver(&message(address)).await;
        assert!(matches!(refused, Err(Undelivered::Never(_))), "{address}");
    }
    let heard = server.heard();
    assert!(
        !heard.iter().any(|line| line.starts_with("RCPT")),
        "{heard:#?}"
    );
    smtp.deliver(&message("o'hara+tag@example.org"))
        .await
        .unwrap();
}
