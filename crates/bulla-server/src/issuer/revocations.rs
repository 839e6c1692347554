//! From the rules' revocations to those that the verifier holds in memory.

use std::sync::Arc;

use bulla_core::{
    ports::RevocationSink,
    revocation::{RevocationRecord, RevocationTarget},
};
use bulla_guard::revocation::{self as guard, RevocationSet, Target};

use tokio::sync::Notify;

use super::unix_time;

/// Puts committed revocations into effect in this process: the sink for its store.
#[derive(Debug, Clone, Default)]
pub struct InProcess {
    set: Arc<RevocationSet>,
    key_revoked: Arc<Notify>,
}

impl InProcess {
    /// Into this set.
    #[must_use]
    pub fn new(set: Arc<RevocationSet>) -> Self {
        Self {
            set,
            key_revoked: Arc::default(),
        }
    }

    /// What the verifier heeds.
    #[must_use]
    pub const fn set(&self) -> &Arc<RevocationSet> {
        &self.set
    }

    /// Waits until a signing key was revoked since the last time.
    pub(super) async fn key_revoked(&self) {
        self.key_revoked.notified().await;
    }
}

impl RevocationSink for InProcess {
    fn publish(&self, records: &[RevocationRecord]) {
        self.set.apply(records.iter().map(guard_record));
        let is_key = |record: &RevocationRecord| matches!(record.target, RevocationTarget::Key(_));
        if records.iter().any(is_key) {
            self.key_revoked.notify_one();
        }
    }
}

fn guard_record(record: &RevocationRecord) -> guard::RevocationRecord {
    let target = match &record.target {
        RevocationTarget::Session(session) => Target::Session(session.to_string()),
        RevocationTarget::Subject { subject, min_epoch } => Target::Subject {
            subject: subject.as_str().to_owned(),
            min_epoch: *min_epoch,
        },
        RevocationTarget::Token(token) => Target::Token(token.as_str().to_owned()),
        RevocationTarget::Client(client) => Target::Client(client.to_string()),
        RevocationTarget::Key(key) => Target::Key(key.to_string()),
    };
    guard::RevocationRecord {
        target,
        until: unix_time(record.until),
    }
}

#[cfg(test)]
mod tests {
    use bulla_core::{
        ids::{AccountId, ClientId, SessionId, TokenId},
        time::Timestamp,
    };
    use bulla_jose::{jwk::KeyId, jwt::UnixTime};

    use super::*;

    #[test]
    fn records_keep_their_target_and_end() {
        let session = SessionId::from_bytes([7; 16]);
        let account = AccountId::new("usr_a").unwrap();
        let client = ClientId::new("cli_a").unwrap();
        let token = TokenId::new("a-token").unwrap();
        for (target, expected) in [
            (
                RevocationTarget::Session(session),
                Target::Session(session.to_string()),
            ),
            (
                RevocationTarget::Subject {
                    subject: (&account).into(),
                    min_epoch: Some(3),
                },
                Target::Subject {
                    subject: "usr_a".to_owned(),
                    min_epoch: Some(3),
                },
            ),
            (
                RevocationTarget::Token(token),
                Target::Token("a-token".to_owned()),
            ),
            (
                RevocationTarget::Client(client),
                Target::Client("cli_a".to_owned()),
            ),
            (
                RevocationTarget::Key(KeyId::new("k").unwrap()),
                Target::Key("k".to_owned()),
            ),
        ] {
            let until = Timestamp::from_millis(5_999);
            let record = guard_record(&RevocationRecord {
                sequence: 1,
                target,
                until,
            });
            assert_eq!(record.target, expected);
            assert_eq!(record.until, UnixTime::from_seconds(5));
        }
    }
}
