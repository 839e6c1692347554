//! Delivery by SMTP (RFC 5321), over TLS.

use std::sync::Arc;

use async_trait::async_trait;
use bulla_core::ports::Entropy;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message as Mail, Tokio1Executor,
    message::{Mailbox, MultiPart},
    transport::smtp::{
        Error as TransportError,
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};

use super::{Carrier, Message, Undelivered};
use crate::config::{Encryption, SmtpServer};

/// A server that takes letters for everybody.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    entropy: Arc<dyn Entropy>,
}

/// The server cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("mail cannot be sent by {host}: {reason}")]
pub struct SmtpError {
    host: String,
    reason: String,
}

/// What keeps letters from being given to the server. Of what it said, only the status is told.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SmtpFault {
    /// Nobody answers there as a mail server does.
    #[error("{0}")]
    Unreachable(String),
    /// It cannot be spoken to in secret.
    #[error("{0}")]
    Unencrypted(String),
    /// It does not take name and password.
    #[error("{0}")]
    NotSignedIn(String),
}

impl Smtp {
    /// Mail by this server. Nothing is connected yet.
    ///
    /// # Errors
    /// [`SmtpError`]: its name cannot be one in a certificate, or the system has no certificate authorities.
    pub fn new(server: &SmtpServer, entropy: Arc<dyn Entropy>) -> Result<Self, SmtpError> {
        let parameters = || {
            TlsParameters::new(server.host.clone()).map_err(|error| SmtpError {
                host: server.host.clone(),
                reason: error.to_string(),
            })
        };
        let tls = match server.encryption {
            Encryption::Implicit => Tls::Wrapper(parameters()?),
            Encryption::StartTls => Tls::Required(parameters()?),
            Encryption::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
            .port(server.port)
            .tls(tls);
        if let Some((name, password)) = &server.credentials {
            builder = builder.credentials(Credentials::new(name.clone(), password.0.clone()));
        }
        Ok(Self {
            transport: builder.build(),
            from: server.from.clone(),
            entropy,
        })
    }

    /// Connects as for a letter, signs in if there is a password, and hangs up.
    ///
    /// # Errors
    /// [`SmtpFault`]
    pub async fn check(&self) -> Result<(), SmtpFault> {
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(SmtpFault::Unreachable("it hung up".to_owned())),
            Err(error) => Err(fault(&error)),
        }
    }

    /// The message as it goes over the wire. Headers are made of types that hold no line break.
    fn mail(&self, message: &Message) -> Result<Mail, Undelivered> {
        let never = |reason: &str| Undelivered::Never(reason.to_owned());
        let (local, domain) = message.to.as_str().split_once('@').unwrap_or_default();
        // Stricter than what an account may be called by: what mail cannot be sent to is not sent to.
        let to = Address::new(local, domain).map_err(|_| never("no address that mail has"))?;
        let mut id = [0; 16];
        self.entropy.fill(&mut id);
        let id = bulla_jose::base64url::encode(&id);
        Mail::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(message.subject.as_str())
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .multipart(MultiPart::alternative_plain_html(
                message.text.clone(),
                message.html.clone(),
            ))
            .map_err(|error| never(&error.to_string()))
    }
}

#[async_trait]
impl Carrier for Smtp {
    async fn deliver(&self, message: &Message) -> Result<(), Undelivered> {
        let mail = self.mail(message)?;
        match self.transport.send(mail).await {
            Ok(_) => Ok(()),
            Err(error) => Err(undelivered(&error)),
        }
    }
}

/// A server's own words may hold the address: of what it answered, only the status is told.
fn undelivered(error: &TransportError) -> Undelivered {
    match error.status() {
        Some(status) if error.is_permanent() => {
            Undelivered::Never(format!("the server answered {status}"))
        }
        Some(status) => Undelivered::NotNow(format!("the server answered {status}")),
        None if error.is_client() => Undelivered::Never(error.to_string()),
        None => Undelivered::NotNow(error.to_string()),
    }
}

fn fault(error: &TransportError) -> SmtpFault {
    let Some(status) = error.status() else {
        return match (error.is_tls(), error.is_client()) {
            (true, _) => SmtpFault::Unencrypted(whole(error)),
            // What the client will not do: say a password in none of the ways that the server knows, or speak in the clear.
            (_, true) if error.to_string().contains("STARTTLS") => {
                SmtpFault::Unencrypted(whole(error))
            }
            (_, true) => SmtpFault::NotSignedIn(whole(error)),
            _ => SmtpFault::Unreachable(whole(error)),
        };
    };
    let answered = format!("the server answered {status}");
    match u16::from(status) {
        // RFC 4954 section 6.
        432 | 454 | 500 | 530 | 534 | 535 | 538 => SmtpFault::NotSignedIn(answered),
        _ => SmtpFault::Unreachable(answered),
    }
}

/// An error with its causes.
fn whole(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp").finish_non_exhaustive()
    }
}
