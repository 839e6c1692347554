//! `[mail]`: from the configuration to what sends letters.

use std::{sync::Arc, time::Duration};

use bulla_core::ports::Mailer;
use bulla_server::{
    config::Config,
    issuer::{Issuer, OperatingSystemEntropy, SystemClock},
    mail::{Carrier, MailMetrics, Mailbox, Post, Smtp, TemplateError, Templates},
};
use prometheus_client::registry::Registry;
use tokio::runtime::Handle;

/// How long the end of the process waits for letters that are not sent yet.
const PATIENCE: Duration = Duration::from_secs(3);

/// What sends letters.
pub(crate) struct Mail {
    post: Option<Arc<Post>>,
    /// Where they can be read, in development.
    pub(crate) mailbox: Option<Arc<Mailbox>>,
}

/// Reads the templates, and nothing else.
///
/// # Errors
/// The first thing that is wrong with one.
pub(crate) fn check(config: &Config) -> Result<(), TemplateError> {
    Templates::of(config).map(drop)
}

/// Puts together what sends letters; nothing if there is neither a server nor a reason to believe that this is a
/// developer's machine. Must be called within a tokio runtime.
///
/// # Errors
/// A template is wrong, or the system has no certificate authorities.
pub(crate) fn open(config: &Config, metrics: &mut Registry) -> anyhow::Result<Mail> {
    let (carrier, mailbox): (Arc<dyn Carrier>, _) = match &config.mail.server {
        Some(server) => {
            let smtp = Smtp::new(server, Arc::new(OperatingSystemEntropy))?;
            (Arc::new(smtp), None)
        }
        None if config.is_development() => {
            let mailbox = Arc::new(Mailbox::new(Arc::new(SystemClock)));
            (mailbox.clone(), Some(mailbox))
        }
        None => {
            let (post, mailbox) = (None, None);
            return Ok(Mail { post, mailbox });
        }
    };
    let counted = MailMetrics::default();
    counted.register(metrics);
    let post = Post::new(Templates::of(config)?, carrier, counted, Handle::current());
    Ok(Mail {
        post: Some(Arc::new(post)),
        mailbox,
    })
}

impl Mail {
    /// What letters are given to.
    pub(crate) fn mailer(&self) -> Option<Arc<dyn Mailer>> {
        let post = self.post.clone();
        post.map(|post| post as Arc<dyn Mailer>)
    }

    /// Sends what was asked for, but not at all costs.
    pub(crate) async fn close(&self, issuer: &Issuer) {
        if let Some(desk) = issuer.mail_desk() {
            desk.close(PATIENCE).await;
        }
        if let Some(post) = &self.post {
            post.close(PATIENCE).await;
        }
    }
}
