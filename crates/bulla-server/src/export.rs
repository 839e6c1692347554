//! All that is held about somebody, as a document.

use std::net::IpAddr;

use bulla_core::{audit::AuditRecord, export::AccountExport, link::Link};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    admin::{AdminSession, AdminUser},
    edge::time::rfc3339,
};

/// All that is held about an account, but its password's hash and the secrets of its sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ExportDocument {
    /// The account.
    pub user: AdminUser,
    /// Its newest 10,000 sessions, ended ones too.
    pub sessions: Vec<AdminSession>,
    /// The newest 10,000 events about it.
    pub events: Vec<ExportedEvent>,
    /// Links that were sent to it and not used.
    pub links: Vec<ExportedLink>,
}

/// A line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExportedEvent {
    /// When it happened.
    #[schema(format = "date-time")]
    pub at: String,
    /// What happened.
    pub kind: String,
    /// Who did it: `owner`, `administrator`, `command_line`, `system` or `unrecorded`.
    pub actor: String,
    /// The session it happened to, if it was one.
    pub session_id: Option<String>,
    /// Where the request came from.
    #[schema(value_type = Option<String>)]
    pub address: Option<IpAddr>,
    /// More of what happened, in words for people.
    pub detail: Option<String>,
}

/// A link that was sent by mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExportedLink {
    /// `reset_password`, `change_email` or `sign_in`.
    pub purpose: String,
    /// When it was sent.
    #[schema(format = "date-time")]
    pub created_at: String,
    /// From then on it is good for nothing.
    #[schema(format = "date-time")]
    pub expires_at: String,
}

impl From<&AccountExport> for ExportDocument {
    fn from(export: &AccountExport) -> Self {
        Self {
            user: AdminUser::from(&export.account),
            sessions: export.sessions.iter().map(AdminSession::from).collect(),
            events: export.events.iter().map(ExportedEvent::from).collect(),
            links: export.links.iter().map(ExportedLink::from).collect(),
        }
    }
}

impl From<&AuditRecord> for ExportedEvent {
    fn from(record: &AuditRecord) -> Self {
        let event = &record.event;
        Self {
            at: rfc3339(event.at),
            kind: event.kind.as_str().to_owned(),
            actor: event.actor.as_str().to_owned(),
            session_id: event.session.map(|session| session.to_string()),
            address: event.address,
            detail: event.detail.clone(),
        }
    }
}

impl From<&Link> for ExportedLink {
    fn from(link: &Link) -> Self {
        Self {
            purpose: link.purpose.as_str().to_owned(),
            created_at: rfc3339(link.created_at),
            expires_at: rfc3339(link.expires_at),
        }
    }
}
