//! Mail: how letters are worded, and how they are sent.
//!
//! [`Post`] is the [`Mailer`](bulla_core::ports::Mailer): it words a letter by its [`Templates`] and has it delivered,
//! off the request path, by a [`Carrier`]: [`Smtp`], or in development the [`Mailbox`], where it can be read.

mod mailbox;
mod message;
mod metrics;
mod post;
mod smtp;
mod templates;

pub(crate) use self::templates::escape;
pub use self::{
    mailbox::Mailbox,
    message::{InvalidSubject, Message, Subject},
    metrics::MailMetrics,
    post::{Carrier, NoMail, Post, Undelivered},
    smtp::{Smtp, SmtpError, SmtpFault},
    templates::{TemplateError, Templates},
};
