//! A session that is refreshed on another device, or from another network, than before.

use std::time::Duration;

use bulla_core::{
    audit::{AuditEvent, AuditKind},
    authentication::{IssuedSession, OnChange, RefreshError, SessionRequest, SessionSettings},
    session::Device,
};
use bulla_test::{
    seeds,
    tasks::{Task, interleaved, join_all},
};
use futures_executor::block_on;

use crate::world::{DAY, T, World, device, session_settings};

const SECOND: Duration = Duration::from_secs(1);
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
const UPDATED: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:134.0) Gecko/20100101 Firefox/134.0";

fn on(user_agent: &str, address: &str) -> Device {
    Device::new(Some(user_agent), address.parse().ok())
}

fn refresh_on(
    world: &World,
    device: Device,
    refresh_token: &str,
) -> Result<IssuedSession, RefreshError> {
    let request = SessionRequest::default();
    block_on(world.users.refresh(refresh_token, device, request))
}

fn events(world: &World, kind: AuditKind) -> Vec<AuditEvent> {
    let events = world.store.events().into_iter();
    events.filter(|event| event.kind == kind).collect()
}

fn refusing(on_device_change: OnChange, on_network_change: OnChange) -> World {
    World::with_session(SessionSettings {
        on_device_change,
        on_network_change,
        ..session_settings()
    })
}

#[test]
fn another_browser_system_or_network_is_recorded_once_and_accepted() {
    let world = World::new();
    let issued = world.register("alice");
    let mut token = issued.refresh_token.clone();
    for (device, detail) in [
        (
            on(FIREFOX, "192.0.2.1"),
            Some("Firefox on Linux instead of curl"),
        ),
        (on(UPDATED, "192.0.99.1"), None),
        (
            on(UPDATED, "203.0.113.5"),
            Some("203.0.0.0/16 instead of 192.0.0.0/16"),
        ),
        (
            on("curl/9", "192.0.2.1"),
            Some("curl instead of Firefox on Linux, 192.0.0.0/16 instead of 203.0.0.0/16"),
        ),
    ] {
        let before = events(&world, AuditKind::RefreshElsewhere).len();
        world.clock.advance(DAY);
        for _ in 0..2 {
            let refreshed = refresh_on(&world, device.clone(), &token).unwrap();
            token = refreshed.refresh_token;
        }
        assert_eq!(world.session(issued.session).device, device);
        let mut recorded = events(&world, AuditKind::RefreshElsewhere).split_off(before);
        let recorded = recorded.pop().map(|event| {
            assert_eq!(event.address, device.address);
            event.detail.unwrap()
        });
        assert_eq!(recorded.as_deref(), detail);
    }
    assert!(world.session(issued.session).ended.is_none());
}

#[test]
fn a_repeat_from_elsewhere_is_recorded_too_and_hands_out_the_same() {
    let world = World::new();
    let issued = world.register("alice");
    let before = world.session(issued.session).generations;
    world.clock.advance(SECOND);
    let thief = on(FIREFOX, "203.0.113.5");
    let tasks = (0..20).map(|_| -> Task<'_, _> {
        let (thief, request) = (thief.clone(), SessionRequest::default());
        Box::pin(world.users.refresh(&issued.refresh_token, thief, request))
    });
    for answer in block_on(join_all(tasks.collect())) {
        assert_eq!(answer.unwrap().refresh_token, issued.refresh_token);
    }
    assert_eq!(events(&world, AuditKind::RefreshElsewhere).len(), 1);
    let after = world.session(issued.session);
    assert_eq!((after.generations, after.device), (before, thief));
}

#[test]
fn of_many_that_rotate_from_elsewhere_at_once_one_is_recorded() {
    for seed in seeds(20) {
        let world = World::new();
        let issued = world.register("alice");
        world.clock.advance(DAY);
        let elsewhere = on("curl/8", "203.0.113.5");
        let tasks = (0..50).map(|_| -> Task<'_, _> {
            let (elsewhere, request) = (elsewhere.clone(), SessionRequest::default());
            Box::pin(
                world
                    .users
                    .refresh(&issued.refresh_token, elsewhere, request),
            )
        });
        for answer in block_on(interleaved(seed, tasks.collect())) {
            answer.unwrap();
        }
        assert_eq!(events(&world, AuditKind::RefreshElsewhere).len(), 1);
    }
}

#[test]
fn what_is_refused_moves_nothing_and_the_session_goes_on_where_it_was() {
    let (record, refuse) = (OnChange::Record, OnChange::Refuse);
    let browser = on(FIREFOX, "192.0.2.1");
    let network = on("curl/8", "203.0.113.5");
    for (world, refused, accepted) in [
        (refusing(refuse, record), &browser, &network),
        (refusing(record, refuse), &network, &browser),
    ] {
        let issued = world.register("alice");
        for span in [SECOND, T, DAY] {
            world.clock.advance(span);
            let before = world.session(issued.session);
            let answer = refresh_on(&world, refused.clone(), &issued.refresh_token);
            assert!(matches!(answer, Err(RefreshError::Elsewhere)), "{answer:?}");
            assert_eq!(world.session(issued.session), before);
        }
        let recorded = events(&world, AuditKind::RefreshRefused);
        assert_eq!(recorded.len(), 3);
        assert_eq!(recorded[0].address, refused.address);
        assert!(
            recorded[0]
                .detail
                .as_ref()
                .unwrap()
                .contains(" instead of ")
        );
        let there = refresh_on(&world, device(), &issued.refresh_token).unwrap();
        assert!(world.verify(&there.access_token).is_ok());
        refresh_on(&world, accepted.clone(), &there.refresh_token).unwrap();
    }
}

#[test]
fn a_browser_that_was_updated_is_not_refused() {
    let world = refusing(OnChange::Refuse, OnChange::Refuse);
    let issued = world.register("alice");
    let updated = on("curl/9.1 (anything)", "192.0.77.77");
    assert!(refresh_on(&world, updated, &issued.refresh_token).is_ok());
}

#[test]
fn a_theft_is_one_wherever_it_comes_from() {
    let world = refusing(OnChange::Refuse, OnChange::Refuse);
    let stolen = world.register("alice");
    let second = world.refresh_after(DAY, &stolen.refresh_token).unwrap();
    world.refresh_after(DAY, &second.refresh_token).unwrap();
    let thief = on(FIREFOX, "203.0.113.5");
    let presented = refresh_on(&world, thief, &stolen.refresh_token);
    assert!(matches!(presented, Err(RefreshError::Reused)));
    assert!(world.session(stolen.session).ended.is_some());
}
