//! The rule of a key's life, as tables.

use std::time::Duration;

use bulla_core::{
    key::{
        KeyState, PrivateHalf, Removal, SigningKeys, StoredSigningKey, WantedAlgorithm,
        life::{KeySchedule, RotationRefused, Turn},
    },
    time::Timestamp,
};
use bulla_jose::{jwa::Algorithm, jwk::KeyId};

const LONGEST: Duration = Duration::from_secs(900);

const SCHEDULE: KeySchedule = KeySchedule {
    rotate_every: Some(Duration::from_secs(1000)),
    publish_ahead: Duration::from_secs(100),
    spread: Duration::from_secs(60),
};

const fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

/// A key of this ID, made then, which signs from then on.
fn key(id: &str, created: i64, signs: Option<i64>) -> StoredSigningKey {
    StoredSigningKey {
        key_id: KeyId::new(id).unwrap(),
        algorithm: Algorithm::Es256,
        created_at: at(created),
        signs_from: signs.map(at),
        private: PrivateHalf::Wrapped(vec![1]),
    }
}

fn keys(keys: Vec<StoredSigningKey>) -> SigningKeys {
    let wanted = WantedAlgorithm {
        algorithm: Algorithm::Es256,
        since: at(0),
    };
    SigningKeys::new(1, wanted, keys, LONGEST)
}

/// One that retired, one that retires, the one that signs, one whose time comes at 5000, and the next.
fn five() -> SigningKeys {
    keys(vec![
        key("next", 4900, None),
        key("active", 2000, Some(3000)),
        key("retired", 0, Some(0)).removed(Removal::Retired, at(2500)),
        key("pending", 3000, Some(5000)),
        key("retiring", 0, Some(1000)),
    ])
}

fn id(key: &StoredSigningKey) -> &str {
    key.key_id.as_str()
}

#[test]
fn states_follow_from_the_time() {
    use KeyState::{Active, Next, Retired, Retiring};
    let keys = five();
    for (now, states) in [
        (4999, [Retired, Retiring, Active, Next, Next]),
        (5000, [Retired, Retiring, Retiring, Active, Next]),
        // Clocks that are behind.
        (2999, [Retired, Active, Next, Next, Next]),
        (0, [Retired, Active, Next, Next, Next]),
        (-1, [Retired, Active, Next, Next, Next]),
    ] {
        let all = ["retired", "retiring", "active", "pending", "next"];
        let found = all.map(|name| {
            let key = keys.find(&KeyId::new(name).unwrap()).unwrap();
            keys.state(key, at(now))
        });
        assert_eq!(found, states, "{now}");
    }
}

#[test]
fn without_the_active_key_the_one_after_it_signs() {
    let revoked = |name: &str| {
        let revoked = five();
        let others = revoked.all().iter().map(|key| match id(key) == name {
            true => key.removed(Removal::Revoked, at(4000)),
            false => key.clone(),
        });
        keys(others.collect())
    };
    let signer = |keys: &SigningKeys| keys.active(at(4000)).map(|key| id(key).to_owned());
    assert_eq!(signer(&five()).as_deref(), Some("active"));
    assert_eq!(signer(&revoked("active")).as_deref(), Some("pending"));
    assert_eq!(signer(&revoked("pending")).as_deref(), Some("active"));
    assert_eq!(signer(&keys(vec![key("next", 0, None)])), None);
}

#[test]
fn a_key_retires_when_its_last_token_has_ended() {
    let keys = five();
    let retires = |name: &str| {
        let key = keys.find(&KeyId::new(name).unwrap()).unwrap();
        keys.retires_at(key)
    };
    // A minute in which an issuer may not know, the token, and a minute by which clocks may differ.
    assert_eq!(retires("retiring"), Some(at(3000 + 60 + 900 + 60)));
    assert_eq!(retires("active"), Some(at(5000 + 60 + 900 + 60)));
    assert_eq!(retires("pending"), None);
    assert_eq!(retires("next"), None);
    let retired = |now| keys.due(SCHEDULE, at(now)).remove;
    assert_eq!(retired(4019), []);
    let expected = [(KeyId::new("retiring").unwrap(), Removal::Retired)];
    assert_eq!(retired(4020), expected);
}

#[test]
fn a_rotation_is_due_when_the_active_key_has_signed_and_the_next_was_published_for_long_enough() {
    let promoted = |created: i64, now: i64| {
        let keys = keys(vec![key("active", 0, Some(0)), key("next", created, None)]);
        let turn = keys.due(SCHEDULE, at(now));
        assert_eq!(turn.promote.is_some(), turn.make.is_some());
        turn.promote.map(|(_, at)| at)
    };
    assert_eq!(promoted(0, 999), None);
    assert_eq!(promoted(0, 1000), Some(at(1060)));
    assert_eq!(promoted(900, 1000), Some(at(1060)));
    assert_eq!(promoted(901, 1000), None);
    assert_eq!(promoted(901, 1001), Some(at(1061)));
    // One that is under way is not begun again.
    assert_eq!(five().due(SCHEDULE, at(4019)), Turn::default());
}

#[test]
fn a_key_of_another_algorithm_makes_way_only_for_a_later_wish() {
    let imported = StoredSigningKey {
        algorithm: Algorithm::Hs256,
        ..key("imported", 500, Some(500))
    };
    let keys = |since| {
        let wanted = WantedAlgorithm {
            algorithm: Algorithm::Es256,
            since: at(since),
        };
        let next = key("next", 500, None);
        SigningKeys::new(1, wanted, vec![imported.clone(), next], LONGEST)
    };
    assert_eq!(keys(500).due(SCHEDULE, at(1499)), Turn::default());
    assert!(keys(500).due(SCHEDULE, at(1500)).promote.is_some());
    assert!(keys(501).due(SCHEDULE, at(600)).promote.is_some());
}

#[test]
fn no_two_keys_begin_to_sign_at_the_same_time() {
    let keys = keys(vec![key("active", 0, Some(500)), key("next", 0, None)]);
    // The clock went back since.
    let turn = keys.rotation(SCHEDULE, true, at(400)).unwrap();
    let (_, from) = turn.promote.unwrap();
    assert_eq!(from, Timestamp::from_millis(500_001));
}

#[test]
fn no_more_keys_are_in_use_than_others_read() {
    let full = |count: i64| {
        let retiring = (0..count).map(|n| key(&format!("k{n}"), n, Some(n)));
        keys(retiring.chain([key("next", 0, None)]).collect())
    };
    let import = key("import", 0, None);
    let rotate = |keys: &SigningKeys| keys.rotation(SCHEDULE, true, at(2000));
    assert!(rotate(&full(998)).is_ok());
    assert!(
        full(998)
            .importation(&import, SCHEDULE, false, at(2000))
            .is_ok()
    );
    let refused = RotationRefused::TooManyKeys;
    assert_eq!(rotate(&full(999)).unwrap_err(), refused);
    let import = full(999).importation(&import, SCHEDULE, false, at(2000));
    assert_eq!(import.unwrap_err(), refused);
    assert_eq!(full(999).due(SCHEDULE, at(2000)).promote, None);
}
