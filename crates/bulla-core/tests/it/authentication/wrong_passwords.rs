//! Wrong passwords in the audit log.

use std::time::Duration;

use bulla_core::{
    audit::{Actor, AuditEvent, AuditKind},
    authentication::{Proof, ProofError, RecordedPasswords},
    store::StoreError,
};
use bulla_test::builders;
use futures_executor::block_on;

use crate::world::{PASSWORD, World};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

impl World {
    fn record(&self) -> RecordedPasswords {
        block_on(self.users.record_wrong_passwords()).unwrap()
    }

    /// What is recorded of wrong passwords so far.
    fn wrong(&self) -> Vec<AuditEvent> {
        let mut events = self.store.events();
        events.retain(|event| event.kind == AuditKind::PasswordWrong);
        events
    }

    /// The details of them.
    fn times(&self) -> Vec<Option<String>> {
        self.wrong().into_iter().map(|event| event.detail).collect()
    }
}

#[test]
fn they_are_recorded_a_minute_after_the_first_all_in_one() {
    let world = World::new();
    let ada = world.register("ada").account;
    for _ in 0..3 {
        world.login("ada", "another password").unwrap_err();
    }
    world.clock.advance(MINUTE - Duration::from_secs(1));
    assert_eq!(world.record().events, 0);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.record().events, 1);
    let event = world.wrong().remove(0);
    assert_eq!(event.subject, ada.id.into());
    assert_eq!(event.actor, Actor::Unknown);
    assert_eq!(event.detail.as_deref(), Some("3 times"));
    assert_eq!(event.address, crate::world::device().address);
}

#[test]
fn a_flood_of_them_is_an_event_an_hour() {
    let world = World::new();
    world.register("ada");
    for second in 0..3 * 3600 {
        world.login("ada", "another password").unwrap_err();
        world.clock.advance(Duration::from_secs(1));
        if second % 10 == 0 {
            world.record();
        }
    }
    assert_eq!(world.wrong().len(), 3);
    block_on(world.users.flush_wrong_passwords()).unwrap();
    let counted = world.times().into_iter().map(|detail| {
        let detail = detail.unwrap();
        detail.split(' ').next().unwrap().parse::<u32>().unwrap()
    });
    assert_eq!(counted.sum::<u32>(), 3 * 3600, "none is lost");
}

#[test]
fn after_an_hour_of_silence_the_next_one_is_told_as_soon_as_the_first() {
    let world = World::new();
    world.register("ada");
    world.login("ada", "another password").unwrap_err();
    world.clock.advance(MINUTE);
    world.record();
    world.clock.advance(HOUR);
    world.login("ada", "another password").unwrap_err();
    assert_eq!(world.record().events, 0);
    world.clock.advance(MINUTE);
    assert_eq!(world.record().events, 1);
    assert_eq!(world.times(), [None, None]);
}

#[test]
fn neither_a_right_one_nor_an_unknown_name_is_recorded() {
    let world = World::new();
    world.register("ada");
    world.login("ada", PASSWORD).unwrap();
    world.login("nobody", PASSWORD).unwrap_err();
    let flushed = block_on(world.users.flush_wrong_passwords()).unwrap();
    assert_eq!(flushed, RecordedPasswords::default());
}

#[test]
fn so_is_one_that_a_signed_in_user_says() {
    let world = World::new();
    let ada = world.register("ada");
    let said = Proof {
        account: ada.account.id,
        session: ada.session,
        password: builders::password("another password"),
        address: None,
    };
    let refused = block_on(world.users.delete_own_account(said));
    assert!(matches!(refused, Err(ProofError::CredentialsInvalid)));
    assert_eq!(
        block_on(world.users.flush_wrong_passwords())
            .unwrap()
            .events,
        1
    );
}

#[test]
fn what_the_store_does_not_take_is_tried_again() {
    let world = World::new();
    world.register("ada");
    world.login("ada", "another password").unwrap_err();
    world.login("ada", "another password").unwrap_err();
    world.clock.advance(MINUTE);
    world.store.set_unavailable(true);
    let failed = block_on(world.users.record_wrong_passwords());
    assert!(matches!(failed, Err(StoreError::Unavailable(_))));
    world.store.set_unavailable(false);
    assert_eq!(world.record().events, 1);
    assert_eq!(world.times(), [Some("2 times".to_owned())]);
}
