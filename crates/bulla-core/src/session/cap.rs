use std::time::Duration;

use super::Session;
use crate::{ids::SessionId, time::Timestamp};

/// How many live sessions an account may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionCap {
    /// So many, one that is opened now among them.
    pub most: u32,
    /// A session that is not used for this long is no longer live.
    pub idle: Duration,
}

impl SessionCap {
    /// Which of an account's other sessions end when one is opened at `now`: the oldest, and they
    /// first. Those that are over already neither count nor end again.
    #[must_use]
    pub fn surplus(&self, others: &[Session], now: Timestamp) -> Vec<SessionId> {
        let mut live: Vec<&Session> = others
            .iter()
            .filter(|session| session.is_live(now, self.idle))
            .collect();
        live.sort_by_key(|session| (session.created_at, session.id));
        let kept = usize::try_from(self.most.saturating_sub(1)).unwrap_or(usize::MAX);
        let surplus = live.len().saturating_sub(kept);
        live[..surplus].iter().map(|session| session.id).collect()
    }
}
