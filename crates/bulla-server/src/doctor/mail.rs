//! Whether letters can be sent.

use std::{sync::Arc, time::Duration};

use bulla_core::account::Email;
use tokio::time::timeout;

use super::{Area, Check, Code, Finding, check::Seen};
use crate::{
    config::{Config, SmtpServer},
    issuer::OperatingSystemEntropy,
    mail::{Carrier, Message, Smtp, SmtpFault, Subject, Templates},
};

/// For the connection, and for a letter. Both together are under what a check may take.
const PATIENCE: Duration = Duration::from_millis(2500);

/// The mail server, by connecting and signing in to it; and a letter to an address, if one is given.
#[must_use]
pub fn mail(config: &Config, letter_to: Option<Email>) -> Check {
    let mut findings = Vec::new();
    if let Err(error) = Templates::of(config) {
        findings.push(Finding::new(Code::MailTemplateInvalid, error.to_string()));
    }
    let Some(server) = config.mail.server.clone() else {
        if letter_to.is_some() || !config.is_development() {
            findings.push(Finding::new(Code::MailMissing, "no letter can be sent"));
        }
        return Check::at_once(Area::Mail, "no server", findings);
    };
    Check::new(Area::Mail, async move {
        let (seen, found) = look(&server, letter_to).await;
        findings.extend(found);
        (seen, findings)
    })
}

async fn look(server: &SmtpServer, letter_to: Option<Email>) -> Seen {
    let seen = format!("{}:{}", server.host, server.port);
    let smtp = match Smtp::new(server, Arc::new(OperatingSystemEntropy)) {
        Ok(smtp) => smtp,
        Err(error) => {
            let finding = Finding::new(Code::MailTlsFailed, error.to_string());
            return (seen, vec![finding]);
        }
    };
    let connected = timeout(PATIENCE, smtp.check()).await;
    let finding = match connected {
        Err(_) => Some(Finding::new(
            Code::MailUnreachable,
            format!("{seen} does not answer"),
        )),
        Ok(Err(fault)) => Some(refusal(&seen, &fault)),
        Ok(Ok(())) => match letter_to {
            Some(to) => letter(&smtp, to).await,
            None => None,
        },
    };
    (seen, finding.into_iter().collect())
}

fn refusal(server: &str, fault: &SmtpFault) -> Finding {
    let code = match fault {
        SmtpFault::Unreachable(_) => Code::MailUnreachable,
        SmtpFault::Unencrypted(_) => Code::MailTlsFailed,
        SmtpFault::NotSignedIn(_) => Code::MailLoginRefused,
    };
    Finding::new(code, format!("{server}: {fault}"))
}

async fn letter(smtp: &Smtp, to: Email) -> Option<Finding> {
    let refused = |detail: String| Some(Finding::new(Code::MailLetterRefused, detail));
    let text = "This letter was sent by `bulla doctor`: mail works.";
    let Ok(subject) = Subject::parse("A letter of Bulla, to try mail out") else {
        return None;
    };
    let message = Message {
        to,
        subject,
        text: text.to_owned(),
        html: format!("<p>{text}</p>"),
    };
    match timeout(PATIENCE, smtp.deliver(&message)).await {
        Ok(Ok(())) => None,
        Ok(Err(undelivered)) => refused(undelivered.to_string()),
        Err(_) => refused("the server does not answer".to_owned()),
    }
}
