//! `[mail]`, `[registration]`, `[login]`, `[audit]`.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use bulla_core::authentication::{LinkSettings, MailedLogin};
use http::Uri;
use lettre::message::Mailbox;

use super::{
    secret,
    span::{DAY, duration},
};
use crate::config::{
    reader::{Mistake, Section, boolean, parsed, text, word},
    settings::{Encryption, Mail, SmtpServer},
    tree::Node,
    written::Hidden,
};

/// Ports of RFC 8314 and RFC 6409.
const SUBMISSIONS: u16 = 465;
const SUBMISSION: u16 = 587;

pub(super) fn mail(mut section: Section<'_>) -> Mail {
    let has_server = section.has("url");
    for key in ["from", "username", "password", "password_file"] {
        if !has_server && section.has(key) {
            section.problem(
                key,
                "is only for mail that is sent: it needs `mail.url`",
                None,
            );
        }
    }
    let url = section.read("url", server);
    if has_server {
        section.needs("from");
    }
    let from = section.read("from", sender);
    let (credentials, secret_file) = credentials(&mut section).unzip();
    let templates = section.read("templates", text).map(PathBuf::from);
    let links = section.read("link_base", parsed(str::parse));
    section.finish();
    let server = url
        .zip(from)
        .map(|((host, port, encryption), from)| SmtpServer {
            host,
            port,
            encryption,
            credentials,
            from,
        });
    Mail {
        server,
        templates,
        links,
        secret_file: secret_file.flatten(),
    }
}

/// Whether letters have somewhere to go; then `[registration]` and `[login]` may ask for some.
pub(super) fn links(
    mut registration: Section<'_>,
    mut login: Section<'_>,
    has_mail: bool,
) -> LinkSettings {
    let needs = "needs mail: set `mail.url` and `mail.from`";
    let (verify_origin, mail_origin) = (
        registration.origin_of("verify_email"),
        login.origin_of("mail"),
    );
    let verify_email = registration.read("verify_email", boolean).unwrap_or(false);
    if verify_email && !has_mail {
        registration.problem_at(verify_origin, "verify_email", needs, None);
    }
    registration.finish();
    let modes = [
        ("off", None),
        ("link", Some(MailedLogin::Link)),
        ("code", Some(MailedLogin::Code)),
    ];
    let mailed_login = login.read("mail", word(&modes)).flatten();
    if mailed_login.is_some() && !has_mail {
        login.problem_at(mail_origin, "mail", needs, None);
    }
    login.finish();
    LinkSettings {
        verify_email,
        mailed_login,
    }
}

pub(super) fn audit_retention(mut section: Section<'_>) -> Option<Duration> {
    let retention = section.read("retention", |node| match text(node)?.as_str() {
        "forever" => Ok(None),
        _ => duration(DAY..=100 * 366 * DAY)(node).map(Some),
    });
    section.finish();
    retention.flatten()
}

fn server(node: &Node) -> Result<(String, u16, Encryption), Vec<Mistake>> {
    let expected = "expected `smtps://` (TLS) or `smtp://` (STARTTLS) with a host and maybe a port";
    let url = text(node)?;
    // Not repeated: a URL may hold a password.
    if url.contains('@') {
        let message =
            "no user or password in the URL: they are `mail.username` and `mail.password`";
        return Err(Mistake::one(message, None));
    }
    let uri: Uri = url.parse().map_err(|_| Mistake::one(expected, None))?;
    let authority = uri.authority().filter(|_| matches!(uri.path(), "" | "/"));
    let host = uri.host().filter(|host| !host.is_empty());
    let (Some(authority), Some(host), None) = (authority, host, uri.query()) else {
        return Err(Mistake::one(expected, None));
    };
    let has_colon = authority.as_str().len() > authority.host().len();
    if has_colon && authority.port_u16().is_none() {
        return Err(Mistake::one(expected, None));
    }
    let host = host.trim_matches(['[', ']']).to_owned();
    let (usual, encryption) = match uri.scheme_str() {
        Some("smtps") => (SUBMISSIONS, Encryption::Implicit),
        // Nobody listens on the way to this machine itself.
        Some("smtp") if is_loopback(&host) => (SUBMISSION, Encryption::None),
        Some("smtp") => (SUBMISSION, Encryption::StartTls),
        _ => return Err(Mistake::one(expected, None)),
    };
    Ok((host, uri.port_u16().unwrap_or(usual), encryption))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn sender(node: &Node) -> Result<Mailbox, Vec<Mistake>> {
    let found = text(node)?;
    let one_line = !found.chars().any(char::is_control);
    let sender = found.parse().ok().filter(|_| one_line);
    sender.ok_or_else(|| {
        let message = "expected an address such as `no-reply@example.com` or `Example <no-reply@example.com>`";
        Mistake::one(message, None)
    })
}

/// Name and password, and the file that this is in, if it is in one.
fn credentials(section: &mut Section<'_>) -> Option<((String, Hidden), Option<PathBuf>)> {
    let name_origin = section.origin_of("username");
    let (has_text, has_file) = (section.has("password"), section.has("password_file"));
    if has_text && has_file {
        section.problem(
            "password_file",
            "only one of `password` and `password_file`",
            None,
        );
    }
    let name = section.read("username", text);
    let from_text = section.read("password", secret::here);
    let from_file = section.read("password_file", secret::in_file);
    match (name, from_text.or(from_file)) {
        (Some(name), Some((password, file))) => Some(((name, password), file)),
        (None, None) => None,
        (Some(_), None) if has_text || has_file => None,
        _ => {
            let message = "`username` and `password` (or `password_file`) need each other";
            section.problem_at(name_origin, "username", message, None);
            None
        }
    }
}
