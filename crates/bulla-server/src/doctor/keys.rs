//! What signs tokens.

use std::{future::Future, path::PathBuf};

use bulla_core::{
    key::{PrivateHalf, SigningKeys, wrap::MasterKey},
    store::StoreError,
    time::Timestamp,
};
use bulla_jose::jwa::Algorithm;

use super::{Area, Check, Code, Finding, check::Seen};
use crate::{
    config,
    data_folder::MasterKeySource,
    store::{postgres, sqlite},
};

/// What the keys are judged by.
pub struct KeysToJudge {
    /// Where the master key is.
    pub master_key: MasterKeySource,
    /// The data folder.
    pub folder: PathBuf,
    /// `tokens.algorithm`
    pub algorithm: Algorithm,
    /// The time now, by the store's clock.
    pub now: Timestamp,
}

/// The keys of a database that no store of this process has open.
#[must_use]
pub fn keys_at_rest(store: &config::Store, judge: KeysToJudge) -> Check {
    // Whatever keeps it from being read is said of the store.
    match store {
        config::Store::Sqlite { path } => {
            let path = path.clone();
            Check::blocking(
                Area::Keys,
                move || match sqlite::UntouchedDatabase::at_rest(&path) {
                    Ok(Some(database)) if !database.is_older() => {
                        judge.look(database.signing_keys())
                    }
                    _ => judge.look(Ok(None)),
                },
            )
        }
        config::Store::Postgres(database) => {
            let url = database.settings.url.clone();
            Check::new(Area::Keys, async move {
                match postgres::UntouchedDatabase::glance(&url).await {
                    Ok(database) if database.is_initialized() && !database.is_older() => {
                        let now = database.time().await.unwrap_or(judge.now);
                        let judge = KeysToJudge { now, ..judge };
                        judge.look(database.signing_keys().await)
                    }
                    _ => judge.look(Ok(None)),
                }
            })
        }
    }
}

/// The keys of a store that answers requests.
#[must_use]
pub fn keys(
    stored: impl Future<Output = Result<Option<SigningKeys>, StoreError>> + Send + 'static,
    judge: KeysToJudge,
) -> Check {
    Check::new(Area::Keys, async move { judge.look(stored.await) })
}

impl KeysToJudge {
    fn look(&self, stored: Result<Option<SigningKeys>, StoreError>) -> Seen {
        let stored = match stored {
            Ok(stored) => stored,
            Err(error) => {
                let finding = Finding::new(Code::StoreUnavailable, error.to_string());
                return ("they cannot be read".to_owned(), vec![finding]);
            }
        };
        let findings = match (self.master_key.read(&self.folder), &stored) {
            (Ok(Some(master)), Some(stored)) => self.findings(stored, &master),
            // The first start makes them.
            (Ok(_), None) => Vec::new(),
            (Ok(None), Some(_)) => {
                let detail = format!("there is no master.key in {}", self.folder.display());
                vec![Finding::new(Code::MasterKeyUnusable, detail)]
            }
            (Err(error), _) => vec![Finding::new(Code::MasterKeyUnusable, error.to_string())],
        };
        (self.seen(stored.as_ref()), findings)
    }

    fn findings(&self, stored: &SigningKeys, master: &MasterKey) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut find = |code, detail: String| findings.push(Finding::new(code, detail));
        for key in stored.all() {
            if let PrivateHalf::Wrapped(wrapped) = &key.private
                && master.unwrap(&key.key_id, key.algorithm, wrapped).is_err()
            {
                let (state, id) = (stored.state(key, self.now), &key.key_id);
                let state = state.as_str();
                let detail = format!("the {state} key {id} cannot be read with this master key");
                find(Code::KeyUnreadable, detail);
            }
        }
        match stored.active(self.now) {
            Some(active) if active.algorithm != self.algorithm => {
                let (signs, configured) = (active.algorithm, self.algorithm);
                let detail =
                    format!("the active key is for {signs}, tokens.algorithm is {configured}");
                find(Code::KeyAlgorithmOther, detail);
            }
            None => {
                let detail = "no key is active, so nothing can be signed";
                find(Code::KeyActiveMissing, detail.to_owned());
            }
            Some(_) => {}
        }
        if stored.next().is_none() {
            let detail = "no key is published that could take the active one's place";
            find(Code::KeyNextMissing, detail.to_owned());
        }
        findings
    }

    fn seen(&self, stored: Option<&SigningKeys>) -> String {
        let active = stored.and_then(|stored| stored.active(self.now));
        active.map_or("none yet".to_owned(), |key| {
            let signs_from = key.signs_from.unwrap_or(key.created_at);
            let days = self.now.since(signs_from).as_secs() / (24 * 60 * 60);
            format!(
                "{}, the active one has signed for {days} days",
                key.algorithm
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bulla_core::key::{Removal, StoredSigningKey, WantedAlgorithm};
    use bulla_jose::jwk::KeyId;
    use zeroize::Zeroizing;

    use super::*;
    use crate::doctor::testing::found;

    const START: Timestamp = Timestamp::from_millis(0);
    const MASTER: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";

    fn judge(master_key: MasterKeySource) -> KeysToJudge {
        KeysToJudge {
            master_key,
            folder: PathBuf::from("/nowhere"),
            algorithm: Algorithm::Es256,
            now: START,
        }
    }

    fn text(text: &str) -> MasterKeySource {
        MasterKeySource::Text(Zeroizing::new(text.to_owned()))
    }

    fn key(id: &str, signs_from: Option<Timestamp>) -> StoredSigningKey {
        let key_id = KeyId::new(id).unwrap();
        let master = MasterKey::from_bytes(Zeroizing::new([7; 32]));
        let wrapped = master.wrap(&key_id, Algorithm::Es256, b"private", [1; 12]);
        StoredSigningKey {
            key_id,
            algorithm: Algorithm::Es256,
            created_at: START,
            signs_from,
            private: PrivateHalf::Wrapped(wrapped),
        }
    }

    fn good() -> Vec<StoredSigningKey> {
        vec![key("a", Some(START)), key("b", None)]
    }

    #[track_caller]
    fn check(judge: &KeysToJudge, stored: Vec<StoredSigningKey>, codes: &[Code]) {
        let wanted = WantedAlgorithm {
            algorithm: Algorithm::Es256,
            since: START,
        };
        let stored =
            (!stored.is_empty()).then(|| SigningKeys::new(1, wanted, stored, Duration::ZERO));
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
        let retired = key("c", Some(START)).removed(Removal::Retired, START);
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
        check(&judge, vec![key("a", Some(START))], &[Code::KeyNextMissing]);
        check(&judge, vec![key("b", None)], &[Code::KeyActiveMissing]);
    }
}
