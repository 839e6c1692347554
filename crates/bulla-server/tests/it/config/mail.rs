//! `[mail]`, `[registration]`, `[login]`, `[audit]`

use std::{fs, time::Duration};

use bulla_core::authentication::MailedLogin;
use bulla_server::config::Encryption;

use super::{check, file, nothing};

const SERVER: &str =
    "[mail]\nurl = \"smtps://smtp.example.com\"\nfrom = \"no-reply@example.com\"\n";

#[test]
fn without_a_word_nothing_is_done_by_mail() {
    let config = nothing().load();
    assert!(config.mail.server.is_none() && config.mail.templates.is_none());
    assert!(!config.links.verify_email && config.links.mailed_login.is_none());
    assert_eq!(config.audit_retention, None);
}

#[test]
fn a_server_is_read() {
    for (url, host, port, encryption) in [
        (
            "smtps://smtp.example.com",
            "smtp.example.com",
            465,
            Encryption::Implicit,
        ),
        (
            "smtp://smtp.example.com/",
            "smtp.example.com",
            587,
            Encryption::StartTls,
        ),
        (
            "smtp://smtp.example.com:25",
            "smtp.example.com",
            25,
            Encryption::StartTls,
        ),
        ("smtp://127.0.0.1:1025", "127.0.0.1", 1025, Encryption::None),
        ("smtp://[::1]:1025", "::1", 1025, Encryption::None),
        ("smtps://localhost", "localhost", 465, Encryption::Implicit),
    ] {
        let text = format!("[mail]\nurl = \"{url}\"\nfrom = \"Example <no-reply@example.com>\"\n");
        let server = file(&text).load().mail.server.unwrap();
        assert_eq!((server.host.as_str(), server.port), (host, port));
        assert_eq!(server.encryption, encryption);
        assert_eq!(server.credentials, None);
    }
}

#[test]
fn a_password_may_be_in_a_file_and_is_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("password");
    fs::write(&path, "hidden words\n").unwrap();
    let from_file = file(SERVER)
        .variable("BULLA__MAIL__USERNAME", "bulla")
        .variable("BULLA__MAIL__PASSWORD_FILE", path.to_str().unwrap())
        .load();
    let (name, password) = from_file.mail.server.clone().unwrap().credentials.unwrap();
    assert_eq!(
        (name.as_str(), password.0.as_str()),
        ("bulla", "hidden words")
    );
    assert!(!format!("{from_file:?}").contains("hidden words"));
}

#[test]
fn what_is_wrong_is_said() {
    check(
        "[mail]\nurl = \"smtps://smtp.example.com\"",
        &["mail.from", "is missing"],
    );
}

#[test]
fn what_is_wrong_with_a_server_is_said() {
    for (lines, said) in [
        ("url = \"https://smtp.example.com\"", "expected `smtps://`"),
        ("url = \"smtp.example.com\"", "expected `smtps://`"),
        (
            "url = \"smtps://smtp.example.com/path\"",
            "expected `smtps://`",
        ),
        (
            "url = \"smtps://bulla:words@smtp.example.com\"",
            "`mail.username`",
        ),
        (
            "url = \"smtps://a.example\"\nusername = \"bulla\"",
            "need each other",
        ),
        (
            "url = \"smtps://a.example\"\nusername = \"b\"\npassword_file = \"/no/file\"",
            "/no/file",
        ),
    ] {
        let lines = file(&format!("[mail]\nfrom = \"a@example.com\"\n{lines}\n")).lines();
        assert!(lines.iter().any(|line| line.contains(said)), "{lines:?}");
        assert!(!lines.concat().contains("words"), "{lines:?}");
    }
    let from = file("[mail]\nurl = \"smtps://a.example\"\nfrom = \"nobody\"\n").lines();
    assert!(from.concat().contains("expected an address"), "{from:?}");
    let alone = file("[mail]\nfrom = \"a@example.com\"\n").lines();
    assert!(alone.concat().contains("it needs `mail.url`"), "{alone:?}");
}

#[test]
fn what_needs_mail_is_refused_where_none_can_be_read_or_sent() {
    const WISHES: &str = "[registration]\nverify_email = true\n[login]\nmail = \"code\"\n";
    let local = file(WISHES).load();
    assert!(local.links.verify_email);
    assert_eq!(local.links.mailed_login, Some(MailedLogin::Code));
    for public in [
        "public_url = \"https://api.example.com\"\n",
        "[listen]\npublic = \"0.0.0.0:8080\"\n",
        "[listen]\nadmin = \"0.0.0.0:9090\"\n",
    ] {
        let lines = file(&format!("{public}{WISHES}")).lines();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(
            lines.iter().all(|line| line.contains("needs mail")),
            "{lines:?}"
        );
        file(&format!("{public}{SERVER}{WISHES}")).load();
    }
}

#[test]
fn audit_events_are_kept_for_ever_or_for_a_while() {
    let kept = |text: &str| {
        file(&format!("[audit]\nretention = \"{text}\"\n"))
            .load()
            .audit_retention
    };
    assert_eq!(kept("forever"), None);
    assert_eq!(kept("365d"), Some(Duration::from_secs(365 * 86_400)));
    check("audit.retention = \"1h\"", &["audit.retention"]);
}
