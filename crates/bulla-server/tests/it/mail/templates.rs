//! How letters are worded.

use std::fs;

use bulla_core::{
    link::LinkCode,
    mail::{Letter, LetterContent},
};
use bulla_server::mail::Templates;

use super::{letter, links, templates, token};

#[test]
fn every_letter_has_a_subject_and_both_forms_and_says_what_it_is_for() {
    let code = LinkCode::from_random([1; 8]);
    for (content, needed) in [
        (LetterContent::ConfirmRegistration(token()), "/verify#blt_"),
        (LetterContent::AlreadyRegistered(token()), "/reset#blt_"),
        (LetterContent::ResetPassword(token()), "/reset#blt_"),
        (LetterContent::ConfirmEmail(token()), "/email#blt_"),
        (LetterContent::EmailChangeAsked, "app.example.com"),
        (LetterContent::EmailInUse, "app.example.com"),
        (LetterContent::SignInLink(token()), "/login#blt_"),
        (LetterContent::SignInCode(code.clone()), code.expose()),
    ] {
        let to = letter("ada@example.com").to;
        let message = templates().word(&Letter { to, content });
        assert!(message.subject.as_str().contains("app.example.com"));
        for form in [&message.text, &message.html] {
            assert!(form.contains(needed), "{form}");
            assert!(!form.contains("{{") && !form.contains("}}"), "{form}");
            assert!(
                !form.contains("ada@example.com"),
                "nothing a stranger wrote"
            );
        }
    }
}

#[test]
fn a_file_of_the_folder_takes_the_place_of_what_is_built_in() {
    let folder = tempfile::tempdir().unwrap();
    let text = "Subject: Neues Passwort f\u{fc}r {{ site }}\r\n\r\nHier: {{link}}\r\n";
    fs::write(folder.path().join("reset-password.txt"), text).unwrap();
    let templates = Templates::load(Some(folder.path()), "<b>", links()).unwrap();
    let message = templates.word(&letter("ada@example.com"));
    assert_eq!(message.subject.as_str(), "Neues Passwort f\u{fc}r <b>");
    let link = format!("https://app.example.com/account/reset#{}", token().expose());
    assert_eq!(message.text, format!("Hier: {link}\n"));
    assert!(message.html.contains("&lt;b&gt;") && !message.html.contains("<b>"));
}

#[test]
fn what_is_wrong_with_a_file_is_said_at_the_start() {
    for (name, text, said) in [
        ("reset-password.txt", "no subject\n{{link}}", "Subject"),
        (
            "reset-password.txt",
            "Subject: a\n\nno link",
            "`{{link}}` is missing",
        ),
        (
            "reset-password.txt",
            "Subject: a\n\n{{link}} {{code}}",
            "`{{code}}`",
        ),
        (
            "reset-password.txt",
            "Subject: a\n\n{{link}} {{",
            "not closed",
        ),
        (
            "reset-password.txt",
            "Subject: {{link}}\n\n{{link}}",
            "`{{site}}`",
        ),
        (
            "reset-password.txt",
            "Subject: a\0b\n\n{{link}}",
            "one line",
        ),
        (
            "reset-password.html",
            "<p>no link</p>",
            "`{{link}}` is missing",
        ),
        ("sign-in-code.html", "<p>{{link}}</p>", "`{{link}}`"),
        ("welcome.txt", "Subject: hi\n", "no letter is called so"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), text).unwrap();
        let refused = Templates::load(Some(folder.path()), "a", links()).unwrap_err();
        let refused = refused.to_string();
        assert!(
            refused.contains(said) && refused.contains(name),
            "{refused}"
        );
    }
    let missing = tempfile::tempdir().unwrap().path().join("missing");
    assert!(Templates::load(Some(&missing), "a", links()).is_err());
    let empty = tempfile::tempdir().unwrap();
    assert!(Templates::load(Some(empty.path()), "a", links()).is_ok());
}
