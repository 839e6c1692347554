//! A session, as administrators see it.

use std::net::IpAddr;

use bulla_core::session::Session;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::edge::time::rfc3339;

/// The sessions of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AdminSessions {
    /// The newest first: the last 100, ended ones too, and whatever else is still live.
    pub sessions: Vec<AdminSession>,
}

/// One sign-in on one device. Times are RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AdminSession {
    /// Claim `sid`.
    pub id: String,
    /// Whose it is.
    pub user_id: String,
    /// What its owner calls it, else browser and operating system: `Firefox on Linux`.
    pub name: Option<String>,
    /// What it was last used with.
    pub user_agent: Option<String>,
    /// Where it was last used.
    #[schema(value_type = Option<String>)]
    pub address: Option<IpAddr>,
    /// When it was opened.
    #[schema(format = "date-time")]
    pub created_at: String,
    /// Its last refresh.
    #[schema(format = "date-time")]
    pub last_used_at: String,
    /// It never lasts longer.
    #[schema(format = "date-time")]
    pub absolute_end: String,
    /// When it ended before its time.
    #[schema(format = "date-time")]
    pub ended_at: Option<String>,
    /// Why: `logged_out`, `revoked`, `theft`, `password_changed`, `account_disabled`, `too_many`, `replaced`, `restored`.
    pub ended_reason: Option<String>,
}

impl From<&Session> for AdminSession {
    fn from(session: &Session) -> Self {
        Self {
            id: session.id.to_string(),
            user_id: session.account.to_string(),
            name: session.shown_name(),
            user_agent: session.device.user_agent.clone(),
            address: session.device.address,
            created_at: rfc3339(session.created_at),
            last_used_at: rfc3339(session.last_used_at),
            absolute_end: rfc3339(session.absolute_end),
            ended_at: session.ended.map(|ended| rfc3339(ended.at)),
            ended_reason: session.ended.map(|ended| ended.reason.as_str().to_owned()),
        }
    }
}
