//! What signs tokens.

use std::{
    future::Future,
    path::{Path, PathBuf},
};

use bulla_core::{
    key::{KeyState, StoredSigningKey, wrap::MasterKey},
    store::StoreError,
    time::Timestamp,
};
use bulla_jose::jwa::Algorithm;

use super::{Area, Check, Code, Finding, check::Seen};
use crate::{data_folder::MasterKeySource, store::sqlite::UntouchedDatabase};

/// What the keys are judged by.
pub struct KeysToJudge {
    /// Where the master key is.
    pub master_key: MasterKeySource,
    /// The data folder.
    pub folder: PathBuf,
    /// `tokens.algorithm`
    pub algorithm: Algorithm,
    /// The time now.
    pub now: Timestamp,
}

/// The keys of a database that no store of this process has open.
#[must_use]
pub fn keys_at_rest(path: &Path, judge: KeysToJudge) -> Check {
    let path = path.to_owned();
    Check::blocking(Area::Keys, move || {
        // Whatever keeps it from being read is said of the store.
        match UntouchedDatabase::at_rest(&path) {
            Ok(Some(database)) if !database.is_older() => judge.look(database.signing_keys()),
            _ => judge.look(Ok(Vec::new())),
        }
    })
}

/// The keys of a store that answers requests.
#[must_use]
pub fn keys(
    stored: impl Future<Output = Result<Vec<StoredSigningKey>, StoreError>> + Send + 'static,
    judge: KeysToJudge,
) -> Check {
    Check::new(Area::Keys, async move { judge.look(stored.await) })
}

impl KeysToJudge {
    fn look(&self, stored: Result<Vec<StoredSigningKey>, StoreError>) -> Seen {
        let stored = match stored {
            Ok(stored) => stored,
            Err(error) => {
                let finding = Finding::new(Code::StoreUnavailable, error.to_string());
                return ("they cannot be read".to_owned(), vec![finding]);
            }
        };
        let findings = match self.master_key.read(&self.folder) {
            Ok(Some(master)) => self.findings(&stored, &master),
            // The first start makes it.
            Ok(None) if stored.is_empty() => Vec::new(),
            Ok(None) => {
                let detail = format!("there is no master.key in {}", self.folder.display());
                vec![Finding::new(Code::MasterKeyUnusable, detail)]
            }
            Err(error) => vec![Finding::new(Code::MasterKeyUnusable, error.to_string())],
        };
        (self.seen(&stored), findings)
    }

    fn findings(&self, stored: &[StoredSigningKey], master: &MasterKey) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut find = |code, detail: String| findings.push(Finding::new(code, detail));
        for key in stored.iter().filter(|key| key.state != KeyState::Retired) {
            let unwrapped = master.unwrap(&key.key_id, key.algorithm, &key.wrapped);
            if unwrapped.is_err() {
                let (state, id) = (key.state.as_str(), key.key_id.as_str());
                let detail = format!("the {state} key {id} cannot be read with this master key");
                find(Code::KeyUnreadable, detail);
            }
        }
        let of = |state| stored.iter().find(|key| key.state == state);
        match of(KeyState::Active) {
            Some(active) if active.algorithm != self.algorithm => {
                let (stored, configured) = (active.algorithm, self.algorithm);
                let detail = format!("the keys are for {stored}, tokens.algorithm is {configured}");
                find(Code::KeyAlgorithmOther, detail);
            }
            None if !stored.is_empty() => {
                let detail = "there are keys, and none of them is active";
                find(Code::KeyActiveMissing, detail.to_owned());
            }
            _ => {}
        }
        if !stored.is_empty() && of(KeyState::Next).is_none() {
            let detail = "no key is published that could take the active one's place";
            find(Code::KeyNextMissing, detail.to_owned());
        }
        findings
    }

    fn seen(&self, stored: &[StoredSigningKey]) -> String {
        let mut active = stored.iter().filter(|key| key.state == KeyState::Active);
        active.next().map_or("none yet".to_owned(), |key| {
            let days = self.now.since(key.created_at).as_secs() / (24 * 60 * 60);
            format!("{}, the active one is {days} days old", key.algorithm)
        })
    }
}

#[cfg(test)]
mod tests {
    use bulla_jose::jwk::KeyId;
    use zeroize::Zeroizing;

    use super::*;
    use crate::doctor::testing::found;

    const MASTER: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";

    fn judge(master_key: MasterKeySource) -> KeysToJudge {
        KeysToJudge {
            master_key,
            folder: PathBuf::from("/nowhere"),
            algorithm: Algorithm::Es256,
            now: Timestamp::from_millis(0),
        }
    }

    fn text(text: &str) -> MasterKeySource {
        MasterKeySource::Text(Zeroizing::new(text.to_owned()))
    }

    fn key(id: &str, state: KeyState) -> StoredSigningKey {
        let key_id = KeyId::new(id).unwrap();
        let master = MasterKey::from_bytes(Zeroizing::new([7; 32]));
        StoredSigningKey {
            wrapped: master.wrap(&key_id, Algorithm::Es256, b"private", [1; 12]),
            key_id,
            algorithm: Algorithm::Es256,
            state,
            created_at: Timestamp::from_millis(0),
        }
    }

    fn good() -> Vec<StoredSigningKey> {
        vec![key("a", KeyState::Active), key("b", KeyState::Next)]
    }

    #[track_caller]
    fn check(judge: &KeysToJudge, stored: Vec<StoredSigningKey>, codes: &[Code]) {
        found(&judge.look(Ok(stored)).1, codes);
    }

    #[test]
    fn an_active_key_and_a_next_one_are_as_it_should_be() {
        check(&judge(text(MASTER)), good(), &[]);
        check(&judge(MasterKeySource::DataFolder), Vec::new(), &[]);
    }

    #[test]
    fn the_master_key_must_be_there_and_be_the_one() {
        check(
            &judge(MasterKeySource::DataFolder),
            good(),
            &[Code::MasterKeyUnusable],
        );
        check(&judge(text("short")), good(), &[Code::MasterKeyUnusable]);
        let other = text("CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg");
        check(
            &judge(other),
            good(),
            &[Code::KeyUnreadable, Code::KeyUnreadable],
        );
    }

    #[test]
    fn a_retired_key_need_not_be_read_any_more() {
        let mut retired = key("c", KeyState::Retired);
        retired.wrapped.clear();
        check(&judge(text(MASTER)), [good(), vec![retired]].concat(), &[]);
    }

    #[test]
    fn keys_have_their_algorithm_and_their_places() {
        let other = KeysToJudge {
            algorithm: Algorithm::Rs256,
            ..judge(text(MASTER))
        };
        check(&other, good(), &[Code::KeyAlgorithmOther]);
        let judge = judge(text(MASTER));
        check(
            &judge,
            vec![key("a", KeyState::Active)],
            &[Code::KeyNextMissing],
        );
        check(
            &judge,
            vec![key("b", KeyState::Next)],
            &[Code::KeyActiveMissing],
        );
    }
}
