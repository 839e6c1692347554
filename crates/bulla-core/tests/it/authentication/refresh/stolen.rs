//! A thief copies a refresh token. Whoever comes, in whatever order: the session ends.

use std::time::Duration;

use bulla_core::{
    audit::AuditKind,
    authentication::{IssuedSession, RefreshError},
    session::EndReason,
};

use crate::world::{DAY, T, World};

fn assert_ended_by_theft(world: &World, presented: &Result<IssuedSession, RefreshError>) {
    let Err(RefreshError::Reused) = presented else {
        unreachable!("theft goes unnoticed: {presented:?}")
    };
    let last = world.store.events().pop().unwrap();
    assert_eq!(last.kind, AuditKind::RefreshReused);
    let ended = world.session(last.session.unwrap()).ended.unwrap();
    assert_eq!(ended.reason, EndReason::Theft);
}

#[test]
fn the_victim_goes_on_and_the_thief_comes_later() {
    let world = World::new();
    let stolen = world.register("alice");
    let second = world.refresh_after(DAY, &stolen.refresh_token).unwrap();
    let third = world.refresh_after(DAY, &second.refresh_token).unwrap();
    let presented = world.refresh_after(DAY, &stolen.refresh_token);
    assert_ended_by_theft(&world, &presented);
    // Both are out, with every access token.
    let latest = world.session(third.session).generations;
    assert_eq!(latest.newest, 3);
    assert!(world.revocations.hits_session(third.session));
    for token in [&stolen, &second, &third] {
        let refused = world.refresh(&token.refresh_token);
        assert!(matches!(refused, Err(RefreshError::Revoked)));
    }
}

#[test]
fn a_sighting_of_the_newest_is_as_good_as_its_refresh() {
    let world = World::new();
    let stolen = world.register("alice");
    let second = world.refresh_after(DAY, &stolen.refresh_token).unwrap();
    world.clock.advance(T);
    world.sight(second.session, 2);
    let presented = world.refresh_after(Duration::ZERO, &stolen.refresh_token);
    assert_ended_by_theft(&world, &presented);
}

#[test]
fn a_sighting_before_the_span_proves_nothing() {
    let world = World::new();
    let held = world.register("alice");
    let second = world.refresh_after(DAY, &held.refresh_token).unwrap();
    world.clock.advance(T - Duration::from_millis(1));
    world.sight(second.session, 2);
    world.clock.advance(DAY);
    assert!(world.refresh(&held.refresh_token).is_ok());
}

#[test]
fn the_thief_comes_first_and_the_victim_later() {
    let world = World::new();
    let stolen = world.register("alice");
    let thief = world.refresh_after(DAY, &stolen.refresh_token).unwrap();
    let thief = world.refresh_after(DAY, &thief.refresh_token).unwrap();
    let presented = world.refresh_after(DAY, &stolen.refresh_token);
    assert_ended_by_theft(&world, &presented);
    assert!(world.refresh(&thief.refresh_token).is_err());
}

#[test]
fn in_turns_the_second_coming_of_the_first_ends_it() {
    // The second takes the place of the first, as if a reply had been lost; the first then holds a
    // generation that is neither the newest nor the settled one.
    let world = World::new();
    let stolen = world.register("alice");
    let first = world.refresh_after(DAY, &stolen.refresh_token).unwrap();
    world.refresh_after(DAY, &stolen.refresh_token).unwrap();
    let presented = world.refresh_after(DAY, &first.refresh_token);
    assert_ended_by_theft(&world, &presented);
}

#[test]
fn a_thief_inside_the_span_is_found_when_the_span_is_over() {
    let world = World::new();
    let stolen = world.register("alice");
    let victim = world.refresh_after(DAY, &stolen.refresh_token).unwrap();
    let thief = world.refresh_after(Duration::from_secs(1), &stolen.refresh_token);
    // Both hold the newest now.
    let thief = thief.unwrap();
    assert_eq!(thief.refresh_token, victim.refresh_token);
    let victim = world.refresh_after(DAY, &victim.refresh_token).unwrap();
    world.refresh_after(DAY, &victim.refresh_token).unwrap();
    let presented = world.refresh_after(DAY, &thief.refresh_token);
    assert_ended_by_theft(&world, &presented);
}

#[test]
fn theft_is_told_once_and_the_end_stays() {
    let world = World::new();
    let stolen = world.register("alice");
    let second = world.refresh_after(DAY, &stolen.refresh_token).unwrap();
    world.refresh_after(DAY, &second.refresh_token).unwrap();
    let presented = world.refresh_after(DAY, &stolen.refresh_token);
    assert_ended_by_theft(&world, &presented);
    let again = world.refresh(&stolen.refresh_token);
    assert!(matches!(again, Err(RefreshError::Revoked)));
    assert_eq!(world.revocations.records().len(), 1);
}

#[test]
fn other_sessions_of_the_victim_go_on() {
    let world = World::new();
    let stolen = world.register("alice");
    let other = world.login("alice", crate::world::PASSWORD).unwrap();
    let second = world.refresh_after(DAY, &stolen.refresh_token).unwrap();
    world.refresh_after(DAY, &second.refresh_token).unwrap();
    let presented = world.refresh_after(DAY, &stolen.refresh_token);
    assert_ended_by_theft(&world, &presented);
    assert!(world.refresh(&other.refresh_token).is_ok());
}
