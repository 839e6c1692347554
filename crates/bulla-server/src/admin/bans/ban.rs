//! A ban, as administrators see it.

use bulla_core::time::Timestamp;
use bulla_guard::abuse::{Ban, Cause};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::edge::time::rfc3339;

/// The bans in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AdminBans {
    /// By prefix.
    pub bans: Vec<AdminBan>,
}

/// A prefix that is refused. Times are RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AdminBan {
    /// Whose requests, such as `203.0.113.7/32` or `2001:db8:1:2::/64`.
    pub prefix: String,
    /// `automatic`, because of what came from there, or `manual`.
    pub kind: String,
    /// What the prefix has come to: `1m`, `5m`, `30m`, `4h`, `24h`; only if it is automatic.
    pub rung: Option<String>,
    /// The last of what came: `forged_token`, `malformed_request`, `failed_login`, `bad_solution`, `over_limit`; only if it is
    /// automatic.
    pub offence: Option<String>,
    /// An administrator's reason.
    pub reason: Option<String>,
    /// Whether connections are dropped instead of answered.
    pub dropped: bool,
    /// From when on.
    #[schema(format = "date-time")]
    pub since: String,
    /// Until when; null: until it is removed.
    #[schema(format = "date-time")]
    pub until: Option<String>,
}

impl From<&Ban> for AdminBan {
    fn from(ban: &Ban) -> Self {
        let time = |milliseconds: u64| {
            rfc3339(Timestamp::from_millis(
                i64::try_from(milliseconds).unwrap_or(i64::MAX),
            ))
        };
        let (kind, rung, offence, reason) = match &ban.cause {
            Cause::Automatic { rung, offence } => (
                "automatic",
                Some(rung.as_str()),
                Some(offence.as_str()),
                None,
            ),
            Cause::Manual { reason } => ("manual", None, None, reason.as_deref()),
        };
        Self {
            prefix: ban.prefix.to_string(),
            kind: kind.to_owned(),
            rung: rung.map(str::to_owned),
            offence: offence.map(str::to_owned),
            reason: reason.map(str::to_owned),
            dropped: ban.is_dropped(),
            since: time(ban.since),
            until: ban.until.map(time),
        }
    }
}
